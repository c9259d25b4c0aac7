"""The JavaScript runs a .tflite in Node as the Python runtime does."""

import numpy as np
import pytest

from kerasformer.formats import describe
from kerasformer.runtime import LiteRTTranslator

TEXTS = [
    "Mon chat dort.",
    "Où est la gare ? Je paie 3,5 € à M. Dupont.\nVoir https://keras.io {name}",
    "",
    "🍎 спасибо",
    "a" * 400,
]
pytestmark = pytest.mark.filterwarnings("ignore::kerasformer.interface.carrying.ProtectionWarning")
PAIR = "Mon chat dort.", "My cat is sleeping."


@pytest.fixture(scope="module")
def found(node, builder, int8_path):
    return node("litert", path=str(int8_path), texts=TEXTS, pair=PAIR)


def test_translations_and_scores_are_those_of_python(found, int8_path):
    expected = [best for best, *_ in LiteRTTranslator(int8_path).hypotheses(TEXTS)]
    assert [answer["text"] for answer in found["answers"]] == [hypothesis.text for hypothesis in expected]
    scores = [hypothesis.score for hypothesis in expected]
    np.testing.assert_allclose([answer["score"] for answer in found["answers"]], scores, rtol=1e-3, atol=1e-5)
    assert found["size"] == int8_path.stat().st_size


def test_attention_is_that_of_python(found, int8_path):
    expected = LiteRTTranslator(int8_path).attention(*PAIR)
    assert found["attention"]["sourceTokens"] == expected.source_tokens
    assert found["attention"]["targetTokens"] == expected.target_tokens
    np.testing.assert_allclose(found["attention"]["weights"], expected.weights, atol=1e-3)


def test_its_self_test_names_the_golden_pairs_that_changed(found, int8_path):
    golden = describe(int8_path, "translation", "litert").metadata["golden"]
    assert found["verified"] == {"count": len(golden), "changed": []}
    pair = golden[1]
    assert found["spoilt"] == [{"source": pair["text"], "expected": pair["answer"], "answer": pair["answer"]}]


def test_the_hypotheses_of_a_beam_are_those_of_python(node, builder, beam_path):
    texts = ["Mon chat dort.", "Où est la gare ?"]
    expected = LiteRTTranslator(beam_path).hypotheses(texts, beam_size=3, num_hypotheses=3)
    for answer, hypotheses in zip(node("beam", path=str(beam_path), texts=texts), expected, strict=True):
        found = [answer, *answer["alternatives"]]
        assert [one["text"] for one in found] == [hypothesis.text for hypothesis in hypotheses]
        assert [one["score"] for one in found] == pytest.approx([one.score for one in hypotheses], abs=1e-4)


def test_what_has_come_is_shown_and_ends_with_the_translation_of_python(node, builder, beam_path):
    translator, texts = LiteRTTranslator(beam_path), [TEXTS[1], ""]
    for text, [answer, shown] in zip(texts, node("stream", path=str(beam_path), texts=texts), strict=True):
        expected = list(dict.fromkeys(translator.stream(text)))
        assert answer == translator(text) == expected[-1]
        assert list(dict.fromkeys([*shown, answer])) == expected
    assert len(expected) == 1
