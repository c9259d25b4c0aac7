"""Baselines: answers worked out by hand, and against cosines computed from counts."""

import sys
from collections import Counter

import numpy as np
import pytest

from kerasformer.data.cleaning import overlap_key
from kerasformer.errors import InputError
from kerasformer.evaluation.baselines import MostFrequentAnswer, NearestQuestion


def test_the_most_frequent_answer_is_given_to_all():
    baseline = MostFrequentAnswer([("a", "x"), ("b", "y"), ("c", "y")])
    assert baseline(["a", "", "who?"]) == ["y"] * 3
    assert baseline([]) == []
    assert MostFrequentAnswer([("a", "x"), ("b", "y"), ("c", "y"), ("d", "x")])(["b"]) == ["x"]


def test_the_answer_is_that_of_the_question_with_the_most_in_common():
    baseline = NearestQuestion([("good morning", "up!"), ("good night", "sleep!"), ("밥 먹었어?", "네.")])
    assert baseline(["morning", "at night", "밥 먹자", "good night"]) == ["up!", "sleep!", "네.", "sleep!"]
    assert baseline([]) == []


def test_rare_characters_weigh_more():
    # The text shares one character with either kind of question. "a" stands in three of four, so its weight is
    # ln(5/4) + 1 = 1.22; "b" in one, so its weight is ln(5/2) + 1 = 1.92. "x", "y" and "z" are as rare as "b".
    pairs = [("ax", "often"), ("ay", "often"), ("az", "often"), ("bw", "rare")]
    assert NearestQuestion(pairs)(["b-a"]) == ["rare"]


def test_a_longer_question_is_not_nearer_for_its_length():
    # Both hold all of "ab"; the second much more beside.
    assert NearestQuestion([("abcdefghij", "long"), ("abc", "short")])(["ab"]) == ["short"]


def test_of_equals_the_first_answers():
    pairs = [("other", "0"), ("same", "1"), ("same", "2"), ("SAME ", "3")]
    assert NearestQuestion(pairs)(["same"]) == ["1"]
    assert NearestQuestion(pairs[::-1])(["same"]) == ["3"]
    # ab and ba hold the same characters, each in one n-gram of two that the text has not.
    assert NearestQuestion([("ba", "first"), ("ab", "second")])(["a-b"]) == ["first"]


@pytest.mark.parametrize("text", ["", " ", "§§", "\u200b"])
def test_nothing_in_common_gets_the_first_answer(text):
    assert NearestQuestion([("", "none"), ("ab", "x")])([text]) == ["none"]
    assert NearestQuestion([("ab", "x"), ("cd", "y")])([text]) == ["x"]


def test_the_nearest_has_the_highest_cosine_in_several_batches():
    rng = np.random.default_rng(0)
    questions, texts = (["".join(rng.choice(list("abc de"), rng.integers(1, 12))) for _ in range(n)] for n in (80, 90))
    grams = [
        Counter(key[i : i + n] for n in (1, 2, 3) for i in range(len(key) - n + 1))
        for key in map(overlap_key, questions + texts)
    ]
    columns = sorted(set().union(*grams[:80]))
    counts = np.array([[row[gram] for gram in columns] for row in grams], "float64")
    weighted = counts * (np.log(81 / (1 + (counts[:80] > 0).sum(0))) + 1)
    weighted /= np.maximum(np.linalg.norm(weighted, axis=1, keepdims=True), 1e-9)
    cosines = weighted[80:] @ weighted[:80].T
    found = NearestQuestion([(question, "") for question in questions])
    expected = [np.flatnonzero(np.isclose(cosine, cosine.max(), atol=1e-9))[0] for cosine in cosines]
    assert found.nearest(texts) == expected


def test_without_scikit_learn_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.feature_extraction.text", None)
    with pytest.raises(InputError, match=r'needs scikit-learn: pip install "kerasformer\[baselines\]"'):
        NearestQuestion([("a", "b")])


@pytest.mark.parametrize("baseline", [MostFrequentAnswer, NearestQuestion])
def test_without_pairs_there_is_no_baseline(baseline):
    with pytest.raises(InputError, match="a baseline needs training pairs: there are none"):
        baseline([])
