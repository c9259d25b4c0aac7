"""Errors a person caused and a person can mend: one clear line on stderr and exit code 2, never a traceback."""

import contextlib
import sys


class InputError(ValueError):
    """What was given cannot be used; the message says in one line what is wrong and what to do."""


@contextlib.contextmanager
def one_line_errors(program):
    """Turn `InputError` and `OSError` into `program: message` on stderr and exit code 2; Ctrl-C into 130."""
    try:
        yield
    except (InputError, OSError) as error:
        message = " ".join(str(error).split()) or type(error).__name__
        print(f"{program}: {message}", file=sys.stderr)
        raise SystemExit(2) from None
    except KeyboardInterrupt:
        print(f"{program}: stopped", file=sys.stderr)
        raise SystemExit(130) from None
