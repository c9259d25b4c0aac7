"""Word alignments and coverage from attention, worked out by hand."""

import math

import numpy as np
import pytest

from kerasformer.interface.alignment import align, words_of
from kerasformer.interface.answers import Attention
from kerasformer.interface.coverage import coverage

SOURCE = ["▁Le", "▁cha", "t", ".", "</s>"]
TARGET = ["▁The", "▁c", "at.", "</s>"]
# One layer and head; rows are the steps that predict The, c, at. and the end.
STEPS = [[0.8, 0.1, 0.1, 0.0, 0.0], [0.1, 0.3, 0.3, 0.2, 0.1], [0.4, 0.1, 0.1, 0.3, 0.1], [0.0, 0.1, 0.2, 0.6, 0.1]]


def attention(*layers):
    return Attention(np.array([[layer] for layer in layers]), SOURCE, TARGET)


def test_pieces_become_words_and_punctuation_marks_are_words():
    words = words_of(["▁aujourd", "'", "hui", ",", "▁l'", "ami."])
    assert words.words == ("aujourd'hui", ",", "l'ami", ".")
    expected = np.zeros((4, 6))
    expected[0, :3] = expected[1, 3] = expected[2, 4] = 1
    expected[2, 5], expected[3, 5] = 3 / 4, 1 / 4  # the last piece ends a word and has the full stop
    np.testing.assert_allclose(words.shares, expected)


def test_each_target_word_is_linked_to_the_source_word_with_most_attention():
    found = align(attention(STEPS), is_after=False)
    assert found.source_words == ("Le", "chat", ".")
    assert found.target_words == ("The", "cat", ".")
    # "cat" has the whole piece "c" and two of the three letters of "at.".
    cat = (np.array(STEPS[1]) + 2 / 3 * np.array(STEPS[2])) / (5 / 3)
    expected = [(0, 0, 0.8), (1, 1, cat[1] + cat[2]), (0, 2, 0.4)]
    assert [link[:2] for link in found.links] == [link[:2] for link in expected]
    np.testing.assert_allclose([link[2] for link in found.links], [link[2] for link in expected])


def test_the_step_after_and_the_layer_are_chosen():
    other = np.roll(STEPS, 1, axis=0).tolist()  # what a token attends to once it is read
    after = align(attention(STEPS, other), depth=1.0, is_after=True)
    assert after == align(attention(STEPS), is_after=False)
    assert align(attention(STEPS, other), depth=0.0, is_after=False) == after
    assert align(attention(STEPS, other), depth=1.0, is_after=False) != after


def test_nothing_is_linked_to_nothing():
    nothing = Attention(np.ones((1, 1, 1, 1)), ["</s>"], ["</s>"])
    assert align(nothing).links == ()
    no_source = Attention(np.ones((1, 1, 3, 1)), ["</s>"], ["▁a", "▁b", "</s>"])
    assert align(no_source).target_words == ("a", "b")
    assert align(no_source).links == ()


def test_a_source_token_is_covered_by_the_attention_of_all_target_tokens():
    # Columns without eos add up to 1.3, 0.6, 0.7 and 1.1; more than 1 counts as 1.
    assert coverage(attention(STEPS)) == pytest.approx(math.log(0.6) + math.log(0.7))
    assert coverage(Attention(np.zeros((1, 1, 4, 5)), SOURCE, TARGET)) < -70
