"""The hypotheses of each sentence: extended by candidates, ranked, finished, and the best of them chosen.

Hypotheses are a dict of tensors (batch, beam, ...): "token_ids" int32 (..., max_length), "last" int32, the last token,
"length" int32, "log_prob" float, "finished" bool, "score" float, the length-normalised log-probability; and what search
keeps for each beside them, such as "same", see `loops.count_same`.
"""

from keras import ops

from kerasformer.generation.constraints import NEVER
from kerasformer.generation.largest import largest, log_normaliser
from kerasformer.generation.loops import count_same
from kerasformer.generation.options import length_penalty


def first_hypotheses(batch, beam, max_length, special):
    """Hypotheses without a token. A sentence has one; its copies are worth nothing until it has been extended."""
    one = ops.concatenate([ops.zeros((batch, 1)), ops.full((batch, beam - 1), NEVER)], axis=1)
    return {
        "token_ids": ops.full((batch, beam, max_length), special.pad, dtype="int32"),
        "last": ops.full((batch, beam), special.bos, dtype="int32"),
        "length": ops.zeros((batch, beam), dtype="int32"),
        "log_prob": one,
        "finished": ops.zeros((batch, beam), dtype="bool"),
        "score": one,
    }


def candidates_of(logits, allowed, position, hypotheses, special, choose):
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
        values, token_ids = largest(allowed, num_candidates)
    log_prob = ops.reshape(values - log_normaliser(logits), (batch, beam, num_candidates))
    token_ids = ops.reshape(ops.cast(token_ids, "int32"), (batch, beam, num_candidates))
    # A finished hypothesis is frozen: its only continuation is padding, at no cost.
    finished = ops.expand_dims(hypotheses["finished"], -1)
    is_first = ops.reshape(ops.arange(num_candidates) == 0, (1, 1, num_candidates))
    frozen = ops.where(is_first, 0.0, NEVER)
    return ops.where(finished, frozen, log_prob), ops.where(finished, special.pad, token_ids)


def extend(candidates, position, hypotheses, limits, options, special):
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
            for name in ("token_ids", "same", "ancestors")
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
    return parents, {**kept, **chosen, "token_ids": all_ids, "finished": finished}


def is_done(hypotheses, limits, options):
    """Whether the `num_hypotheses` best of each sentence are finished and cannot be overtaken: bool (batch,)."""
    if options.beam_size == 1:
        return hypotheses["finished"][:, 0]
    # An open hypothesis can only lose probability; at best it loses none and reaches its limit.
    hope = hypotheses["log_prob"] / ops.expand_dims(length_penalty(limits, options), 1)
    best_open = ops.max(ops.where(hypotheses["finished"], NEVER, hope), axis=1)
    finished = ops.where(hypotheses["finished"], hypotheses["score"], 2 * NEVER)
    return ops.top_k(finished, options.num_hypotheses)[0][:, -1] >= best_open


def best(hypotheses, options):
    """The token ids and scores of the best hypotheses of each sentence, as `search` returns them."""
    if options.beam_size == 1:
        return hypotheses["token_ids"], hypotheses["score"]
    finished_first = ops.where(hypotheses["finished"], hypotheses["score"], hypotheses["score"] + NEVER)
    _, order = ops.top_k(finished_first, options.num_hypotheses)
    token_ids = ops.take_along_axis(hypotheses["token_ids"], ops.expand_dims(order, -1), axis=1)
    return token_ids, ops.take_along_axis(hypotheses["score"], order, axis=1)
