"""What XLA compiles answers as the traced graph does, from which all other tests take their answers."""

import dataclasses

import keras
import numpy as np
import pytest

from kerasformer.config.presets import preset
from kerasformer.inference.classifier import Classifier
from kerasformer.inference.illustrator import Illustrator
from kerasformer.inference.translator import Translator
from kerasformer.interface.sampling import uniform_noise
from kerasformer.models import build_model

TEXTS = ["Je mange une pomme.", "Il est trois heures.", "Où est le chat ?"]
BEAM = {"beam_size": 3, "num_hypotheses": 3}
STRICT = {**BEAM, "no_repeat_ngram": 2, "min_length": 3}
DRAWN = {"temperature": 1.0, "top_k": 20, "top_p": 0.9, "seed": 3}


@pytest.fixture
def both(traced_engines, request):
    """Function of a function: what it returns with traced engines, and with compiled ones."""

    def run(answer):
        traced = answer()
        request.getfixturevalue("compiled")
        return traced, answer()

    return run


@pytest.mark.parametrize(
    ("kind", "options"),
    [("transformer", {}), ("transformer", STRICT), ("transformer", DRAWN), ("seq2seq", BEAM), ("attention", BEAM)],
    ids=["transformer greedy", "transformer beam", "transformer drawn", "seq2seq beam", "attention beam"],
)
def test_translations_are_the_same(kind, options, bundle, both):
    keras.utils.set_random_seed(3)
    model = build_model(preset("test", kind=kind, vocab_size=bundle.tokenizer.vocab_size))
    of_kind = dataclasses.replace(bundle, model=model)
    for one, other in zip(*both(lambda: Translator(of_kind).hypotheses(TEXTS, **options)), strict=True):
        assert [found.token_ids for found in one] == [found.token_ids for found in other]
        np.testing.assert_allclose([found.score for found in one], [found.score for found in other], rtol=1e-4)


def test_token_scores_are_the_same(bundle, phrases, both):
    traced, compiled = both(lambda: Translator(bundle).token_scores(phrases[:5]))
    assert traced == pytest.approx(compiled, rel=1e-5)


def test_probabilities_of_classes_are_the_same(classifier_bundle, digits, both):
    traced, compiled = both(lambda: Classifier(classifier_bundle).probabilities(digits.test.pixels[:5]))
    np.testing.assert_allclose(traced, compiled, atol=1e-5)


def test_images_their_codes_and_scores_are_the_same(drawing_bundle, both):
    captions = ["a three", "a seven"]

    def answer():
        illustrator = Illustrator(drawing_bundle)
        codes, images = illustrator.render(captions, uniform_noise(captions, 0, illustrator.image_length))
        scores, is_likeliest = illustrator.code_scores(captions, codes)
        return codes, images.astype(int), is_likeliest, *illustrator.reconstruct(images), scores

    for traced, compiled in zip(*both(answer), strict=True):
        np.testing.assert_allclose(traced.astype(float), compiled.astype(float), atol=1 if traced.ndim > 2 else 1e-4)
