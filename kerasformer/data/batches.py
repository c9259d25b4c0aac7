"""Token ids in a few padded shapes: what a training step eats.

Each padded shape is compiled once, so there are few; where they lie is chosen so that the least is padded. The
order is a function of (seed, epoch), so that a run can go on in the middle of one.
"""

import dataclasses

import numpy as np

from kerasformer.errors import InputError
from kerasformer.tokenizer import BOS_ID, EOS_ID, PAD_ID


@dataclasses.dataclass(frozen=True)
class Spec:
    """Shape and dtype of an array of a batch; None for an axis that differs."""

    shape: tuple
    dtype: str


class Sentences:
    """Many token id lists in one flat array.

    Args:
        token_ids: list of lists of int.
    """

    def __init__(self, token_ids):
        self.lengths = np.fromiter((len(row) for row in token_ids), "int64", len(token_ids))
        self.offsets = np.concatenate([[0], np.cumsum(self.lengths)])
        self.flat = np.fromiter((i for row in token_ids for i in row), "int32", self.offsets[-1])

    def __len__(self):
        return len(self.lengths)

    def padded(self, rows, width):
        """The sentences `rows` (batch,), or none where a row is -1, as int32 (batch, width)."""
        lengths = np.where(rows >= 0, self.lengths[rows], 0)[:, None]
        places = self.offsets[rows][:, None] + np.arange(width)
        return np.where(np.arange(width) < lengths, self.flat[np.minimum(places, len(self.flat) - 1)], PAD_ID)


class Batches:
    """Pairs of sentences, in batches of about the same number of tokens.

    Args:
        sources, targets: lists of token id lists, without special ids.
        batch_tokens: int, padded tokens a batch holds on its longer side.
        num_shapes: int, how many padded shapes there may be.
        max_length: int, pairs with a longer side, its `eos` included, are left out and counted in `too_long`.
        seed: int, seed of the order.

    Raises:
        InputError: if no pair is left.
    """

    _ids = Spec((None, None), "int32")
    signature = {"source_ids": _ids, "target_ids": _ids}, _ids  # of what an epoch yields

    def __init__(self, sources, targets, *, batch_tokens, num_shapes, max_length, seed=0):
        pairs = [
            (source, target)
            for source, target in zip(sources, targets, strict=True)
            if max(len(source), len(target)) < max_length
        ]
        if not pairs:
            raise InputError(f"no pair of sentences fits into max_length = {max_length} tokens; choose a larger one")
        self.too_long = len(sources) - len(pairs)
        self.seed = seed
        self.sources = Sentences([[*source, EOS_ID] for source, _ in pairs])
        self.targets = Sentences([[BOS_ID, *target, EOS_ID] for _, target in pairs])
        self.num_tokens = int(self.sources.lengths.sum() + self.targets.lengths.sum() - len(pairs))
        lengths = np.maximum(self.sources.lengths, self.targets.lengths - 1)
        boundaries = [min(width, max_length) for width in choose_lengths(lengths, num_shapes)]
        self.members = [np.flatnonzero(np.searchsorted(boundaries, lengths) == i) for i in range(len(boundaries))]
        self.shapes = [
            (max(1, min(batch_tokens // width, _round_up(len(rows), 8))), width)
            for width, rows in zip(boundaries, self.members, strict=True)
        ]

    def __len__(self):
        return sum(-(-len(rows) // size) for rows, (size, _) in zip(self.members, self.shapes, strict=True))

    def describe(self):
        """A line for people."""
        return f"{len(self)} batches an epoch, {self.too_long} pairs too long"

    def epoch(self, number, start=0, shuffle=True):
        """Yield the batches of an epoch from batch `start` on.

        Each is {"source_ids": int32 (batch, source), "target_ids": int32 (batch, target)} and the labels, int32
        (batch, target): the targets moved one to the left. The last batch of a shape is filled with empty rows.
        """
        rng = np.random.default_rng((self.seed, number))
        batches = []
        for rows, (size, width) in zip(self.members, self.shapes, strict=True):
            rows = rng.permutation(rows) if shuffle else rows
            rows = np.concatenate([rows, np.full(-len(rows) % size, -1)])
            batches += [(part, width) for part in rows.reshape(-1, size)]
        order = rng.permutation(len(batches)) if shuffle else range(len(batches))
        for i in order[start:]:
            yield self._batch(*batches[i])

    def _batch(self, rows, width):
        target = self.targets.padded(rows, width + 1)
        labels = target[:, 1:]
        inputs = np.where(labels == PAD_ID, PAD_ID, target[:, :-1])  # the last input is the word before eos
        return {"source_ids": self.sources.padded(rows, width), "target_ids": inputs}, labels


def choose_lengths(lengths, count):
    """The `count` or fewer padded lengths, ascending, into which sentences of these `lengths` pad the least."""
    widths, counts = np.unique(_round_up(np.asarray(lengths), 4), return_counts=True)
    cumulative = np.concatenate([[0], np.cumsum(counts)])
    # best[i]: least padded tokens of the i shortest widths, and the widths chosen for them.
    best = [(0, [])] + [(cumulative[i + 1] * widths[i], [int(widths[i])]) for i in range(len(widths))]
    for _ in range(count - 1):
        best = [best[0]] + [
            min(
                ((best[j][0] + (cumulative[i] - cumulative[j]) * widths[i - 1], [*best[j][1], int(widths[i - 1])])
                 for j in range(i)),
                key=lambda choice: choice[0],
            )
            for i in range(1, len(widths) + 1)
        ]  # fmt: skip
    return best[-1][1]


def _round_up(value, multiple):
    return -(-value // multiple) * multiple
