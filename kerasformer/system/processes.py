"""Processes on one machine: a child ends with its parent, computes only if it may, and a lock admits one at a time."""

import contextlib
import os
import pathlib
import threading
import time

from kerasformer.errors import InputError

_POLL_SECONDS = 0.2
_first = None  # the process that computed first, this one or its parent


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


def check_not_forked():
    """Note that this process computes with TensorFlow, JAX or PyTorch, whose threads a forked process does not have.

    Raises:
        InputError: if it was forked from a process that already computed: it would wait for ever.
    """
    global _first
    _first = _first or os.getpid()
    if _first != os.getpid():
        raise InputError(
            "this process was forked from one that had loaded a model, and cannot run a bundle or a SavedModel: load "
            "models only after the fork, start processes with multiprocessing's method 'spawn', or use a .tflite"
        )


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
