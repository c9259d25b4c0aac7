"""The translator of a bundle: a text has the same translation alone and among others."""

import dataclasses
import functools

import keras
import numpy as np
import pytest

from kerasformer.config.presets import preset
from kerasformer.errors import InputError
from kerasformer.inference.translator import Translator
from kerasformer.layers import portable_cache_writes
from kerasformer.models import build_model
from kerasformer.tokenizer import BOS_ID, EOS_ID, PAD_ID, UNK_ID

SHORT = ["Je mange une pomme.", "Il est trois heures.", "Où est le chat ?"]
WIDE = {"beam_size": 5, "num_hypotheses": 4}


def as_graph(function, **options):
    """A function as a plain TensorFlow graph, which takes half the time that XLA takes to compile it."""
    tf = pytest.importorskip("tensorflow")

    @tf.function(autograph=False, **options)
    def run(*arguments):
        with portable_cache_writes():
            return function(*arguments)

    return run


@pytest.fixture(scope="module", autouse=True)
def without_xla():
    """Search in plain graphs; test_compiled.py shows that XLA compiles them to the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kerasformer.inference.translator.compile_function", as_graph)
        once = functools.partial(as_graph, reduce_retracing=True)  # for all sizes of their batches
        patch.setattr("kerasformer.inference.segments.compile_function", once)
        yield


@pytest.fixture(scope="module")
def translator(bundle):
    return Translator(bundle)


@pytest.fixture(scope="module")
def texts(phrases):
    return [french for french, _ in phrases[:70]]


def close(one, other):
    """Whether two lists of hypotheses are the same, up to the last bits of the scores."""
    assert [(h.text, h.token_ids) for h in one] == [(h.text, h.token_ids) for h in other]
    np.testing.assert_allclose([h.score for h in one], [h.score for h in other], rtol=1e-5)
    return True


def test_a_text_or_a_list(translator):
    together = translator(SHORT)
    assert [type(text) for text in together] == [str] * 3
    assert translator(SHORT[0]) == together[0]
    assert translator([]) == []
    assert translator(SHORT[:1]) == together[:1]


def test_a_text_alone_is_a_text_among_others(translator, texts):
    # Over 64, so that there are two batches; of 1 to 3 sentences, so that their lengths differ.
    mixed = [" ".join(texts[i : i + 1 + i % 3]) for i in range(len(texts))]
    together = translator.hypotheses(mixed)
    assert len({found[0].token_ids for found in together}) > 10
    for i in (0, 1, 2, 33, 68, 69):
        assert close(translator.hypotheses([mixed[i]])[0], together[i])
    again = translator.hypotheses(mixed[::-1])[::-1]
    assert all(close(one, other) for one, other in zip(again, together, strict=True))


def test_a_text_searched_wide_alone_is_a_text_among_others(translator):
    together = translator.hypotheses(SHORT, **WIDE)
    for text, found in zip(SHORT, together, strict=True):
        assert close(translator.hypotheses([text], **WIDE)[0], found)


def test_empty_lines_stay_empty_and_in_place(translator):
    found = translator(["", SHORT[0], "  ", "\n", "\u200b", SHORT[1], "\u00a0"])
    assert found == ["", translator(SHORT[0]), "  ", "\n", "", translator(SHORT[1]), "\u00a0"]
    assert translator("") == ""
    nothing = translator.hypotheses(["\u200b", ""])
    assert [(h.text, h.score, h.token_ids) for (h,) in nothing] == [("", 0.0, ())] * 2


def test_a_long_text_is_its_sentences(translator, texts):
    long = [text for text in texts if text.endswith((".", "?", "!"))][:7]
    assert sum(translator.count_tokens(long)) > translator.max_tokens
    joined = translator(" ".join(long))
    alone = translator.hypotheses(long)
    assert joined == " ".join(found[0].text for found in alone)
    (whole,) = translator.hypotheses([" ".join(long)])[0]
    assert whole.token_ids == tuple(i for found in alone for i in found[0].token_ids)
    assert whole.score == pytest.approx(np.mean([found[0].score for found in alone]), rel=1e-5)
    lines = translator("\n\n".join(long))
    assert lines == "\n\n".join(found[0].text for found in alone)


def test_a_sentence_longer_than_the_model_is_cut(translator):
    sentence = "une pomme et " * 60 + "une poire."
    counts = translator.count_tokens([sentence])
    assert counts[0] > 5 * translator.max_tokens
    (found,) = translator.hypotheses([sentence])[0]
    assert len(found.token_ids) > 5
    with pytest.raises(InputError, match="^text 2: a single sentence of 12,000 characters is longer than the limit"):
        translator(["une pomme", "x" * 12_000])


def test_options_of_a_call_are_of_that_call(translator, bundle):
    greedy = translator.hypotheses(SHORT)
    wide = translator.hypotheses(SHORT, **WIDE)
    assert [len(found) for found in wide] == [4, 4, 4]
    assert all(close(one, other) for one, other in zip(translator.hypotheses(SHORT), greedy, strict=True))
    own = Translator(bundle, beam_size=5)
    assert own.options == dataclasses.replace(translator.options, beam_size=5)
    found = own.hypotheses(SHORT, num_hypotheses=4)
    assert all(close(one, other) for one, other in zip(found, wide, strict=True))


def test_a_text_is_sampled_the_same_at_any_position_in_the_batch(translator, texts):
    hot = {"temperature": 1.0, "seed": 5}
    together = translator.hypotheses([*texts, texts[3]], **hot)
    assert together[3] == together[-1]
    for i in (0, 3, 69):
        assert close(translator.hypotheses([texts[i]], **hot)[0], together[i])
    assert all(close(one, other) for one, other in zip(translator.hypotheses(texts[:9], **hot), together, strict=False))
    others = [translator.hypotheses(texts[:9], temperature=1.0, seed=seed) for seed in range(3)]
    assert len({found[0].token_ids for drawn in others for found in drawn}) > 25
    assert others[0] != translator.hypotheses(texts[:9])


def test_what_is_drawn_is_cut_to_what_is_likely(translator):
    cold, greedy = translator.hypotheses(SHORT, temperature=1e-4), translator.hypotheses(SHORT)
    narrow = [translator.hypotheses(SHORT, temperature=9.0, **cut) for cut in ({"top_k": 1}, {"top_p": 1e-6})]
    for drawn in (cold, *narrow):
        assert all(close(one, other) for one, other in zip(drawn, greedy, strict=True))
    for text, found in zip(SHORT, translator.hypotheses(SHORT, temperature=2.0, top_k=7), strict=True):
        said = [*found[0].token_ids, EOS_ID]
        rows = translator.log_probabilities(translator.bundle.tokenizer.encode(translator.clean(text)), said[:-1])
        rows[:, [PAD_ID, UNK_ID, BOS_ID]] = -np.inf
        ranks = [np.sum(row > row[i]) for row, i in zip(rows, said, strict=False)]
        assert 0 < max(ranks[: len(found[0].token_ids)]) < 7


def test_the_bundle_has_defaults(bundle):
    translator = Translator(dataclasses.replace(bundle, decoding={"beam_size": 3, "min_length": 2}))
    assert (translator.options.beam_size, translator.options.min_length) == (3, 2)
    other = Translator(translator.bundle, min_length=0)
    assert (other.options.beam_size, other.options.min_length) == (3, 0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"beams": 3}, "there is no decode option beams; there are beam_size, num_hypotheses,"),
        ({"beam_size": 0}, "beam_size must be at least 1, got 0"),
        ({"num_hypotheses": 2}, "num_hypotheses must be between 1 and beam_size = 1, got 2"),
        ({"max_length_offset": 0}, "max_length_offset must be at least 1, got 0"),
        ({"beam_size": "3"}, "beam_size"),
        ({"temperature": -1.0}, "temperature must be a number of at least 0, got -1.0"),
        ({"temperature": 0.8, "beam_size": 4}, "beam_size must be 1 for a temperature above 0, which samples, got 4"),
        ({"top_p": 0}, "top_p must be above 0 and at most 1, got 0"),
    ],
)
def test_wrong_options_are_named(options, message, bundle, translator):
    with pytest.raises(InputError, match=message):
        Translator(bundle, **options)
    with pytest.raises(InputError, match=message):
        translator("une pomme", **options)


def test_hypotheses_are_different_and_best_first(translator):
    for found in translator.hypotheses(SHORT, **WIDE):
        scores = [hypothesis.score for hypothesis in found]
        assert scores == sorted(scores, reverse=True)
        assert len({hypothesis.token_ids for hypothesis in found}) == 4
        assert all(not {PAD_ID, UNK_ID, BOS_ID, EOS_ID} & set(hypothesis.token_ids) for hypothesis in found)
        assert all(hypothesis.text == translator.bundle.tokenizer.decode(hypothesis.token_ids) for hypothesis in found)


@pytest.mark.parametrize("options", [{"max_repeats": 0}, WIDE, {"temperature": 1.5}])
def test_scores_are_the_log_probabilities_of_the_model(translator, options):
    for text, found in zip(SHORT, translator.hypotheses(SHORT, **options), strict=True):
        source = translator.bundle.tokenizer.encode(translator.clean(text))
        limit = min(2 * len(source) + 10, 32)
        for hypothesis in found:
            said = list(hypothesis.token_ids)
            rows = translator.log_probabilities(source, said)
            if len(said) < limit:  # it ended by itself
                said.append(EOS_ID)
            expected = sum(row[i] for row, i in zip(rows, said, strict=False)) / ((5 + len(said)) / 6)
            assert hypothesis.score == pytest.approx(expected, abs=1e-4)
            if "max_repeats" in options:
                allowed = np.delete(np.arange(rows.shape[1]), [PAD_ID, UNK_ID, BOS_ID])
                assert said == allowed[rows[: len(said), allowed].argmax(1)].tolist()


def test_log_probabilities_are_of_each_next_token(translator):
    rows = translator.log_probabilities([5, 6, 7], [8, 9, 10, 11])
    assert rows.shape == (5, 200)
    np.testing.assert_allclose(np.exp(rows.astype("float64")).sum(1), 1, atol=1e-5)
    np.testing.assert_allclose(translator.log_probabilities([5, 6, 7], [8, 9])[:2], rows[:2], atol=1e-5)


@pytest.mark.parametrize("kind", ["transformer", "seq2seq", "attention"])
def test_token_scores_are_those_of_a_plain_loop(bundle, phrases, kind, monkeypatch):
    monkeypatch.setattr("kerasformer.inference.scoring.SCORED_TOKENS", 256)  # eight rows of 32
    keras.utils.set_random_seed(0)
    model = build_model(preset("test", kind=kind, vocab_size=bundle.tokenizer.vocab_size))
    translator = Translator(dataclasses.replace(bundle, model=model))
    # Two batches; a pair that is cut, one without a word, and one whose target the model says itself.
    own = (phrases[0][0], translator(phrases[0][0]))
    pairs = [*phrases[:6], ("une pomme " * 30, "an apple " * 30), ("", ""), own]
    right, loss, count = 0, 0.0, 0
    for source, target in pairs:
        source, target = bundle.tokenizer.encode([translator.clean(source), translator.clean(target, "target")])
        said = [*target, EOS_ID][:32]
        rows = translator.log_probabilities(source[:31], target)
        right += sum(int(row.argmax()) == i for row, i in zip(rows, said, strict=True))
        loss -= sum(float(row[i]) for row, i in zip(rows, said, strict=True))
        count += len(said)
    found = translator.token_scores(pairs)
    assert right > 0
    assert found["token_accuracy"] == pytest.approx(100 * right / count)
    assert found["perplexity"] == pytest.approx(np.exp(loss / count), rel=1e-4)


def test_token_scores_do_not_depend_on_order_or_batch(translator, phrases):
    pairs = phrases[:9]
    whole = translator.token_scores(pairs)
    assert translator.token_scores(pairs[::-1]) == pytest.approx(whole, rel=1e-5)
    counts = [min(count + 1, 32) for count in translator.count_tokens([target for _, target in pairs])]
    losses = [np.log(translator.token_scores([pair])["perplexity"]) for pair in pairs]
    assert np.log(whole["perplexity"]) == pytest.approx(np.average(losses, weights=counts), rel=1e-5)
    with pytest.raises(InputError, match="no pairs to score"):
        translator.token_scores([])


def test_attention_of_a_pair(translator):
    tokenizer = translator.bundle.tokenizer
    found = translator.attention("une pomme rouge", "a red apple.")
    assert found.source_tokens == [*tokenizer.pieces(tokenizer.encode("une pomme rouge")), "</s>"]
    assert found.target_tokens == [*tokenizer.pieces(tokenizer.encode("a red apple.")), "</s>"]
    sizes = (1, 2, len(found.target_tokens), len(found.source_tokens))
    assert found.weights.shape == sizes
    np.testing.assert_allclose(found.weights.sum(-1), 1, atol=1e-5)


def test_attention_of_a_text_longer_than_the_model_is_of_its_beginning(translator):
    found = translator.attention("une pomme " * 30, "an apple " * 30)
    assert found.weights.shape == (1, 2, 32, 32)
    assert len(found.source_tokens) == len(found.target_tokens) == 32


def test_a_loaded_bundle_translates_as_the_one_that_was_saved(translator, bundle_path):
    again = Translator.load(bundle_path, length_penalty=1.0)
    assert (again.source, again.target, again.max_tokens) == ("fr", "en", 31)
    assert again(SHORT) == translator(SHORT)


def test_a_source_may_be_as_long_as_the_model(bundle):
    keras.utils.set_random_seed(0)
    model = build_model(preset("test", max_length=300))
    translator = Translator(dataclasses.replace(bundle, model=model), max_length_ratio=0.0, max_length_offset=5)
    source = np.random.default_rng(0).integers(4, 200, 299).tolist()
    ((found,),) = translator.search([source])
    assert len(found.token_ids) == 5
