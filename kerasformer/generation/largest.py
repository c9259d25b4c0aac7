"""The largest of many values, and their normaliser: what search needs of the logits of a whole vocabulary."""

import math

from keras import ops


def largest(values, count):
    """As `ops.top_k`: the `count` largest of each row, the largest first, and of equal ones the first.

    The row is cut into blocks. Whatever is among the largest stands in one of the `count` blocks with the largest
    maxima, so that only these are searched: a maximum is found several times as fast as an order.

    Args:
        values: float (rows, vocab).
        count: int, at most vocab.

    Returns:
        Values float (rows, count) and indices int32 (rows, count).
    """
    vocab = values.shape[-1]
    size = _block_size(vocab, count)
    blocks = -(-vocab // size)
    if blocks <= 2 * count:
        found, index = ops.top_k(values, count)
        return found, ops.cast(index, "int32")
    if missing := blocks * size - vocab:
        values = ops.pad(values, [(0, 0), (0, missing)], constant_values=-math.inf)
    padded = ops.reshape(values, (-1, blocks, size))
    _, chosen = ops.top_k(ops.max(padded, axis=-1), count)  # (rows, count)
    chosen = ops.sort(ops.cast(chosen, "int32"), axis=-1)  # of equal values, the first is found first
    row = ops.expand_dims(ops.arange(ops.shape(chosen)[0], dtype="int32"), 1)
    kept = ops.take(ops.reshape(padded, (-1, size)), ops.reshape(row * blocks + chosen, (-1,)), axis=0)
    found, index = ops.top_k(ops.reshape(kept, (-1, count * size)), count)
    index = ops.cast(index, "int32")
    return found, ops.take_along_axis(chosen, index // size, axis=1) * size + index % size


def log_normaliser(logits):
    """The logarithm of the sum of exponentials of each row: float (rows, vocab) -> (rows, 1)."""
    highest = ops.max(logits, axis=-1, keepdims=True)
    return highest + ops.log(ops.sum(ops.exp(logits - highest), axis=-1, keepdims=True))


def _block_size(vocab, count):
    """A size that leaves about as many blocks as candidates; one that divides `vocab` if there is one near it."""
    best = math.sqrt(vocab / count)
    near = range(max(2, round(best / 2)), round(best * 2) + 1)
    return min((size for size in near if vocab % size == 0), key=lambda size: abs(size - best), default=near[-1])
