"""Choose the source and the target column of a table: as asked, by the names of the columns, or by what they hold."""

import dataclasses
import re

from kerasformer.data.languages import NAMES, base_of, choose_direction, identify
from kerasformer.data.table import Table
from kerasformer.data.titles import could_be_title, could_be_titles, language_of_title, side_of_title, usual_titles
from kerasformer.errors import InputError
from kerasformer.interface.rules import CONVERSATION

SIDES = ("source", "target")
_TURNED = (["target", "source"], ["target", None], [None, "source"])  # what two titles in the other order say
_ALIASES = {"q": "question", "a": "answer", "src": "source", "tgt": "target", "trg": "target"}
_KNOWN_NAMES = {*SIDES, "text", "sentence", "translation", "id", "label", "score", "licence", "license", "language"}
_LONGEST_TITLE = 40  # characters
_SAMPLE = 1000  # rows
_ENOUGH = 10  # rows that show how the first one differs from them
_FEW = 0.02  # share of the rows
_SHOWN = 6  # columns in a message
_KINDS = {  # of columns that are no text, and what a field of them looks like
    "numbers": r"[\W\d_]*\d[\W\d_]*",
    "dates": r"\d{4}-\d\d-\d\d[T ]?[\d:.]*Z?([+-][\d:]+)?",
    "addresses": r"(https?://|ftp://|www\.)\S+|\S+@\S+\.\w+",
    "ids": r"(?=\S*\d)[A-Za-z0-9_./:#@-]+",
    "licences": r"(?i).*(\bcc[ -](by|0)|\blicen[cs]e|\battribution\b|\bpublic domain\b|\bcopyright\b|©).*",
}


@dataclasses.dataclass(frozen=True)
class Choice:
    """The two columns that are read.

    Args:
        table: the `Table`, its header recognised.
        places: (source column, target column), numbers from 0.
        source: language code of the source, or another name of it.
        target: that of the target.
        how: "asked" for, by "name", or by "content".
        left_out: list of str, what the other columns are.
        first_row: str, what the first row was taken for, if it could be a header; else "".
    """

    table: Table
    places: tuple
    source: str
    target: str
    how: str
    left_out: list
    first_row: str = ""


def choose_columns(table, name, source=None, target=None, columns=None):
    """Choose two columns.

    Args:
        table: the `Table`.
        name: what errors call it.
        source: language, or name of the column, of the source; None if it was not asked for.
        target: likewise.
        columns: [source column, target column], numbers from 1 or names of the header; None if not asked for.

    Returns:
        A `Choice`.

    Raises:
        InputError: if the columns asked for do not exist, or it is not clear which ones to take.
    """
    if source is not None and source == target:
        raise InputError(f"source and target are both {source!r}: choose two columns or languages")
    kinds = [_kind(fields) for fields in _sample(table.rows, begin=1 if table.rows[1:2] else 0)]
    table, first_row = _read_first_row(table, kinds, [*(columns or ()), source, target])
    if not table.rows:
        raise InputError(f"{name}, line 1: the file has a header but no rows")
    if columns:
        places, how = _asked_for(table, columns, name), "asked"
        named = [_name_of(table, place, side) for place, side in zip(places, SIDES, strict=True)]
        names = [asked or name for asked, name in zip((source, target), named, strict=True)]
    else:
        places, names, how = _found(table, kinds, source, target, name)
    left_out = [f"{table.title(place)} ({kinds[place]})" for place in range(table.width) if place not in places]
    return Choice(table, tuple(places), *names, how, left_out, first_row)


def _found(table, kinds, source, target, name):
    """The places, the names and how they were found of columns that `--columns` does not choose."""
    titles = [_key(title) for title in table.header or ()]
    keys = dict(zip(titles, range(table.width), strict=False))
    wanted = [asked and _key(asked) for asked in (source, target)]
    if set(CONVERSATION) <= set(keys) and None in wanted:
        wanted = _sides_of_a_conversation(*wanted)
    if doubled := [key for key in wanted if titles.count(key) > 1]:
        raise InputError(f"{name}, line 1: the file has more than one column {doubled[0]!r}: choose two with --columns")
    if set(wanted) <= set(keys):
        return [keys[key] for key in wanted], wanted, "name"
    texts = [place for place, kind in enumerate(kinds) if kind == "text"]
    if table.width == 2 and (kinds[0] == kinds[1] or table.files):
        texts = [0, 1]  # both may be digits in a toy corpus
    if set(SIDES) <= set(keys):
        texts = [keys[side] for side in SIDES]
    elif [side_of_title(table.header[place]) for place in texts if table.header] in _TURNED:
        texts = texts[::-1]
    named = {key: place for key, place in keys.items() if place in texts and (table.files or _is_known(key))}
    if len(named) > 1:
        default = tuple(named) if len(named) == 2 else None
        chosen = choose_direction(tuple(named), *wanted, default)
        return [named[key] for key in chosen], chosen, "name"
    if len(texts) > 2 and None not in wanted:
        texts = _in_languages(table, texts, wanted)
    if len(texts) != 2:
        raise InputError(_unclear(table, kinds, name))
    if set(wanted) & set(SIDES):  # columns without names are called source and target
        chosen = choose_direction(SIDES, *wanted, SIDES)
        return [texts[SIDES.index(key)] for key in chosen], chosen, "name"
    return texts, [language_of_title(side) or side for side in (source or "source", target or "target")], "content"


def _sides_of_a_conversation(source, target):
    """Complete the names of the sides: what was not asked for is the other side."""
    question, answer = CONVERSATION
    source = source or (answer if target == question else question)
    return source, target or (question if source == answer else answer)


def _in_languages(table, places, languages):
    """Of several columns of text those in the two languages, in their order; all of them if that is not clear."""
    found = [identify(fields) for fields in _sample(table.rows)]
    fitting = [[place for place in places if found[place] == language] for language in languages]
    return [fitting[0][0], fitting[1][0]] if list(map(len, fitting)) == [1, 1] else places


def _asked_for(table, columns, name):
    """The places of the columns asked for with `--columns`."""
    titles = [title.casefold() for title in table.header or ()]
    places = []
    for column in columns:
        if column.strip().casefold() in titles:
            places.append(titles.index(column.strip().casefold()))
        elif column.isdecimal() and 1 <= int(column) <= table.width:
            places.append(int(column) - 1)
        else:
            have = f"named {_listed(list(map(_cut, table.header)), ', ')}" if table.header else "without names"
            raise InputError(f"{name} has no column {column!r}: it has {table.width} columns {have}")
    if places[0] == places[1]:
        raise InputError(f"--columns {' '.join(columns)} is one column twice: give two columns")
    return places


def _unclear(table, kinds, name):
    """The message that columns cannot be told apart: it shows some of them."""
    shows = []
    for place, kind in enumerate(kinds):
        example = next((row[place] for row in table.rows if row[place]), "")
        shows.append(f"{_cut(table.title(place))}: {kind}, such as {_cut(example)!r}")
    return (
        f"{name}: it is not clear which two columns to read ({_listed(shows, '; ')}): choose with --columns SOURCE "
        "TARGET, numbers from 1 or names"
    )


def _cut(text):
    """A text as a message shows it."""
    return text if len(text) <= _LONGEST_TITLE else text[:_LONGEST_TITLE] + "…"


def _listed(texts, separator):
    """At most `_SHOWN` texts, and the number of the others."""
    more = [f"and {len(texts) - _SHOWN:,} more"] if len(texts) > _SHOWN else []
    return separator.join([*texts[:_SHOWN], *more])


def _key(title):
    """The name of a column, without aliases: the language that it names, or its name in lower case."""
    title = title.strip()
    return _ALIASES.get(title.casefold()) or language_of_title(title) or title.casefold()


def _name_of(table, place, side):
    """The language or side that the header names, or else "source" or "target"."""
    key = _key(table.header[place]) if table.header else side
    return key if _is_known(key) else side


def _is_known(key):
    """Whether a key is a language, or a side of a conversation."""
    return base_of(key) in NAMES or key in CONVERSATION


def _sample(rows, begin=0):
    """The columns of some rows: list of lists of str."""
    return [list(fields) for fields in zip(*rows[begin :: max(1, len(rows) // _SAMPLE)], strict=True)]


def _kind(fields):
    """What the fields of a column are: "text", "labels" if few recur, "empty", or one of `_KINDS`."""
    fields = [field for field in fields if field.strip()]
    if not fields:
        return "empty"
    for kind, pattern in _KINDS.items():
        if sum(re.fullmatch(pattern, field) is not None for field in fields) > 0.8 * len(fields):
            return kind
    if len(fields) >= 5 and len(set(fields)) <= max(1, len(fields) // 50):
        return "labels"
    return "text"


def _read_first_row(table, kinds, asked):
    """The table, with a header if its first row is one; and what the first row was taken for, if that must be said."""
    if table.header is not None:
        return table, ""
    first = f"the first row, {_listed([repr(_cut(field)) for field in table.rows[0]], ' and ')}, is read as"
    is_header, may_be_one = _is_header(table, kinds, asked), False
    if not (is_header or table.files) and could_be_titles(table.rows[0]) and not _recurs(table):
        usual, is_one_language = usual_titles(table.rows[0])
        is_unlike = _is_unlike_the_others(table, kinds)
        is_header, may_be_one = is_one_language or usual and is_unlike, usual or is_unlike
    if is_header:
        return table.with_header(), f"{first} the names of the columns"
    return table, f"{first} a pair: delete it if it has the names of the columns" if may_be_one else ""


def _recurs(table):
    return any(field in row for row in table.rows[1:] for field in table.rows[0])


def _is_frequent(field, column):
    return column.count(field) > max(1, _FEW * len(column))


def _is_unlike_the_others(table, kinds):
    """Whether hardly any other field of the columns of text could be a title."""
    columns = _sample(table.rows[1:]) if len(table.rows) > _ENOUGH else []
    shares = [
        sum(map(could_be_title, fields)) / len(fields)
        for fields, kind in zip(columns, kinds, strict=False)
        if kind == "text"
    ]
    return bool(shares) and max(shares) <= _FEW


def _is_header(table, kinds, asked):
    """Whether the first row names the columns: it has names asked for or known ones, or words above numbers.

    A name that is frequent in its column is a field like the others, as in a column of languages.
    """
    first, is_csv = table.rows[0], table.kind.startswith("CSV")
    columns = _sample(table.rows, begin=1)
    recurring = {field for field, below in zip(first, columns, strict=False) if _is_frequent(field, below)}
    names = {_key(field) for field in first if field not in recurring}
    known = _KNOWN_NAMES | {_key(name) for name in asked if name and not name.isdecimal()}
    count = sum(name in known or _is_known(name) for name in names)
    if 2 * count >= len(names) and count >= (1 if is_csv else 2):
        return True
    titled = any(kind == "numbers" and _kind([field]) == "text" for kind, field in zip(kinds, first, strict=True))
    return titled and max(map(len, first)) <= _LONGEST_TITLE
