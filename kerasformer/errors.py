"""Errors that a user can fix: one clear line and exit code 2, never a traceback; and the checks that raise them."""

import contextlib
import dataclasses
import importlib.util
import sys


class InputError(ValueError):
    """Input that cannot be used; the message says in one line what is wrong and what to do."""


def require(condition, name, value, right):
    """Raise `InputError` with the name, its value and what would be right, unless the condition holds."""
    if not condition:
        raise InputError(f"{name} must be {right}, got {value!r}")


def require_one_of(value, name, allowed):
    """Raise `InputError` unless the value is one of those allowed."""
    require(value in allowed, name, value, f"one of {', '.join(map(str, allowed))}")


def require_at_least(minimum, config, *names):
    """Raise `InputError` unless each of the named attributes of `config` is `minimum` or more."""
    for name in names:
        require(getattr(config, name) >= minimum, name, getattr(config, name), f"at least {minimum}")


def check_types(config):
    """Raise `InputError` unless each value of a dataclass has its field's type; an int may stand for a float."""
    for field in dataclasses.fields(config):
        value = getattr(config, field.name)
        allowed = (int, float) if field.type is float else field.type
        if not isinstance(value, allowed) or isinstance(value, bool) and field.type is not bool:
            raise InputError(f"{field.name} must be of type {field.type.__name__}, got {value!r}")


@contextlib.contextmanager
def needs_extra(name):
    """Turn a package that is not installed into an `InputError` that says which extra of this package has it.

    Args:
        name: str, the extra.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("kerasformer"):
            raise
        raise InputError(f"this needs the package {error.name}: pip install 'kerasformer[{name}]'") from None


@contextlib.contextmanager
def one_line_errors(program):
    """Turn errors that a user can fix into `program: message` on stderr and exit code 2, and Ctrl-C into 130.

    These are `InputError`, `OSError`, and a third-party package, or a module of the full package, that is missing.
    """
    try:
        yield
    except (InputError, OSError) as error:
        _stop(program, error)
    except ImportError as error:
        message = _missing(error)
        if message is None:
            raise
        _stop(program, message)
    except KeyboardInterrupt:
        print(f"{program}: stopped", file=sys.stderr)
        raise SystemExit(130) from None


def _missing(error):
    """What to say of a module that is not installed; None if the fault is ours."""
    module = ".".join(filter(None, (error.name, getattr(error, "name_from", None))))  # Python 3.12 has the second
    package = module.partition(".")[0]
    if package not in ("", "kerasformer") and isinstance(error, ModuleNotFoundError):
        return f"this needs the Python package {package}, which is not installed here: install it"
    if package != "kerasformer" or importlib.util.find_spec("kerasformer.models"):
        return None
    return f"this needs {module}, which kerasformer-runtime does not have: uninstall it and install kerasformer"


def _stop(program, error):
    message = " ".join(str(error).split()) or type(error).__name__
    print(f"{program}: {message}", file=sys.stderr)
    raise SystemExit(2) from None
