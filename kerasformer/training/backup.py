"""Everything a run needs to go on, in one file that is there whole or not at all."""

import io
import json
import pathlib
import zipfile

import keras
import numpy as np

from kerasformer import atomic
from kerasformer.errors import InputError


def save_backup(path, variables, progress):
    """Write the values of Keras variables and a JSON-able `progress` to one `.npz` file."""
    arrays = {f"{i:05d}": keras.ops.convert_to_numpy(variable) for i, variable in enumerate(variables)}
    arrays["progress"] = np.frombuffer(json.dumps(progress).encode(), "uint8")
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    atomic.write_bytes(path, buffer.getvalue())


def load_backup(path, variables):
    """Put the saved values into the same variables and return what `progress` was.

    Raises:
        InputError: if there is no backup, it is damaged, or it belongs to a model of other sizes.
    """
    path = pathlib.Path(path)
    if not path.exists():
        raise InputError(f"there is nothing to resume: {path} does not exist; run without --resume first")
    try:
        with np.load(path) as arrays:
            progress = json.loads(bytes(arrays["progress"]))
            values = [arrays[name] for name in sorted(arrays.files) if name != "progress"]
    except (ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(f"{path} is damaged and cannot be resumed from ({error}); run without --resume") from None
    if [value.shape for value in values] != [tuple(variable.shape) for variable in variables]:
        raise InputError(f"{path} belongs to a model of other sizes; resume with the options it was started with")
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
    return progress
