"""Drawing the next token instead of taking the likeliest: with numbers that are given, so all runtimes draw alike."""

import typing

from keras import ops

_COLDEST, _HOTTEST = 1e-6, 1e6  # outside, quotients overflow, or what search forbids could come


class Sampling(typing.NamedTuple):
    """What tokens are drawn with. As tensors, one compiled search serves all values.

    Args:
        noise: float (batch, length), uniform numbers of at least 0 and below 1; column i draws token i.
        temperature: number or float scalar, what logits are divided by: below 1 favours likely tokens.
        top_k: number or int32 scalar, how many of the likeliest tokens can be drawn; 0 for all.
        top_p: number or float scalar: of these, only the fewest likeliest whose probability reaches it.
    """

    noise: object
    temperature: object = 1.0
    top_k: object = 0
    top_p: object = 1.0


def sample(logits, uniform, temperature=1.0, top_k=0, top_p=1.0):
    """Draw a token of each row: the first, likeliest first, at which the cumulative probability exceeds `uniform`.

    Args:
        logits: float (rows, vocab).
        uniform: float (rows,), at least 0 and below 1; 0 draws the likeliest token.
        temperature: see `Sampling`, as the others; near 0 draws the likeliest.
        top_k: a Python int above 0 spares sorting the whole vocabulary.
        top_p: the likeliest token can always be drawn.

    Returns:
        Token ids int32 (rows,).

    Reference: Holtzman et al. 2020, "The Curious Case of Neural Text Degeneration", sections 3.1 (top-p), 3.2
    (top-k) and 3.3 (temperature).
    """
    is_number, vocab = isinstance(top_k, int), logits.shape[-1]
    count = min(top_k, vocab) if is_number and top_k > 0 else vocab
    values, token_ids = ops.top_k(logits, count)  # (rows, candidates), likeliest first
    largest = ops.max(logits, axis=-1, keepdims=True)
    temperature = ops.clip(ops.convert_to_tensor(temperature, logits.dtype), _COLDEST, _HOTTEST)
    weights = ops.exp((values - largest) / temperature)
    if not is_number:
        is_kept = ops.arange(count, dtype="int32") < ops.where(top_k > 0, top_k, count)
        weights = weights * ops.cast(is_kept, weights.dtype)
    # Summed from the unlikely end: added to a sum of likely ones, unlikely ones would be lost in rounding.
    left = ops.flip(ops.cumsum(ops.flip(weights, axis=-1), axis=-1), axis=-1)  # of a candidate and all after it
    after, total = left - weights, left[:, :1]
    in_nucleus = ops.cast(left > (1.0 - top_p) * total, "int32")
    last = ops.maximum(ops.sum(in_nucleus, axis=-1, keepdims=True) - 1, 0)
    beyond = ops.take_along_axis(after, last, axis=1)
    # What is left after the one drawn is the first below its share of the nucleus.
    share = beyond + (1.0 - ops.expand_dims(uniform, 1)) * (total - beyond)
    chosen = ops.sum(ops.cast(after >= share, "int32"), axis=-1, keepdims=True)
    token_ids = ops.take_along_axis(token_ids, ops.minimum(chosen, last), axis=1)
    return ops.cast(token_ids[:, 0], "int32")
