"""Print results as JSON for programs or as aligned lines for people, and messages to standard error."""

import contextlib
import json
import sys
import warnings

from kerasformer.errors import InputError


def check_utf8(texts, name):
    """Raise `InputError` for a text of the command line that is not UTF-8; `name` is the word for it in the message."""
    for number, text in enumerate(texts, start=1):
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise InputError(f"{name} {number} is not UTF-8: convert it to UTF-8")


def print_json(value):
    """Print a value as indented JSON."""
    print(json.dumps(value, ensure_ascii=False, indent=1))


def show(arguments, value, lines):
    """Print a value as JSON if `--json` is given, else lines for people."""
    if arguments.json:
        print_json(value)
    else:
        print("\n".join(lines))


def complain(message):
    """Print on standard error what is wrong with a part of the input."""
    print(f"kerasformer: {message}", file=sys.stderr, flush=True)


@contextlib.contextmanager
def complaints(category):
    """Print warnings of a category with `complain`, each time."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", category)
        show = warnings.showwarning

        def show_plainly(message, kind, *place, **options):
            if issubclass(kind, category):
                complain(message)
            else:
                show(message, kind, *place, **options)

        warnings.showwarning = show_plainly
        yield


def aligned(values, indent=""):
    """Yield a nested dict as aligned lines for people; empty values are left out."""
    shown = {key: value for key, value in values.items() if value not in ({}, [], None, "")}
    width = max((len(key) for key in shown), default=0)
    for key, value in shown.items():
        if isinstance(value, dict) and not value.keys() <= {"dtype", "shape"}:
            yield f"{indent}{key}"
            yield from aligned(value, indent + "  ")
        else:
            yield f"{indent}{key:<{width}}  {_shown(value)}"


def _shown(value):
    if isinstance(value, dict):  # dtype and shape of a tensor
        axes = ", ".join("any" if size is None else str(size) for size in value["shape"])
        return f"{value['dtype']} ({axes})"
    if isinstance(value, list):
        return ", ".join(map(_shown, value))
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
