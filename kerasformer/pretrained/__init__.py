"""Trained models that the package carries, each opened by the name of its folder here; README.md describes them."""

import pathlib

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
