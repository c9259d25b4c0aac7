"""Whatever a path holds: a bundle, a SavedModel or a `.tflite`, of any task, told apart and opened.

Nothing heavy is imported before the path asks for it: a `.tflite` needs no TensorFlow.
"""

import contextlib
import functools
import importlib
import json
import pathlib

from kerasformer.errors import InputError
from kerasformer.system.quiet import quiet_loading
from kerasformer.tasks import check_known, check_task

_ENGINES = {  # by form and task: the module and the class that answers
    "bundle": {
        "translation": ("kerasformer.inference.translator", "Translator"),
        "classification": ("kerasformer.inference.classifier", "Classifier"),
        "drawing": ("kerasformer.inference.illustrator", "Illustrator"),
    },
    "saved_model": {
        "translation": ("kerasformer.inference.saved_model", "SavedModelTranslator"),
        "classification": ("kerasformer.inference.saved_model", "SavedModelClassifier"),
        "drawing": ("kerasformer.inference.saved_model", "SavedModelIllustrator"),
    },
    "litert": {
        "translation": ("kerasformer.runtime", "LiteRTTranslator"),
        "classification": ("kerasformer.runtime", "LiteRTClassifier"),
        "drawing": ("kerasformer.runtime", "LiteRTIllustrator"),
    },
}


def kind_of(path):
    """What a path is by its looks: "bundle", "saved_model" or "litert"; opening it tells whether it is whole.

    Raises:
        InputError: if there is nothing.
    """
    path = pathlib.Path(path)
    if path.is_file():
        return "litert"
    if (path / "saved_model.pb").is_file():
        return "saved_model"
    if path.is_dir():
        return "bundle"
    raise InputError(f"{path} does not exist: give a bundle folder, a SavedModel folder or a .tflite file")


def task_of(path):
    """What an artefact is for: "translation", "classification" or "drawing".

    Raises:
        InputError: if it is missing, damaged, not ours or too new.
    """
    kind = kind_of(path)
    with quiet_loading():
        if kind == "bundle":
            from kerasformer.bundle import read_metadata
            from kerasformer.config import config_of

            return config_of(read_metadata(path)["model"]).task
        if kind == "saved_model":
            from kerasformer.inference.checkpoint import Checkpoint

            return Checkpoint(path).task
        from kerasformer.runtime.metadata import read_rider

        return read_rider(path)[0]["task"]


def open_artefact(path, **options):
    """Open a bundle folder, a SavedModel folder or a `.tflite` file, whatever it is for.

    Args:
        path: the folder or file.
        **options: fields of `generation.SearchOptions` for every call of a translator, where the artefact allows them.

    Returns:
        A `BaseTranslator`, a `BaseClassifier` or a `BaseIllustrator`.

    Raises:
        InputError: if it is missing, damaged, not ours or too new, or an option has a wrong value.
    """
    kind, task = kind_of(path), task_of(path)
    check_known(path, task)
    module, name = _ENGINES[kind][task]
    with quiet_loading():
        engine_class = getattr(importlib.import_module(module), name)
        if kind == "bundle":
            from kerasformer.bundle import load_bundle

            return engine_class(load_bundle(path), **options)
        engine = engine_class(path)
        if kind == "litert":
            engine.warm_up()
    if options:
        engine.decode = functools.partial(engine.decode, **options)
    return engine


def open_for(task, path, **options):
    """Open an artefact that must be for `task`; see `open_artefact`.

    Raises:
        InputError: as `open_artefact`, and for one of another task: it says what it is and which command uses it.
    """
    check_task(path, task_of(path), task)
    return open_artefact(path, **options)


def open_translator(path, **options):
    """Open a translator; see `open_for`."""
    return open_for("translation", path, **options)


def corpus_of(engine):
    """What an opened artefact says of its training corpus: name, SHA-256, attribution; {} if nothing."""
    if hasattr(engine, "bundle"):
        return engine.bundle.corpus
    return getattr(engine, "metadata", {}).get("corpus", {})


def named_data(trained_on, names):
    """The data of a training as a command would name them: [name]; [] where they were somebody's own.

    Args:
        trained_on: what `corpus_of` says.
        names: those of data that can be had again.
    """
    return [name for name in [trained_on.get("name")] if name in names and trained_on.get("attribution")]


def split_seed(asked, trained_on):
    """The seed that decides what is held out: the one asked for, else that of the training.

    Args:
        asked: int, or None.
        trained_on: what `corpus_of` says.
    """
    return trained_on.get("seed", 0) if asked is None else asked


def is_exact(path):
    """Whether an artefact should answer token for token as its bundle; one with 8-bit weights need not."""
    if kind_of(path) != "litert":
        return True
    from kerasformer.runtime.metadata import read_rider

    return read_rider(path)[0]["precision"] == "fp32"


def check_replaceable(folder, written=None):
    """Raise `InputError` if writing a folder whole would delete what was not written by the same command.

    Args:
        folder: where the new folder is to be.
        written: names of all that the command writes into it; None for those that a report.json or bundle.json names.
    """
    folder = pathlib.Path(folder)
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file: choose another folder, not to lose it")
    held = {path.name for path in folder.iterdir()} if folder.exists() else set()
    others = sorted(held.difference(_written(folder) if written is None else written))
    if others:
        raise InputError(f"{folder} holds {others[0]}, which is somebody's own: choose another folder, not to lose it")


def _written(folder):
    """Names of what an export or a training has written into a folder."""
    found = []
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
        found += ["report.json", *(row["file"] for row in report["artefacts"])]
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        found += ["bundle.json", *json.loads((folder / "bundle.json").read_text(encoding="utf-8"))["files"]]
    return found
