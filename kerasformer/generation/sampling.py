"""Draw the next token instead of taking the most likely one.

The random numbers are given, so that every runtime draws the same.
"""

from keras import ops

_COLDEST, _HOTTEST = 1e-6, 1e6  # outside, quotients overflow or forbidden tokens become possible


def sampler(noise, temperature=1.0, top_k=0, top_p=1.0):
    """The `choose` of a `search` that draws each token.

    Args:
        noise: float (batch, length), uniform numbers of at least 0 and below 1; column i draws token i.
        temperature, top_k, top_p: see `sample`.
    """

    def choose(logits, position):
        return sample(logits, ops.take(noise, position, axis=1), temperature, top_k, top_p)

    return choose


def sample(logits, uniform, temperature=1.0, top_k=0, top_p=1.0):
    """Draw a token of each row: the first, from the most likely on, whose cumulative probability exceeds `uniform`.

    Numbers or scalar tensors are equally good: tensors let one compiled graph serve all values.

    Args:
        logits: float (rows, vocab).
        uniform: float (rows,), at least 0 and below 1; 0 draws the most likely token.
        temperature: float, divides the logits; near 0 draws the most likely token.
        top_k: int, how many of the most likely tokens can be drawn, 0 for all. A Python int above 0 is faster than a
            tensor: it spares sorting the whole vocabulary.
        top_p: float, draw only among the fewest most likely tokens whose probabilities reach it, at least one.

    Returns:
        Token ids int32 (rows,).

    Reference: Holtzman et al. 2020, "The Curious Case of Neural Text Degeneration", sections 3.1 (top-p), 3.2
    (top-k) and 3.3 (temperature).
    """
    is_number, vocab = isinstance(top_k, int), logits.shape[-1]
    count = min(top_k, vocab) if is_number and top_k > 0 else vocab
    values, token_ids = ops.top_k(logits, count)  # (rows, candidates), the most likely first
    largest = ops.max(logits, axis=-1, keepdims=True)
    temperature = ops.clip(ops.convert_to_tensor(temperature, logits.dtype), _COLDEST, _HOTTEST)
    weights = ops.exp((values - largest) / temperature)
    if not is_number:
        is_kept = ops.arange(count, dtype="int32") < ops.where(top_k > 0, top_k, count)
        weights = weights * ops.cast(is_kept, weights.dtype)
    # Summed from the unlikely end: small weights added to a large sum would be lost in rounding.
    left = ops.flip(ops.cumsum(ops.flip(weights, axis=-1), axis=-1), axis=-1)  # of a candidate and all after it
    after, total = left - weights, left[:, :1]
    in_nucleus = ops.cast(left > (1.0 - top_p) * total, "int32")
    last = ops.maximum(ops.sum(in_nucleus, axis=-1, keepdims=True) - 1, 0)
    beyond = ops.take_along_axis(after, last, axis=1)  # (rows, 1), the weight outside the nucleus
    # The drawn candidate is the first after which less is left than this share of the nucleus.
    share = beyond + (1.0 - ops.expand_dims(uniform, 1)) * (total - beyond)
    chosen = ops.sum(ops.cast(after >= share, "int32"), axis=-1, keepdims=True)
    token_ids = ops.take_along_axis(token_ids, ops.minimum(chosen, last), axis=1)
    return ops.cast(token_ids[:, 0], "int32")
