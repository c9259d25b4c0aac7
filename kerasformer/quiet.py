"""What TensorFlow and LiteRT write past Python is kept off people's terminals."""

import contextlib
import os


@contextlib.contextmanager
def quiet_loading():
    """Keep what TensorFlow and LiteRT write past Python to file descriptor 2 off people's terminals."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
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
