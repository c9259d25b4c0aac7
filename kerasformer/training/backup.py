"""Backups: all that a run needs to be resumed, in files that are written whole or not at all."""

import io
import json
import pathlib

import keras
import numpy as np

from kerasformer.errors import InputError
from kerasformer.system.files import write_bytes

_PATTERN = "backup-*.npz"
KEPT = 2  # the newest ones: if the disk damages one, the run can still be resumed


def backup_name(step):
    """The file name of the backup after `step` steps; names sort like the steps."""
    return f"backup-{step:09d}.npz"


def backups(folder):
    """The backups in a folder, the newest first: list of `pathlib.Path`."""
    return sorted(pathlib.Path(folder).glob(_PATTERN), reverse=True)


def is_unfinished(folder, result):
    """Whether a run has trained since its result was saved.

    Args:
        folder: the folder of the run; an earlier stage has its backups in a folder within.
        result: `pathlib.Path` of the bundle, which may not exist yet.
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
    """Write the backup after `step` steps, and remove all but the newest `KEPT`.

    All of several workers read the variables, because reading some of them takes all workers; only the first writes.
    """
    arrays = _arrays(variables)
    if is_first:
        _save_arrays(pathlib.Path(folder) / backup_name(step), arrays, progress)
        for old in backups(folder)[KEPT:]:
            old.unlink()


def restore_newest(folder, variables, say):
    """Load the newest undamaged backup into the variables.

    Args:
        folder: where `write_backup` wrote at least one.
        variables: list of Keras variables, in the order in which they were saved.
        say: callable that shows a line: which backup it is, and which are damaged.

    Returns:
        The `progress` that was saved with it.

    Raises:
        InputError: if all are damaged, or they belong to a model of other sizes.
    """
    found = backups(folder)
    for path, older in zip(found, [*found[1:], None], strict=True):
        try:
            progress = restore(path, variables)
            say(f"continuing from {path.name}")
            return progress
        except DamagedBackup as error:
            if older is None:
                raise DamagedBackup(f"{error}: remove it, and --resume starts from the beginning") from None
            say(f"{error}: trying the older {older.name}")


class DamagedBackup(InputError):
    """A backup that cannot be read."""


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
    """Load saved values into the same variables, and return the saved `progress`.

    Raises:
        DamagedBackup: if the file cannot be read.
        InputError: if it belongs to a model of other sizes.
    """
    path = pathlib.Path(path)
    try:
        with np.load(path) as arrays:
            progress = json.loads(bytes(arrays["progress"]))
            values = [arrays[name] for name in sorted(arrays.files) if name != "progress"]
    except Exception as error:  # zipfile, zlib and NumPy raise many kinds
        raise DamagedBackup(f"{path} is damaged ({error})") from None
    if [value.shape for value in values] != [tuple(variable.shape) for variable in variables]:
        raise InputError(
            f"{path} belongs to a model of other sizes or to another version of kerasformer: resume with the options "
            "and the version that the run was started with, or start a new run"
        )
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
    return progress
