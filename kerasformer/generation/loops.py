"""A guard against loops: no tokens stand in an answer more often in a row than a limit."""

from keras import ops

LONGEST_LOOP = 8  # tokens that are repeated together


def repeat_limits(source_ids, most, pad):
    """How often each answer may have the same 1 to `LONGEST_LOOP` tokens in a row, in the graph.

    A source that repeats itself may have an answer that does: for each n, the tokens of the source that are the same as
    the one n places before are counted, and n of them are one more repetition.

    Args:
        source_ids: int32 (batch, source), padded.
        most: int, the limit for a source that repeats itself less often.
        pad: int, the id of the padding.

    Returns:
        int32 (batch,), at least `most`.
    """
    sizes = ops.arange(1, LONGEST_LOOP + 1, dtype="int32")
    places = ops.arange(ops.shape(source_ids)[1], dtype="int32") - ops.expand_dims(sizes, 1)  # (size, source)
    before = ops.take(source_ids, ops.maximum(places, 0), axis=1)  # (batch, size, source)
    tokens = ops.expand_dims(source_ids, 1)
    is_same = ops.logical_and(ops.logical_and(before == tokens, tokens != pad), places >= 0)
    times = ops.sum(ops.cast(is_same, "int32"), axis=-1) // sizes + 1  # (batch, size)
    return ops.maximum(ops.max(times, axis=1), most)


def count_same(same, token_ids, last, position):
    """Count the token `last`, which an answer gets at `position`.

    Args:
        same: int32 (batch, beam, size); for each size n, how many of the last tokens without a gap are the same as the
            one n places before them.
        token_ids: int32 (batch, beam, length), the tokens before `position`.
        last: int32 (batch, beam).
        position: int32 ().

    Returns:
        `same` with the token, int32 (batch, beam, size).
    """
    is_same = _before(token_ids, position) == ops.expand_dims(last, -1)
    is_same = ops.logical_and(is_same, ops.arange(1, LONGEST_LOOP + 1, dtype="int32") <= position)
    return ops.where(is_same, same + 1, 0)


def loop_tokens(same, token_ids, position, limits):
    """The tokens that would go on with a loop of each size.

    Args:
        same, token_ids, position: as for `count_same`.
        limits: int32 (batch,), what `repeat_limits` returns.

    Returns:
        Token ids int32 (batch, beam, size), and whether each would make more than the limit: bool of the same shape.
    """
    sizes = ops.arange(1, LONGEST_LOOP + 1, dtype="int32")
    # The tokens of n * limit places are the same as those n places before: limit + 1 times the same n tokens.
    return _before(token_ids, position), same + 1 >= sizes * ops.reshape(limits, (-1, 1, 1))


def _before(token_ids, position):
    """The last `LONGEST_LOOP` tokens before `position`, the latest first; the first token, where there are fewer."""
    places = position - 1 - ops.arange(LONGEST_LOOP, dtype="int32")
    return ops.take(token_ids, ops.maximum(places, 0), axis=-1)
