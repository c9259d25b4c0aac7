"""Scores that one can work out by hand."""

import numpy as np
import pytest

from kerasformer.data.images.corpus import Images
from kerasformer.errors import InputError
from kerasformer.evaluation.classification import evaluate, score
from kerasformer.interface.image import BaseClassifier

PROBABILITIES = np.array([[0.5, 0.25, 0.25], [0.5, 0.25, 0.25], [0.25, 0.5, 0.25], [0.125, 0.75, 0.125]])
LABELS = np.array([0, 1, 1, 1])


class Fixed(BaseClassifier):
    """Gives the same answers whatever it is shown, and counts how often it is asked."""

    asked = 0

    def probabilities(self, images):
        self.asked += 1
        return PROBABILITIES


def test_accuracy_recall_and_perplexity():
    found = score(PROBABILITIES, LABELS, ("a", "b", "c"))
    assert (found["images"], found["accuracy"]) == (4, 75.0)
    assert found["recall"] == pytest.approx({"a": 100.0, "b": 200 / 3})  # of c there is no image
    assert found["perplexity"] == pytest.approx((1 / (0.5 * 0.25 * 0.5 * 0.75)) ** 0.25)


def test_a_probability_of_0_gives_a_large_finite_perplexity():
    found = score(np.array([[1.0, 0.0]]), np.array([1]), ("a", "b"))
    assert 1e30 < found["perplexity"] < np.inf


@pytest.mark.parametrize(("warm_up", "asked"), [(True, 2), (False, 1)])
def test_evaluation_times_what_was_warmed_up(warm_up, asked):
    reader = Fixed(("a", "b", "c"), (2, 2, 1))
    found = evaluate(reader, Images(np.zeros((4, 2, 2, 1), "uint8"), LABELS), warm_up)
    assert (reader.asked, found["accuracy"]) == (asked, 75.0)
    assert found["images_per_second"] == pytest.approx(4 / found["seconds"])


def test_no_images_no_score():
    with pytest.raises(InputError, match="no images to score"):
        evaluate(Fixed(("a", "b", "c"), (2, 2, 1)), Images(np.zeros((0, 2, 2, 1), "uint8"), np.zeros(0, int)))
