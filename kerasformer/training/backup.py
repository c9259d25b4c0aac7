"""Everything a run needs to go on, in files that are there whole or not at all; the newest two are kept."""

import io
import json
import pathlib

import keras
import numpy as np

from kerasformer.errors import InputError
from kerasformer.system.files import write_bytes

_PATTERN = "backup-*.npz"
KEPT = 2  # so that one damaged on disk is not the end of a run


def backup_name(step):
    """The name of the backup of so many steps; names sort as steps do."""
    return f"backup-{step:09d}.npz"


def backups(folder):
    """The backups in a folder, the newest first: list of `pathlib.Path`."""
    return sorted(pathlib.Path(folder).glob(_PATTERN), reverse=True)


def is_unfinished(folder, result):
    """Whether a run has trained since its `result` was saved, a path where there may be nothing yet.

    Its backups lie in the folder, those of the first of two stages deeper.
    """
    saved = result.stat().st_mtime if result.exists() else 0.0
    return any(backup.stat().st_mtime > saved for backup in _every_backup(folder))


def discard(folder):
    """Remove all backups of a run."""
    for backup in _every_backup(folder):
        backup.unlink(missing_ok=True)


def _every_backup(folder):
    return [*pathlib.Path(folder).rglob(_PATTERN)]


def write_backup(folder, step, variables, progress, is_first=True):
    """Save a backup of so many steps, and remove all but the newest.

    Of several workers all read the variables, some of which they hold together, and only the first writes.
    """
    arrays = _arrays(variables)
    if is_first:
        _save_arrays(pathlib.Path(folder) / backup_name(step), arrays, progress)
        for old in backups(folder)[KEPT:]:
            old.unlink()


def restore_newest(folder, variables, say):
    """Put the newest backup that is whole, of one or more, into the variables and return what its `progress` was.

    Args:
        folder: where `write_backup` wrote.
        variables: list of Keras variables, as they were saved.
        say: callable that shows a line: which it is, and which are damaged.

    Raises:
        InputError: if none is whole, or they belong to a model of other sizes.
    """
    found = backups(folder)
    for path, older in zip(found, [*found[1:], None], strict=True):
        try:
            progress = restore(path, variables)
            say(f"going on from {path.name}")
            return progress
        except DamagedBackup as error:
            if older is None:
                raise DamagedBackup(f"{error}: remove it, and --resume begins anew") from None
            say(f"{error}: trying the older {older.name}")


class DamagedBackup(InputError):
    """What a backup holds cannot be read."""


def save(path, variables, progress):
    """Write the values of Keras variables and a JSON-able `progress` to one `.npz` file."""
    _save_arrays(path, _arrays(variables), progress)


def _arrays(variables):
    return {f"{i:05d}": keras.ops.convert_to_numpy(variable) for i, variable in enumerate(variables)}


def _save_arrays(path, arrays, progress):
    arrays["progress"] = np.frombuffer(json.dumps(progress).encode(), "uint8")
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    write_bytes(path, buffer.getvalue())


def restore(path, variables):
    """Put the saved values into the same variables and return what `progress` was.

    Raises:
        DamagedBackup: if the file cannot be read.
        InputError: if it belongs to a model of other sizes.
    """
    path = pathlib.Path(path)
    try:
        with np.load(path) as arrays:
            progress = json.loads(bytes(arrays["progress"]))
            values = [arrays[name] for name in sorted(arrays.files) if name != "progress"]
    except Exception as error:  # zipfile, zlib and NumPy have many for what they cannot read
        raise DamagedBackup(f"{path} is damaged ({error})") from None
    if [value.shape for value in values] != [tuple(variable.shape) for variable in variables]:
        raise InputError(f"{path} belongs to a model of other sizes; resume with the options it was started with")
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
    return progress
