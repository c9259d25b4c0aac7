"""A large corpus is made ready once and kept: its cleaned text, its tokenizers, and its token ids, which are mapped.

It is found again by the SHA-256 of its files and what was asked of it. What takes much memory is done in a process of
its own, which gives it back.
"""

import concurrent.futures
import contextlib
import dataclasses
import functools
import hashlib
import itertools
import json
import multiprocessing
import os
import pathlib
import sys

import numpy as np

from kerasformer.data.batches import Sentences
from kerasformer.data.corpora import Corpus, load_corpus
from kerasformer.data.named import LANGUAGES, cache_folder
from kerasformer.data.reading import find_splits
from kerasformer.errors import InputError
from kerasformer.system.files import whole_folder, write_bytes
from kerasformer.system.processes import alone_at, follow
from kerasformer.tokenizer import BOS_ID, EOS_ID, Tokenizer, train_tokenizer

LARGE = 2**25  # bytes of files from which on a corpus is kept
VERSION = 1  # of how text is cleaned and laid out; another one is made anew
_CHUNK = 100_000  # pairs put into ids at a time
_SIDES = ("source", "target")


class FreshCorpus:
    """A corpus that is read each time.

    Attributes:
        corpus: its `Corpus`.
    """

    def __init__(self, corpus):
        self.corpus = corpus

    def tokenizer(self, vocab_size, exact):
        """A `Tokenizer` trained on both sides; see `train_tokenizer`."""
        texts = (text for pair in self.corpus.train for text in pair)
        return train_tokenizer(texts, vocab_size, exact=exact)

    def sentences(self, tokenizer):
        """The `Sentences` of both sides of its training pairs, special ids included."""
        return in_ids(self.corpus.train, tokenizer.encode)


class KeptCorpus:
    """A corpus kept in a folder, with all that was ever made of it.

    Args:
        folder: where `keep` has put it.

    Attributes:
        corpus: its `Corpus`, whose training pairs are read as one goes through them.
    """

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        values = json.loads((self.folder / "corpus.json").read_text(encoding="utf-8"))
        held_out = {name: [tuple(pair) for pair in pairs] for name, pairs in values.pop("held_out").items()}
        train = _TextPairs(self.folder, values.pop("count"))
        self.corpus = Corpus(train=train, validation=held_out.pop("validation"), tests=held_out, **values)

    def tokenizer(self, vocab_size, exact):
        """As that of a `FreshCorpus`."""
        path = self.folder / f"tokenizer-{vocab_size}{'-exact' * exact}.model"
        with _alone_with(path):
            if not path.exists():
                _say("training the tokenizer")
                write_bytes(path, _elsewhere(_train_tokenizer, self.folder, vocab_size, exact))
        return Tokenizer(path.read_bytes())

    def sentences(self, tokenizer):
        """As those of a `FreshCorpus`, mapped from disk."""
        folder = self.folder / f"ids-{hashlib.sha256(tokenizer.model).hexdigest()[:16]}"
        with _alone_with(folder):
            if not _holds(folder, *(f"{name}{end}" for name in _SIDES for end in (".ids", "-lengths.npy"))):
                _say("putting the text into token ids, once")
                with whole_folder(folder) as beside:
                    _write_ids(self.corpus.train, tokenizer, beside)
        return [_map_ids(folder, name, tokenizer) for name in _SIDES]


def in_ids(pairs, encode, encode_target=None):
    """The `Sentences` of both sides of (source, target) texts, special ids included.

    Args:
        pairs: list of pairs of texts.
        encode: callable that gives the token ids of each text of a list.
        encode_target: the same for the targets, where they have one of their own.
    """
    specials = ((), (EOS_ID,)), ((BOS_ID,), (EOS_ID,))
    encodes = encode, encode_target or encode
    return [Sentences.of(encodes[side]([pair[side] for pair in pairs]), *specials[side]) for side in (0, 1)]


def open_corpus(data, source=None, target=None, *, data_dir=None, cache_dir=None, seed=0):
    """Read a corpus, or find it where it was kept; arguments and errors are those of `load_corpus`.

    Returns:
        A `FreshCorpus` or, of a large one, a `KeptCorpus`.
    """
    options = {"source": source, "target": target, "data_dir": data_dir, "cache_dir": cache_dir, "seed": seed}
    data = [data] if isinstance(data, (str, os.PathLike)) else list(data)
    files = _files(data)
    if sum(path.stat().st_size for path in files) < LARGE:
        return FreshCorpus(load_corpus(data, **options))
    names = [pathlib.Path(os.path.abspath(item)).name for item in data]
    folder = cache_folder("kept", cache_dir) / _key(files, names, source, target, seed)
    with _alone_with(folder):
        if not _holds(folder, "corpus.json", *(f"train.{name}" for name in _SIDES)):
            _say(f"making {' '.join(map(str, data))} ready; it is kept in {folder} for the next time")
            _elsewhere(_keep, folder, data, options)
    _say(f"{' '.join(map(str, data))} is ready in {folder}")
    return KeptCorpus(folder)


class _TextPairs:
    """The (source, target) pairs of two files, line by line."""

    def __init__(self, folder, count):
        self.paths = [folder / f"train.{name}" for name in _SIDES]
        self.count = count

    def __len__(self):
        return self.count

    def __iter__(self):
        with contextlib.ExitStack() as stack:
            files = [stack.enter_context(path.open(encoding="utf-8", newline="\n")) for path in self.paths]
            for source, target in zip(*files, strict=True):
                yield source[:-1], target[:-1]


def _keep(folder, data, options):
    """Read and clean a corpus and write it into a folder."""
    corpus = load_corpus(data, **options)
    values = {field.name: getattr(corpus, field.name) for field in dataclasses.fields(corpus)}
    train = values.pop("train")
    values["held_out"] = {"validation": values.pop("validation"), **values.pop("tests")}
    with whole_folder(folder) as beside:
        for side, name in enumerate(_SIDES):
            with (beside / f"train.{name}").open("w", encoding="utf-8", newline="\n") as file:
                file.writelines(f"{pair[side]}\n" for pair in train)  # cleaned text has no line ends of its own
        (beside / "corpus.json").write_text(json.dumps({**values, "count": len(train)}), encoding="utf-8")


def _train_tokenizer(folder, vocab_size, exact):
    return FreshCorpus(KeptCorpus(folder).corpus).tokenizer(vocab_size, exact).model


def _write_ids(pairs, tokenizer, folder):
    """Token ids of both sides, one after the other, and how many each sentence has."""
    dtype, lengths, pairs = _dtype(tokenizer), {name: [] for name in _SIDES}, iter(pairs)
    while chunk := list(itertools.islice(pairs, _CHUNK)):
        for name, made in zip(_SIDES, in_ids(chunk, tokenizer.encode), strict=True):
            lengths[name].append(made.lengths.astype("int32"))
            with (folder / f"{name}.ids").open("ab") as file:
                made.flat.astype(dtype).tofile(file)
    for name in _SIDES:
        np.save(folder / f"{name}-lengths.npy", np.concatenate(lengths[name]))


def _map_ids(folder, name, tokenizer):
    ids = np.memmap(folder / f"{name}.ids", dtype=_dtype(tokenizer), mode="r")
    return Sentences(ids.view(np.ndarray), np.load(folder / f"{name}-lengths.npy", mmap_mode="r").view(np.ndarray))


def _dtype(tokenizer):
    return "uint16" if tokenizer.vocab_size <= 2**16 else "int32"


def _files(data):
    """The files of one's own that a corpus is read from, as far as they are there; those with a name are small."""
    folder, found = pathlib.Path(data[0]), [pathlib.Path(item) for item in data]
    if len(data) == 1 and os.fspath(data[0]) in LANGUAGES:
        found = []
    elif len(data) == 1 and folder.is_dir():
        found = [path for files in find_splits(folder).values() for path in files.values()]
    return [path for path in found if path.is_file()]


def _key(files, *options):
    digest = hashlib.sha256(json.dumps([VERSION, *options], default=str).encode())
    for path in files:
        digest.update(path.name.encode())
        with path.open("rb") as file:
            for block in iter(functools.partial(file.read, 2**20), b""):
                digest.update(block)
    return digest.hexdigest()[:32]


def _holds(folder, *names):
    """Whether nobody has removed one of the files of a folder, or all of it."""
    return all((folder / name).exists() for name in names)


def _alone_with(path):
    """A block for one process at a time, in which what is kept at `path` is made or found."""
    return alone_at(path.with_name(f"{path.name}.lock"))


def _elsewhere(function, *arguments):
    """Call a function in a process of its own."""
    spawn, own = multiprocessing.get_context("spawn"), (os.getpid(),)
    with concurrent.futures.ProcessPoolExecutor(1, spawn, initializer=follow, initargs=own) as pool:
        try:
            return pool.submit(function, *arguments).result()
        except concurrent.futures.process.BrokenProcessPool:
            raise InputError(
                "the process that makes the corpus ready was killed, as happens where memory runs out: start again "
                "with more of it, or with fewer pairs"
            ) from None


def _say(text):
    print(text, file=sys.stderr, flush=True)
