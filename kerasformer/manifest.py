"""What a bundle says about itself, and whether its files are those that were saved; this needs no Keras."""

import hashlib
import json
import pathlib

from kerasformer.config import config_of
from kerasformer.errors import InputError
from kerasformer.formats import FORMS, Description, check_version
from kerasformer.pretrained import available, way_out
from kerasformer.tasks import find_task
from kerasformer.tokenizer import Tokenizer

FORMAT = "kerasformer-bundle"
# 2: models of other kinds than the Transformer; 3: models of images; 4: num_decoder_layers, weights as 8-bit rows
FORMAT_VERSION = 4
_DICTS = ("model", "decoding", "corpus", "metrics", "files")
_FIELDS = {"created", "source", "target", *_DICTS}
METADATA_FILE, TOKENIZER_FILE = "bundle.json", "tokenizer.model"


def describe_bundle(path):
    """The `Description` of the bundle in the folder `path`; its weights are not loaded.

    Raises:
        InputError: as `read_metadata`, and for a model for no known task.
    """
    metadata = read_metadata(path)
    config = config_of(metadata["model"])
    return Description(
        path,
        FORMS["bundle"],
        find_task(config.task, path),
        metadata["source"],
        metadata["target"],
        format_version=metadata["format_version"],
        corpus=metadata["corpus"],
        metadata=metadata,
        config=config,
    )


def read_metadata(path):
    """The metadata of the bundle in the folder `path`, without loading its weights.

    Raises:
        InputError: if it is not a bundle, or is from a newer version.
    """
    path = pathlib.Path(path)
    if not path.is_dir():
        raise InputError(
            f"{path} is not a folder, so it is not a bundle; train.py writes one to OUT/bundle, and the pretrained "
            f"models are {', '.join(available())}"
        )
    try:
        metadata = json.loads((path / METADATA_FILE).read_text(encoding="utf-8"))
        version = metadata["format_version"] if metadata["format"] == FORMAT else None
    except FileNotFoundError:
        raise InputError(f"{path} is not a bundle: it has no {METADATA_FILE}") from None
    except (ValueError, KeyError, TypeError):
        version = None
    if isinstance(version, int):
        check_version(path, version, FORMAT_VERSION)
    are_dicts = version and all(isinstance(metadata.get(name), dict) for name in _DICTS)
    if not isinstance(version, int) or not are_dicts or not set(metadata) >= _FIELDS:
        advice = way_out(path, "copy the bundle again")
        raise InputError(f"{path / METADATA_FILE} is damaged or not the metadata of a kerasformer bundle; {advice}")
    return metadata


def check_files(description):
    """Raise `InputError` unless the files of a described bundle are those that were saved."""
    path = description.path
    for name, digest in description.metadata["files"].items():
        if not (path / name).is_file():
            advice = way_out(path, "copy or train it again")
            raise InputError(f"bundle {path} is incomplete: {name} is missing; {advice}")
        if (found := sha256(path / name)) != digest:
            hashes = f"its SHA-256 is {found[:16]} and not {str(digest)[:16]}"
            advice = way_out(path, "copy it again")
            raise InputError(f"bundle {path} is damaged: {name} is not the file that was saved ({hashes}); {advice}")


def load_tokenizer(description):
    """The `Tokenizer` of a described bundle; None for a model that reads no text."""
    has_text = TOKENIZER_FILE in description.metadata["files"]
    return Tokenizer((description.path / TOKENIZER_FILE).read_bytes()) if has_text else None


def sha256(path):
    """Hex digest of a file."""
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()
