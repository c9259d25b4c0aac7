"""A .tflite with a beam: the hypotheses of the bundle, and a comparison that sees them."""

import pytest

from kerasformer.errors import InputError
from kerasformer.exporting.gate import proof_of
from kerasformer.runtime import LiteRTTranslator

BEAM = {"beam_size": 3, "num_hypotheses": 3}


@pytest.fixture(scope="module")
def translator(beam_path):
    return LiteRTTranslator(beam_path)


@pytest.fixture(scope="module")
def texts(phrases):
    short = [source for source, _ in phrases[:12]]
    return [*short, "Le chat de ma sœur dort dans la maison de mon frère depuis ce matin, et il a faim."]


def test_it_finds_what_the_bundle_finds(translator, reference, texts, monkeypatch):
    ran, run = [], translator._interpreter.run
    monkeypatch.setattr(translator._interpreter, "run", lambda name, **inputs: ran.append(name) or run(name, **inputs))
    for ours, theirs in zip(translator.hypotheses(texts, **BEAM), reference.hypotheses(texts, **BEAM), strict=True):
        assert [found.token_ids for found in ours] == [found.token_ids for found in theirs]
        assert [found.score for found in ours] == pytest.approx([found.score for found in theirs], abs=1e-4)
    assert {"batch_beam_2_8", "batch_beam_2_32"} <= set(ran)  # and one by one, what no batch is filled up for
    [two] = translator.hypotheses(texts[:1], beam_size=3, num_hypotheses=2)
    assert [found.text for found in two] == [found.text for found in translator.hypotheses(texts[:1], **BEAM)[0][:2]]


def test_without_a_word_about_it_the_search_is_greedy(translator, reference, texts):
    assert translator(texts) == reference(texts)
    assert translator(texts) != translator(texts, beam_size=3)


@pytest.mark.parametrize(
    "options",
    [
        {"beam_size": 2},
        {"num_hypotheses": 2},
        {"beam_size": 3, "num_hypotheses": 0},
        {"beam_size": 3, "temperature": 1.0},
    ],
)
def test_another_beam_is_refused(options, translator):
    with pytest.raises(InputError, match="searches with beam_size 3, is greedy or samples and cannot do"):
        translator("Bonjour.", **options)


def test_a_wrong_beam_fails_the_comparison(translator, bundle, reference, phrases, monkeypatch):
    proof = proof_of(bundle, phrases[:3], lambda line: None, reference)
    assert proof.compare(translator, exact=True)["passed"]
    hypotheses = translator.hypotheses
    monkeypatch.setattr(translator, "hypotheses", lambda texts, beam_size=1, **options: hypotheses(texts, **options))
    found = proof.compare(translator, exact=True)
    assert not found["passed"]
    assert {difference["signature"] for difference in found["differences"]} == {"beam", "beam, one by one"}
