"""Files and folders that appear whole or not at all: written beside, synced to disk, then renamed into place."""

import contextlib
import errno
import os
import pathlib
import shutil
import tempfile


def write_bytes(path, data):
    """Write a file so that `path` holds either what it held before or all of `data`.

    Raises:
        OSError: if the disk is full or the folder cannot be written; nothing is left behind.
    """
    with whole_file(path) as beside:
        beside.write_bytes(data)


def write_text(path, text):
    """Write a UTF-8 file in the manner of `write_bytes`."""
    write_bytes(path, text.encode("utf-8"))


@contextlib.contextmanager
def whole_file(path):
    """Yield a path beside `path` to write to; it becomes `path` when the block ends without an error."""
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = pathlib.Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        yield folder / path.name
        _sync(folder / path.name)
        os.replace(folder / path.name, path)
        _sync(path.parent)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def clear(folder):
    """Remove what processes that were killed in the middle of writing left in a folder; nobody may be writing there."""
    for beside in pathlib.Path(folder).glob(".*"):
        shutil.rmtree(beside, ignore_errors=True)


@contextlib.contextmanager
def whole_folder(path):
    """Yield a new folder beside `path`; it takes the place of `path` when the block ends without an error.

    That takes two renames: a kill between them leaves what was there under the name `.NAME.*.old`, beside the new one.

    Raises:
        OSError: as `write_bytes`, and if `path` is a file.
    """
    path = pathlib.Path(path).resolve()  # a link stays a link; what it points to is replaced
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and not path.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "is a file, not a folder", str(path))
    beside = pathlib.Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        beside.chmod(0o755)
        yield beside
        for file in beside.rglob("*"):
            _sync(file)
        if path.exists():
            retired = beside.with_name(beside.name + ".old")
            os.rename(path, retired)
            try:
                os.rename(beside, path)
            except BaseException:
                os.rename(retired, path)
                raise
            shutil.rmtree(retired, ignore_errors=True)
        else:
            os.rename(beside, path)
        _sync(path.parent)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _sync(path):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
