"""What a translation may contain: before each step of a search the logits of forbidden tokens are lowered."""

import dataclasses

import numpy as np
from keras import ops

from kerasformer.generation.loops import LONGEST_LOOP, loop_tokens
from kerasformer.generation.options import is_on

NEVER = -1e9  # finite, so that adding and comparing stay exact in every runtime


@dataclasses.dataclass(frozen=True)
class Constraints:
    """The constraints that depend on the texts, as tensors; None for one that is off.

    Args:
        repeats: int32 (batch,), how often the same tokens may stand in a row, as `repeat_limits` gives it.
        prefix: int32 (batch, length), what each hypothesis begins with, padded; nothing else applies to these tokens.
        suppressed: int32 (sequences, length), sequences of tokens that may not occur, with padding before them.
    """

    repeats: object = None
    prefix: object = None
    suppressed: object = None


def constrain(logits, position, hypotheses, options, special, given):
    """Apply the constraints of a step to its logits.

    Args:
        logits: float (rows, vocab), of the token at `position`; rows are batch * beam.
        position: int32 ().
        hypotheses: dict with "token_ids" int32 (batch, beam, length), and "same" of `loops.count_same` if there are
            `given.repeats`.
        options: `SearchOptions`.
        special: `SpecialIds`.
        given: `Constraints`.

    Returns:
        The logits whose softmax is the distribution of the token, changed only by a repetition penalty; and the same
        with those of forbidden tokens lowered by 1e9.
    """
    token_ids = hypotheses["token_ids"]
    rows = ops.reshape(token_ids, (-1, ops.shape(token_ids)[-1]))
    if is_on(options.repetition_penalty, 1.0):
        logits = _penalise(logits, rows, position, options.repetition_penalty)
    allowed = logits
    if special.suppressed:
        never = np.zeros(logits.shape[-1], "float32")
        never[list(special.suppressed)] = NEVER
        allowed = allowed + ops.convert_to_tensor(never, logits.dtype)
    if is_on(options.min_length, 0):
        too_early = ops.cast(position < options.min_length, logits.dtype)
        is_eos = ops.cast(ops.arange(logits.shape[-1], dtype="int32") == special.eos, logits.dtype)
        allowed = allowed + NEVER * is_eos * too_early
    if options.no_repeat_ngram:
        allowed = _forbid(allowed, *_repeats(rows, position, options.no_repeat_ngram))
    if given.repeats is not None:
        found = loop_tokens(hypotheses["same"], token_ids, position, given.repeats)
        allowed = _forbid(allowed, *(ops.reshape(x, (-1, LONGEST_LOOP)) for x in found))
    if given.suppressed is not None:
        allowed = _forbid(allowed, *_completed(rows, position, given.suppressed, special.pad))
    if given.prefix is not None:
        allowed = _continue(logits, allowed, position, given.prefix, special.pad)
    return logits, allowed


def _penalise(logits, token_ids, position, penalty):
    """Make the tokens before `position` in `token_ids` (rows, length) less likely."""
    is_before = ops.arange(ops.shape(token_ids)[1], dtype="int32") < position
    is_before = ops.broadcast_to(ops.cast(is_before, logits.dtype), ops.shape(token_ids))
    counts = _spread(is_before, token_ids, logits)
    return ops.where(counts > 0, ops.where(logits > 0, logits / penalty, logits * penalty), logits)


def _forbid(logits, token_ids, is_forbidden):
    """Lower the logits (rows, vocab) of those tokens int32 (rows, any number) that are forbidden, bool, by 1e9."""
    return logits + _spread(NEVER * ops.cast(is_forbidden, logits.dtype), token_ids, logits)


def _spread(values, token_ids, logits):
    """The sum of the values of each token (rows, any number), in the shape of the logits (rows, vocab)."""
    rows, count = ops.shape(token_ids)
    row = ops.broadcast_to(ops.expand_dims(ops.arange(rows, dtype="int32"), 1), (rows, count))
    indices = ops.reshape(ops.stack([row, token_ids], axis=-1), (-1, 2))
    return ops.scatter(indices, ops.reshape(values, (-1,)), ops.shape(logits))


def _continue(logits, allowed, position, prefix, pad):
    """The logits `allowed` (rows, vocab); within the prefix (batch, length) only its token keeps its logit."""
    length = ops.shape(prefix)[1]
    tokens = ops.take(prefix, ops.minimum(position, length - 1), axis=1)  # (batch,)
    tokens = ops.where(position < length, tokens, pad)
    beam = ops.shape(logits)[0] // ops.shape(prefix)[0]
    tokens = ops.reshape(ops.tile(ops.expand_dims(tokens, 1), (1, beam)), (-1, 1))  # (rows, 1)
    is_other = ops.cast(ops.arange(logits.shape[-1], dtype="int32") != tokens, logits.dtype)
    return ops.where(tokens == pad, allowed, logits + NEVER * is_other)


def _completed(token_ids, position, sequences, pad):
    """The last token of each sequence (rows, sequences), and whether `token_ids` (rows, length) end with the others."""
    length, before = ops.shape(token_ids)[1], ops.shape(sequences)[1] - 1
    places = position - before + ops.arange(before, dtype="int32")
    last = ops.take(token_ids, ops.clip(places, 0, length - 1), axis=1)  # (rows, before)
    last = ops.expand_dims(ops.where(places >= 0, last, -1), 1)
    is_same = ops.logical_or(last == sequences[:, :-1], sequences[:, :-1] == pad)  # (rows, sequences, before)
    ends = ops.broadcast_to(sequences[:, -1], ops.shape(is_same)[:2])
    return ends, ops.logical_and(ops.all(is_same, axis=-1), ends != pad)


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
