"""The LiteRT twin of a bundle: a `.tflite` with the same answers, which translates without TensorFlow.

It lies in the folder of the bundle or in the cache. Its name has a hash of all that the bundle's answers depend on, so
that the twin of another model is never taken.
"""

import contextlib
import hashlib
import json
import shutil

from kerasformer.data.download import cache_folder
from kerasformer.manifest import check_files
from kerasformer.pretrained import FOLDER
from kerasformer.system.files import whole_file

ENGINES = ("auto", "litert", "xla")  # what may translate with a bundle, see `twin_translator.open_twin`


def find_twin(description):
    """The path of the twin of a described bundle; None if there is none.

    Raises:
        InputError: if a file of the bundle is not the one that was saved.
    """
    found = next((path for path in _places(description) if path.is_file()), None)
    if found:
        check_files(description)
    return found


def twin_lock():
    """The path of the lock of the process that makes a twin."""
    return cache_folder() / "twins" / "lock"


def keep_twin(description, file):
    """Keep a `.tflite` that answers as a described bundle does as its twin; returns the path of the copy.

    It is in the cache for a model of the package, and where the folder of the bundle cannot be written to.
    """
    beside, cached = _places(description)
    if description.path.resolve().parent != FOLDER.resolve():
        with contextlib.suppress(OSError):
            return _copy(file, beside)
    return _copy(file, cached)


def is_twin(path):
    """Whether a file in the folder of a bundle is a twin, by its name."""
    return path.name.startswith("twin-") and path.suffix == ".tflite"


def _places(description):
    """The paths at which the twin may lie: in the folder of the bundle, and in the cache."""
    decisive = {name: description.metadata.get(name) for name in ("files", "model", "decoding", "text_rules")}
    text = json.dumps([description.source, description.target, decisive], sort_keys=True)
    name = f"twin-{hashlib.sha256(text.encode()).hexdigest()[:16]}.tflite"
    return description.path / name, cache_folder() / "twins" / name


def _copy(file, path):
    with whole_file(path) as temporary:
        shutil.copyfile(file, temporary)
    return path
