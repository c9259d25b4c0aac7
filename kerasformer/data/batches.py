"""Token ids in a few padded shapes: what a training step eats.

Each padded shape is compiled once, so there are few; where they lie is chosen so that the least is padded. The
order is a function of (seed, epoch), so that a run can go on in the middle of one.
"""

import concurrent.futures
import dataclasses

import numpy as np

from kerasformer.errors import InputError
from kerasformer.tokenizer import BOS_ID, EOS_ID, PAD_ID

_BESIDE = concurrent.futures.ThreadPoolExecutor(1)
_TYPICAL = 98  # per cent of sentences that the narrow rows hold


@dataclasses.dataclass(frozen=True)
class Spec:
    """Shape and dtype of an array of a batch; None for an axis that differs."""

    shape: tuple
    dtype: str


class Sentences:
    """Many token id lists in one flat array.

    Args:
        flat: int (tokens,), one list after the other; may be mapped from disk.
        lengths: int (sentences,), tokens of each.
    """

    def __init__(self, flat, lengths):
        self.flat = flat
        self.lengths = lengths
        self.offsets = np.concatenate([[0], np.cumsum(lengths, dtype="int64")])

    @classmethod
    def of(cls, token_ids, before=(), after=()):
        """Those of a list of lists of int, each between the ids `before` and `after`."""
        extra = len(before) + len(after)
        lengths = np.fromiter((len(row) + extra for row in token_ids), "int64", len(token_ids))
        every = (i for row in token_ids for part in (before, row, after) for i in part)
        return cls(np.fromiter(every, "int32", lengths.sum()), lengths)

    def __len__(self):
        return len(self.lengths)

    def laid_out(self, numbers, rows, shape, skipped=(0, 0)):
        """Sentences side by side in rows: int32 (batch, width).

        Args:
            numbers: int (sentences,), which ones, in ascending order of their rows.
            rows: int (sentences,), the row of each.
            shape: (batch, width).
            skipped: tokens left out at the beginning and at the end of each.
        """
        lengths = self.lengths[numbers] - sum(skipped)
        begins = np.cumsum(lengths) - lengths  # as if all were in one row
        _, firsts, counts = np.unique(rows, return_index=True, return_counts=True)
        begins -= np.repeat(begins[firsts], counts)
        token = _counted(lengths)
        ids = np.full(shape, PAD_ID, "int32")
        places = np.repeat(rows, lengths), np.repeat(begins, lengths) + token
        ids[places] = self.flat[np.repeat(self.offsets[numbers] + skipped[0], lengths) + token]
        return ids


@dataclasses.dataclass(frozen=True)
class _Rows:
    """Pairs of sentences, one or several to a row.

    Attributes:
        sources, targets: their `Sentences`.
        pairs: int (pairs,), their numbers, row by row.
        offsets: int (rows + 1,), where in `pairs` each row begins.
        members: for each padded shape the rows that have it, int.
    """

    sources: Sentences
    targets: Sentences
    pairs: np.ndarray
    offsets: np.ndarray
    members: list

    def batch(self, rows, shape):
        """Some of the rows as `Batches` gives them."""
        counts = np.diff(self.offsets)[rows]
        pairs = self.pairs[np.repeat(self.offsets[rows], counts) + _counted(counts)]
        places = pairs, np.repeat(np.arange(len(rows)), counts), shape
        inputs = self.targets.laid_out(*places, skipped=(0, 1))  # the last input is the word before eos
        labels = self.targets.laid_out(*places, skipped=(1, 0))
        return {"source_ids": self.sources.laid_out(*places), "target_ids": inputs}, labels


class Batches:
    """Pairs of sentences, in batches of about the same number of tokens.

    Args:
        sources, targets: lists of token id lists, without special ids; or `Sentences` that have them: an `eos` at the
            end of each, and a `bos` at the beginning of targets.
        batch_tokens: int, padded tokens a batch holds on its longer side.
        num_shapes: int, how many padded shapes there may be.
        max_length: int, pairs with a longer side, its `eos` included, are left out and counted in `too_long`.
        workers: int, of which the number of rows of a batch is a multiple.
        packed: bool, whether several pairs share a row, one after the other; for models that tell them apart.
        seed: int, seed of the order.
        redraw: callable that gives for the number of an epoch the sources and targets, `Sentences`, that take the
            place of those of epoch 0, which were given; None where these stay. There are as many batches in every
            epoch: what is one too many is left out, and what is missing comes twice.

    Raises:
        InputError: if no pair is left.
    """

    _ids = Spec((None, None), "int32")
    signature = {"source_ids": _ids, "target_ids": _ids}, _ids  # of what an epoch yields

    def __init__(
        self, sources, targets, *, batch_tokens, num_shapes, max_length, workers=1, packed=False, seed=0, redraw=None
    ):  # fmt: skip
        if len(sources) != len(targets):
            raise ValueError(f"there must be a target for each source, got {len(sources)} and {len(targets)}")
        if not isinstance(sources, Sentences):
            sources = Sentences.of(sources, after=(EOS_ID,))
            targets = Sentences.of(targets, before=(BOS_ID,), after=(EOS_ID,))
        self.packed, self.seed, self.redraw = packed, seed, redraw
        self._drawn = {}  # by the number of the epoch, what will be its rows
        sides = _lengths(sources, targets)
        lengths = sides.max(axis=1)
        fitting = lengths <= max_length
        if not fitting.any():
            raise InputError(f"no pair of sentences fits into max_length = {max_length} tokens; choose a larger one")
        self.too_long = len(sources) - int(fitting.sum())
        self.num_tokens = int(sides[fitting].sum())
        choose = choose_widths if packed else choose_lengths
        self.widths = [min(width, max_length) for width in choose(lengths[fitting], num_shapes)]
        self._first = self._in_rows(sources, targets, seed)
        members = self._first.members
        self.shapes = [
            (_round_up(max(1, min(batch_tokens // width, _round_up(len(rows), 8))), workers), width)
            for width, rows in zip(self.widths, members, strict=True)
        ]
        self._counts = [-(-len(rows) // size) for rows, (size, _) in zip(members, self.shapes, strict=True)]

    def _in_rows(self, sources, targets, seed):
        sides = _lengths(sources, targets)
        fitting = np.flatnonzero(sides.max(axis=1) <= self.widths[-1])
        sides = sides[fitting]
        if self.packed:
            order, counts = pack(sides, self.widths, np.random.default_rng(seed))
        else:
            order, counts = np.arange(len(fitting)), np.ones(len(fitting), "int64")
        offsets = np.concatenate([[0], np.cumsum(counts)])
        longest = np.maximum.reduceat(sides.max(axis=1)[order], offsets[:-1])
        members = [np.flatnonzero(np.searchsorted(self.widths, longest) == i) for i in range(len(self.widths))]
        return _Rows(sources, targets, fitting[order], offsets, members)

    def _rows(self, number):
        if self.redraw is None:
            return self._first
        # Those of the next epoch are drawn while this one is trained on.
        self._drawn = {each: self._drawn.get(each) or _BESIDE.submit(self._draw, each) for each in (number, number + 1)}
        return self._drawn[number].result()

    def _draw(self, number):
        return self._in_rows(*self.redraw(number), (self.seed, number)) if number else self._first

    def __len__(self):
        return sum(self._counts)

    def describe(self):
        """A line for people."""
        padded = 2 * sum(count * size * width for count, (size, width) in zip(self._counts, self.shapes, strict=True))
        padding = 100 * (1 - self.num_tokens / padded)
        return f"{len(self)} batches an epoch, {padding:.0f} % padding, {self.too_long} pairs too long"

    def epoch(self, number, start=0, shuffle=True):
        """Yield the batches of an epoch from batch `start` on.

        Each is {"source_ids": int32 (batch, source), "target_ids": int32 (batch, target)} and the labels, int32
        (batch, target): the targets moved one to the left. The last batch of a shape is filled with empty rows;
        unshuffled, all of a shape are filled alike, so that a mean over batches is one over rows.
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
    """Places that each side of each pair takes, int (pairs, 2): of the targets without the `bos` or the `eos`."""
    return np.stack([sources.lengths, targets.lengths - 1], axis=1).astype("int64")


def _counted(counts):
    """For each count the numbers below it, all in one array: [2, 3] -> [0, 1, 0, 1, 2]."""
    return np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)


def choose_widths(lengths, count):
    """Widths of rows to be packed, ascending: one that holds all but the longest sentences, and one for these."""
    longest, typical = (int(_round_up(np.percentile(lengths, share, method="higher"), 8)) for share in (100, _TYPICAL))
    return sorted({typical, longest})[-count:]


def pack(sides, widths, rng):
    """Put pairs of sentences into rows: the longest that is left, and beside it, again and again, what fits best.

    What fits best leaves the least room, on both sides alike. A row is as wide as the narrowest of the widths that
    holds its first pair. What was found for one row serves all that can be filled with pairs of the same lengths.

    Args:
        sides: int (pairs, 2), length of source and target of each pair, at least 1 and none above the last width.
        widths: list of int, ascending.
        rng: `numpy.random.Generator`, which draws among pairs of the same lengths.

    Returns:
        The numbers of the pairs, row by row, int (pairs,), and how many there are in each row, int (rows,).
    """
    span = widths[-1] + 1
    cells = sides[:, 0] * span + sides[:, 1]  # pairs of the same lengths are of the same cell
    left = np.bincount(cells, minlength=span * span).reshape(span, span)
    source, target = np.indices(left.shape)
    chosen, counts = [], []
    by_length = np.argsort(np.maximum(source, target) * 2 * span + source + target, axis=None, kind="stable")[::-1]
    for first in by_length[left.flat[by_length] > 0]:
        while left.flat[first]:
            row = [divmod(int(first), span)]
            width = next(width for width in widths if width >= max(row[0]))
            spare, room = left.copy(), [width - length for length in row[0]]
            spare[row[0]] -= 1
            while True:
                reach = slice(room[0] + 1), slice(room[1] + 1)
                uneven = np.abs((room[0] - source[reach]) - (room[1] - target[reach]))
                fit = np.where(spare[reach] > 0, 2 * (source + target)[reach] - uneven, -span)
                best = np.unravel_index(fit.argmax(), fit.shape)
                if not spare[best] > 0:
                    break
                spare[best] -= 1
                room = [room[0] - int(best[0]), room[1] - int(best[1])]
                row.append(tuple(map(int, best)))
            numbers, times = np.unique([a * span + b for a, b in row], return_counts=True)
            often = int((left.flat[numbers] // times).min())
            left.flat[numbers] -= often * times
            chosen.append(np.tile([a * span + b for a, b in row], often))
            counts.append(np.full(often, len(row)))
    shuffled = rng.permutation(len(sides))
    order = np.empty(len(sides), "int64")
    order[np.argsort(np.concatenate(chosen), kind="stable")] = shuffled[np.argsort(cells[shuffled], kind="stable")]
    return order, np.concatenate(counts)


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
