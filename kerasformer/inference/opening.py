"""Open a bundle, a SavedModel or a `.tflite` for any task, and say what it was trained on.

Nothing heavy is imported before a path needs it: a `.tflite` needs no TensorFlow.
"""

import contextlib
import json
import pathlib

from kerasformer.errors import InputError, require_one_of
from kerasformer.formats import describe
from kerasformer.inference.twin import ENGINES, is_twin
from kerasformer.system.quiet import quiet_loading
from kerasformer.tasks import resolve


def open_artefact(path, task=None, engine=None, **options):
    """Open a bundle folder, a SavedModel folder or a `.tflite` file.

    Args:
        path: the folder or file, or the name of a pretrained model; or its `formats.Description`.
        task: name of the task that it must be for; None for any.
        engine: what translates with a bundle: "xla" or None, Keras and a compiler; "litert", its twin (see
            `inference.twin`); or "auto", the twin, if there is one, and for what it cannot do, the bundle. For anything
            but the bundle of a translator None or "auto".
        **options: for a translator, fields of `generation.SearchOptions` for every call, where the artefact allows
            them.

    Returns:
        A `BaseTranslator`, a `BaseClassifier` or a `BaseIllustrator`.

    Raises:
        InputError: if it is missing, damaged, not written by kerasformer, too new or for another task, or an option has
            a wrong value.
    """
    if engine is not None:
        require_one_of(engine, "engine", ENGINES)
    description = describe(path, task)
    form, has_engines = description.form, description.form.name == "bundle" and description.task.twin
    if engine in ("litert", "xla") and not has_engines:
        raise InputError(
            f"engine chooses what translates with a bundle, and {description.path} is not the bundle of a translator: "
            "leave it out"
        )
    with quiet_loading():
        if engine and has_engines:
            twin = resolve(description.task.twin)(description, engine, options)
            if twin:
                return twin
        return resolve(form.open or description.task.engines[form.name])(description, **options)


def open_bundle(description, **options):
    """The engine of a described bundle, with its weights loaded; see `open_artefact`."""
    from kerasformer.bundle import load_bundle

    return resolve(description.task.engines["bundle"])(load_bundle(description), **options)


def open_translator(path, **options):
    """`open_artefact` for translators only."""
    return open_artefact(path, "translation", **options)


def named_data(trained_on, names):
    """The name of the training data, if a command can load them by it.

    Args:
        trained_on: the `corpus` of the artefact's `Description`.
        names: of the data that can be loaded by name.

    Returns:
        [name], or [] for a user's own files.
    """
    name = trained_on.get("name")
    return [name] if name in names and trained_on.get("attribution") else []


def split_seed(asked, trained_on):
    """The seed that decides what is held out: the one asked for, or else the one of the training.

    Args:
        asked: int, or None.
        trained_on: the `corpus` of the artefact's `Description`.
    """
    return trained_on.get("seed", 0) if asked is None else asked


def check_replaceable(folder, written=None):
    """Raise `InputError` if replacing a folder would delete files that the same command did not write.

    Args:
        folder: the folder to write.
        written: names of all files that the command writes; None for those that a report.json or bundle.json names.
    """
    folder = pathlib.Path(folder)
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file: choose another folder so that it is not overwritten")
    held = {path.name for path in folder.iterdir() if not is_twin(path)} if folder.exists() else set()
    others = sorted(held.difference(_written(folder) if written is None else written))
    if others:
        raise InputError(
            f"{folder} holds {others[0]}, which kerasformer did not write: choose another folder so that it is not "
            "deleted"
        )


def _written(folder):
    """Names of the files that an export or a training has written into a folder."""
    found = []
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
        found += ["report.json", *(row["file"] for row in report["artefacts"])]
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        found += ["bundle.json", *json.loads((folder / "bundle.json").read_text(encoding="utf-8"))["files"]]
    return found
