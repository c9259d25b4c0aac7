"""Write files and folders atomically: write them under a temporary name, sync them to disk, rename them."""

import contextlib
import errno
import os
import pathlib
import shutil
import tempfile


def write_bytes(path, data):
    """Write a file so that `path` has either its old content or all of `data`, even if the process is killed.

    Raises:
        OSError: if the disk is full or the folder cannot be written to; no temporary file is left.
    """
    with whole_file(path) as temporary:
        temporary.write_bytes(data)


def write_text(path, text):
    """Write a UTF-8 file like `write_bytes`."""
    write_bytes(path, text.encode("utf-8"))


@contextlib.contextmanager
def whole_file(path):
    """Yield a temporary path to write to; it is renamed to `path` when the block ends without an error."""
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
    """Remove the temporary files of killed processes from a folder; no process may be writing to it."""
    for temporary in pathlib.Path(folder).glob(".*"):
        shutil.rmtree(temporary, ignore_errors=True)


@contextlib.contextmanager
def whole_folder(path):
    """Yield a temporary folder to write to; it replaces `path` when the block ends without an error.

    Replacing takes two renames; if the process is killed between them, the old folder is left as `.NAME.*.old`.

    Raises:
        OSError: like `write_bytes`, and if `path` is a file.
    """
    path = pathlib.Path(path).resolve()  # a link stays; its target is replaced
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and not path.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "is a file, not a folder", str(path))
    temporary = pathlib.Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        temporary.chmod(0o755)
        yield temporary
        for file in temporary.rglob("*"):
            _sync(file)
        if path.exists():
            retired = temporary.with_name(temporary.name + ".old")
            os.rename(path, retired)
            try:
                os.rename(temporary, path)
            except BaseException:
                os.rename(retired, path)
                raise
            shutil.rmtree(retired, ignore_errors=True)
        else:
            os.rename(temporary, path)
        _sync(path.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _sync(path):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
