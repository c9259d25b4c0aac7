"""What the gradient says of each position of the source: by hand, by finite differences, and of every kind."""

import functools
import math
import types

import keras
import numpy as np
import pytest
from keras import ops

from kerasformer.analysis import gradients
from kerasformer.analysis.gradients import gradients_by_distance, source_gradients
from kerasformer.config import TRANSLATORS, ModelConfig
from kerasformer.errors import InputError
from kerasformer.models import build_model
from kerasformer.tokenizer import BOS_ID, EOS_ID

SIZES = {"vocab_size": 11, "max_length": 40, "num_layers": 1, "hidden_dim": 4, "intermediate_dim": 5, "num_heads": 2}
SOURCE = np.array([[4, 7, 9, 5, 3], [10, 6, 3, 0, 0]], "int32")
TARGET = np.array([[2, 8, 3, 0], [2, 5, 6, 3]], "int32")
each_kind = pytest.mark.parametrize("kind", TRANSLATORS)


def built(kind, **changes):
    keras.utils.set_random_seed(0)
    return build_model(ModelConfig(**{**SIZES, **changes}, kind=kind))


@functools.cache
def made(kind):
    """A model that no test may change."""
    return built(kind)


def losses(model, embedded):
    """Cross-entropy (..., batch) of the last token of each target, with `embedded` for the embedded source.

    `embedded` is float (..., batch, source, hidden): all cases are computed in one batch.
    """
    cases = embedded.shape[:-3]
    repeats = math.prod(cases)
    embedded = embedded.reshape(-1, *embedded.shape[-2:])
    layer = model.training.get_layer("source_dropout")
    layer.call = lambda inputs, training=False: ops.convert_to_tensor(embedded, "float32")
    inputs = {"source_ids": np.tile(SOURCE, (repeats, 1)), "target_ids": np.tile(TARGET[:, :-1], (repeats, 1))}
    logits = model.training(inputs, training=False)
    del layer.call
    found = np.array(ops.log_softmax(logits, axis=-1))
    found = found.reshape(*cases, 2, *found.shape[1:])
    return -np.stack([found[..., 0, 1, 3], found[..., 1, 2, 3]], axis=-1)


@each_kind
def test_gradients_equal_finite_differences(kind):
    model = made(kind)
    graph = keras.Model(model.training.inputs, model.training.get_layer("source_dropout").output)
    embedded = np.array(graph([SOURCE, TARGET]), "float64")
    places = embedded[0].size
    steps = 0.005 * np.eye(places).reshape(places, 1, *embedded.shape[1:])  # one place of both rows at a time
    slopes = (losses(model, embedded + steps) - losses(model, embedded - steps)) / 0.01  # (place, batch)
    expected = slopes.T.reshape(embedded.shape)
    norms = source_gradients(model, SOURCE, TARGET)
    np.testing.assert_allclose(norms, np.linalg.norm(expected, axis=-1), rtol=0.01, atol=1e-4)


@each_kind
def test_padding_has_no_gradient_and_rows_are_independent(kind):
    model = made(kind)
    norms = source_gradients(model, SOURCE, TARGET)
    assert norms.shape == (2, 5)
    assert norms[1, 3:].tolist() == [0, 0]
    assert norms[0].min() > 0
    assert norms[1, :3].min() > 0
    alone = source_gradients(model, SOURCE[1:, :3], TARGET[1:])
    np.testing.assert_allclose(alone, norms[1:, :3], rtol=1e-4)
    alone = source_gradients(model, SOURCE[:1], TARGET[:1, :3])
    np.testing.assert_allclose(alone, norms[:1], rtol=1e-4)


@each_kind
def test_the_model_stays_as_it_was(kind, tmp_path):
    model = made(kind)
    before = np.array(model.training({"source_ids": SOURCE, "target_ids": TARGET}))
    source_gradients(model, SOURCE, TARGET)
    model.training.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(np.array(again({"source_ids": SOURCE, "target_ids": TARGET})), before)


def test_gradients_of_early_tokens_vanish_without_attention_and_remain_with_it():
    rng = np.random.default_rng(0)
    pairs = [(rng.integers(4, 11, 30).tolist(), rng.integers(4, 11, 5).tolist()) for _ in range(4)]
    curves = {kind: gradients_by_distance(built(kind, hidden_dim=16), pairs) for kind in TRANSLATORS}
    assert {curve.shape for curve in curves.values()} == {(31,)}
    assert curves["seq2seq"][0] > 100 * curves["seq2seq"][20] > 0
    for kind in ("attention", "transformer"):
        assert curves[kind].max() < 10 * curves[kind].min()


def test_distances_are_from_the_end_and_each_source_counts_alike(monkeypatch):
    seen = []

    def norms(embed, foretell, source_ids, target_ids):
        seen.append((source_ids.tolist(), target_ids.tolist()))
        return np.array([[3.0, 6, 0, 0], [0, 0, 0, 0], [1.0, 2, 3, 4]])

    monkeypatch.setattr(gradients, "_norms", norms)
    pairs = [([7, 8, 9], [4]), ([5], [6, 6]), ([6], [6, 6])]
    # 6 and 3 become 1 and 1/2; 4, 3, 2, 1 become 1, 3/4, 1/2, 1/4; what has no gradient does not count.
    assert gradients_by_distance(built("seq2seq"), pairs).tolist() == [1, (0.5 + 0.75) / 2, 0.5, 0.25]
    sources = [[5, EOS_ID, 0, 0], [6, EOS_ID, 0, 0], [7, 8, 9, EOS_ID]]
    targets = [[BOS_ID, 6, 6, EOS_ID], [BOS_ID, 6, 6, EOS_ID], [BOS_ID, 4, EOS_ID, 0]]
    assert seen == [(sources, targets)]


def test_missing_pairs_and_other_backends_are_refused(monkeypatch):
    with pytest.raises(InputError, match="no pairs to measure gradients on"):
        gradients_by_distance(built("seq2seq"), [])
    monkeypatch.setattr(gradients.keras, "backend", types.SimpleNamespace(backend=lambda: "torch"))
    with pytest.raises(InputError, match="on TensorFlow or JAX, not on torch; set KERAS_BACKEND"):
        gradients._gradient(lambda x: x, 0)
