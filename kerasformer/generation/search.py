"""Greedy search, beam search and sampling: one loop in the graph over any model with `start` and `decode_step`.

Greedy search is a beam of one: it keeps no alternatives, so nothing is reordered. Sampling is greedy search that draws
each token instead of taking the most likely one.
"""

import dataclasses

import keras
import numpy as np
from keras import ops

from kerasformer.errors import check_types, require, require_at_least
from kerasformer.generation.loops import LONGEST_LOOP, count_same, loop_tokens

LONGEST_NGRAM = 100  # each token of an n-gram adds operations to every step
_NEVER = -1e9  # finite, so that adding and comparing stay exact in every runtime


@dataclasses.dataclass(frozen=True)
class SearchOptions:
    """How to search. A graph is compiled for these; the values it samples with are its inputs, see `sampler`.

    Args:
        beam_size: hypotheses kept at each step; 1 is greedy search.
        num_hypotheses: how many of them are returned, best first.
        length_penalty: alpha of Wu et al. 2016, "Google's Neural Machine Translation System", equation 14; a
            hypothesis of log-probability p and length n scores p / ((5 + n) / 6) ** alpha.
        min_length: number of tokens before `eos` is allowed.
        no_repeat_ngram: length of n-grams that may not be repeated, at most `LONGEST_NGRAM`; 0 allows all.
        max_repeats: how often the same tokens, 1 to `loops.LONGEST_LOOP` of them, may stand in a row; more often if the
            source repeats itself more often, see `repeat_limits`. 0 allows all; new translators are saved with 4.
        max_length_ratio: a hypothesis has at most ratio * source tokens + `max_length_offset` tokens.
        max_length_offset: see `max_length_ratio`.

    Raises:
        InputError: for a value of another type or out of range.
    """

    beam_size: int = 1
    num_hypotheses: int = 1
    length_penalty: float = 1.0
    min_length: int = 0
    no_repeat_ngram: int = 0
    max_repeats: int = 0
    max_length_ratio: float = 2.0
    max_length_offset: int = 10

    def __post_init__(self):
        check_types(self)
        require_at_least(1, self, "beam_size", "max_length_offset")
        wanted, beam = self.num_hypotheses, self.beam_size
        require(1 <= wanted <= beam, "num_hypotheses", wanted, f"between 1 and beam_size = {beam}")
        require_at_least(0, self, "min_length", "no_repeat_ngram", "max_repeats", "max_length_ratio", "length_penalty")
        ngram = self.no_repeat_ngram
        require(ngram <= LONGEST_NGRAM, "no_repeat_ngram", ngram, f"at most {LONGEST_NGRAM}")

    def limit(self, source_length, max_length):
        """The most tokens of a hypothesis, `eos` included, for a source of `source_length` tokens without `eos`."""
        return min(max_length, int(self.max_length_ratio * source_length) + self.max_length_offset)


@dataclasses.dataclass(frozen=True)
class SpecialIds:
    """The special token ids that search needs to know. The ids in `suppressed` are never chosen."""

    pad: int
    bos: int
    eos: int
    suppressed: tuple = ()


def length_limits(source_lengths, options, max_length):
    """What `SearchOptions.limit` gives for tensors, in the graph.

    Args:
        source_lengths: int32 of any shape, tokens of each source without `eos`, below `max_length`.
        options: `SearchOptions`.
        max_length: int, the most tokens of any hypothesis.

    Returns:
        int32 of the same shape. An empty source, which only fills a batch, is limited to one token.
    """
    by_length = [1, *(options.limit(length, max_length) for length in range(1, max_length))]
    return ops.take(ops.convert_to_tensor(by_length, "int32"), ops.maximum(source_lengths, 0), axis=0)


def search(start, decode_step, source_ids, limits, max_length, options, special, choose=None, repeats=None):
    """Search for the best continuations of `bos`, or draw one.

    Args:
        start: source_ids -> state, a nest of tensors (batch, ...).
        decode_step: (token_ids int32 (batch, 1), position int32 (), state) -> (logits float (batch, 1, vocab),
            state).
        source_ids: the argument of `start`, (batch, ...).
        limits: int32 (batch,), the most tokens of each hypothesis.
        max_length: int or int32 scalar, the largest limit.
        options: `SearchOptions`.
        special: `SpecialIds`.
        choose: (logits float (batch, vocab), position int32 ()) -> token ids int32 (batch,), what chooses each
            token, such as a `sampler`; needs a beam of 1. None takes the most likely one.
        repeats: int32 (batch,), how often the same tokens may stand in a row, as `repeat_limits` gives it; None for any
            number of times.

    Returns:
        token_ids int32 (batch, hypotheses, max_length), `eos` included and padded with `pad`, best first; and
        scores float (batch, hypotheses), the length-normalised log-probabilities, which no temperature changes.

    Raises:
        ValueError: for `choose` with a beam above 1.
    """
    beam, batch = options.beam_size, ops.shape(limits)[0]
    if choose and beam > 1:
        raise ValueError(f"sampling needs beam_size 1, got {beam}")
    state = start(source_ids)
    if beam > 1:
        state = keras.tree.map_structure(lambda x: ops.repeat(x, beam, axis=0), state)  # (batch * beam, ...)

    def is_open(position, hypotheses, done, state):
        return ops.logical_and(position < max_length, ops.logical_not(ops.all(done)))

    def step(position, hypotheses, done, state):
        logits, new_state = decode_step(ops.reshape(hypotheses["last"], (-1, 1)), position, state)
        allowed = _constrain(logits[:, 0], position, hypotheses, options, special, repeats)
        candidates = _candidates(logits[:, 0], allowed, position, hypotheses, special, choose)
        parents, hypotheses = _advance(candidates, position, hypotheses, limits, options, special)
        if beam > 1:
            new_state = _follow(parents, state, new_state)
        return position + 1, hypotheses, _is_done(hypotheses, limits, options), new_state

    position, done = ops.zeros((), dtype="int32"), ops.zeros((batch,), dtype="bool")
    hypotheses = _first_hypotheses(batch, beam, max_length, special)
    if repeats is not None:
        hypotheses["same"] = ops.zeros((batch, beam, LONGEST_LOOP), dtype="int32")
    _, hypotheses, _, _ = ops.while_loop(is_open, step, (position, hypotheses, done, state))
    return _best(hypotheses, options)


def _first_hypotheses(batch, beam, max_length, special):
    # A sentence begins with one hypothesis; its copies are worth nothing until it has been extended.
    one = ops.concatenate([ops.zeros((batch, 1)), ops.full((batch, beam - 1), _NEVER)], axis=1)
    return {
        "token_ids": ops.full((batch, beam, max_length), special.pad, dtype="int32"),
        "last": ops.full((batch, beam), special.bos, dtype="int32"),
        "length": ops.zeros((batch, beam), dtype="int32"),
        "log_prob": one,
        "finished": ops.zeros((batch, beam), dtype="bool"),
        "score": one,
    }


def _follow(parents, state, new_state):
    """Reorder the state (batch * beam, ...) so that each hypothesis has that of its parent (batch, beam)."""
    batch, beam = ops.shape(parents)[0], parents.shape[1]
    rows = ops.reshape(parents + beam * ops.expand_dims(ops.arange(batch), 1), (-1,))
    # What a step returns unchanged has always been the same for all hypotheses of a sentence.
    return keras.tree.map_structure(
        lambda old, new: new if new is old else ops.take(new, rows, axis=0), state, new_state
    )


def _candidates(logits, allowed, position, hypotheses, special, choose):
    """The best continuations of each row, or the chosen one: log-probabilities and ids, (batch, beam, candidates).

    They are chosen by the logits `allowed`, in which those of forbidden tokens are lower.
    """
    batch, beam = ops.shape(hypotheses["last"])
    # Ranked as raw logits: normalising a few values is cheaper than normalising the whole vocabulary.
    num_candidates = min(beam, logits.shape[-1])
    if choose:
        token_ids = ops.expand_dims(choose(allowed, position), 1)
        values = ops.take_along_axis(logits, token_ids, axis=1)
    else:
        values, token_ids = ops.top_k(allowed, num_candidates)
    largest = ops.max(logits, axis=-1, keepdims=True)
    log_normaliser = largest + ops.log(ops.sum(ops.exp(logits - largest), axis=-1, keepdims=True))
    log_prob = ops.reshape(values - log_normaliser, (batch, beam, num_candidates))
    token_ids = ops.reshape(ops.cast(token_ids, "int32"), (batch, beam, num_candidates))
    # A finished hypothesis is frozen: its only continuation is padding, at no cost.
    finished = ops.expand_dims(hypotheses["finished"], -1)
    is_first = ops.reshape(ops.arange(num_candidates) == 0, (1, 1, num_candidates))
    frozen = ops.where(is_first, 0.0, _NEVER)
    return ops.where(finished, frozen, log_prob), ops.where(finished, special.pad, token_ids)


def _advance(candidates, position, hypotheses, limits, options, special):
    """Keep the `beam_size` best candidates of each sentence.

    Returns:
        Their parents int32 (batch, beam), None for a beam of 1; and the hypotheses.
    """
    log_prob, token_ids = candidates  # (batch, parent, candidates)
    batch, beam = ops.shape(hypotheses["last"])
    num_candidates = log_prob.shape[-1]
    log_prob = log_prob + ops.expand_dims(hypotheses["log_prob"], -1)
    length = hypotheses["length"] + ops.cast(ops.logical_not(hypotheses["finished"]), "int32")
    score = log_prob / ops.expand_dims(_penalty(length, options), -1)
    if beam == 1:
        chosen = {"log_prob": log_prob[..., 0], "last": token_ids[..., 0], "score": score[..., 0]}
        parents, kept = None, {**hypotheses, "length": length}
    else:
        score, index = ops.top_k(ops.reshape(score, (batch, beam * num_candidates)), beam)
        index = ops.cast(index, "int32")
        parents = index // num_candidates
        flat = {"log_prob": log_prob, "last": token_ids}
        flat = {name: ops.reshape(x, (batch, beam * num_candidates)) for name, x in flat.items()}
        chosen = {name: ops.take_along_axis(x, index, axis=1) for name, x in flat.items()}
        chosen["score"] = score
        of_parents = ops.expand_dims(parents, -1)
        kept = {
            name: ops.take_along_axis(hypotheses[name], of_parents, axis=1)
            for name in ("token_ids", "same")
            if name in hypotheses
        }
        kept["length"] = ops.take_along_axis(length, parents, axis=1)
        kept["finished"] = ops.take_along_axis(hypotheses["finished"], parents, axis=1)
    if "same" in kept:
        chosen["same"] = count_same(kept["same"], kept["token_ids"], chosen["last"], position)
    is_here = ops.reshape(ops.arange(ops.shape(kept["token_ids"])[-1]) == position, (1, 1, -1))
    all_ids = ops.where(is_here, ops.expand_dims(chosen["last"], -1), kept["token_ids"])
    ended = ops.logical_or(chosen["last"] == special.eos, kept["length"] >= ops.expand_dims(limits, 1))
    finished = ops.logical_or(kept["finished"], ended)
    return parents, {**chosen, "token_ids": all_ids, "length": kept["length"], "finished": finished}


def _is_done(hypotheses, limits, options):
    """Whether the `num_hypotheses` best of each sentence are finished and cannot be overtaken: bool (batch,)."""
    if options.beam_size == 1:
        return hypotheses["finished"][:, 0]
    # An open hypothesis can only lose probability; at best it loses none and reaches its limit.
    hope = hypotheses["log_prob"] / ops.expand_dims(_penalty(limits, options), 1)
    best_open = ops.max(ops.where(hypotheses["finished"], _NEVER, hope), axis=1)
    finished = ops.where(hypotheses["finished"], hypotheses["score"], 2 * _NEVER)
    return ops.top_k(finished, options.num_hypotheses)[0][:, -1] >= best_open


def _best(hypotheses, options):
    if options.beam_size == 1:
        return hypotheses["token_ids"], hypotheses["score"]
    finished_first = ops.where(hypotheses["finished"], hypotheses["score"], hypotheses["score"] + _NEVER)
    _, order = ops.top_k(finished_first, options.num_hypotheses)
    token_ids = ops.take_along_axis(hypotheses["token_ids"], ops.expand_dims(order, -1), axis=1)
    return token_ids, ops.take_along_axis(hypotheses["score"], order, axis=1)


def _penalty(length, options):
    return ((5.0 + ops.cast(length, "float32")) / 6.0) ** options.length_penalty


def _constrain(logits, position, hypotheses, options, special, repeats):
    """Lower the logits (rows, vocab) of forbidden tokens by 1e9."""
    token_ids = hypotheses["token_ids"]
    if special.suppressed:
        never = np.zeros(logits.shape[-1], "float32")
        never[list(special.suppressed)] = _NEVER
        logits = logits + ops.convert_to_tensor(never, logits.dtype)
    if options.min_length:
        too_early = ops.cast(position < options.min_length, logits.dtype)
        is_eos = ops.cast(ops.arange(logits.shape[-1], dtype="int32") == special.eos, logits.dtype)
        logits = logits + _NEVER * is_eos * too_early
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
    lower = ops.reshape(_NEVER * ops.cast(is_forbidden, logits.dtype), (-1,))
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
