"""Greedy search, beam search and sampling: one loop in the graph over any model with `start` and `decode_step`.

Greedy search is a beam of one: it keeps no alternatives, so nothing is reordered. Sampling is greedy search that draws
each token instead of taking the most likely one.
"""

import keras
from keras import ops

from kerasformer.generation.constraints import NEVER, Constraints, constrain
from kerasformer.generation.loops import LONGEST_LOOP, count_same
from kerasformer.generation.options import length_penalty


def search(start, decode_step, source_ids, limits, max_length, options, special, choose=None, given=None):
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
        given: the `Constraints` that depend on the texts, or None.

    Returns:
        token_ids int32 (batch, hypotheses, max_length), `eos` included and padded with `pad`, best first; and
        scores float (batch, hypotheses), the length-normalised log-probabilities, which no temperature changes.

    Raises:
        ValueError: for `choose` with a beam above 1.
    """
    beam, batch = options.beam_size, ops.shape(limits)[0]
    if choose and beam > 1:
        raise ValueError(f"sampling needs beam_size 1, got {beam}")
    given = given or Constraints()
    state = start(source_ids)
    if beam > 1:
        state = keras.tree.map_structure(lambda x: ops.repeat(x, beam, axis=0), state)  # (batch * beam, ...)

    def is_open(position, hypotheses, done, state):
        return ops.logical_and(position < max_length, ops.logical_not(ops.all(done)))

    def step(position, hypotheses, done, state):
        logits, new_state = decode_step(ops.reshape(hypotheses["last"], (-1, 1)), position, state)
        logits = ops.squeeze(logits, 1)  # not sliced, because LiteRT slices number by number
        logits, allowed = constrain(logits, position, hypotheses, options, special, given)
        candidates = _candidates(logits, allowed, position, hypotheses, special, choose)
        parents, hypotheses = _advance(candidates, position, hypotheses, limits, options, special)
        if beam > 1:
            new_state = _follow(parents, state, new_state)
        return position + 1, hypotheses, _is_done(hypotheses, limits, options), new_state

    position, done = ops.zeros((), dtype="int32"), ops.zeros((batch,), dtype="bool")
    hypotheses = _first_hypotheses(batch, beam, max_length, special)
    if given.repeats is not None:
        hypotheses["same"] = ops.zeros((batch, beam, LONGEST_LOOP), dtype="int32")
    _, hypotheses, _, _ = ops.while_loop(is_open, step, (position, hypotheses, done, state))
    return _best(hypotheses, options)


def _first_hypotheses(batch, beam, max_length, special):
    # A sentence begins with one hypothesis; its copies are worth nothing until it has been extended.
    one = ops.concatenate([ops.zeros((batch, 1)), ops.full((batch, beam - 1), NEVER)], axis=1)
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
    frozen = ops.where(is_first, 0.0, NEVER)
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
    score = log_prob / ops.expand_dims(length_penalty(length, options), -1)
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
    hope = hypotheses["log_prob"] / ops.expand_dims(length_penalty(limits, options), 1)
    best_open = ops.max(ops.where(hypotheses["finished"], NEVER, hope), axis=1)
    finished = ops.where(hypotheses["finished"], hypotheses["score"], 2 * NEVER)
    return ops.top_k(finished, options.num_hypotheses)[0][:, -1] >= best_open


def _best(hypotheses, options):
    if options.beam_size == 1:
        return hypotheses["token_ids"], hypotheses["score"]
    finished_first = ops.where(hypotheses["finished"], hypotheses["score"], hypotheses["score"] + NEVER)
    _, order = ops.top_k(finished_first, options.num_hypotheses)
    token_ids = ops.take_along_axis(hypotheses["token_ids"], ops.expand_dims(order, -1), axis=1)
    return token_ids, ops.take_along_axis(hypotheses["score"], order, axis=1)
