"""seq2seq and attention as artefacts: the same code saves, exports and searches them as it does the Transformer."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf
from exports import write_litert

from kerasformer.bundle import load_bundle, save_bundle
from kerasformer.cli.main import main
from kerasformer.config import RECURRENT
from kerasformer.config.presets import preset
from kerasformer.errors import InputError
from kerasformer.exporting.litert import export_litert
from kerasformer.exporting.saved_model import export_saved_model
from kerasformer.inference.scoring import teacher_forced
from kerasformer.inference.translator import Translator
from kerasformer.models import build_model
from kerasformer.runtime import LiteRTTranslator
from kerasformer.tokenizer import EOS_ID

MODELS = {
    "seq2seq": {"kind": "seq2seq", "num_layers": 2},
    "attention": {"kind": "attention", "score": "additive", "cell": "lstm", "bidirectional": True},
    "dot": {"kind": "attention", "score": "dot"},
    "scaled": {"kind": "attention", "score": "scaled", "cell": "lstm"},
    "general": {"kind": "attention", "score": "general", "bidirectional": True},
}
TEXTS = ["Bonjour le monde.", "Il est trois heures.", "Où est le chat ?", "Je mange une pomme rouge."]
PAIR = "Bonjour le monde.", "A cat."
BEAM = {"beam_size": 4, "num_hypotheses": 4}
each_kind = pytest.mark.parametrize("kind", RECURRENT)


@pytest.fixture(scope="module")
def bundles(bundle):
    """Bundles of random weights, large enough that translations of different texts differ."""
    found = {}
    for name, options in MODELS.items():
        keras.utils.set_random_seed(3)
        model = build_model(preset("test", vocab_size=bundle.tokenizer.vocab_size, **options))
        model.training.set_weights(
            [3 * weight if weight.ndim > 1 else weight for weight in model.training.get_weights()]
        )
        found[name] = dataclasses.replace(bundle, model=model)
    return found


@pytest.fixture(scope="module")
def translators(bundles):
    return {name: Translator(bundle) for name, bundle in bundles.items()}


@pytest.fixture(scope="module")
def traced(bundles):
    """Translators whose training graph is traced once for all lengths: op by op a recurrent one is slow."""
    found = {}
    for kind in RECURRENT:
        model = bundles[kind].model
        training = tf.function(model.training, autograph=False, reduce_retracing=True)
        model = dataclasses.replace(model, training=training)
        found[kind] = Translator(dataclasses.replace(bundles[kind], model=model))
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("recurrent")


@pytest.fixture(scope="module")
def bundle_paths(bundles, folder):
    paths = {name: folder / f"{name}.bundle" for name in RECURRENT}
    for name, path in paths.items():
        save_bundle(bundles[name], path)
    return paths


@pytest.fixture(scope="module")
def saved_model_paths(bundles, folder):
    paths = {name: folder / f"{name}.saved_model" for name in RECURRENT}
    for name, path in paths.items():
        export_saved_model(bundles[name], path)
    return paths


@pytest.fixture(scope="module")
def tflite_paths(bundles, folder, only_signatures):
    """Those of seq2seq have all signatures, and others those that are compared; each computes the score."""
    write_litert(bundles["seq2seq"], folder / "seq2seq")
    with only_signatures("translate", "translate_16", "attention"):
        write_litert(bundles["attention"], folder / "attention")
    paths = {name: folder / name / "fp32.tflite" for name in RECURRENT}
    with only_signatures("translate"):
        for name in sorted(set(MODELS) - set(RECURRENT)):
            paths[name] = folder / f"{name}.tflite"
            export_litert(bundles[name], paths[name])
    return paths


def same(found, expected):
    """Whether hypotheses are the same, up to the last bits of the scores."""
    for ours, theirs in zip(found, expected, strict=True):
        assert [(h.text, h.token_ids) for h in ours] == [(h.text, h.token_ids) for h in theirs]
        np.testing.assert_allclose([h.score for h in ours], [h.score for h in theirs], atol=1e-4)
    return True


@each_kind
def test_a_bundle_comes_back_as_it_was_saved(kind, bundles, bundle_paths):
    again = load_bundle(bundle_paths[kind])
    assert again.model.config == bundles[kind].model.config
    inputs = teacher_forced([5, 6, 7], [8, 9])
    logits = [bundle.model.training(inputs, training=False) for bundle in (again, bundles[kind])]
    np.testing.assert_array_equal(*logits)


@each_kind
def test_a_saved_model_answers_as_the_bundle_does(kind, translators, saved_model_paths, opened_once):
    translator = opened_once(str(saved_model_paths[kind]))
    assert same(translator.hypotheses(TEXTS), translators[kind].hypotheses(TEXTS))
    assert translator.plain(TEXTS) == translators[kind](TEXTS)
    assert same(translator.hypotheses(TEXTS, **BEAM), translators[kind].hypotheses(TEXTS, **BEAM))


@pytest.mark.parametrize("name", MODELS)
def test_a_tflite_answers_as_the_bundle_does(name, bundles, translators, tflite_paths, opened_once):
    assert tflite_paths[name].stat().st_size > 4 * bundles[name].model.training.count_params()
    assert same(opened_once(str(tflite_paths[name])).hypotheses(TEXTS), translators[name].hypotheses(TEXTS))


def score_of(translator, text, token_ids):
    """What a hypothesis scores by the log-probabilities of the training graph."""
    source = translator.bundle.tokenizer.encode(translator.clean(text))
    rows, said = translator.log_probabilities(source, token_ids), [*token_ids, EOS_ID]
    if len(token_ids) == translator.options.limit(len(source), 32):
        said.pop()  # it was cut before its end
    return sum(row[i] for row, i in zip(rows, said, strict=False)) / ((5 + len(said)) / 6)


@each_kind
def test_a_tflite_of_8_bits_answers_nearly_so(kind, traced, tflite_paths):
    int8_path = tflite_paths[kind].with_name("int8.tflite")
    assert int8_path.stat().st_size < tflite_paths[kind].stat().st_size
    for text, [found] in zip(TEXTS, LiteRTTranslator(int8_path).hypotheses(TEXTS), strict=True):
        # Up to 32 steps of an untrained network add up what 8 bits lose; a text of another model scores far worse.
        assert found.score == pytest.approx(score_of(traced[kind], text, found.token_ids), rel=0.25)


@each_kind
def test_a_beam_finds_what_the_model_says_it_does(kind, translators, traced):
    for text, found in zip(TEXTS[:2], translators[kind].hypotheses(TEXTS[:2], **BEAM), strict=True):
        scores = [hypothesis.score for hypothesis in found]
        assert len({hypothesis.token_ids for hypothesis in found}) == 4
        assert scores == sorted(scores, reverse=True)
        expected = [score_of(traced[kind], text, hypothesis.token_ids) for hypothesis in found]
        np.testing.assert_allclose(scores, expected, atol=1e-4)


def test_attention_is_the_bundles(translators, saved_model_paths, tflite_paths, opened_once):
    expected = translators["attention"].attention(*PAIR)
    assert expected.weights.shape == (1, 1, len(expected.target_tokens), len(expected.source_tokens))
    for path in (saved_model_paths["attention"], tflite_paths["attention"]):
        found = opened_once(str(path)).attention(*PAIR)
        assert (found.source_tokens, found.target_tokens) == (expected.source_tokens, expected.target_tokens)
        np.testing.assert_allclose(found.weights, expected.weights, atol=1e-5)


@pytest.mark.parametrize("form", ["bundle", "saved_model", "tflite"])
def test_seq2seq_has_no_attention_to_draw(form, request, tmp_path, capsys, opened_once):
    path = str(request.getfixturevalue(f"{form}_paths")["seq2seq"])
    with pytest.raises(InputError, match="model has no attention to show"):
        opened_once(path).attention(*PAIR)
    with pytest.raises(SystemExit) as stopped:
        main(["translate", "--model", path, "--plot", str(tmp_path / "attention.png"), TEXTS[3]])
    error = capsys.readouterr().err
    assert (stopped.value.code, error.count("\n")) == (2, 1)
    assert "model has no attention to show" in error
    assert not any(tmp_path.iterdir())
