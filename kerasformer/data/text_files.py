"""Parallel text in text files, gzip or not: one sentence per line, or source TAB target; errors name file and line.

Lines end at "\\n" only, so that a form feed or U+2028 inside a sentence does not shift the alignment.
"""

import codecs
import gzip
import zlib
from pathlib import Path

from kerasformer.errors import InputError

Pairs = list[tuple[str, str]]
Splits = dict[str, Pairs]

VALIDATION_NAMES = ("val", "valid", "validation", "dev")


def read_bytes(path):
    """Return the bytes of a file, decompressed if its content is gzip; its name does not matter."""
    path = Path(path)
    if path.is_dir():
        raise InputError(f"{path} is a folder, but a file is needed here")
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path} does not exist: check the name") from None
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    try:
        return decompress(data)
    except (EOFError, OSError, zlib.error) as error:
        raise InputError(f"{path} is a damaged gzip file ({error}): copy or download it again") from error


def decompress(data):
    """Return bytes as they are, or decompressed if they are gzip."""
    return gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data


def decode_text(data, name):
    """Decode UTF-8 bytes, without a byte order mark; errors call them `name`."""
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        byte = data[error.start]
        raise InputError(f"{name}, line {line}: byte 0x{byte:02x} is not UTF-8; convert the file to UTF-8") from None


def decode_lines(data, name):
    """Split UTF-8 bytes into lines without their line ends ("\\n" or "\\r\\n"); a byte order mark is dropped.

    Args:
        data: Bytes of a text file.
        name: The name for the file in error messages.

    Returns:
        List of strings, at least one of which is not empty.
    """
    lines = [line.removesuffix("\r") for line in decode_text(data, name).split("\n")]
    if not lines[-1]:
        lines.pop()
    if not any(lines):
        raise InputError(f"{name} is empty: it needs one sentence per line")
    return lines


def read_lines(path):
    """Return the lines of a UTF-8 text file, gzip or not."""
    return decode_lines(read_bytes(path), path)


def read_parallel(source_path, target_path):
    """Return the pairs of two files in which line N translates line N."""
    sources, targets = read_lines(source_path), read_lines(target_path)
    if len(sources) != len(targets):
        raise InputError(
            f"{source_path} has {len(sources):,} lines but {target_path} has {len(targets):,}: "
            "line N of one must translate line N of the other"
        )
    return list(zip(sources, targets, strict=True))


def split_columns(lines, name):
    """Return the first two tab-separated columns of every line; empty lines are skipped."""
    pairs = []
    for number, line in enumerate(lines, 1):
        if not line:
            continue
        columns = line.split("\t", 2)
        if len(columns) < 2:
            raise InputError(
                f"{name}, line {number}: the line has one column, but two are needed (source TAB target); "
                "for parallel text in two files, give both files"
            )
        pairs.append((columns[0], columns[1]))
    return pairs


def read_tsv(path):
    """Return the pairs of a file whose first two columns are source and target."""
    return split_columns(read_lines(path), path)


def find_splits(folder):
    """Find the files named SPLIT.LANG or SPLIT.LANG.gz in a folder.

    Returns:
        Dict of split name to dict of language to path; splits are train, one of `VALIDATION_NAMES`, or test*.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder: check the name")
    splits = {}
    for path in sorted(folder.iterdir()):
        split, _, language = path.name.removesuffix(".gz").rpartition(".")
        if split in ("train", *VALIDATION_NAMES) or split.startswith("test"):
            splits.setdefault(split, {}).setdefault(language, path)
    return splits


def read_folder(folder, source, target):
    """Read every split of a folder that has both languages.

    Args:
        folder: Folder of SPLIT.LANG or SPLIT.LANG.gz files.
        source: Source language code.
        target: Target language code.

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


def choose_direction(languages, source, target, default=None):
    """Choose the source and target language of a corpus.

    Args:
        languages: The language codes of the corpus.
        source: Language asked for, or None.
        target: Language asked for, or None.
        default: (source, target) where None was asked for; None if both must be given.

    Returns:
        `(source, target)`.
    """
    listed = ", ".join(languages)
    for language in (source, target):
        if language is not None and language not in languages:
            raise InputError(f"the data has no language {language!r}: choose from {listed}")
    if source is not None and source == target:
        raise InputError(f"source and target are both {source!r}: choose two of {listed}")
    if default is None and None in (source, target):
        raise InputError(f"give both source and target language: choose from {listed}")
    if source is None:
        source = default[0] if default[0] != target else default[1]
    if target is None:
        target = default[1] if default[1] != source else default[0]
    return source, target
