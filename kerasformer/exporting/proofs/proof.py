"""What every proof of an export has: one task's artefacts held against the bundle they were made from."""

import pathlib
import time

TIE = 1e-4  # two tokens whose log-probabilities lie closer may come out either way
TIMED = 30
FEWEST = 200  # held-out items that an honest proof has


class Proof:
    """Holds the artefacts of one task against their bundle; `gate` asks what it says.

    Args:
        bundle: the `Bundle`.
        held_out: what the bundle never saw in training, of the kind its task takes.
        say: called with a line of progress now and then.
        reference: the bundle's own engine, where there is one already.

    Attributes:
        counted: what is compared, with its number, as "200 sentences".
    """

    counted = ""

    def __init__(self, bundle, held_out, say, reference=None):
        raise NotImplementedError

    def head(self):
        """What the report says beside its "artefacts": dict."""
        raise NotImplementedError

    def bundle_row(self):
        """The row of the report that the bundle itself has: dict."""
        raise NotImplementedError

    def row(self, format, engine):
        """The row of an artefact of a `Format`, opened as `engine`: dict, with "passed"."""
        raise NotImplementedError

    def complaint(self, row):
        """Why an artefact did not pass, in one line."""
        raise NotImplementedError

    def compare(self, engine, exact):
        """What `kerasformer verify` finds: dict, with "passed" and "exact"; `exact` is the description's `is_exact`."""
        raise NotImplementedError

    def lines(self, found):
        """The lines in which people read what `compare` found."""
        raise NotImplementedError


def bytes_of(bundle):
    """Bytes of the weights of a bundle, and of its tokenizer."""
    count = sum(graph.count_params() for graph in bundle.model.parts.values())
    return 4 * count + (len(bundle.tokenizer.model) if bundle.tokenizer else 0)


def size_of(path):
    """Bytes of a file, or of all files of a folder."""
    path = pathlib.Path(path)
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return sum(file.stat().st_size for file in files)


def milliseconds(function, items):
    """Median milliseconds that a function takes for one item at a time, after it has had each once."""
    items, took = items[:TIMED], []
    for item in items:
        function(item)
    for item in items:
        began = time.perf_counter()
        function(item)
        took.append(1000 * (time.perf_counter() - began))
    return sorted(took)[len(took) // 2]
