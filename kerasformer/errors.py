"""Errors a person caused and a person can mend: one clear line on stderr and exit code 2, never a traceback."""

import contextlib
import sys


class InputError(ValueError):
    """What was given cannot be used; the message says in one line what is wrong and what to do."""


@contextlib.contextmanager
def one_line_errors(program):
    """Turn what a person can mend into `program: message` on stderr and exit code 2; Ctrl-C into 130.

    That is an `InputError`, an `OSError`, and a package of somebody else's that is not installed.
    """
    try:
        yield
    except (InputError, OSError) as error:
        _stop(program, error)
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package in ("", "kerasformer"):
            raise
        _stop(program, f"this needs the Python package {package}, which is not installed here: install it")
    except KeyboardInterrupt:
        print(f"{program}: stopped", file=sys.stderr)
        raise SystemExit(130) from None


def _stop(program, error):
    message = " ".join(str(error).split()) or type(error).__name__
    print(f"{program}: {message}", file=sys.stderr)
    raise SystemExit(2) from None
