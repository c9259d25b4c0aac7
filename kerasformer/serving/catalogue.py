"""The models of a service: their names, versions and places."""

import dataclasses
import pathlib
import re

from kerasformer.errors import InputError
from kerasformer.formats import FORMS, form_of
from kerasformer.pretrained import available, locate

_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,99}")


@dataclasses.dataclass(frozen=True)
class Model:
    """One version of a model.

    Args:
        name: str.
        version: int.
        path: of the artefact.
    """

    name: str
    version: int
    path: pathlib.Path

    @property
    def key(self):
        """What workers call it: "NAME/VERSION"."""
        return f"{self.name}/{self.version}"


def find_models(arguments):
    """The models that the command line names.

    Args:
        arguments: list of str, each the name of a pretrained model, a path, or NAME=PATH; none for all pretrained ones.
            A folder with folders whose names are numbers has a version of the model in each, as in TensorFlow Serving.

    Returns:
        list of `Model`.

    Raises:
        InputError: if there is no artefact, or two have one name.
    """
    models = {}
    for argument in arguments or available():
        name, _, place = str(argument).rpartition("=")
        path = locate(place)
        name = name or path.name.partition(".")[0]
        if not _NAME.fullmatch(name):
            raise InputError(f"{name!r} is no name for a model: use letters, digits, '.', '_' and '-', as in NAME=PATH")
        if name in models:
            raise InputError(f"two models are named {name}: give them names, as in NAME=PATH")
        models[name] = [Model(name, version, path) for version, path in _versions(path)]
    return [model for versions in models.values() for model in versions]


def _versions(path):
    """The versions (int, path) at a path, in ascending order."""
    is_artefact = path.is_dir() and any(form.holds and (path / form.holds).is_file() for form in FORMS.values())
    numbers = [] if is_artefact or not path.is_dir() else [sub for sub in path.iterdir() if sub.name.isdecimal()]
    found = sorted((int(sub.name), sub) for sub in numbers) or [(1, path)]
    for _, place in found:
        form_of(place)  # raises if there is nothing
    return found
