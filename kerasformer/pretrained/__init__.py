"""Trained translators that the package carries; README.md describes them.

Each is a bundle in a folder here, which names its languages: `fr-en` translates French into English.
"""

import json
import pathlib

from kerasformer.errors import InputError

FOLDER = pathlib.Path(__file__).parent


def available():
    """The names of the models, sorted: list of str."""
    return sorted(path.parent.name for path in FOLDER.glob("*/bundle.json"))


def locate(path):
    """The path of a model.

    Args:
        path: a path, or the name of a pretrained model.

    Returns:
        `pathlib.Path`: the folder of the pretrained model, if `path` is its name and nothing exists at `path`; else
        `path`.
    """
    exists = pathlib.Path(path).exists()
    return FOLDER / path if not exists and str(path) in available() else pathlib.Path(path)


def direction(name):
    """The codes of the languages of a model: (source, target)."""
    source, _, target = name.partition("-")
    return source, target


def matching(source=None, target=None):
    """The names of the models that translate between languages: list of str, not empty.

    Args:
        source: code of the source language; None for any.
        target: code of the target language; None for any.

    Raises:
        InputError: if there is none; the message names those that there are.
    """
    wanted, models = (source, target), available()
    if not models:
        raise InputError("no pretrained model is installed here: give the path of a model")
    found = [
        name
        for name in models
        if all(asked in (None, code) for asked, code in zip(wanted, direction(name), strict=True))
    ]
    if not found:
        asked = [f"{word} {code}" for word, code in zip(("from", "to"), wanted, strict=True) if code]
        there = ", ".join(f"{name} (from {' to '.join(direction(name))})" for name in models)
        raise InputError(f"{' '.join(['there is no pretrained model', *asked])}: there are {there}")
    return found


def find(source=None, target=None):
    """The name of the one model that translates between languages; for the arguments see `matching`.

    Raises:
        InputError: if there is none, or there are several.
    """
    name, *others = matching(source, target)
    if others:
        raise InputError(f"several pretrained models fit, {', '.join([name, *others])}: name the source and the target")
    return name


def read_metadata(name):
    """The metadata of a model, as its bundle has it: dict.

    Raises:
        InputError: if the file is damaged.
    """
    path = FOLDER / name / "bundle.json"
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        raise InputError(f"{path} is damaged; {way_out(path.parent, '')}") from None


def way_out(path, otherwise):
    """What to do about a damaged bundle: how a pretrained model is restored; `otherwise` for one that is not.

    Args:
        path: `pathlib.Path` of the bundle.
        otherwise: str.
    """
    if path.parent != FOLDER:
        return otherwise
    if (FOLDER.parents[1] / "setup.cfg").exists():  # a clone of the repository, of which pip installs a link
        return f"restore it with: git -C {FOLDER} checkout -- {path.name}"
    return "install the package again from where it came: pip install --force-reinstall --no-deps WHEEL"
