"""A trained model as one folder with config, weights, tokenizer and metadata; every file is checked on loading."""

import dataclasses
import datetime
import json
import zipfile

import h5py
import keras
import numpy as np

from kerasformer import __version__
from kerasformer.errors import InputError, require_one_of
from kerasformer.formats import Description
from kerasformer.interface.cleaning import LATEST
from kerasformer.interface.rules import TextRules
from kerasformer.manifest import (
    FORMAT,
    FORMAT_VERSION,
    METADATA_FILE,
    TOKENIZER_FILE,
    check_files,
    describe_bundle,
    load_tokenizer,
    sha256,
)
from kerasformer.models import build_model
from kerasformer.pretrained import locate
from kerasformer.rows import from_rows, to_rows
from kerasformer.system.files import whole_folder
from kerasformer.system.processes import check_not_forked
from kerasformer.tokenizer import Tokenizer

PRECISIONS = ("fp32", "int8")


def _now():
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")


@dataclasses.dataclass(frozen=True)
class Bundle:
    """A model with everything that is needed to use it.

    Args:
        model: a model that `models.build_model` returned.
        tokenizer: the `Tokenizer` of both languages, or of captions; None for a model that reads no text.
        source: code of the language it reads; or "image", "caption".
        target: code of the language it writes; or "label", "image".
        labels: tuple of str, the names of the classes in order, for a classifier.
        decoding: dict of decode defaults, fields of `generation.SearchOptions` and of
            `interface.sampling.Sampling`.
        text_rules: the `TextRules` of its training text; by default those of text that `load_corpus` cleaned.
        corpus: dict, what it was trained on: name, SHA-256 of the text, attribution, seed of the splits.
        metrics: dict of figures measured on held-out data, by split.
        golden: tuple of [source, answer, reference], texts with the answers that this bundle must give, and
            reference translations.
        created: when it was made, ISO 8601; by default now.
    """

    model: object
    tokenizer: Tokenizer | None
    source: str
    target: str
    labels: tuple = ()
    text_rules: TextRules = TextRules(LATEST)
    decoding: dict = dataclasses.field(default_factory=dict)
    corpus: dict = dataclasses.field(default_factory=dict)
    metrics: dict = dataclasses.field(default_factory=dict)
    golden: tuple = ()
    created: str = dataclasses.field(default_factory=_now)


def save_bundle(bundle, path, precision="fp32"):
    """Write a bundle to the folder `path`, all of it or nothing: on an error the folder stays as it was.

    Args:
        bundle: the `Bundle`.
        path: the folder.
        precision: "fp32", or "int8" for weights as 8-bit rows, a quarter of the bytes; after loading they are float32
            again, but rounded (see `kerasformer.rows`).

    Raises:
        InputError: for another precision, or for weights that 8-bit rows cannot store because they are not finite.
        OSError: if it cannot be written.
    """
    require_one_of(precision, "precision", PRECISIONS)
    with whole_folder(path) as folder:
        for name, graph in bundle.model.parts.items():
            _save_weights(graph, folder, name, precision)
        if bundle.tokenizer:
            (folder / TOKENIZER_FILE).write_bytes(bundle.tokenizer.model)
        files = sorted(file.name for file in folder.iterdir())
        metadata = {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "kerasformer": __version__,
            "created": bundle.created,
            "source": bundle.source,
            "target": bundle.target,
            "labels": list(bundle.labels),
            "model": dataclasses.asdict(bundle.model.config),
            "text_rules": dataclasses.asdict(bundle.text_rules),
            "decoding": bundle.decoding,
            "corpus": bundle.corpus,
            "metrics": bundle.metrics,
            "golden": list(bundle.golden),
            "files": {name: sha256(folder / name) for name in files},
        }
        text = json.dumps(metadata, indent=2, ensure_ascii=False)
        (folder / METADATA_FILE).write_text(text + "\n", encoding="utf-8")


def _save_weights(graph, folder, name, precision):
    if precision == "int8":
        names = [f"{i:03}/{weight.path}" for i, weight in enumerate(graph.weights)]
        rows = to_rows(dict(zip(names, graph.get_weights(), strict=True)))
        np.savez_compressed(folder / f"{name}.rows.npz", **rows)
    else:
        # A new graph was never compiled; a compiled one would save the state of its optimizer too.
        keras.Model(graph.input, graph.output).save_weights(folder / f"{name}.weights.h5")


def load_bundle(path):
    """Load the bundle in the folder `path`.

    Args:
        path: the folder, or the name of a pretrained model; or its `Description`, which is not read again.

    Raises:
        InputError: if there is none, a file of it is missing or damaged, or it is from a newer version.
    """
    description = path if isinstance(path, Description) else describe_bundle(locate(path))
    path, metadata = description.path, description.metadata
    check_not_forked()
    check_files(description)
    model, tokenizer = build_model(description.config), load_tokenizer(description)
    if (tokenizer and tokenizer.vocab_size) != getattr(model.config, "vocab_size", None):
        raise InputError(f"bundle {path} is damaged: {TOKENIZER_FILE} does not belong to the model in {METADATA_FILE}")
    for name, graph in model.parts.items():
        _load_weights(graph, path, name, metadata["files"])
    lists = {name: tuple(metadata.get(name, ())) for name in ("labels", "golden")}
    names = ("source", "target", "decoding", "corpus", "metrics", "created")
    rules = TextRules.of(metadata.get("text_rules"))
    return Bundle(model, tokenizer, text_rules=rules, **lists, **{name: metadata[name] for name in names})


def _load_weights(graph, path, name, files):
    name = f"{name}.rows.npz" if f"{name}.rows.npz" in files else f"{name}.weights.h5"
    is_its_own = name in files
    try:
        if name.endswith(".npz"):
            with np.load(path / name) as found:
                graph.set_weights(list(from_rows(found).values()))
        elif is_its_own := is_its_own and _number_of_weights(path / name) == graph.count_params():
            graph.load_weights(path / name)
    except (ValueError, KeyError, zipfile.BadZipFile):  # of other shapes, or not of ours
        is_its_own = False
    if not is_its_own:
        raise InputError(f"bundle {path} is damaged: {name} does not belong to the model in {METADATA_FILE}")


def _number_of_weights(path):
    """How many numbers a file of weights holds; Keras ignores those of layers that the model does not have."""
    sizes = []

    def add(name, node):
        if name.startswith("layers/") and isinstance(node, h5py.Dataset) and "float" in str(node.dtype):
            sizes.append(node.size)

    with h5py.File(path) as file:
        file.visititems(add)
    return sum(sizes)
