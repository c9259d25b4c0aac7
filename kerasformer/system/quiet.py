"""What TensorFlow and LiteRT write past Python is kept off people's terminals."""

import contextlib
import os
import threading

_ONE_AT_A_TIME = threading.RLock()  # a second one would take for the terminal what the first has put in its place


@contextlib.contextmanager
def quiet_loading():
    """Keep what TensorFlow and LiteRT write past Python to file descriptor 2 off people's terminals."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with _ONE_AT_A_TIME:
        try:
            saved = os.dup(2)
        except OSError:  # closed by whoever started us
            yield
            return
        with open(os.devnull, "wb") as null:
            os.dup2(null.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(saved, 2)
            os.close(saved)
