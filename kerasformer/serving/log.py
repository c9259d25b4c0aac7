"""What the service says on standard error."""

import contextlib
import sys


def say(line):
    """Write a line; where that fails, such as on a full disk, the service goes on without it."""
    with contextlib.suppress(OSError):
        print(line, file=sys.stderr, flush=True)
