"""A .tflite with batches: sentences together have the answers that they have alone."""

from functools import partial

import pytest

from kerasformer.errors import InputError
from kerasformer.exporting.gate import proof_of
from kerasformer.runtime import LiteRTTranslator
from kerasformer.runtime.batches import BatchedSearch


@pytest.fixture(scope="module")
def translator(beam_path):
    return LiteRTTranslator(beam_path)


@pytest.fixture
def ran(translator, monkeypatch):
    """The names of the signatures that run."""
    names, run = [], translator._interpreter.run
    monkeypatch.setattr(
        translator._interpreter, "run", lambda name, **inputs: names.append(name) or run(name, **inputs)
    )
    return names


@pytest.fixture(scope="module")
def texts(phrases):
    return [source for source, _ in phrases[:21]]


def test_sentences_together_are_answered_as_alone(translator, texts, ran):
    cleaned = [translator.clean(text) for text in texts]
    short = [text for text in cleaned if translator.count([text])[0] <= translator.max_tokens]
    cleaned = short[:13]  # 8 and twice 2 together, and 1 alone
    together = translator.decode(cleaned)
    assert set(ran) == {"batch_8_8", "batch_8_32", "batch_2_8", "batch_2_32", "translate"}
    ran.clear()
    for [ours], text in zip(together, cleaned, strict=True):
        [[alone]] = translator.decode([text])
        assert (ours.text, ours.token_ids) == (alone.text, alone.token_ids)
        assert ours.score == pytest.approx(alone.score, abs=1e-4)
    assert set(ran) == {"translate"}


def test_texts_without_a_token_and_long_ones_are_answered_too(translator, texts):
    long = " ".join(texts)
    mixed = ["", *texts[:5], long, "\u200b", *texts[5:9]]
    assert translator(mixed) == [translator(text) for text in mixed]


def test_threads_share_the_groups(beam_path, translator, texts):
    assert LiteRTTranslator(beam_path, workers=3)(texts) == LiteRTTranslator(beam_path, workers=1)(texts)


@pytest.mark.parametrize("options", [{"temperature": 1.0}, {"suppress": ["the"]}, {"repetition_penalty": 1.2}])
def test_what_batches_cannot_do_is_not_done_in_batches(options, translator, texts, ran):
    with pytest.raises(InputError, match="older kerasformer"):  # the file of this test has no signature for it
        translator(texts, **options)
    assert ran == []


def test_a_beam_finds_together_what_it_finds_alone(translator, texts, ran):
    cleaned = [translator.clean(text) for text in texts[:5]]
    options = {"beam_size": 3, "num_hypotheses": 2}
    together = translator.decode(cleaned, **options)
    assert {"batch_beam_2_8", "batch_beam_2_32"} <= set(ran)
    for ours, text in zip(together, cleaned, strict=True):
        [theirs] = [translator._decode(translator.encode([text])[0], partial(translator._translate, "translate_beam"))]
        assert [found.token_ids for found in ours] == [found.token_ids for found in theirs[:2]]
        assert [found.score for found in ours] == pytest.approx([found.score for found in theirs[:2]], abs=1e-4)


def test_a_file_without_batches_answers_one_by_one(tflite_path, texts):
    one_by_one = LiteRTTranslator(tflite_path)
    assert one_by_one.batch == 1
    assert one_by_one(texts) == [one_by_one(text) for text in texts]


def test_the_gate_compares_both_ways(translator, bundle, reference, phrases, monkeypatch):
    proof = proof_of(bundle, phrases[:3], lambda line: None, reference)
    assert proof.compare(translator, exact=True)["passed"]
    hypotheses, first = translator.hypotheses, phrases[0][0]
    other = hypotheses([phrases[7][0]])
    monkeypatch.setattr(
        translator, "hypotheses", lambda texts, **given: other if texts == [first] else hypotheses(texts, **given)
    )
    found = proof.compare(translator, exact=True)
    assert not found["passed"]
    assert {difference["signature"] for difference in found["differences"]} == {"one by one", "beam, one by one"}


@pytest.mark.parametrize(
    ("lengths", "threads", "expected"),
    [
        ([5], 1, [[0]]),
        ([5, 3, 4], 1, [[1], [2, 0]]),
        ([9, 1, 4, 40, 4], 1, [[2], [4, 0], [1], [3]]),
        ([5] * 9, 2, [[0], [1, 2, 3, 4], [5, 6, 7, 8]]),
        ([5] * 200, 2, [list(range(begin, min(begin + 64, 200))) for begin in range(0, 200, 64)]),
    ],
)
def test_groups(lengths, threads, expected):
    search = BatchedSearch(None, "batch", sizes=[4, 2], source=32, steps=[32])
    assert sorted(search.groups(lengths, threads)) == sorted(expected)
