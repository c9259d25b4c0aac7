"""Load a parallel corpus, named or from files: clean its training pairs, keep held-out sentences out of them."""

import dataclasses
import hashlib
import os
from collections.abc import Sequence

from kerasformer.data.cleaning import DROPS, MAX_CHARACTERS, MAX_LENGTH_RATIO, SIDES, clean, remove_overlap
from kerasformer.data.corpora import find_corpus
from kerasformer.data.entities import decode_splits
from kerasformer.data.own_data import name_of, read_own, refuse_options
from kerasformer.data.report import describe, sample
from kerasformer.data.splits import carve
from kerasformer.data.text_files import Pairs, read_lines
from kerasformer.errors import InputError
from kerasformer.interface.cleaning import LATEST
from kerasformer.interface.rules import is_conversation


@dataclasses.dataclass(frozen=True)
class Corpus:
    """Sentence pairs for training, validation and test, and a report on how they were prepared.

    Attributes:
        name: Name of the corpus, or of the files or folder that were read.
        source: Source language code.
        target: Target language code.
        train: Cleaned (source, target) pairs that share no sentence with the other splits. In a conversation they
            may share targets, because the same answer suits many questions.
        validation: Pairs as they were read; of the user's own files, with HTML entities decoded.
        tests: Dict of test split name to such pairs; may be empty.
        attribution: Licence and attribution, "" for files of your own.
        sha256: SHA-256 of the text that was read, before cleaning.
        report: Dict that can be written as JSON: counts under "read", "cleaning", "overlap" and
            "removed_for_overlap"; "examples" of what cleaning changed and dropped; a training pair under "sample"; the
            sides that were compared for overlap under "kept_apart"; the names of splits that were set aside from the
            training pairs under "carved"; lines about the files under "notes".
        cleaning: Name of the cleaning of the training pairs.
        weights: How often an epoch has each training pair, on average; empty if it has each of them once.
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
    cleaning: str = LATEST
    weights: list[float] = dataclasses.field(default_factory=list)

    def describe(self) -> list[str]:
        """Return lines for users: sizes, what was read, changed and dropped, with examples, and the attribution."""
        return describe(self)


def load_corpus(
    data: Sequence[str],
    source: str | None = None,
    target: str | None = None,
    *,
    data_dir=None,
    cache_dir=None,
    columns: Sequence[str] | None = None,
    validation: Sequence[str] = (),
    test: Sequence[str] = (),
    seed: int = 0,
    max_characters: int = MAX_CHARACTERS,
    max_length_ratio: float = MAX_LENGTH_RATIO,
    cleaning: str = LATEST,
    translations=None,
) -> Corpus:
    """Read a corpus, set validation and test pairs aside if it has none, and clean its training pairs.

    Pairs of "question" and "answer" are a conversation, in which answers recur: training pairs that share only
    their target with a held-out pair are kept.

    Args:
        data: [NAME] of a named corpus, [FILE, FILE] of parallel text, [FILE] with columns, such as TSV, CSV, TMX or
            JSON lines, or [FOLDER] of SPLIT.LANG files; all files may be compressed.
        source: Source language, or column; None is the default of the corpus, or what the names of files or columns
            say.
        target: Target language, or column; None likewise.
        data_dir: Folder with the files of a named corpus; None downloads them.
        cache_dir: Folder for downloads; None is $KERASFORMER_CACHE or ~/.cache/kerasformer.
        columns: [source, target], the columns of one file, numbers from 1 or names; None finds the columns of text.
        validation: [FILE] or [FILE, FILE] with the validation pairs of your own files; none sets some aside.
        test: Likewise for the test pairs.
        seed: Decides which pairs of your own files are set aside; a named corpus is the same for every seed.
        max_characters: Training pairs with a side of more characters are dropped.
        max_length_ratio: Training pairs are dropped if one side is more than this many times longer.
        cleaning: Name of one of `interface.cleaning.CLEANINGS`, the one of the model that is trained.
        translations: File with a translation of each training source, one a line, to train on in place of the targets.

    Returns:
        The `Corpus`.

    Raises:
        InputError: if the data, the columns or the languages are wrong.
    """
    items = [data] if isinstance(data, (str, os.PathLike)) else list(data)
    named, weights = find_corpus(os.fspath(items[0])) if len(items) == 1 else None, []
    own = {"columns": columns, "validation": validation, "test": test}
    if named:
        refuse_options(own, named.name)
        seed = 0  # everybody holds out the same pairs of a named corpus
        source, target, splits, notes, weights = named.load(source, target, data_dir, cache_dir)
    else:
        source, target, splits, notes = read_own(items, source, target, **own)
        if data_dir is not None:
            raise InputError("--data-dir is the folder of a named corpus, and --data gives files: leave it out")
    name, attribution = (named.name, named.attribution) if named else (name_of(items), "")
    sha256 = _hash(splits)
    sides = _compared(source, target)
    # Scores on a named corpus are compared on its references, so these stay as they are.
    splits, count, example = decode_splits(splits, ["train"] if named else list(splits))
    options = {"max_characters": max_characters, "max_length_ratio": max_length_ratio, "cleaning": cleaning}
    splits, weights, report = _prepare(name, splits, sides, seed, {**options, "weights": weights})
    report["cleaning"]["train"]["entities_decoded"], report["examples"]["entities_decoded"] = count, example
    train, held_out = splits.pop("train"), splits.pop("validation")
    corpus = Corpus(name, source, target, train, held_out, splits, attribution, sha256, report, cleaning, weights)
    report |= {"notes": notes, "sample": sample(train)}
    return with_translations(corpus, translations, options) if translations else corpus


def with_translations(corpus, path, options):
    """A corpus whose training targets are the lines of a file, cleaned; pairs that cleaning drops are left out.

    Args:
        corpus: the `Corpus`.
        path: of a file with a translation of each of its training sources, one a line; an empty one is left out.
        options: dict of the arguments of `clean`.

    Raises:
        InputError: if the file has not one line for each training pair.

    Reference: Kim and Rush 2016, "Sequence-Level Knowledge Distillation".
    """
    lines, count = read_lines(path), len(corpus.train)
    if len(lines) != count:
        raise InputError(
            f"{path} has {len(lines):,} lines, but {corpus.name} has {count:,} training pairs: line N must translate "
            "the source of pair N; kerasformer distill writes such a file"
        )
    pairs = [(source, line) for (source, _), line in zip(corpus.train, lines, strict=True)]
    cleaned, *_ = clean(pairs, **options, weights=corpus.weights)
    held_out = {"validation": corpus.validation, **corpus.tests}
    train, _, _ = remove_overlap(cleaned, held_out, _compared(corpus.source, corpus.target))
    if not train:
        raise InputError(f"no line of {path} is a translation that can be trained on: look into the file")
    report = {**corpus.report, "sample": sample(train)}
    report["notes"] = [*report["notes"], f"the targets are {len(train):,} of the {count:,} translations in {path}"]
    sha256 = hashlib.sha256(f"{corpus.sha256}\n{_hash({'train': train})}".encode()).hexdigest()
    weights = [cleaned[pair] for pair in train] if corpus.weights else []
    return dataclasses.replace(corpus, train=train, weights=weights, report=report, sha256=sha256)


def _compared(source, target):
    """The sides that training and held-out pairs must not share; answers recur."""
    return SIDES[:1] if is_conversation(source, target) else SIDES


def _prepare(name, splits, sides, seed, options):
    """Set splits aside, clean train, remove held-out sentences from it; return the splits, weights and report."""
    read = {split: len(pairs) for split, pairs in splits.items()}
    splits, carved = _hold_out(splits, seed)
    held_out = {split: pairs for split, pairs in splits.items() if split != "train"}
    train, counts, examples = clean(splits["train"], **options)
    cleaned = train
    train, overlap, removed = remove_overlap(cleaned, held_out, sides)
    if removed:
        examples["overlap"] = list(
            next(pair for pair, left in zip(cleaned, [*train, None], strict=False) if pair != left)
        )
    if not train:
        raise InputError(f"cleaning dropped all training pairs of {name} ({_reasons(counts, removed)})")
    untouched = {split: {"before": len(pairs), "after": len(pairs)} for split, pairs in held_out.items()}
    report = {
        "read": read,
        "cleaning": {"train": counts, **untouched},
        "examples": examples,
        "overlap": overlap,
        "removed_for_overlap": removed,
        "kept_apart": list(sides),
        "carved": carved,
    }
    weights = [cleaned[pair] for pair in train] if options["weights"] else []
    return {**splits, "train": train}, weights, report


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
    dropped = {key: counts[key] for key in DROPS}
    dropped["overlap"] = removed
    return ", ".join(f"{key.replace('_', ' ')} {count:,}" for key, count in dropped.items() if count) or "none read"
