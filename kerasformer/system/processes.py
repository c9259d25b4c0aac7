"""What a process must know of others on its machine: whether the one that started it lives, and who is in its place."""

import contextlib
import os
import pathlib
import threading
import time

try:
    import fcntl
except ImportError:  # Windows has none: nobody is kept out there
    fcntl = None

_POLL_SECONDS = 0.2


def follow(parent):
    """From now on end with the process that started this one, however that ends.

    Args:
        parent: int, its process id.
    """

    def watch():
        while os.getppid() == parent:
            time.sleep(_POLL_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@contextlib.contextmanager
def alone_at(path, wait=True):
    """Let one process at a time into the block; when it ends, however it ends, the system lets the next one in.

    Args:
        path: file that all of them name, made where there is none; it stays.
        wait: bool, whether to wait while another process is inside.

    Raises:
        BlockingIOError: if another process is inside and this one is not to wait.
    """
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            if fcntl:
                fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            raise
        except OSError:  # some file systems know no locks
            pass
        yield
