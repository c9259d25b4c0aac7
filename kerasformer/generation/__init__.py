"""Decoding: it knows logits and states, and imports no layer, model or tokenizer."""

from kerasformer.generation.constraints import Constraints
from kerasformer.generation.hypotheses import best
from kerasformer.generation.loops import repeat_limits
from kerasformer.generation.options import SearchOptions, SpecialIds, is_on, length_limits, length_penalty
from kerasformer.generation.sampling import sample, sampler
from kerasformer.generation.search import advance, advance_once, begin, search

__all__ = [
    "Constraints",
    "SearchOptions",
    "SpecialIds",
    "advance",
    "advance_once",
    "begin",
    "best",
    "is_on",
    "length_limits",
    "length_penalty",
    "repeat_limits",
    "sample",
    "sampler",
    "search",
]
