"""Batches of token ids in a few padded shapes.

TensorFlow compiles the training step once per shape, so there are few shapes, chosen so that padding is least. The
order is a function of (seed, epoch), so that a run can resume in the middle of an epoch.
"""

import concurrent.futures
import dataclasses
import functools

import numpy as np

from kerasformer.data.cleaning import clean_pair
from kerasformer.data.packing import choose_lengths, choose_widths, pack, round_up
from kerasformer.data.sentences import Sentences, count_up, encode_pairs, encode_taught
from kerasformer.data.training_pairs import taught
from kerasformer.errors import InputError
from kerasformer.tokenizer import BOS_ID, EOS_ID

_EXECUTOR = concurrent.futures.ThreadPoolExecutor(1)  # draws the pairs of the next epoch


@dataclasses.dataclass(frozen=True)
class Spec:
    """Shape and dtype of an array of a batch; None for an axis whose size varies."""

    shape: tuple
    dtype: str


@dataclasses.dataclass(frozen=True)
class _Rows:
    """Pairs of sentences in rows, one or several per row.

    Attributes:
        sources, targets: the `Sentences` of both sides.
        pairs: int (pairs,), indices of the pairs, row by row.
        offsets: int (rows + 1,), where each row begins in `pairs`.
        members: list with one int array per padded shape: the rows of that shape.
    """

    sources: Sentences
    targets: Sentences
    pairs: np.ndarray
    offsets: np.ndarray
    members: list

    def batch(self, rows, shape):
        """Return some rows as a batch of (inputs, labels)."""
        counts = np.diff(self.offsets)[rows]
        pairs = self.pairs[np.repeat(self.offsets[rows], counts) + count_up(counts)]
        places = pairs, np.repeat(np.arange(len(rows)), counts), shape
        inputs = self.targets.in_rows(*places, skipped=(0, 1))  # the last input is the word before eos
        labels = self.targets.in_rows(*places, skipped=(1, 0))
        return {"source_ids": self.sources.in_rows(*places), "target_ids": inputs}, labels


class Batches:
    """Pairs of sentences in batches of about the same number of tokens.

    Args:
        sources, targets: lists of token id lists without special ids; or `Sentences` with an `eos` at the end, and
            targets with a `bos` at the beginning.
        batch_tokens: int, padded tokens per batch on its longer side.
        num_shapes: int, the maximum number of padded shapes.
        max_length: int, tokens; pairs with a longer side, `eos` included, are left out and counted in `too_long`.
        workers: int, the number of rows of a batch is a multiple of it.
        packed: bool, whether several pairs share a row; for models that mask them from each other.
        seed: int, seed of the order.
        redraw: function from the number of an epoch to its sources and targets, both `Sentences`; None if all epochs
            use the given ones, which are those of epoch 0. All epochs have as many batches as epoch 0: surplus
            batches are left out, missing ones are repeated. Sources with weights are drawn anew for each epoch too.

    Raises:
        InputError: if all pairs are too long.
    """

    _ids = Spec((None, None), "int32")
    signature = {"source_ids": _ids, "target_ids": _ids}, _ids  # of the batches of an epoch

    def __init__(
        self, sources, targets, *, batch_tokens, num_shapes, max_length, workers=1, packed=False, seed=0, redraw=None
    ):  # fmt: skip
        if len(sources) != len(targets):
            raise ValueError(f"there must be a target for each source, got {len(sources)} and {len(targets)}")
        if not isinstance(sources, Sentences):
            sources = Sentences.of(sources, after=(EOS_ID,))
            targets = Sentences.of(targets, before=(BOS_ID,), after=(EOS_ID,))
        self.packed, self.seed, self.redraw = packed, seed, redraw
        self._drawn = {}  # number of an epoch: future of its rows
        sides = _lengths(sources, targets)
        lengths = sides.max(axis=1)
        fitting = lengths <= max_length
        if not fitting.any():
            raise InputError(
                f"all pairs of sentences are longer than max_length = {max_length} tokens: choose a larger one"
            )
        self.too_long = len(sources) - int(fitting.sum())
        choose = choose_widths if packed else choose_lengths
        self.widths = [min(width, max_length) for width in choose(lengths[fitting], num_shapes)]
        if redraw is None and sources.is_weighted:
            self.redraw = lambda number: (sources, targets)
        self._first = self._in_rows(sources, targets, seed)
        self.num_tokens = int(sides[self._first.pairs].sum())
        members = self._first.members
        self.shapes = [
            (round_up(max(1, min(batch_tokens // width, round_up(len(rows), 8))), workers), width)
            for width, rows in zip(self.widths, members, strict=True)
        ]
        self._counts = [-(-len(rows) // size) for rows, (size, _) in zip(members, self.shapes, strict=True)]

    def _in_rows(self, sources, targets, seed):
        sides, rng = _lengths(sources, targets), np.random.default_rng(seed)
        fitting = np.flatnonzero(sides.max(axis=1) <= self.widths[-1])
        if sources.is_weighted:
            times = sources.weights[fitting] + rng.random(len(fitting))
            fitting = np.repeat(fitting, times.astype("int64"))
        sides = sides[fitting]
        if self.packed:
            order, counts = pack(sides, self.widths, rng)
        else:
            order, counts = np.arange(len(fitting)), np.ones(len(fitting), "int64")
        offsets = np.concatenate([[0], np.cumsum(counts)])
        longest = np.maximum.reduceat(sides.max(axis=1)[order], offsets[:-1])
        members = [np.flatnonzero(np.searchsorted(self.widths, longest) == i) for i in range(len(self.widths))]
        return _Rows(sources, targets, fitting[order], offsets, members)

    def _rows(self, number):
        if self.redraw is None:
            return self._first
        # The rows of the next epoch are drawn while this epoch is trained.
        self._drawn = {
            each: self._drawn.get(each) or _EXECUTOR.submit(self._draw, each) for each in (number, number + 1)
        }
        return self._drawn[number].result()

    def _draw(self, number):
        return self._in_rows(*self.redraw(number), (self.seed, number)) if number else self._first

    def __len__(self):
        return sum(self._counts)

    def describe(self):
        """Return one line for users."""
        padded = 2 * sum(count * size * width for count, (size, width) in zip(self._counts, self.shapes, strict=True))
        padding = 100 * (1 - self.num_tokens / padded)
        return f"{len(self):,} batches per epoch, {padding:.0f} % padding, {self.too_long:,} pairs too long"

    def epoch(self, number, start=0, shuffle=True):
        """Yield the batches of an epoch, from batch `start` on.

        A batch is ({"source_ids": int32 (batch, source), "target_ids": int32 (batch, target)}, labels), where labels,
        int32 (batch, target), are the targets shifted left by one. Empty rows fill up the last batch of a shape; if
        not shuffled, all batches of a shape have about as many pairs, so that the mean over batches is the mean over
        rows.
        """
        rng = np.random.default_rng((self.seed, number))
        rows, batches = self._rows(number), []
        for members, shape in zip(rows.members, self.shapes, strict=True):
            if shuffle:
                members = rng.permutation(members)
                parts = [members[begin : begin + shape[0]] for begin in range(0, len(members), shape[0])]
            else:
                parts = np.array_split(members, max(1, -(-len(members) // shape[0])))
            batches += [(part, shape) for part in parts if len(part)]
        order = rng.permutation(len(batches)) if shuffle else np.arange(len(batches))
        for i in np.resize(order, len(self))[start:]:
            yield rows.batch(*batches[i])


def _lengths(sources, targets):
    """Lengths of both sides of each pair, int (pairs, 2); inputs and labels are one shorter than the targets."""
    return np.stack([sources.lengths, targets.lengths - 1], axis=1).astype("int64")


def make_batches(corpus, tokenizer, max_length, training, packed=False, sentences=None):
    """Make the batches that a translator trains and validates on.

    Args:
        corpus: a `Corpus`.
        tokenizer: a `Tokenizer`.
        max_length: int, tokens; longer pairs are left out.
        training: a `TrainingConfig`.
        packed: bool, whether several pairs may share a row; for models that mask them from each other.
        sentences: what `encode_taught` returns for the training pairs, if they are tokenized already.

    Returns:
        `(train, validation)`, both `Batches`.

    Raises:
        InputError: if there are no validation pairs, or all pairs are too long.
    """
    if not corpus.validation:
        raise InputError(f"corpus {corpus.name} has no validation pairs: training needs them to know when to stop")
    sizes = {"batch_tokens": training.batch_tokens, "max_length": max_length, "packed": packed and training.packed}
    options = {"num_shapes": training.num_shapes, "workers": training.workers, "seed": training.seed}
    if training.redraws:
        options["redraw"] = functools.partial(_redraw, list(taught(corpus, tokenizer.marks)), tokenizer, training)
        sentences = options["redraw"](0)
    sentences = sentences or encode_taught(list(taught(corpus, tokenizer.marks)), tokenizer.encode)
    batches = Batches(*sentences, **options, **sizes)
    validation = [clean_pair(pair, corpus.cleaning) for pair in corpus.validation]
    return batches, Batches(*encode_pairs(validation, tokenizer.encode), num_shapes=1, **sizes)


def _redraw(pairs, tokenizer, training, epoch):
    """Tokenize the training pairs for an epoch: some pairs swapped, some words split differently, at random."""
    swaps, *seeds = map(int, np.random.SeedSequence((training.seed, epoch)).generate_state(3))
    encode = [tokenizer.encode]
    if epoch < training.both_ways * training.epochs:
        is_swapped = np.random.default_rng(swaps).random(len(pairs)) < 0.5
        swapped = ((target, source, weight) for source, target, weight in pairs)
        pairs = [new if swap else old for old, new, swap in zip(pairs, swapped, is_swapped, strict=True)]
    if training.subword_sampling:
        encode = [functools.partial(tokenizer.sample, alpha=training.subword_sampling, seed=seed) for seed in seeds]
    return encode_taught(pairs, *encode)
