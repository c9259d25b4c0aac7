"""What a translation may not contain: before each step of a search the logits of forbidden tokens are lowered."""

import numpy as np
from keras import ops

from kerasformer.generation.loops import LONGEST_LOOP, loop_tokens

NEVER = -1e9  # finite, so that adding and comparing stay exact in every runtime


def constrain(logits, position, hypotheses, options, special, repeats):
    """Lower the logits (rows, vocab) of forbidden tokens by 1e9."""
    token_ids = hypotheses["token_ids"]
    if special.suppressed:
        never = np.zeros(logits.shape[-1], "float32")
        never[list(special.suppressed)] = NEVER
        logits = logits + ops.convert_to_tensor(never, logits.dtype)
    if options.min_length:
        too_early = ops.cast(position < options.min_length, logits.dtype)
        is_eos = ops.cast(ops.arange(logits.shape[-1], dtype="int32") == special.eos, logits.dtype)
        logits = logits + NEVER * is_eos * too_early
    if options.no_repeat_ngram:
        rows = ops.reshape(token_ids, (-1, ops.shape(token_ids)[-1]))
        logits = _forbid(logits, *_repeats(rows, position, options.no_repeat_ngram))
    if repeats is not None:
        found = loop_tokens(hypotheses["same"], token_ids, position, repeats)
        logits = _forbid(logits, *(ops.reshape(x, (-1, LONGEST_LOOP)) for x in found))
    return logits


def _forbid(logits, token_ids, is_forbidden):
    """Lower the logits (rows, vocab) of those tokens int32 (rows, any number) that are forbidden, bool, by 1e9."""
    rows, count = ops.shape(token_ids)
    row = ops.broadcast_to(ops.expand_dims(ops.arange(rows, dtype="int32"), 1), (rows, count))
    indices = ops.reshape(ops.stack([row, token_ids], axis=-1), (-1, 2))
    lower = ops.reshape(NEVER * ops.cast(is_forbidden, logits.dtype), (-1,))
    return logits + ops.scatter(indices, lower, ops.shape(logits))


def _repeats(token_ids, position, n):
    """The last token of each n-gram in `token_ids` (rows, length), and whether it would complete that n-gram again."""
    rows, length = ops.shape(token_ids)
    # last[:, j] is token_ids[:, position - n + 1 + j]; before the start nothing matches.
    back = ops.clip(position - n + 1 + ops.arange(n - 1, dtype="int32"), 0, length - 1)
    last = ops.take(token_ids, back, axis=1)  # (rows, n - 1)
    begin = ops.arange(length, dtype="int32")
    matches = ops.broadcast_to(begin + n - 1 < position, (rows, length))
    for j in range(n - 1):
        here = ops.take(token_ids, ops.clip(begin + j, 0, length - 1), axis=1)
        matches = ops.logical_and(matches, here == last[:, j : j + 1])
    return ops.take(token_ids, ops.clip(begin + n - 1, 0, length - 1), axis=1), matches
