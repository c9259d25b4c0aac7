"""Keep messages that TensorFlow and LiteRT write to stderr off the terminal."""

import contextlib
import os
import threading

_ONE_AT_A_TIME = threading.RLock()  # a second thread would save the replaced descriptor as the real one


def _renew_lock():
    global _ONE_AT_A_TIME
    _ONE_AT_A_TIME = threading.RLock()


if hasattr(os, "register_at_fork"):  # a thread that is not in the forked process may have held the lock
    os.register_at_fork(after_in_child=_renew_lock)


@contextlib.contextmanager
def quiet_loading():
    """Discard what C++ code writes to file descriptor 2, which Python's `sys.stderr` does not see."""
    with _ONE_AT_A_TIME:
        try:
            saved = os.dup(2)
        except OSError:  # closed by the parent process
            yield
            return
        with open(os.devnull, "wb") as null:
            os.dup2(null.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(saved, 2)
            os.close(saved)
