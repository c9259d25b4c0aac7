"""How a translator searches: its options by name, and the search in the graph of its model."""

import dataclasses

from keras import ops

from kerasformer.errors import InputError, require
from kerasformer.generation import (
    Constraints,
    SearchOptions,
    SpecialIds,
    advance,
    advance_once,
    begin,
    best,
    is_on,
    length_limits,
    repeat_limits,
)
from kerasformer.interface.sampling import SAMPLING_OPTIONS, split_sampling
from kerasformer.tokenizer import BOS_ID, EOS_ID, PAD_ID, UNK_ID

SPECIAL_IDS = SpecialIds(pad=PAD_ID, bos=BOS_ID, eos=EOS_ID, suppressed=(PAD_ID, UNK_ID, BOS_ID))


def decode_options(**options):
    """The `SearchOptions` and the `Sampling` of options by name.

    Raises:
        InputError: for an unknown option, or a value out of range.
    """
    found, (sampling, _) = search_options(options), split_sampling(options)
    if sampling.temperature:
        require(found.beam_size == 1, "beam_size", found.beam_size, "1 for a temperature above 0, which samples")
    return found, sampling


def search_options(decoding, **changes):
    """The `SearchOptions` of a dict of decode options, with changes; the options of `Sampling` in it are left out.

    Raises:
        InputError: for an unknown option, or a value out of range.
    """
    _, options = split_sampling({**decoding, **changes})
    names = [field.name for field in dataclasses.fields(SearchOptions)]
    unknown = sorted(set(options) - set(names))
    if unknown:
        known = ", ".join([*names, *SAMPLING_OPTIONS])
        raise InputError(f"there is no decode option {', '.join(unknown)}; there are {known}")
    return SearchOptions(**options)


def search_model(model, options, source_ids, max_length, choose=None, prefix=None, suppressed=None):
    """Search with an `EncoderDecoder`, in the graph.

    Args:
        model: the `EncoderDecoder` of a translator.
        options: `SearchOptions`.
        source_ids: int32 (batch, source), each source with its `eos`, padded.
        max_length: int or int32 scalar, the most tokens of all hypotheses; at least `limits_of` them.
        choose: see `generation.search`.
        prefix, suppressed: see `generation.Constraints`.

    Returns:
        As `generation.search`.
    """
    progress = begin_search(model, options, source_ids, max_length, max_length, prefix, suppressed)
    return advance_search(model, options, progress, max_length, choose)[1]


def begin_search(model, options, source_ids, max_length, room, prefix=None, suppressed=None):
    """The progress of a search before its first step, see `generation.begin`, with caches for `room` steps."""
    limits = limits_of(model, options, source_ids, prefix)
    repeats = repeat_limits(source_ids, options.max_repeats, PAD_ID) if options.max_repeats else None
    given = Constraints(repeats, prefix, suppressed)
    state = model.begin(source_ids, room * sharing(model, options))
    return begin(state, limits, max_length, options, SPECIAL_IDS, given, model.beam_graph is not None)


def advance_search(model, options, progress, until, choose=None):
    """The progress when a position is reached or no sentence is open, see `generation.advance`, and the `best` then."""
    step = model.step if sharing(model, options) == 1 else model.beam_step
    progress = advance(step, progress, until, options, SPECIAL_IDS, choose)
    return progress, best(progress["hypotheses"], options)


def advance_search_once(model, options, progress):
    """The same after one step of a greedy search that is not done."""
    progress = advance_once(model.step, progress, options, SPECIAL_IDS)
    return progress, best(progress["hypotheses"], options)


def sharing(model, options):
    """The number of hypotheses that share one cache."""
    return options.beam_size if model.beam_graph else 1


def limits_of(model, options, source_ids, prefix=None):
    """The most tokens of a hypothesis for each source int32 (batch, source), in the graph: int32 (batch,).

    A prefix int32 (batch, length) leaves as many for what follows it, unless the model cannot write so many.
    """
    most = model.config.max_length
    limits = length_limits(_count(source_ids) - 1, options, most)
    if is_on(options.max_new_tokens, 0):
        limits = ops.where(options.max_new_tokens > 0, ops.minimum(limits, options.max_new_tokens), limits)
    return limits if prefix is None else ops.minimum(limits + _count(prefix), most)


def _count(token_ids):
    """The number of tokens of each row (batch, length) that are no padding."""
    return ops.sum(ops.cast(token_ids != PAD_ID, "int32"), axis=1)
