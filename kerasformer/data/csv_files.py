"""Pairs from two columns of a CSV file with a header row; the columns are chosen by name; errors name file and line."""

import csv
import io

from kerasformer.data.text_files import decode_text, read_bytes
from kerasformer.errors import InputError

CONVERSATION = ("question", "answer")  # the names of the two sides of a conversation
ALIASES = {"q": "question", "a": "answer"}


def is_csv(path):
    """Whether a file is CSV by its name: `.csv` or `.csv.gz`."""
    return str(path).lower().removesuffix(".gz").endswith(".csv")


def read_csv(path, source=None, target=None):
    """Read two columns of a CSV file; the other columns are ignored.

    Args:
        path: UTF-8 text, gzip or not, whose first row names the columns.
        source: Name of the source column, in upper or lower case; None is "question", for which "Q" is an alias.
        target: Name of the target column; None is "answer", alias "A".

    Returns:
        `(source, target, pairs)`: the names in lower case, without aliases, and the pairs. Every run of white
        space in a field, line ends included, becomes one space.
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
                "put quotes around a field that contains a comma"
            )
        pairs.append(tuple(" ".join(row[place].split()) for place in places))
    if not pairs:
        raise InputError(f"{path}, line 1: the file has a header but no rows")
    return source, target, pairs


def _rows(text, path):
    """Yield (number of its first line, list of fields) of every row that is not blank."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise InputError(
                f"{path}, line {line}: this row is not valid CSV ({error}): "
                "close every quote, and double each quote inside a quoted field"
            ) from None
        if row is None:
            return
        if row:
            yield line, row


def _key(column):
    """The name of a column in lower case, with an alias resolved."""
    name = column.strip().casefold()
    return ALIASES.get(name, name)


def _choose(source, target):
    """The keys of the two columns; a column that was not asked for is the other side of a conversation."""
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
            f"{path}, line 1: the file has {'more than one' if places else 'no'} column {column!r}; the columns are "
            f"{', '.join(name.strip() for name in header)}: choose two with --source and --target"
        )
    return places[0]
