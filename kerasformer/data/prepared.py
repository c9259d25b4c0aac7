"""A large corpus is prepared once and cached: its cleaned text, its tokenizers and its token ids.

The cache key is the SHA-256 of the files and options. Token ids are memory-mapped. Steps that need much memory run in
a separate process, so that the memory is free afterwards.
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

from kerasformer.data.corpora import find_corpus
from kerasformer.data.corpus import Corpus, load_corpus
from kerasformer.data.download import cache_folder
from kerasformer.data.sentences import Sentences, encode_taught
from kerasformer.data.text_files import COMPRESSED, find_splits
from kerasformer.data.training_pairs import drawn, marks_for, taught
from kerasformer.errors import InputError
from kerasformer.system.files import whole_folder, write_bytes
from kerasformer.system.processes import exit_with_parent, locked
from kerasformer.tokenizer import Tokenizer, train_tokenizer

LARGE = 2**25  # a corpus of at least so many bytes is cached
COMPRESSION = 3  # a compressed file counts for so many bytes each
VERSION = 6  # of the cleaning and the files in the cache; increase it when they change
_CHUNK = 100_000  # pairs tokenized at a time
_SIDES = ("source", "target")


class InMemoryCorpus:
    """A corpus that is read and tokenized in each run.

    Attributes:
        corpus: the `Corpus`.
    """

    def __init__(self, corpus):
        self.corpus = corpus

    def tokenizer(self, vocab_size, exact):
        """Train a `Tokenizer` on both sides, as often as an epoch has them; see `train_tokenizer`."""
        texts = (text for pair in drawn(self.corpus) for text in pair)
        symbols = marks_for(self.corpus.source, self.corpus.target)
        return train_tokenizer(texts, vocab_size, exact=exact, symbols=symbols)

    def sentences(self, tokenizer):
        """The `Sentences` of both sides of what is `taught`, with special ids and weights."""
        return encode_taught(list(taught(self.corpus, tokenizer.marks)), tokenizer.encode)


class PreparedCorpus:
    """A corpus in the cache, with its tokenizers and token ids.

    Args:
        folder: the folder that `open_corpus` wrote.

    Attributes:
        corpus: the `Corpus`; its training pairs are read from disk while they are iterated over.
    """

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        values = json.loads((self.folder / "corpus.json").read_text(encoding="utf-8"))
        held_out = {name: [tuple(pair) for pair in pairs] for name, pairs in values.pop("held_out").items()}
        train = _TextPairs(self.folder, values.pop("count"))
        self.corpus = Corpus(train=train, validation=held_out.pop("validation"), tests=held_out, **values)

    def tokenizer(self, vocab_size, exact):
        """As `InMemoryCorpus.tokenizer`; trained once."""
        path = self.folder / (f"tokenizer-{vocab_size}-exact.model" if exact else f"tokenizer-{vocab_size}.model")
        with _locked(path):
            if not path.exists():
                _say("training the tokenizer")
                write_bytes(path, _in_process(_train_tokenizer, self.folder, vocab_size, exact))
        return Tokenizer(path.read_bytes())

    def sentences(self, tokenizer):
        """As `InMemoryCorpus.sentences`, memory-mapped; tokenized once."""
        folder = self.folder / f"ids-{hashlib.sha256(tokenizer.model).hexdigest()[:16]}"
        with _locked(folder):
            arrays = [f"{name}{end}" for name in _SIDES for end in (".ids", "-lengths.npy")]
            if not _holds(folder, *arrays, "weights.npy"):
                _say("tokenizing the corpus; the token ids are cached")
                with whole_folder(folder) as temporary:
                    _write_ids(taught(self.corpus, tokenizer.marks), tokenizer, temporary)
        sources, targets = (_map_ids(folder, name, tokenizer) for name in _SIDES)
        sources.weights = np.load(folder / "weights.npy")
        return [sources, targets]


def open_corpus(data, source=None, target=None, *, data_dir=None, cache_dir=None, validation=(), test=(), **options):
    """Read a corpus, or find it in the cache; arguments and errors are those of `load_corpus`.

    Returns:
        An `InMemoryCorpus`, or a `PreparedCorpus` if the files have `LARGE` bytes or more; a compressed file counts
        `COMPRESSION` times.
    """
    data = [data] if isinstance(data, (str, os.PathLike)) else list(data)
    given = {"data": data, "validation": list(validation or ()), "test": list(test or ())}
    given["translations"] = list(filter(None, [options.get("translations")]))
    files = [path for items in given.values() for path in _files(items, data_dir)]
    options |= {"source": source, "target": target}
    key = options | {
        split: [pathlib.Path(os.path.abspath(item)).name for item in items] for split, items in given.items()
    }
    options |= {"data_dir": data_dir, "cache_dir": cache_dir, "validation": given["validation"], "test": given["test"]}
    if sum(path.stat().st_size * (COMPRESSION if COMPRESSED.search(path.name) else 1) for path in files) < LARGE:
        return InMemoryCorpus(load_corpus(data, **options))
    folder = cache_folder(cache_dir) / "prepared" / _key(files, key)
    with _locked(folder):
        if not _holds(folder, "corpus.json", *(f"train.{name}" for name in _SIDES)):
            _say(f"preparing {' '.join(map(str, data))}; the result is cached in {folder}")
            _in_process(_prepare, folder, data, options)
        else:
            _say(f"using {' '.join(map(str, data))} as prepared in {folder}")
    return PreparedCorpus(folder)


class _TextPairs:
    """The (source, target) pairs of two files, read line by line."""

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


def _prepare(folder, data, options):
    """Read and clean a corpus and write it into a folder."""
    corpus = load_corpus(data, **options)
    values = {field.name: getattr(corpus, field.name) for field in dataclasses.fields(corpus)}
    train = values.pop("train")
    values["held_out"] = {"validation": values.pop("validation"), **values.pop("tests")}
    with whole_folder(folder) as temporary:
        for side, name in enumerate(_SIDES):
            with (temporary / f"train.{name}").open("w", encoding="utf-8", newline="\n") as file:
                file.writelines(f"{pair[side]}\n" for pair in train)  # cleaned text contains no line ends
        (temporary / "corpus.json").write_text(json.dumps({**values, "count": len(train)}), encoding="utf-8")


def _train_tokenizer(folder, vocab_size, exact):
    return InMemoryCorpus(PreparedCorpus(folder).corpus).tokenizer(vocab_size, exact).model


def _write_ids(pairs, tokenizer, folder):
    """Write the token ids of both sides as one array each, the length of every sentence, and the weights."""
    dtype, lengths, weights = _dtype(tokenizer), {name: [] for name in _SIDES}, []
    while chunk := list(itertools.islice(pairs, _CHUNK)):
        sides = encode_taught(chunk, tokenizer.encode)
        weights.append(sides[0].weights)
        for name, sentences in zip(_SIDES, sides, strict=True):
            lengths[name].append(sentences.lengths.astype("int32"))
            with (folder / f"{name}.ids").open("ab") as file:
                sentences.flat.astype(dtype).tofile(file)
    for name in _SIDES:
        np.save(folder / f"{name}-lengths.npy", np.concatenate(lengths[name]))
    np.save(folder / "weights.npy", np.concatenate(weights))


def _map_ids(folder, name, tokenizer):
    ids = np.memmap(folder / f"{name}.ids", dtype=_dtype(tokenizer), mode="r")
    return Sentences(ids.view(np.ndarray), np.load(folder / f"{name}-lengths.npy", mmap_mode="r").view(np.ndarray))


def _dtype(tokenizer):
    return "uint16" if tokenizer.vocab_size <= 2**16 else "int32"


def _files(data, data_dir):
    """The existing files that a corpus is read from; none for one that is downloaded, as these are small."""
    found = [pathlib.Path(item) for item in data]
    if len(data) == 1 and (named := find_corpus(os.fspath(data[0]))):
        found = named.local_files(data_dir)
    elif len(data) == 1 and found[0].is_dir():
        found = [path for files in find_splits(found[0]).values() for path in files.values()]
    return [path for path in found if path.is_file()]


def _key(files, options):
    digest = hashlib.sha256(json.dumps([VERSION, options], default=str).encode())
    for path in files:
        digest.update(path.name.encode())
        with path.open("rb") as file:
            for block in iter(functools.partial(file.read, 2**20), b""):
                digest.update(block)
    return digest.hexdigest()[:32]


def _holds(folder, *names):
    """Whether a folder has all of these files."""
    return all((folder / name).exists() for name in names)


def _locked(path):
    """Let one process at a time make or find what belongs at `path`."""
    return locked(path.with_name(f"{path.name}.lock"))


def _in_process(function, *arguments):
    """Call a function in a separate process."""
    spawn, parent = multiprocessing.get_context("spawn"), (os.getpid(),)
    with concurrent.futures.ProcessPoolExecutor(1, spawn, initializer=exit_with_parent, initargs=parent) as pool:
        try:
            return pool.submit(function, *arguments).result()
        except concurrent.futures.process.BrokenProcessPool:
            raise InputError(
                "the process that prepares the corpus was killed, probably because memory ran out: start again "
                "with more memory, or with fewer pairs"
            ) from None


def _say(text):
    print(text, file=sys.stderr, flush=True)
