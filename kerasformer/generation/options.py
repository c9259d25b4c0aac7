"""The options of a search, and what they make of the length of a source."""

import copy
import dataclasses
import math

from keras import ops

from kerasformer.errors import check_types, require, require_at_least

LONGEST_NGRAM = 100  # each token of an n-gram adds operations to every step


@dataclasses.dataclass(frozen=True)
class SearchOptions:
    """How to search. A graph is compiled for these; the values it samples with are its inputs, see `sampler`.

    Args:
        beam_size: hypotheses kept at each step; 1 is greedy search.
        num_hypotheses: how many of them are returned, best first.
        length_penalty: alpha of Wu et al. 2016, "Google's Neural Machine Translation System", equation 14; a
            hypothesis of log-probability p and length n scores p / ((5 + n) / 6) ** alpha.
        min_length: number of tokens before `eos` is allowed.
        repetition_penalty: what divides the logits of tokens that a hypothesis has already, and multiplies negative
            ones; above 1 it makes repetitions less likely. Scores are those of the distribution it changes. Keskar et
            al. 2019, "CTRL: A Conditional Transformer Language Model for Controllable Generation", section 4.1.
        no_repeat_ngram: length of n-grams that may not be repeated, at most `LONGEST_NGRAM`; 0 allows all.
        max_repeats: how often the same tokens, 1 to `loops.LONGEST_LOOP` of them, may stand in a row; more often if the
            source repeats itself more often, see `repeat_limits`. 0 allows all; new translators are saved with 4.
        max_length_ratio: a hypothesis has at most ratio * source tokens + `max_length_offset` tokens.
        max_length_offset: see `max_length_ratio`.
        max_new_tokens: the most tokens, `eos` included, that follow the prefix if there is one; 0 for no further limit.

    Raises:
        InputError: for a value of another type or out of range.
    """

    beam_size: int = 1
    num_hypotheses: int = 1
    length_penalty: float = 1.0
    min_length: int = 0
    repetition_penalty: float = 1.0
    no_repeat_ngram: int = 0
    max_repeats: int = 0
    max_length_ratio: float = 2.0
    max_length_offset: int = 10
    max_new_tokens: int = 0

    def __post_init__(self):
        check_types(self)
        require_at_least(1, self, "beam_size", "max_length_offset")
        wanted, beam = self.num_hypotheses, self.beam_size
        require(1 <= wanted <= beam, "num_hypotheses", wanted, f"between 1 and beam_size = {beam}")
        require_at_least(0, self, "min_length", "no_repeat_ngram", "max_repeats", "max_length_ratio", "length_penalty")
        require_at_least(0, self, "max_new_tokens")
        penalty = self.repetition_penalty
        require(0 < penalty < math.inf, "repetition_penalty", penalty, "above 0; 1 changes nothing")
        ngram = self.no_repeat_ngram
        require(ngram <= LONGEST_NGRAM, "no_repeat_ngram", ngram, f"at most {LONGEST_NGRAM}")

    def with_inputs(self, **tensors):
        """These options with scalar tensors for some of them, so that one graph serves all their values."""
        changed = copy.copy(self)
        vars(changed).update(tensors)
        return changed

    def limit(self, source_length, max_length):
        """The most tokens of a hypothesis, `eos` included, for a source of `source_length` tokens without `eos`."""
        return min(max_length, int(self.max_length_ratio * source_length) + self.max_length_offset)


def is_on(value, off):
    """Whether an option has an effect: a tensor may have one, a number has none if it is `off`."""
    return not isinstance(value, (int, float)) or value != off


@dataclasses.dataclass(frozen=True)
class SpecialIds:
    """The special token ids that search needs to know. The ids in `suppressed` are never chosen."""

    pad: int
    bos: int
    eos: int
    suppressed: tuple = ()


def length_penalty(length, options):
    """What a log-probability is divided by for a score, for lengths int32 of any shape: float of the same shape."""
    return ((5.0 + ops.cast(length, "float32")) / 6.0) ** options.length_penalty


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
