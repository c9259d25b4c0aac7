"""The benchmark of made pairs trains on as many sentences of each kind."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "benchmarks"))
from augmentation import training_pairs

PAIRS = [(f"Où est {name} ? N{i}.", f"Where is {name}? N{i}.") for i in range(30) for name in ("Tom", "Marie")]


@pytest.mark.parametrize("kind", ["text as typed", "other names", "texts to be copied"])
def test_a_third_of_the_pairs_is_made_from_others(kind):
    found = training_pairs(kind, PAIRS, 30)
    assert (len(found), found[:20]) == (30, PAIRS[10:30])
    assert len(set(found[20:]) - set(PAIRS)) > 5


def test_a_third_of_the_sentences_is_joined():
    found = training_pairs("joined sentences", PAIRS, 30)
    assert " ".join(source for source, _ in found) == " ".join(source for source, _ in PAIRS[20:30] + PAIRS[10:20])
    assert found[:10] == PAIRS[20:30]
    assert all(source.count("?") == target.count("?") in (2, 3) for source, target in found[10:-1])


def test_the_control_has_pairs_of_the_corpus():
    assert training_pairs("none", PAIRS, 30) == PAIRS[:30]
