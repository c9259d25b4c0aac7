"""Greedy search, beam search and sampling: one loop in the graph over any model with `start` and `decode_step`.

Greedy search is a beam of one: it keeps no alternatives, so nothing is reordered. Sampling is greedy search that draws
each token instead of taking the most likely one.
"""

import dataclasses

import keras
from keras import ops

from kerasformer.generation.constraints import Constraints, constrain
from kerasformer.generation.hypotheses import best, candidates_of, extend, first_hypotheses, is_done
from kerasformer.generation.loops import LONGEST_LOOP

_CHANGED = ("position", "hypotheses", "done", "state")  # of the progress, by each step


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
    progress = begin(start(source_ids), limits, max_length, options, special, given)
    progress = advance(decode_step, progress, max_length, options, special, choose)
    return best(progress["hypotheses"], options)


def begin(state, limits, max_length, options, special, given=None, shares_state=False):
    """A search before its first step.

    Args:
        state: a nest of tensors (batch, ...).
        limits, max_length, options, special, given: as for `search`.
        shares_state: bool, whether the hypotheses of a sentence share one state, as `advance` explains.

    Returns:
        dict of "position" int32 (); "hypotheses", see there; "done" bool (batch,); "state", its axis batch repeated for
        each hypothesis if they do not share it; "limits", and the `Constraints` that are given, by their names.
    """
    batch, beam = ops.shape(limits)[0], options.beam_size
    constraints = {name: value for name, value in vars(given or Constraints()).items() if value is not None}
    hypotheses = first_hypotheses(batch, beam, max_length, special)
    if "repeats" in constraints:
        hypotheses["same"] = ops.zeros((batch, beam, LONGEST_LOOP), dtype="int32")
    if beam > 1 and shares_state:
        hypotheses["ancestors"] = ops.full((batch, beam, max_length), -1, dtype="int32")
    elif beam > 1:
        state = keras.tree.map_structure(lambda x: ops.repeat(x, beam, axis=0), state)  # (batch * beam, ...)
    position, done = ops.zeros((), dtype="int32"), ops.zeros((batch,), dtype="bool")
    progress = {"position": position, "hypotheses": hypotheses, "done": done, "state": state}
    return {**progress, "limits": limits, **constraints}


def advance(decode_step, progress, until, options, special, choose=None):
    """Go on with a search until a position, or until no sentence is open.

    Args:
        decode_step: as for `search`. If the hypotheses of a sentence share a state it is (token_ids int32 (batch,
            beam), position int32 (), state, ancestors int32 (batch, beam, max_length)) -> (logits float (batch, beam,
            vocab), state): entry j of `token_ids` is place j of the step, and `ancestors` names, for each hypothesis
            and step, the place that it descends from; -1 for steps to come.
        progress: what `begin` or `advance` returned.
        until: int or int32 scalar, the position to stop at.
        options, special, choose: as for `search`.

    Returns:
        The progress made.

    Raises:
        ValueError: for `choose` with a beam above 1.
    """
    if choose and options.beam_size > 1:
        raise ValueError(f"sampling needs beam_size 1, got {options.beam_size}")

    def is_open(position, hypotheses, done, state):
        return ops.logical_and(position < until, ops.logical_not(ops.all(done)))

    def step(*found):
        now = {**progress, **dict(zip(_CHANGED, found, strict=True))}
        after = advance_once(decode_step, now, options, special, choose)
        return tuple(after[name] for name in _CHANGED)

    found = ops.while_loop(is_open, step, tuple(progress[name] for name in _CHANGED))
    return {**progress, **dict(zip(_CHANGED, found, strict=True))}


def advance_once(decode_step, progress, options, special, choose=None):
    """Go on with a search by one step; see `advance`."""
    position, hypotheses, state = (progress[name] for name in ("position", "hypotheses", "state"))
    given = Constraints(**{field.name: progress.get(field.name) for field in dataclasses.fields(Constraints)})
    logits, hypotheses, new_state = _step(decode_step, position, hypotheses, state)
    logits, allowed = constrain(logits, position, hypotheses, options, special, given)
    candidates = candidates_of(logits, allowed, position, hypotheses, special, choose)
    parents, hypotheses = extend(candidates, position, hypotheses, progress["limits"], options, special)
    if parents is not None and "ancestors" not in hypotheses:
        new_state = _follow(parents, state, new_state)
    done = is_done(hypotheses, progress["limits"], options)
    return {**progress, "position": position + 1, "hypotheses": hypotheses, "done": done, "state": new_state}


def _step(decode_step, position, hypotheses, state):
    """Logits (batch * beam, vocab) after the last tokens, the hypotheses and the new state."""
    last = hypotheses["last"]
    if "ancestors" not in hypotheses:
        logits, state = decode_step(ops.reshape(last, (-1, 1)), position, state)
        return ops.squeeze(logits, 1), hypotheses, state  # not sliced, because LiteRT slices number by number
    ancestors, beam = hypotheses["ancestors"], last.shape[1]
    is_here = ops.arange(ops.shape(ancestors)[2], dtype="int32") == position
    place = ops.reshape(ops.arange(beam, dtype="int32"), (1, beam, 1))
    hypotheses = {**hypotheses, "ancestors": ops.where(ops.reshape(is_here, (1, 1, -1)), place, ancestors)}
    logits, state = decode_step(last, position, state, hypotheses["ancestors"])
    return ops.reshape(logits, (-1, logits.shape[-1])), hypotheses, state


def _follow(parents, state, new_state):
    """Reorder the state (batch * beam, ...) so that each hypothesis has that of its parent (batch, beam)."""
    batch, beam = ops.shape(parents)[0], parents.shape[1]
    rows = ops.reshape(parents + beam * ops.expand_dims(ops.arange(batch), 1), (-1,))
    # What a step returns unchanged has always been the same for all hypotheses of a sentence.
    return keras.tree.map_structure(
        lambda old, new: new if new is old else ops.take(new, rows, axis=0), state, new_state
    )
