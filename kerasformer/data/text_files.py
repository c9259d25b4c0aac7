"""Read text files: their encoding, their lines, and folders of files named SPLIT.LANG; errors name file and line.

Lines end at "\\n", so that a form feed or U+2028 inside a sentence does not shift the alignment; in a file of an old
Mac at "\\r".
"""

import codecs
import re
from pathlib import Path

from kerasformer.data.compression import decompress, members
from kerasformer.data.languages import language_of_name
from kerasformer.errors import InputError

Pairs = list[tuple[str, str]]
Splits = dict[str, Pairs]

VALIDATION_NAMES = ("val", "valid", "validation", "dev")
COMPRESSED = re.compile(r"\.(gz|xz|bz2|zst|zip)$", re.IGNORECASE)
_MARKS = (  # byte order marks, the longer ones first
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UNPACK = "unpack it first"
_AS_CSV = "save it as CSV"
_UNREADABLE = (  # how a file begins, what it is, and the way out
    (rb"PAR1", "a Parquet file", f"{_AS_CSV}, for example with pandas"),
    (rb"ARROW1|FEA1", "an Arrow file", f"{_AS_CSV}, for example with pandas"),
    (rb"SQLite format 3\x00", "an SQLite database", "export the table as CSV"),
    (rb"\xd0\xcf\x11\xe0", "a document of an old office program", f"{_AS_CSV} or as plain text (UTF-8)"),
    (rb"\{\\rtf", "a document in rich text", "save it as plain text (UTF-8)"),
    (rb"%PDF-", "a PDF document", "copy its sentences into a text file, one a line"),
    (rb"7z\xbc\xaf", "a 7-Zip archive", _UNPACK),
    (rb"Rar!", "a RAR archive", _UNPACK),
    (rb"\x04\x22\x4d\x18", "an LZ4 file", _UNPACK),
    (rb"\x1f\x9d", "a file of compress", _UNPACK),
    (rb"(?s).{257}ustar", "a tar archive", _UNPACK),
    (rb"\x89PNG|\xff\xd8\xff|GIF8", "an image", "give a file of text"),
    (rb"version https://git-lfs", "a pointer of Git LFS, not the file itself", "fetch the file with git lfs pull"),
    (rb"(?i)\s*<(!doctype html|html)", "a web page", "download the file that it links to"),
)


def read_bytes(path):
    """Return the bytes of a file, decompressed if they are compressed; its name does not matter."""
    return decompress(_read(path), path)


def read_texts(path):
    """Return the texts in a file: dict of file name to str, of one entry, or of two for a zip archive of two files."""
    unpacked = members(_read(path), path)
    named = {name: path if len(unpacked) == 1 else f"{path}, {name}" for name in unpacked}
    return {name: decode_text(data, named[name]) for name, data in unpacked.items()}


def read_lines(path):
    """Return the lines of a text file."""
    texts = read_texts(path)
    if len(texts) > 1:
        raise InputError(f"{path} holds {' and '.join(texts)}, but one file is needed here: unpack it")
    return split_lines(*texts.values(), path)


def _read(path):
    path = Path(path)
    if path.is_dir():
        raise InputError(f"{path} is a folder, but a file is needed here")
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path} does not exist: check the name") from None
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error


def decode_text(data, name):
    """Decode bytes in UTF-8, or in UTF-16 or UTF-32 with a byte order mark; errors call them `name`."""
    for beginning, what, way_out in _UNREADABLE:
        if re.match(beginning, data):
            raise InputError(f"{name} is {what}: {way_out}")
    mark, encoding = next((entry for entry in _MARKS if data.startswith(entry[0])), (b"", "utf-8"))
    data = data.removeprefix(mark)
    if encoding == "utf-8" and data.count(b"\0", 0, 1000) > 100:
        raise InputError(
            f"{name} is not UTF-8 (it has zero bytes): if it is UTF-16, iconv -f UTF-16LE -t UTF-8 converts it"
        )
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count("\n".encode(encoding), 0, error.start) + 1
        raise InputError(
            f"{name}, line {line}: byte 0x{data[error.start]:02x} is not {encoding.upper()}; convert the file to "
            "UTF-8, for example with iconv -f WINDOWS-1252 -t UTF-8"
        ) from None


def split_lines(text, name):
    """Split text into lines without their line ends: "\\n" or "\\r\\n", and "\\r" in a text that has more of these.

    Args:
        text: str.
        name: the name of the file in error messages.

    Returns:
        List of strings, at least one of which is not empty.
    """
    windows_ends = text.count("\r\n")
    if text.count("\r") - windows_ends > text.count("\n"):
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    if not lines[-1]:
        lines.pop()
    if not any(lines):
        raise InputError(f"{name} is empty: it needs one sentence per line")
    return lines


def read_parallel(source_path, target_path):
    """Return the pairs of two files in which line N translates line N."""
    return align(read_lines(source_path), read_lines(target_path), source_path, target_path)


def align(sources, targets, source_name, target_name):
    """Return the pairs of two lists of lines; errors use the names."""
    if len(sources) != len(targets):
        raise InputError(
            f"{source_name} has {len(sources):,} lines but {target_name} has {len(targets):,}: "
            "line N of one must translate line N of the other"
        )
    return list(zip(sources, targets, strict=True))


def language_of_file(path):
    """Return "fr" for NAME.fr, NAME.fr.gz, NAME.en-fr.fr.xz or NAME.fr.txt; None if the name says nothing."""
    name = COMPRESSED.sub("", Path(path).name).removesuffix(".txt")
    return language_of_name(Path(name).suffix[1:]) if "." in name else None


def find_splits(folder):
    """Find the files named SPLIT.LANG, or SPLIT.LANG-LANG.LANG as Moses has it, in a folder; they may be compressed.

    In a folder without these, two files that differ in nothing but the language, such as OPUS has, are the split train.

    Returns:
        Dict of split name to dict of language to path; splits are train, one of `VALIDATION_NAMES`, or test*.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder: check the name")
    splits, others = {}, {}
    for path in sorted(folder.iterdir()):
        stem, _, language = COMPRESSED.sub("", path.name).rpartition(".")
        split = re.sub(r"\.[a-z]{2,3}-[a-z]{2,3}$", "", stem)
        if split in ("train", *VALIDATION_NAMES) or split.startswith("test"):
            splits.setdefault(split, {}).setdefault(language, path)
        elif stem and language_of_name(language):
            others.setdefault(stem, {}).setdefault(language, path)
    pairs = [files for files in others.values() if len(files) == 2]
    return splits or ({"train": pairs[0]} if len(pairs) == 1 else {})


def read_folder(folder, source, target):
    """Read every split of a folder that has both languages.

    Args:
        folder: folder of the files that `find_splits` finds.
        source: source language code.
        target: target language code.

    Returns:
        `(splits, notes)`: dict of pairs under "train", "validation" (if there is one) and the name of every
        test split; and a list of lines that name the test splits left out because one language is missing.
    """
    splits, notes = {}, []
    for split, files in find_splits(folder).items():
        missing = [f"{split}.{language}" for language in (source, target) if language not in files]
        name = "validation" if split in VALIDATION_NAMES else split
        if len(missing) == 1 and not split.startswith("test"):
            raise InputError(f"{folder} lacks {missing[0]}: it has {split} in the other language only")
        if len(missing) == 1:
            notes.append(f"{split} left out: there is no {missing[0]}")
        if missing:
            continue
        if name in splits:
            raise InputError(f"{folder} has two validation splits; one is {split}: keep only one")
        splits[name] = read_parallel(files[source], files[target])
    if "train" not in splits:
        raise InputError(f"{folder} has no training split: it needs train.{source} and train.{target}")
    order = [name for name in ("train", "validation") if name in splits]
    return {name: splits[name] for name in dict.fromkeys([*order, *splits])}, notes
