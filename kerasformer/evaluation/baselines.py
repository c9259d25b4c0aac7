"""Baselines that need no learning: the most frequent answer, and the answer to the most similar question.

Both are made from training pairs, map a list of texts to a list of texts, and can be evaluated as a translator is.
"""

from collections import Counter

import numpy as np

from kerasformer.data.cleaning import overlap_key
from kerasformer.errors import InputError

_BATCH = 64  # texts that are compared with all sources at once


class MostFrequentAnswer:
    """Answers every text with the most frequent target, the first one among equals.

    Args:
        pairs: list of (source, target), for training.

    Raises:
        InputError: if there are no pairs.
    """

    def __init__(self, pairs):
        _require(pairs)
        self.answer = Counter(target for _, target in pairs).most_common(1)[0][0]

    def __call__(self, texts):
        """The same answer for each text."""
        return [self.answer] * len(texts)


class NearestQuestion:
    """Answers with the target of the most similar training source, the first one among equals.

    The similarity is the cosine of TF-IDF vectors of character n-grams (n from 1 to 3) of normalised, case-folded text.
    A text without a known character gets the first target.

    Args:
        pairs: list of (source, target), for training.

    Raises:
        InputError: if there are no pairs, or scikit-learn is not installed.

    Reference: Salton and Buckley 1988, "Term-Weighting Approaches in Automatic Text Retrieval".
    """

    def __init__(self, pairs):
        _require(pairs)
        try:
            from sklearn.feature_extraction.text import TfidfVectorizer
        except ImportError:
            raise InputError('the nearest question needs scikit-learn: pip install "kerasformer[baselines]"') from None
        self.answers = [target for _, target in pairs]
        self.vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), preprocessor=overlap_key)
        self.sources = self.vectorizer.fit_transform([source for source, _ in pairs])

    def __call__(self, texts):
        """The answer to each text of a list."""
        return [self.answers[row] for row in self.nearest(texts)]

    def nearest(self, texts):
        """The index of the most similar training source for each text of a list: list of int."""
        found = []
        for begin in range(0, len(texts), _BATCH):
            similarity = self.vectorizer.transform(texts[begin : begin + _BATCH]) @ self.sources.T  # (text, source)
            # Rounded, because equal sources may differ in the last bits.
            found += np.round(similarity.toarray(), 9).argmax(axis=1).tolist()
        return found


def _require(pairs):
    if not pairs:
        raise InputError("a baseline needs training pairs: there are none")
