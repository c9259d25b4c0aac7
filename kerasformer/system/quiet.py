"""Keep messages that TensorFlow and LiteRT write to stderr off the terminal."""

import atexit
import contextlib
import functools
import os
import threading

_lock = threading.Lock()
_quiet = []  # of the threads that want it quiet: the descriptor of the real stderr, None if it is closed


def _renew_lock():
    global _lock
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):  # a thread that is not in the forked process may have held the lock
    os.register_at_fork(after_in_child=_renew_lock)


@contextlib.contextmanager
def quiet_loading():
    """Discard what C++ code writes to file descriptor 2, which Python's `sys.stderr` does not see.

    It is discarded as long as any thread is in such a block; no thread waits for another.
    """
    with _lock:
        _quiet.append(_quiet[0] if _quiet else _silence())
    try:
        yield
    finally:
        with _lock:
            saved = _quiet.pop()
            if not _quiet and saved is not None:
                os.dup2(saved, 2)
                os.close(saved)


@functools.cache
def quiet_ending():
    """Discard what C++ code writes to file descriptor 2 while it is unloaded, after all Python code of the process."""
    atexit.register(_silence)


def _silence():
    """Let descriptor 2 write nowhere; returns a copy of it, or None if the parent process closed it."""
    try:
        saved = os.dup(2)
    except OSError:
        return None
    with open(os.devnull, "wb") as null:
        os.dup2(null.fileno(), 2)
    return saved
