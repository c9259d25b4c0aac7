"""Decoding: it knows logits and states, and imports no layer, model or tokenizer."""

from kerasformer.generation.sampling import Sampling, sample
from kerasformer.generation.search import SearchOptions, SpecialIds, search

__all__ = ["Sampling", "SearchOptions", "SpecialIds", "sample", "search"]
