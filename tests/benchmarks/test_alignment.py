"""The statistical aligner of the benchmark finds the links of a language of which each word has one translation."""

import pathlib
import random
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "benchmarks"))
from alignment import agreement, intersection, statistical_links


def test_words_with_one_translation_are_linked_whatever_their_order():
    rng = random.Random(0)
    pairs = []
    for _ in range(400):
        source = [f"s{rng.randrange(30)}" for _ in range(rng.randrange(2, 7))]
        target = ["t" + word[1:] for word in source]
        target[:2] = target[1::-1]  # the first two change places
        pairs.append((source, target))
    found = intersection(pairs)
    wanted = [{(min(i, 1) ^ 1 if i < 2 else i, i) for i in range(len(source))} for source, _ in pairs]
    certain = [len(set(source)) == len(source) for source, _ in pairs]
    found, wanted = ([one for one, keep in zip(links, certain, strict=True) if keep] for links in (found, wanted))
    assert agreement(found, wanted)["aer"] < 2


def test_a_word_of_no_source_word_has_no_link():
    pairs = [(["a"], ["b"]), (["a", "c"], ["b", "d"]), (["c"], ["d"]), (["a"], ["b", "."]), (["c"], ["d", "."])] * 5
    pairs += [(["e"], ["."]), (["f"], ["."]), (["g"], ["."])]
    links = statistical_links(pairs)
    assert links[1].tolist() == [0, 1]
    assert links[0].tolist() == [0]


def test_agreement_by_hand():
    scores = agreement([{(0, 0), (1, 1), (2, 2)}, {(0, 1)}], [{(0, 0), (1, 1)}, {(0, 0)}])
    assert scores == {"precision": 50.0, "recall": pytest.approx(200 / 3), "aer": pytest.approx(100 * (1 - 4 / 7))}
