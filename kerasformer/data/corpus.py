"""Load a parallel corpus, named or from files: clean its training pairs, keep held-out sentences out of them."""

import dataclasses
import hashlib
import os
import re
from collections.abc import Sequence
from pathlib import Path

from kerasformer.data.cleaning import MAX_CHARACTERS, MAX_LENGTH_RATIO, SIDES, clean, remove_overlap
from kerasformer.data.corpora import available, find_corpus
from kerasformer.data.csv_files import CONVERSATION, is_csv, read_csv
from kerasformer.data.splits import carve
from kerasformer.data.text_files import Pairs, choose_direction, find_splits, read_folder, read_parallel, read_tsv
from kerasformer.errors import InputError


@dataclasses.dataclass(frozen=True)
class Corpus:
    """Sentence pairs for training, validation and test, and a report on how they were prepared.

    Attributes:
        name: Name of the corpus, or of the files or folder that were read.
        source: Source language code.
        target: Target language code.
        train: Cleaned (source, target) pairs that share no sentence with the other splits. In a conversation they
            may share targets, because the same answer suits many questions.
        validation: Pairs as they were read.
        tests: Dict of test split name to pairs as they were read; may be empty.
        attribution: Licence and attribution, "" for files of your own.
        sha256: SHA-256 of the text that was read, before cleaning.
        report: Dict that can be written as JSON: counts under "read", "cleaning", "overlap" and
            "removed_for_overlap"; the sides that were compared for overlap under "kept_apart"; the names of splits
            that were set aside from the training pairs under "carved"; lines for users under "notes".
    """

    name: str
    source: str
    target: str
    train: Pairs
    validation: Pairs
    tests: dict[str, Pairs]
    attribution: str
    sha256: str
    report: dict

    def describe(self) -> list[str]:
        """Return lines for users: sizes, what was cleaned and dropped and why, overlap, attribution."""
        counts, removed = self.report["cleaning"]["train"], self.report["removed_for_overlap"]
        held_out = {"validation": self.validation, **self.tests}
        what, shared_targets = "a sentence", ""
        if "target" not in self.report["kept_apart"]:
            what, shared_targets = f"their {self.source}", f" (pairs that share only their {self.target} are kept)"
        sizes = [f"{len(pairs):,} {name.replace('_', ' ')}" for name, pairs in held_out.items()]
        lines = [
            f"{self.name}, {self.source} -> {self.target}: {len(self.train):,} training pairs "
            f"of {counts['before']:,} read, {', '.join(sizes)}",
            f"cleaned: {counts['normalised']:,} lines normalised to NFKC, invisible characters removed from "
            f"{counts['invisible_removed']:,}",
            f"dropped: {counts['duplicate']:,} duplicate pairs, {counts['empty']:,} with an empty side, "
            f"{counts['length_ratio']:,} of very different lengths, {counts['too_long']:,} too long",
            f"overlap: removed {removed:,} training pairs that share {what} with a held-out split{shared_targets}",
        ]
        for names, shared in self.report["overlap"].items():
            first, second = names.split("/")
            if first != "train" and any(shared.values()):
                sides = f"{shared['source']:,} sources and {shared['target']:,} targets"
                lines.append(f"{first} shares {sides} with {second}")
        if self.report["carved"]:
            lines.append(f"{' and '.join(self.report['carved'])} pairs were set aside from the training pairs")
        lines += self.report["notes"]
        return [*lines, self.attribution] if self.attribution else lines


def load_corpus(
    data: Sequence[str],
    source: str | None = None,
    target: str | None = None,
    *,
    data_dir=None,
    cache_dir=None,
    seed: int = 0,
    max_characters: int = MAX_CHARACTERS,
    max_length_ratio: float = MAX_LENGTH_RATIO,
) -> Corpus:
    """Read a corpus, set validation and test pairs aside if it has none, and clean its training pairs.

    Pairs of "question" and "answer" are a conversation, in which answers recur: training pairs that share only
    their target with a held-out pair are kept.

    Args:
        data: [NAME] of a named corpus, [FILE, FILE] of parallel text, [FILE] of source TAB target, [FILE.csv]
            with a header, or [FOLDER] of SPLIT.LANG files; all files may be gzip.
        source: Source language, or column; None is the default of the corpus, or what the file names say.
        target: Target language, or column; None likewise.
        data_dir: Folder with the files of a named corpus; None downloads them.
        cache_dir: Folder for downloads; None is $KERASFORMER_CACHE or ~/.cache/kerasformer.
        seed: Decides which pairs of your own files are set aside; a named corpus is the same for every seed.
        max_characters: Training pairs with a side of more characters are dropped.
        max_length_ratio: Training pairs are dropped if one side is more than this many times longer.

    Returns:
        The `Corpus`.

    Raises:
        InputError: if the data or the languages are wrong.
    """
    items = [data] if isinstance(data, (str, os.PathLike)) else list(data)
    name, named, (source, target, splits, notes) = _read(items, source, target, data_dir, cache_dir)
    sha256 = _hash(splits)
    sides = SIDES[:1] if {source, target} == set(CONVERSATION) else SIDES
    seed = 0 if named else seed  # everybody holds out the same pairs of a named corpus
    splits, report = _prepare(name, splits, sides, seed, max_characters, max_length_ratio)
    train, validation = splits.pop("train"), splits.pop("validation")
    report["notes"], attribution = notes, named.attribution if named else ""
    return Corpus(name, source, target, train, validation, splits, attribution, sha256, report)


def _prepare(name, splits, sides, seed, max_characters, max_length_ratio):
    """Set splits aside, clean train, remove held-out sentences from it; return the splits and the report."""
    read = {split: len(pairs) for split, pairs in splits.items()}
    splits, carved = _hold_out(splits, seed)
    held_out = {split: pairs for split, pairs in splits.items() if split != "train"}
    train, counts = clean(splits["train"], max_characters, max_length_ratio)
    train, overlap, removed = remove_overlap(train, held_out, sides)
    if not train:
        raise InputError(f"cleaning dropped all training pairs of {name} ({_reasons(counts, removed)})")
    untouched = {split: {"before": len(pairs), "after": len(pairs)} for split, pairs in held_out.items()}
    report = {
        "read": read,
        "cleaning": {"train": counts, **untouched},
        "overlap": overlap,
        "removed_for_overlap": removed,
        "kept_apart": list(sides),
        "carved": carved,
    }
    return {**splits, "train": train}, report


def _read(items, source, target, data_dir, cache_dir):
    """Return name, `NamedCorpus` or None, and (source, target, splits, notes) of a corpus."""
    if len(items) == 2:
        return _names_of(items), None, _read_two_files(*items, source, target)
    if len(items) != 1:
        raise InputError(
            f"got {len(items)} data arguments: give a corpus name, one TSV or CSV file, two files, or a folder"
        )
    item = os.fspath(items[0])
    if corpus := find_corpus(item):
        return item, corpus, corpus.load(source, target, data_dir, cache_dir)
    if os.path.isdir(item):
        return _names_of(items), None, _read_own_folder(item, source, target)
    if os.path.exists(item):
        read = _read_own_csv if is_csv(item) else _read_own_tsv
        return _names_of(items), None, read(item, source, target)
    raise InputError(
        f"{item!r} is neither a corpus ({', '.join(available())}) nor an existing file or folder: check the name"
    )


def _names_of(paths):
    return " + ".join(Path(os.path.abspath(path)).name for path in paths)


def _read_two_files(first, second, source, target):
    if Path(first).resolve() == Path(second).resolve():
        raise InputError(f"{first} is given twice: give one file per language")
    languages = _guess_language(first), _guess_language(second)
    source, target, swapped = _name_sides(languages, source, target)
    return source, target, {"train": _swap(read_parallel(first, second), swapped)}, []


def _read_own_tsv(path, source, target):
    source, target, swapped = _name_sides((None, None), source, target)
    return source, target, {"train": _swap(read_tsv(path), swapped)}, []


def _read_own_csv(path, source, target):
    source, target, pairs = read_csv(path, source, target)
    return source, target, {"train": pairs}, []


def _read_own_folder(folder, source, target):
    languages = sorted(find_splits(folder).get("train", ()))
    if len(languages) < 2:
        raise InputError(
            f"{folder} needs a training split in two languages, such as train.fr and train.en (or .gz); "
            f"it has {f'train.{languages[0]} only' if languages else 'no train.LANG'}"
        )
    default = None
    if len(languages) == 2:  # into English if English is one of the two
        default = tuple(sorted(languages, key=lambda language: language == "en"))
    source, target = choose_direction(languages, source, target, default)
    return source, target, *read_folder(folder, source, target)


def _guess_language(path):
    """Return "fr" for NAME.fr or NAME.fr.gz, None if the name says nothing."""
    suffix = Path(Path(path).name.removesuffix(".gz")).suffix[1:]
    return suffix if re.fullmatch("[a-z]{2}([-_][A-Za-z]{2,4})?", suffix) else None


def _name_sides(languages, source, target):
    """Name the languages of two columns; return (source, target, whether the second column is the source)."""
    known = None not in languages and languages[0] != languages[1]
    if not known:
        languages = ("source", "target")
        if source != "target" and target != "source":  # the columns have no names, so any names are right
            languages = (source or "source", target or "target")
            if source is not None and source == target:
                raise InputError(f"source and target are both {source!r}: give two different languages")
    chosen = choose_direction(languages, source, target, languages)
    return *chosen, chosen != languages


def _swap(pairs, swapped):
    return [(second, first) for first, second in pairs] if swapped else pairs


def _hold_out(splits, seed):
    """Set validation (and test, if there was neither) aside; return the splits and the names set aside."""
    names = [] if "validation" in splits else ["validation"]
    if len(splits) == 1:
        names.append("test")
    if not names:
        return splits, names
    carved = carve(splits["train"], names, seed)
    return {**carved, **{name: pairs for name, pairs in splits.items() if name != "train"}}, names


def _hash(splits):
    """Return the SHA-256 of all pairs, split by split."""
    digest = hashlib.sha256()
    for name, pairs in splits.items():
        digest.update(f"{name}\n".encode())
        for source, target in pairs:
            digest.update(f"{source}\t{target}\n".encode())
    return digest.hexdigest()


def _reasons(counts, removed):
    dropped = {key: counts[key] for key in ("empty", "too_long", "length_ratio", "duplicate")}
    dropped["overlap"] = removed
    return ", ".join(f"{key.replace('_', ' ')} {count:,}" for key, count in dropped.items() if count) or "none read"
