"""Processes on one machine: a child ends with its parent, and a lock admits one process at a time."""

import contextlib
import os
import pathlib
import threading
import time

_POLL_SECONDS = 0.2


def exit_with_parent(parent):
    """End this process as soon as its parent has ended, even if the parent was killed.

    Args:
        parent: int, the process id of the parent.
    """

    def watch():
        while os.getppid() == parent:
            time.sleep(_POLL_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@contextlib.contextmanager
def locked(path, wait=True):
    """Run a block in one process at a time; the system releases the lock even if the process is killed.

    Args:
        path: the lock file; it and its folder are made if needed, and the file stays.
        wait: bool, whether to wait while another process holds the lock.

    Raises:
        BlockingIOError: if another process holds the lock and `wait` is False.
    """
    from filelock import FileLock, Timeout

    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    try:
        lock.acquire(timeout=-1 if wait else 0)
    except Timeout:
        raise BlockingIOError(f"another process holds {path}") from None
    try:
        yield
    finally:
        lock.release()
