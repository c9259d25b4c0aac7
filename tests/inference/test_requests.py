"""What is asked of every engine beside a search: scores, a prefix, alternatives, suppressed words."""

import numpy as np
import pytest

from kerasformer.errors import InputError
from kerasformer.inference.translator import Translator
from kerasformer.interface.alignment import align
from kerasformer.interface.coverage import coverage
from kerasformer.tokenizer import EOS_ID

TEXTS = ["Je mange une pomme.", "Il est trois heures.", "Où est le chat ?"]
TARGETS = ["I eat an apple.", "", "It is three"]


@pytest.fixture(scope="module")
def translator(bundle):
    return Translator(bundle)


@pytest.fixture(params=["bundle_path", "saved_model_path", "tflite_path"])
def engine(request, opened_once, translator):
    path = request.getfixturevalue(request.param)
    return translator if request.param == "bundle_path" else opened_once(path)


def by_hand(translator, source, target_ids):
    """The log-probability of each token of a target and of its end, one forward pass for each pair."""
    source_ids = translator.bundle.tokenizer.encode(translator.clean(source))
    rows = translator.log_probabilities(source_ids, list(target_ids))
    return [float(row[i]) for row, i in zip(rows, [*target_ids, EOS_ID][:32], strict=True)]  # the model has 32


def test_every_engine_scores_translations_as_they_are_given(engine, translator):
    sources = [*TEXTS, " ".join(TEXTS[:2])]  # two sentences, which are scored as one text
    targets = [*TARGETS, "A cat. A dog."]
    found = engine.score(sources, targets)
    for source, target, score in zip(sources, targets, found, strict=True):
        target_ids = translator.bundle.tokenizer.encode(translator.clean(target, "target"))
        expected = by_hand(translator, source, target_ids)
        np.testing.assert_allclose(score.token_log_probs, expected, atol=1e-4)
        assert score.log_prob == pytest.approx(sum(expected), abs=1e-3)
        assert score.score == pytest.approx(sum(expected) / ((5 + len(expected)) / 6), abs=1e-3)
        assert score.tokens == (*translator.bundle.tokenizer.pieces(target_ids), "</s>")
    assert engine.score([], []) == []


def test_what_cannot_be_scored_is_refused(engine):
    for sources, targets, message in (
        (TEXTS, TARGETS[:1], "there are 3 sources and 1 targets"),
        ("Bonjour.", ["Hello."], "sources must be a list of texts"),
        (["Bonjour.", " "], ["Hello.", ""], "source 2 is empty"),
        (["Bonjour."], ["an apple " * 40], r"target 1 has \d+ tokens, and the model reads 31 at once"),
    ):
        with pytest.raises(InputError, match=message):
            engine.score(sources, targets)


def test_hypotheses_have_the_log_probabilities_of_their_tokens(engine, translator):
    texts = [TEXTS[0], f"{TEXTS[1]} {TEXTS[2]}", ""]
    plain, found = engine.hypotheses(texts), engine.hypotheses(texts, token_log_probs=True)
    assert [[h.text for h in one] for one in plain] == [[h.text for h in one] for one in found]
    assert all(h.token_log_probs == () for one in plain for h in one)
    alone = [engine.hypotheses([text], token_log_probs=True)[0][0] for text in TEXTS]
    expected = by_hand(translator, TEXTS[0], alone[0].token_ids)
    np.testing.assert_allclose(found[0][0].token_log_probs, expected, atol=1e-4)
    both = [*alone[1].token_log_probs, *alone[2].token_log_probs]
    np.testing.assert_allclose(found[1][0].token_log_probs, both, atol=1e-4)
    assert found[2][0].token_log_probs == ()


def test_a_translation_begins_with_its_prefix(engine, translator):
    beam = {"beam_size": 4} if not engine.is_greedy else {}
    prefixes = ["an apple", "", "the"]
    found = engine.hypotheses(TEXTS, prefix=prefixes, token_log_probs=True, **beam)
    free = engine(TEXTS, protect=False, **beam)
    begun = translator.encode(prefixes)
    assert [list(best.token_ids[: len(ids)]) for (best, *_), ids in zip(found, begun, strict=True)] == begun
    assert found[0][0].text.startswith("an apple")
    assert found[1][0].text == free[1]
    expected = translator.hypotheses(TEXTS, prefix=prefixes, **beam)
    assert [best.text for best, *_ in found] == [best.text for best, *_ in expected]
    np.testing.assert_allclose([one[0].score for one in found], [one[0].score for one in expected], atol=1e-4)
    for text, (best, *_) in zip(TEXTS, found, strict=True):
        np.testing.assert_allclose(best.token_log_probs, by_hand(translator, text, best.token_ids), atol=1e-4)
    assert engine(TEXTS[0], prefix="an apple", **beam) == found[0][0].text


@pytest.mark.parametrize(
    ("texts", "options", "message"),
    [
        ([TEXTS[0] + " " + TEXTS[1]], {"prefix": "A"}, "text 1 is translated in 2 pieces, and a prefix"),
        (["", TEXTS[0]], {"prefix": "A"}, "text 1 is translated in 0 pieces"),
        (TEXTS, {"prefix": ["A"]}, "there are 3 texts and 1 prefixes"),
        (TEXTS, {"prefix": "an apple " * 40}, r"prefix 1 has \d+ tokens, and the model writes 31: shorten it"),
        (TEXTS, {"prefix": "\u5b57"}, "prefix 1 has characters that the model cannot write"),
        (TEXTS, {"prefix": 3}, "prefix must be a text"),
        (TEXTS, {"prefix": "A", "protect": True}, "nothing is protected"),
        (TEXTS, {"prefix": "A", "glossary": {"pomme": "pear"}}, "nothing is protected"),
        (TEXTS, {"suppress": "the"}, "suppress must be a list of texts"),
        (TEXTS, {"suppress": [" "]}, "suppress must be a list of texts"),
        (TEXTS, {"alternatives": -1}, "alternatives must be at least 0"),
        (TEXTS, {"alternatives": 2, "num_hypotheses": 2, "beam_size": 2}, "alternatives and num_hypotheses both say"),
        (TEXTS, {"repetition_penalty": 0.0}, "repetition_penalty must be above 0"),
    ],
)
def test_wrong_requests_are_named(texts, options, message, translator):
    with pytest.raises(InputError, match=message):
        translator.hypotheses(texts, **options)


def test_pieces_of_texts_have_no_prefix(translator):
    with pytest.raises(InputError, match="call `hypotheses`"):
        translator.translate_pieces(TEXTS, translator.protection(), prefix="A")


def test_alternatives_differ_in_the_first_free_token(translator):
    source, begin = TEXTS[0], translator.encode(["an apple"])[0]
    found = translator.hypotheses([source], prefix="an apple", alternatives=5, beam_size=2, token_log_probs=True)[0]
    likely = translator.log_probabilities(translator.encode([source])[0], begin)[-1]
    likely[[0, 1, 2]] = -np.inf  # pad, unk and bos
    expected = np.argsort(-likely)[:5].tolist()
    assert [h.token_ids[len(begin)] if len(h.token_ids) > len(begin) else EOS_ID for h in found] == expected
    for rank, hypothesis in enumerate(found):
        assert list(hypothesis.token_ids[: len(begin)]) == begin
        assert hypothesis.token_log_probs[len(begin)] == pytest.approx(likely[expected[rank]], abs=1e-4)


def test_alternatives_of_a_saved_model_are_the_bundles(saved_model_path, tflite_path, opened_once, translator):
    options = {"alternatives": 3, "beam_size": 4}
    for prefix in ("an apple", ""):
        found = opened_once(saved_model_path).hypotheses(TEXTS[:2], prefix=prefix, **options)
        expected = translator.hypotheses(TEXTS[:2], prefix=prefix, **options)
        assert [[h.text for h in one] for one in found] == [[h.text for h in one] for one in expected]
        assert len({h.token_ids for h in found[0]}) == 3
    with pytest.raises(InputError, match="4 alternatives at most, got 5: use the bundle"):
        opened_once(saved_model_path)(TEXTS, alternatives=5)
    with pytest.raises(InputError, match="cannot search alternatives: use the bundle"):
        opened_once(tflite_path)(TEXTS, alternatives=2)


@pytest.mark.parametrize("options", [{"repetition_penalty": 5.0}, {"min_length": 9, "repetition_penalty": 0.5}])
def test_every_engine_takes_the_same_options(engine, translator, options):
    beam = {"beam_size": 4, "num_hypotheses": 2} if not engine.is_greedy else {}
    found, expected = engine.hypotheses(TEXTS, **options, **beam), translator.hypotheses(TEXTS, **options, **beam)
    assert [[h.token_ids for h in one] for one in found] == [[h.token_ids for h in one] for one in expected]
    scores = [[[h.score for h in one] for one in answers] for answers in (found, expected)]
    np.testing.assert_allclose(*scores, atol=1e-4)
    assert expected != translator.hypotheses(TEXTS, **beam)
    assert all(len(h.token_ids) >= options.get("min_length", 0) for one in found for h in one)


def test_what_is_suppressed_does_not_occur(engine, translator):
    beam = {"beam_size": 4} if not engine.is_greedy else {}
    free = engine.hypotheses(TEXTS, **beam)
    said = [best.token_ids for best, *_ in free]
    words = translator.bundle.tokenizer.decode([[row[0]] for row in said]) + ["the cat"]
    found = engine.hypotheses(TEXTS, suppress=words, **beam)
    sequences = [tuple(ids) for ids in translator.encode(words)]
    for best, *_ in found:
        ids = best.token_ids
        assert not any(ids[i : i + len(one)] == one for one in sequences for i in range(len(ids)))
    assert [h.token_ids for h, *_ in found] != said
    assert [h.text for h, *_ in found] == translator(TEXTS, suppress=words, **beam)


def test_hypotheses_are_ranked_by_score_and_coverage(engine, translator):
    beam = {"beam_size": 4, "num_hypotheses": 4}
    if engine.is_greedy:
        with pytest.raises(InputError, match="give a beam_size above 1"):
            engine(TEXTS, coverage_penalty=0.5)
        return
    for beta in (0.5, 4.0):
        expected = []
        for text, hypotheses in zip(TEXTS, translator.hypotheses(TEXTS, **beam), strict=True):
            covered = [beta * coverage(translator.attention(text, h.text)) for h in hypotheses]
            scored = [(h.score + more, h.text) for h, more in zip(hypotheses, covered, strict=True)]
            expected.append(sorted(scored, reverse=True)[:2])
        found = engine.hypotheses(TEXTS, beam_size=4, num_hypotheses=2, coverage_penalty=beta)
        assert [[h.text for h in one] for one in found] == [[text for _, text in one] for one in expected]
        scores = [[h.score for h in one] for one in found], [[score for score, _ in one] for one in expected]
        np.testing.assert_allclose(*scores, atol=1e-3)


def test_each_sentence_of_a_text_has_its_alignment(engine):
    (found,) = engine.hypotheses([f"{TEXTS[0]} {TEXTS[1]}"], alignment=True)[0]
    alone = engine.hypotheses(TEXTS[:2], alignment=True)
    assert found.alignments == alone[0][0].alignments + alone[1][0].alignments
    assert found.alignments[0].source_words == ("Je", "mange", "une", "pomme", ".")
    shown = align(engine.attention(TEXTS[0], alone[0][0].text))
    assert found.alignments[0] == shown
    assert len(shown.links) == len(shown.target_words) > 0


def test_a_saved_model_says_what_its_options_need(saved_model_path, tflite_path, opened_once):
    with pytest.raises(InputError, match="only with beam_size 4: give it, or use the bundle"):
        opened_once(saved_model_path)("Bonjour.", prefix="A")
    with pytest.raises(InputError, match="cannot sample with other decode options, a prefix or suppressed words"):
        opened_once(tflite_path)("Bonjour.", prefix="A", temperature=1.0)
    with pytest.raises(InputError, match="at most 32 sequences of 8 tokens"):
        opened_once(tflite_path)("Bonjour.", suppress=["an apple and a pear and a plum and a cat"])


def test_signatures_take_strings(saved_model_path, opened_once):
    tf = pytest.importorskip("tensorflow")
    engine = opened_once(saved_model_path)
    texts = tf.constant(TEXTS)
    found = engine._functions["score"](texts=texts, translations=tf.constant(TARGETS))
    for row, score in enumerate(engine.score(TEXTS, TARGETS)):
        count = len(score.tokens)
        assert tuple(token.decode() for token in found["tokens"][row, :count].numpy()) == score.tokens
        np.testing.assert_allclose(found["token_log_probs"][row, :count], score.token_log_probs, atol=1e-4)
        assert not found["token_log_probs"][row, count:].numpy().any()
        assert float(found["log_probs"][row]) == pytest.approx(score.log_prob, abs=1e-3)
        assert float(found["scores"][row]) == pytest.approx(score.score, abs=1e-3)
    numbers = {"repetition_penalty": 1.3, "length_penalty": 0.7}
    options = {"prefix": ["an apple", "", "the"], "suppress": ["the cat", "a"], "min_length": 3, **numbers}
    given = {name: tf.constant(value) for name, value in numbers.items()}
    answers = engine._functions["translate_with_options"](
        texts=texts, prefixes=tf.constant(options["prefix"]), suppress=tf.constant(options["suppress"]),
        min_length=tf.constant(3), max_new_tokens=tf.constant(0), **given,
    )  # fmt: skip
    expected = engine.hypotheses(TEXTS, **options, beam_size=4, num_hypotheses=4)
    assert answers["translations"].shape == (3, 4)
    assert [text.decode() for text in answers["translations"][:, 0].numpy()] == [best.text for best, *_ in expected]
