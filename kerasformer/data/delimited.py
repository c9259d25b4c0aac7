"""Read text with columns: TSV, and CSV with commas or semicolons; errors name file and line."""

import collections
import csv
import io
import re

from kerasformer.data.table import Table, joined
from kerasformer.data.text_files import COMPRESSED, split_lines
from kerasformer.errors import InputError

KINDS = {"\t": "text with tabs", ",": "CSV with commas", ";": "CSV with semicolons"}
_SAMPLE = 200  # lines
_QUOTED = re.compile(r'"(?:[^"]|"")*"')


def recognise(text, name):
    """Whether a text may have columns: any text may."""
    return True


def read(text, name):
    """Read the rows of a text; errors call it `name`. Short rows of a TSV are filled with empty fields."""
    lines = split_lines(text, name)
    delimiter = _delimiter(lines[:_SAMPLE], is_csv(name))
    rows = _tab_rows(lines, text, name) if delimiter == "\t" else _csv_rows(text, delimiter, name)
    return Table(KINDS[delimiter], rows)


def is_csv(name):
    """Whether a file is CSV by its name, such as `.csv` or `.csv.gz`."""
    return COMPRESSED.sub("", str(name)).lower().endswith(".csv")


def _delimiter(lines, may_have_commas):
    """What splits nearly all rows; commas and semicolons, which sentences have too, into the same number of fields."""
    for delimiter in "\t;," if may_have_commas else "\t;":
        try:
            rows = [line.split("\t") for line in lines] if delimiter == "\t" else csv.reader(lines, delimiter=delimiter)
            widths = collections.Counter(len(row) for row in rows if any(row))
        except csv.Error:
            continue
        split = [count for width, count in widths.items() if width > 1]
        if split and (sum(split) if delimiter == "\t" else max(split)) >= 0.9 * widths.total():
            return delimiter
    return "," if may_have_commas else "\t"


def _csv_rows(text, delimiter, name):
    """The rows of CSV, which is quoted as spreadsheets write it."""
    rows = []
    for line, row in _parsed(text, delimiter, name):
        if rows and len(row) != len(rows[0]):
            raise InputError(
                f"{name}, line {line}: the row has {len(row)} fields, the first row {len(rows[0])}; "
                f"put quotes around a field that contains a {'comma' if delimiter == ',' else 'semicolon'}"
            )
        rows.append(tuple(map(joined, row)))
    return rows


def _parsed(text, delimiter, name):
    """Yield (number of its first line, list of fields) of every row that is not blank."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise InputError(
                f"{name}, line {line}: this row is not valid CSV ({error}): "
                "close every quote, and double each quote inside a quoted field"
            ) from None
        if row is None:
            return
        if row:
            yield line, row


def _tab_rows(lines, text, name):
    """The rows of TSV; a quotation mark belongs to the text unless the whole file is quoted as spreadsheets do it."""
    rows = [tuple(line.split("\t")) for line in lines if line]
    widths = set(map(len, rows))
    is_quoted = '"' in text and _is_quoted(rows, '""' in text)
    if is_quoted or ('"' in text and min(widths) < 2):
        try:  # cells may contain tabs and line ends
            parsed = [tuple(map(joined, row)) for _, row in _parsed(text, "\t", name)]
        except InputError:
            parsed = [()]
        if min(map(len, parsed)) > 1:
            rows = parsed
        elif is_quoted:
            rows = [tuple(map(_unquoted, row)) for row in rows]
        widths = set(map(len, rows))
    if min(widths) < 2:
        number = next(number for number, line in enumerate(lines, 1) if line and "\t" not in line)
        raise InputError(
            f"{name}, line {number}: the line has one column, but two are needed (source TAB target); "
            "for parallel text in two files, give both files"
        )
    return rows if len(widths) == 1 else [row + ("",) * (max(widths) - len(row)) for row in rows]


def _is_quoted(rows, may_be_doubled):
    """Whether a field has doubled quotes in a pair of quotes, or all fields are in quotes."""
    if all(_QUOTED.fullmatch(field) for row in rows for field in row if field):
        return True
    return may_be_doubled and any('""' in field[1:-1] and _QUOTED.fullmatch(field) for row in rows for field in row)


def _unquoted(field):
    return field[1:-1].replace('""', '"') if _QUOTED.fullmatch(field) else field
