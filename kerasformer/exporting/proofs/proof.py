"""What the comparison of an export with its bundle is for every task; each task states what is particular to it."""

import pathlib
import time

import numpy as np

from kerasformer.errors import InputError
from kerasformer.formats import FORMS
from kerasformer.inference.compiling import compiled_first

TIE = 1e-4  # tokens whose log-probabilities differ by less may come out either way
TIMED = 30
ROUNDS = 3  # of `fastest`
FEWEST = 200  # held-out items for a meaningful comparison
SHOWN = 10  # differences that `lines` shows


class Proof:
    """Compares the exports of a bundle with the bundle on held-out data.

    A task defines the attributes `noun`, `required` and `required_inexact`, and the methods that raise here.

    Args:
        reference: the engine of the bundle.
        items: the held-out items that fit the model.
        say: called with lines about the progress.

    Attributes:
        noun: what one item is called; its plural is the key of their number in the report.
        required: what an exact export must do to pass, in words.
        required_inexact: what an export that may lose quality must do to pass, in words.

    Raises:
        InputError: if there are no items.
    """

    noun = required = required_inexact = ""

    def __init__(self, reference, items, say):
        if not len(items):
            raise InputError(f"there is no held-out {self.noun} that the model can read: give others with --data")
        self.reference = reference
        self.items = items
        self.counted = f"{len(items)} {self.noun}s"
        if len(items) < FEWEST:
            say(f"note: only {len(items)} held-out {self.noun}s to compare the exports on; {FEWEST} are recommended")

    def summary(self):
        """What the report says beside its "artefacts": dict."""
        return {f"{self.noun}s": len(self.items)}

    def bundle_row(self):
        """The row of the bundle in the report: dict."""
        raise NotImplementedError

    def measure(self, engine, exact):
        """The figures of an export, opened as `engine`: dict with "differences", each with "tie", and "passed"."""
        raise NotImplementedError

    def check_signatures(self, engine, found):
        """Compare the signatures that `measure` does not use, and update the dict `found`."""

    def speed(self, engine):
        """Median milliseconds per item, by the name of the figure: dict."""
        raise NotImplementedError

    def headline(self, found):
        """What `compare` found, in one line."""
        raise NotImplementedError

    def difference(self, difference):
        """One of the differences, in words."""
        raise NotImplementedError

    @compiled_first()
    def compare(self, engine, exact):
        """Compare an export with the bundle.

        Args:
            engine: what opened the export.
            exact: bool, whether its answers must be the same, ties aside; False for an export that may lose quality.

        Returns:
            Dict of the number of items, "exact", figures, "differences" and "passed".
        """
        return {f"{self.noun}s": len(self.items), "exact": exact, **self.measure(engine, exact)}

    def row(self, format, engine):
        """The row in the report of an export in a `Format`, opened as `engine`: dict with "passed"."""
        found = self.compare(engine, format.is_exact)
        if FORMS[format.form].has_more_signatures:
            self.check_signatures(engine, found)
        return {**found, **self.speed(engine)} if found["passed"] else found

    def complaint(self, row):
        """Why an export did not pass, in one line."""
        wrong = [self.difference(difference) for difference in row["differences"] if not difference["tie"]]
        shown = "; ".join(text.strip().replace("\n", ", ") for text in wrong[:5])
        return f"{self.headline(row)}; nothing was exported. {len(wrong)} differences: {shown}"

    def lines(self, found):
        """Yield the lines for people about what `compare` found."""
        yield self.headline(found)
        differences = found["differences"]
        for difference in differences[:SHOWN]:
            yield self.difference(difference) + (" (a tie: both are equally likely)" if difference["tie"] else "")
        if len(differences) > SHOWN:
            yield f"and {len(differences) - SHOWN:,} more"
        required = self.required if found["exact"] else self.required_inexact
        yield f"{'passed' if found['passed'] else 'FAILED'}: required is {required}"


def all_ties(differences):
    """Whether every one of a list of differences is a tie."""
    return all(difference["tie"] for difference in differences)


def first_difference(tokens, others):
    """The first place at which two sequences of token ids differ; where one ends they must have differed before."""
    return next(place for place, (a, b) in enumerate(zip(tokens, others, strict=False)) if a != b)


def is_tied_draw(noise, place, others, draw):
    """Whether a draw with slightly other noise gives the tokens of another draw.

    Args:
        noise: float (length,), the noise of the first draw.
        place: int, the first place at which the two draws differ.
        others: the token ids of the other draw.
        draw: function of noise float (rows, length) that returns the token ids of each row.

    Returns:
        bool, whether it does so, up to the place, with a number within `TIE` of the one there.
    """
    steps = [sign * TIE / 2**i for i in range(16) for sign in (-1, 1)]
    nearby = np.repeat(noise[None], len(steps), axis=0)
    nearby[:, place] = np.clip(nearby[:, place] + steps, 0, 1 - TIE)
    return any(list(row[: place + 1]) == list(others[: place + 1]) for row in draw(nearby))


def bytes_of(bundle):
    """Bytes of the weights of a bundle, and of its tokenizer."""
    count = sum(graph.count_params() for graph in bundle.model.parts.values())
    return 4 * count + (len(bundle.tokenizer.model) if bundle.tokenizer else 0)


def size_of(path):
    """Bytes of a file, or of all files in a folder."""
    path = pathlib.Path(path)
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return sum(file.stat().st_size for file in files)


@compiled_first()
def milliseconds(function, items):
    """Median milliseconds of a function for one item, over the first items, after it has had each of them once."""
    items, took = items[:TIMED], []
    for item in items:
        function(item)
    for item in items:
        began = time.perf_counter()
        function(item)
        took.append(1000 * (time.perf_counter() - began))
    return sorted(took)[len(took) // 2]


def fastest(function, items):
    """Mean milliseconds of a function for the items, each the shortest time of a few: for what takes little time."""
    took = []
    for item in items:
        of_item = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            function(item)
            of_item.append(1000 * (time.perf_counter() - began))
        took.append(min(of_item))
    return sum(took) / len(took)
