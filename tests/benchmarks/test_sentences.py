"""The benchmark of texts of several sentences counts the sentences that come out."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "benchmarks"))
from sentences import make_texts, measure, single_sentences, table

from kerasformer.interface.answers import Hypothesis
from kerasformer.interface.rules import TextRules
from kerasformer.interface.text import BaseTranslator

PAIRS = [("Un chat dort.", "A cat sleeps now."), ("Il pleut.", "It is raining here."), ("Oui, toi !", "Yes, you are!")]


class Forgetful(BaseTranslator):
    """Translates only the first sentence of what it is given."""

    def __init__(self):
        super().__init__("fr", "en", 99, TextRules("nfkc"))

    def count(self, texts):
        return [len(text.split()) for text in texts]

    def knows(self, texts):
        return [True for _ in texts]

    def decode(self, pieces):
        answers = dict(PAIRS)
        return [
            [Hypothesis(next(answers[source] for source in answers if piece.startswith(source)), 0.0, ())]
            for piece in pieces
        ]


def test_only_pairs_of_single_sentences_are_joined():
    pairs = [*PAIRS, ("Oui. Non.", "Yes."), ("Oui", "Yes."), ("Oui.", "Yes. Yes."), ("...", "...")]
    assert single_sentences(pairs) == PAIRS
    [(source, target)] = make_texts(PAIRS, 3, 1)
    assert sorted(source.split()) == sorted(" ".join(source for source, _ in PAIRS).split())
    assert len(target.split()) == sum(len(target.split()) for _, target in PAIRS)


def test_what_is_left_out_at_once_is_complete_one_by_one():
    texts, engine = make_texts(PAIRS, 2, 9), Forgetful()
    one, two = (measure(engine, texts, at_once) for at_once in (1, 2))
    assert one == {"complete": 100.0, "bleu": pytest.approx(100.0)}
    assert two["complete"] == 0
    assert two["bleu"] < 70
    assert engine.rules.sentences == 1
    rows = [{"size": 2, "at_once": 1, **one}, {"size": 2, "at_once": 99, **two}]
    assert f"| as many as fit | 0.0 | {two['bleu']:.1f} |" in table(rows)
