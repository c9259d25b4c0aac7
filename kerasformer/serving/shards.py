"""Files to translate in bulk, divided into shards: each has its own output file, which appears whole or not at all."""

import dataclasses
import json
import pathlib

from kerasformer.errors import InputError
from kerasformer.system.files import whole_file, write_text

KINDS = {".txt": "text", ".jsonl": "jsonl", ".parquet": "parquet"}
TRANSLATION = "translation"
_PLAN = "plan.json"


@dataclasses.dataclass(frozen=True)
class Shard:
    """Lines, or rows, of one file that stand side by side.

    Args:
        path: str, the file.
        kind: "text", "jsonl" or "parquet".
        begin, end: int, where it begins and ends: bytes, or rows of Parquet.
        out: str, the file of its translations.
    """

    path: str
    kind: str
    begin: int
    end: int
    out: str

    @property
    def is_done(self):
        """Whether it has been translated."""
        return pathlib.Path(self.out).exists()


def plan(paths, out, lines, field, **settings):
    """Divide files into shards. A folder that was begun must be continued with the same files and settings.

    Args:
        paths: files; their names end in one of `KINDS`.
        out: folder of the output.
        lines: int, lines or rows of a shard.
        field: str, the field of JSON or the column of Parquet that has the text.
        **settings: what else the output depends on.

    Returns:
        list of `Shard`, in order.

    Raises:
        InputError: for a file of another kind or without that column, two of one name, or a folder that was begun
            otherwise.
    """
    paths, out = [pathlib.Path(path).resolve() for path in paths], pathlib.Path(out).resolve()
    for path in paths:
        if path.suffix not in KINDS:
            raise InputError(f"{path} must end in one of {', '.join(KINDS)}")
        if sum(other.name == path.name for other in paths) > 1:
            raise InputError(f"two files are named {path.name}: translate them into different folders")
        if KINDS[path.suffix] == "parquet":
            _check_column(path, field)
    files = [[str(path), path.stat().st_size, path.stat().st_mtime_ns] for path in paths]
    _check_same(out / _PLAN, {"files": files, "lines": lines, "field": field, **settings})
    return [shard for path in paths for shard in _divide(path, out, lines)]


def _check_column(path, field):
    import pyarrow.parquet

    names = pyarrow.parquet.read_schema(path).names
    if field not in names or TRANSLATION in names:
        raise InputError(f"{path} must have the column {field} and none named {TRANSLATION}; it has {', '.join(names)}")


def _check_same(path, settings):
    """Write what the output depends on, or raise `InputError` if it was begun with something else."""
    if not path.exists():
        write_text(path, json.dumps(settings, indent=1) + "\n")
        return
    before = json.loads(path.read_text(encoding="utf-8"))
    for name, value in settings.items():
        if before.get(name) != value:
            raise InputError(f"{path.parent} was begun with other {name}: choose another folder")


def _divide(path, out, lines):
    kind = KINDS[path.suffix]
    places = list(_rows(path, lines) if kind == "parquet" else _bytes(path, lines))
    return [
        Shard(str(path), kind, *place, str(out / f"{path.stem}-{number:05}-of-{len(places):05}{path.suffix}"))
        for number, place in enumerate(places)
    ]


def _bytes(path, lines):
    """Yield where each so many lines begin and end, in bytes."""
    begin = end = 0
    with open(path, "rb") as file:
        for number, line in enumerate(file, start=1):
            end += len(line)
            if number % lines == 0:
                yield begin, end
                begin = end
    if end > begin:
        yield begin, end


def _rows(path, lines):
    """Yield where so many rows at most begin and end, each within one group of rows."""
    for first, last in _groups(path):
        for begin in range(first, last, lines):
            yield begin, min(begin + lines, last)


def _groups(path):
    """The numbers of the first row of each group of rows, and of the one after its last."""
    import pyarrow.parquet

    found, first = [], 0
    about = pyarrow.parquet.read_metadata(path)
    for number in range(about.num_row_groups):
        found.append((first, first + about.row_group(number).num_rows))
        first = found[-1][1]
    return found


def translate_shard(shard, translate, field):
    """Translate a shard into its file.

    Args:
        shard: `Shard`.
        translate: function of a list of str that returns a translation for each, str, or None for one that cannot be
            translated.
        field: str, the field of JSON or the column of Parquet that has the text.

    Returns:
        How many lines there are, and how many could not be translated: two int. They have an empty translation in text,
        none in JSON and Parquet.
    """
    return {"text": _text, "jsonl": _jsonl, "parquet": _parquet}[shard.kind](shard, translate, field)


def _lines(shard):
    """The lines of a shard, bytes without their end."""
    with open(shard.path, "rb") as file:
        file.seek(shard.begin)
        return file.read(shard.end - shard.begin).removesuffix(b"\n").split(b"\n")


def _text(shard, translate, field):
    found = _translated([_decoded(line) for line in _lines(shard)], translate)
    with whole_file(shard.out) as temporary:
        temporary.write_text("".join(_one_line(text or "") + "\n" for text in found), encoding="utf-8", newline="\n")
    return len(found), found.count(None)


def _jsonl(shard, translate, field):
    records = [_record(line) for line in _lines(shard)]
    found = _translated([record.get(field) for record in records], translate)
    written = [{**record, TRANSLATION: text} for record, text in zip(records, found, strict=True)]
    with whole_file(shard.out) as temporary:
        rows = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in written)
        temporary.write_bytes(rows.encode("utf-8", "backslashreplace"))
    return len(found), found.count(None)


def _parquet(shard, translate, field):
    import pyarrow
    import pyarrow.parquet

    groups = enumerate(_groups(shard.path))
    number, first = next((index, first) for index, (first, last) in groups if first <= shard.begin < last)
    table = pyarrow.parquet.ParquetFile(shard.path).read_row_group(number)
    table = table.slice(shard.begin - first, shard.end - shard.begin)
    found = _translated(table.column(field).to_pylist(), translate)
    with whole_file(shard.out) as temporary:
        pyarrow.parquet.write_table(table.append_column(TRANSLATION, pyarrow.array(found, "string")), temporary)
    return len(found), found.count(None)


def _translated(texts, translate):
    """The translations of texts; None for what is no text or cannot be translated."""
    found = iter(translate([text for text in texts if isinstance(text, str)]))
    return [next(found) if isinstance(text, str) else None for text in texts]


def _decoded(line):
    try:
        return line.decode()
    except UnicodeDecodeError:
        return None


def _record(line):
    """The object of a line of JSON; an empty one if it is none."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _one_line(text):
    return text.replace("\n", " ")
