"""Keep messages that TensorFlow and LiteRT write to stderr off the terminal."""

import contextlib
import os
import threading

_ONE_AT_A_TIME = threading.RLock()  # a second thread would save the replaced descriptor as the real one


@contextlib.contextmanager
def quiet_loading():
    """Discard what C++ code writes to file descriptor 2, which Python's `sys.stderr` does not see."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
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
