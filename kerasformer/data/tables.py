"""Pairs out of a CSV file with a header row, two columns of it chosen by name; every defect named by file and line."""

import csv
import io

from kerasformer.data.reading import decode_text, read_bytes
from kerasformer.errors import InputError

CONVERSATION = ("question", "answer")  # what the two sides of a conversation are called
ALIASES = {"q": "question", "a": "answer"}


def is_table(path):
    """Whether a file is CSV by its name: `.csv` or `.csv.gz`."""
    return str(path).lower().removesuffix(".gz").endswith(".csv")


def read_table(path, source=None, target=None):
    """Read two columns of a CSV file; the others are read past.

    Args:
        path: UTF-8 text, gzip or not, its first row the names of the columns.
        source: Name of the column of sources, in any case; None is "question", which "Q" stands for too.
        target: Likewise; None is "answer", or "A".

    Returns:
        `(source, target, pairs)`: the names, in lower case and "question" for "Q", and the pairs. Each field is
        one line: white space in it, line ends too, is joined to one space.
    """
    rows = _rows(decode_text(read_bytes(path), path), path)
    _, header = next(rows, (1, None))
    if header is None:
        raise InputError(f"{path} is empty: it needs a header row, such as Q,A, and a row for each pair")
    source, target = _choose(source, target)
    places = [_place(column, header, path) for column in (source, target)]
    pairs = []
    for line, row in rows:
        if len(row) != len(header):
            raise InputError(
                f"{path}, line {line}: the row has {len(row)} fields, the header {len(header)}; "
                "a field with a comma in it needs quotes"
            )
        pairs.append(tuple(" ".join(row[place].split()) for place in places))
    if not pairs:
        raise InputError(f"{path}, line 1: there is a header but no row after it")
    return source, target, pairs


def _rows(text, path):
    """Yield (line it begins on, list of fields) of every row that is not blank."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise InputError(
                f"{path}, line {line}: the row that begins here is not CSV ({error}): "
                "close every quote, and write a quote inside a quoted field twice"
            ) from None
        if row is None:
            return
        if row:
            yield line, row


def _key(column):
    """What two names of the same column share."""
    name = column.strip().casefold()
    return ALIASES.get(name, name)


def _choose(source, target):
    """The keys of the two columns asked for; what was not is the side of a conversation that is left."""
    source, target = (column and _key(column) for column in (source, target))
    question, answer = CONVERSATION
    source = source or (answer if target == question else question)
    target = target or (question if source == answer else answer)
    if source == target:
        raise InputError(f"source and target are both {source!r}: choose two columns")
    return source, target


def _place(column, header, path):
    places = [place for place, name in enumerate(header) if _key(name) == column]
    if len(places) != 1:
        raise InputError(
            f"{path}, line 1: there is {'more than one' if places else 'no'} column {column!r}; the columns are "
            f"{', '.join(name.strip() for name in header)}: choose two with --source and --target"
        )
    return places[0]
