"""What a call asks of a translator beside the search: how translations begin, and what they must not have."""

import dataclasses
import math

import numpy as np

from kerasformer.errors import InputError, check_types, require, require_at_least
from kerasformer.tokenizer import PAD_ID

SUPPRESSED = (32, 8)  # the table of a device: sequences, tokens of each


@dataclasses.dataclass(frozen=True)
class Request:
    """What a call asks for.

    Args:
        prefix: str, with which every translation begins; or a list of str, one for each text, "" for none. Only for
            texts of one sentence, in which nothing is protected.
        alternatives: int, how many translations of each text are returned that differ in the first token after the
            prefix, the most likely of these tokens first; 0 for those of the search.
        suppress: list of str, words and sequences of words that may not occur, in the tokens that each has by itself.
        coverage_penalty: float, beta of Wu et al. 2016, equation 14, by which the hypotheses of a beam are ranked again
            when they are finished: those that attend little to a part of the source lose score. 0 for none.
        token_log_probs: bool, whether each `Hypothesis` has those of its tokens.
        alignment: bool, whether each `Hypothesis` has the `Alignment` of each of its sentences.

    Raises:
        InputError: for a value of another type or out of range.
    """

    prefix: object = ""
    alternatives: int = 0
    suppress: object = ()
    coverage_penalty: float = 0.0
    token_log_probs: bool = False
    alignment: bool = False

    def __post_init__(self):
        check_types(self)
        require_at_least(0, self, "alternatives")
        penalty = self.coverage_penalty
        require(0 <= penalty < math.inf, "coverage_penalty", penalty, "a number of at least 0")
        is_text = isinstance(self.prefix, str)
        require(is_text or _are_texts(self.prefix), "prefix", self.prefix, "a text, or a list of them")
        words = self.suppress
        require(
            _are_texts(words) and all(map(str.strip, words)), "suppress", words, "a list of texts, none of them empty"
        )

    @property
    def is_continued(self):
        """Whether translations continue what is given, or differ in their first token."""
        return bool(self.alternatives or self.prefix)

    def prefixes(self, texts):
        """The prefix of each text: list of str."""
        if isinstance(self.prefix, str):
            return [self.prefix] * len(texts)
        if len(self.prefix) != len(texts):
            raise InputError(f"there are {len(texts)} texts and {len(self.prefix)} prefixes: give one for each text")
        return list(self.prefix)

    def changed(self, options):
        """Split a dict of options into this request with its changes, and the other options."""
        names = [field.name for field in dataclasses.fields(self)]
        changes = {name: options[name] for name in names if name in options}
        others = {name: value for name, value in options.items() if name not in names}
        return dataclasses.replace(self, **changes) if changes else self, others


def _are_texts(value):
    return isinstance(value, (list, tuple)) and all(isinstance(text, str) for text in value)


def suppression_table(sequences, shape=None):
    """Sequences of token ids as a graph takes them, each with padding before it.

    Args:
        sequences: list of lists of int.
        shape: (rows, width) of the table; None for the next multiples of 8 and 4.

    Returns:
        int32 (rows, width).

    Raises:
        InputError: if they do not fit.
    """
    longest = max(map(len, sequences), default=1)
    rows, width = shape or (8 * math.ceil(max(len(sequences), 1) / 8), 4 * math.ceil(longest / 4))
    if len(sequences) > rows or longest > width:
        raise InputError(
            f"suppress takes at most {rows} sequences of {width} tokens here, got {len(sequences)} of up to {longest}: "
            "use the bundle or the SavedModel"
        )
    table = np.full((rows, width), PAD_ID, "int32")
    for row, sequence in zip(table, sequences, strict=False):
        row[width - len(sequence) :] = sequence
    return table
