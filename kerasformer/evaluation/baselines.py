"""What a model must beat: answers without learning, the most frequent one, and that of the most similar question.

Both are functions from texts to texts, made of training pairs, and can be evaluated as any translator.
"""

from array import array
from collections import Counter

import numpy as np

from kerasformer.data.cleaning import overlap_key
from kerasformer.errors import InputError

LONGEST_GRAM = 3


class MostFrequentAnswer:
    """Answers everything with the target that comes most often, the first of equals.

    Args:
        pairs: list of (source, target), for training.

    Raises:
        InputError: if there are no pairs.
    """

    def __init__(self, pairs):
        _require(pairs)
        ((self.answer, _),) = Counter(target for _, target in pairs).most_common(1)

    def __call__(self, texts):
        """The answer, as often as there are texts."""
        return [self.answer] * len(texts)


class NearestQuestion:
    """Answers with the target of the training source most similar to a text, the first of equals.

    Similar is the cosine of counts of character n-grams, of 1 to 3, case and form aside, each weighted by
    `ln((1 + sources) / (1 + sources with it)) + 1`. A text without a known character gets the first target.

    Args:
        pairs: list of (source, target), for training.

    Raises:
        InputError: if there are no pairs.

    Reference: Salton and Buckley 1988, "Term-Weighting Approaches in Automatic Text Retrieval".
    """

    def __init__(self, pairs):
        _require(pairs)
        self.answers = [target for _, target in pairs]
        self.vocabulary, sizes = {}, []
        gram, count = array("q"), array("q")  # an entry for each n-gram of each source
        for source, _ in pairs:
            grams = _grams(source)
            gram.extend(self.vocabulary.setdefault(found, len(self.vocabulary)) for found in grams)
            count.extend(grams.values())
            sizes.append(len(grams))
        gram, source = np.array(gram), np.repeat(np.arange(len(pairs)), sizes)
        sources_with_it = np.bincount(gram, minlength=len(self.vocabulary))
        self.weights = np.log((1 + len(pairs)) / (1 + sources_with_it)) + 1
        value = np.array(count) * self.weights[gram]
        value /= np.sqrt(np.bincount(source, value**2, minlength=len(pairs)))[source]
        order = np.argsort(gram, kind="stable")  # those of the same n-gram together
        self.sources, self.values = source[order], value[order]
        self.begins = np.concatenate([[0], np.cumsum(sources_with_it)])

    def __call__(self, texts):
        """The answer to each of a list of texts."""
        return [self.answers[self.nearest(text)] for text in texts]

    def nearest(self, text):
        """The index of the training source most similar to a text."""
        similarity = np.zeros(len(self.answers))
        for gram, count in _grams(text).items():
            if gram in self.vocabulary:
                index = self.vocabulary[gram]
                entries = slice(self.begins[index], self.begins[index + 1])
                similarity[self.sources[entries]] += count * self.weights[index] * self.values[entries]
        # The text's own norm divides all alike and is left out; rounded, since equals may differ in the last bits.
        return int(np.argmax(np.round(similarity, 9)))


def _grams(text):
    """How often each character n-gram stands in a text."""
    text = overlap_key(text)
    return Counter(
        text[begin : begin + length] for length in range(1, LONGEST_GRAM + 1) for begin in range(len(text) - length + 1)
    )


def _require(pairs):
    if not pairs:
        raise InputError("a baseline needs training pairs: there are none")
