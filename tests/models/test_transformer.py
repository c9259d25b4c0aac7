"""The Transformer: cached = whole, nobody sees the future or the padding, sizes as reckoned, and it learns."""

import dataclasses
import functools
import itertools

import keras
import numpy as np
import pytest
from keras import ops

from kerasformer.config import KINDS as MODEL_KINDS
from kerasformer.config import PRESETS, ModelConfig, TrainingConfig, preset
from kerasformer.data.batches import Batches
from kerasformer.errors import InputError
from kerasformer.models import BUILDERS, build_model
from kerasformer.training import Trainer

SIZES = {"vocab_size": 23, "max_length": 17, "num_layers": 2, "hidden_dim": 30, "intermediate_dim": 13, "num_heads": 5}
KINDS = [*itertools.product(("sinusoidal", "learned"), ("pre", "post"))]
OPPOSITE_KINDS = [("sinusoidal", "pre"), ("learned", "post")]
PARAMETERS = {"test": 8_832, "tiny": 2_349_568, "small": 11_469_824, "base": 60_524_544}
each_kind = pytest.mark.parametrize(("position", "norm"), KINDS)
opposite_kinds = pytest.mark.parametrize(("position", "norm"), OPPOSITE_KINDS)


@functools.cache
def made(position="sinusoidal", norm="pre"):
    """A model that no test may change."""
    return built(position, norm)


def built(position="sinusoidal", norm="pre"):
    keras.utils.set_random_seed(1)
    model = build_model(ModelConfig(**SIZES, position=position, norm=norm))
    rng = np.random.default_rng(2)
    for weight in model.training.weights:  # biases and gains that do something
        if len(weight.shape) == 1 and "seed" not in weight.path:
            weight.assign_add(rng.normal(size=weight.shape).astype("float32") / 4)
    return model


def ids(batch, length, seed=0):
    return np.random.default_rng(seed).integers(4, SIZES["vocab_size"], (batch, length)).astype("int32")


def logits(model, source, target):
    return ops.convert_to_numpy(model.training({"source_ids": source, "target_ids": target}, training=False))


@each_kind
def test_steps_through_the_cache_give_the_logits_of_the_whole(position, norm):
    model, source, target = made(position, norm), ids(2, 7), ids(2, 9, 1)
    source[1, 4:] = 0
    whole = logits(model, source, target)
    state = model.begin(ops.convert_to_tensor(source), 9)
    for begin, end in [(0, 5), *((i, i + 1) for i in range(5, 9))]:
        part, place = ops.convert_to_tensor(target[:, begin:end]), ops.convert_to_tensor(begin, "int32")
        step, state = model.step(part, place, state)
        np.testing.assert_allclose(ops.convert_to_numpy(step), whole[:, begin:end], atol=1e-5)


@each_kind
def test_a_later_token_changes_no_earlier_logit(position, norm):
    model, source, target = made(position, norm), ids(2, 7), ids(2, 13, 1)
    whole = logits(model, source, target)
    for place in (1, 6, 12):
        changed = target.copy()
        changed[:, place] = (changed[:, place] - 3) % 19 + 4
        difference = np.abs(logits(model, source, changed) - whole).max(axis=(0, 2))
        assert difference[:place].max() == 0
        assert difference[place] > 0.01


@each_kind
def test_padding_of_the_source_changes_nothing(position, norm):
    model, source, target = made(position, norm), ids(2, 7), ids(2, 5, 1)
    padded = np.pad(source, ((0, 0), (0, 6)))
    np.testing.assert_allclose(logits(model, padded, target), logits(model, source, target), atol=1e-5)


@each_kind
def test_a_row_does_not_depend_on_its_batch(position, norm):
    model, source, target = made(position, norm), ids(5, 7), ids(5, 11, 1)
    together = logits(model, source, target)
    for row in range(5):
        alone = logits(model, source[row : row + 1], target[row : row + 1])
        np.testing.assert_allclose(alone[0], together[row], atol=1e-5)


def test_the_source_and_its_order_matter():
    model, source, target = made(), ids(2, 7), ids(2, 5, 1)
    assert np.abs(logits(model, source[:, ::-1], target) - logits(model, source, target)).max() > 0.01


def number_of_parameters(config):
    hidden, inner = config.hidden_dim, config.intermediate_dim
    attention = 4 * (hidden * hidden + hidden)
    feed_forward = hidden * inner + inner + inner * hidden + hidden
    norm = 2 * hidden
    encoder = attention + feed_forward + 2 * norm
    decoder = 2 * attention + feed_forward + 3 * norm
    last_norms = 2 * norm if config.norm == "pre" else 0
    positions = 2 * config.max_length * hidden if config.position == "learned" else 0
    return config.vocab_size * hidden + config.num_layers * (encoder + decoder) + last_norms + positions


@pytest.mark.parametrize("name", PRESETS)
def test_each_preset_has_the_parameters_one_can_reckon(name):
    model = build_model(preset(name))
    assert model.training.count_params() == number_of_parameters(PRESETS[name]) == PARAMETERS[name]


def test_every_preset_is_tested():
    assert set(PARAMETERS) == set(PRESETS)


@each_kind
def test_the_graphs_share_their_weights(position, norm):
    model = made(position, norm)
    assert model.training.count_params() == number_of_parameters(model.config)
    owned = {id(weight) for weight in model.training.weights}
    for graph in (model.attention, model.start, model.decode_step):
        assert {id(weight) for weight in graph.weights} <= owned


@each_kind
def test_attention_adds_up_to_1_and_padding_gets_nothing(position, norm):
    model, source, target = made(position, norm), ids(2, 7), ids(2, 11, 1)
    source[1, 4:] = 0
    weights = model.attention({"source_ids": source, "target_ids": target}, training=False)
    weights = ops.convert_to_numpy(weights)
    assert weights.shape == (2, SIZES["num_layers"], SIZES["num_heads"], 11, 7)
    np.testing.assert_allclose(weights.sum(-1), 1, atol=1e-6)
    assert weights[1, ..., 4:].max() == 0
    assert weights[1, ..., :4].min() > 0


@opposite_kinds
def test_the_graphs_reload_from_keras_files(position, norm, tmp_path):
    model, source, target = made(position, norm), ids(2, 7), ids(2, 11, 1)
    model.training.save(tmp_path / "training.keras")
    again = keras.saving.load_model(tmp_path / "training.keras")
    inputs = {"source_ids": source, "target_ids": target}
    np.testing.assert_array_equal(ops.convert_to_numpy(again(inputs)), logits(model, source, target))

    model.decode_step.save(tmp_path / "decode_step.keras")
    again = keras.saving.load_model(tmp_path / "decode_step.keras")
    state = model.begin(ops.convert_to_tensor(source), 11)
    inputs = {"token_ids": ops.convert_to_tensor(target[:, :3]), "position": ops.convert_to_tensor(2), "state": state}
    expected, found = model.decode_step(inputs), again(inputs)
    for one, other in zip(keras.tree.flatten(expected), keras.tree.flatten(found), strict=True):
        np.testing.assert_array_equal(ops.convert_to_numpy(one), ops.convert_to_numpy(other))


@opposite_kinds
def test_the_gradient_reaches_every_weight(position, norm):
    model, source, target = built(position, norm), ids(3, 7), ids(3, 11, 1)
    model.training.compile(optimizer=keras.optimizers.SGD(1.0), loss="mse", jit_compile=False)
    before = [np.array(ops.convert_to_numpy(weight)) for weight in model.training.trainable_weights]
    rng = np.random.default_rng(3)
    wanted = rng.normal(size=(3, 11, SIZES["vocab_size"])).astype("float32")
    model.training.train_on_batch({"source_ids": source, "target_ids": target}, wanted)
    for weight, old in zip(model.training.trainable_weights, before, strict=True):
        moved = np.abs(ops.convert_to_numpy(weight) - old).max()
        # A bias on the keys adds the same to all scores of a query, which the softmax takes away again.
        assert moved < 1e-6 if "key/bias" in weight.path else moved > 1e-6, weight.path


def test_weights_and_logits_are_float32():
    model = made()
    assert keras.config.dtype_policy().name == "float32"
    assert {weight.dtype for weight in model.training.trainable_weights} == {"float32"}
    assert logits(model, ids(2, 7), ids(2, 5)).dtype == "float32"


def test_an_unknown_kind_is_named_and_every_known_one_has_a_builder():
    with pytest.raises(InputError, match="must be one of transformer, got 'rnn'"):
        build_model(dataclasses.replace(preset("test"), kind="rnn"))
    assert set(BUILDERS) == set(MODEL_KINDS)


def test_the_smallest_model_learns_to_reverse_digits(tmp_path):
    rng = np.random.default_rng(0)
    digits = np.unique(rng.integers(4, 14, (6000, 5)), axis=0)
    rng.shuffle(digits)
    sources, held_out = digits[:-400].tolist(), digits[-400:].tolist()

    def batches(rows):
        reversed_rows = [row[::-1] for row in rows]
        return Batches(rows, reversed_rows, batch_tokens=512, num_shapes=1, max_length=32)

    keras.utils.set_random_seed(0)
    model = build_model(preset("test", vocab_size=14, dropout=0.0))
    config = TrainingConfig(epochs=3, learning_rate=1e-2, warmup_steps=100, label_smoothing=0.0, average_last=1)
    train = batches(sources)
    history = Trainer(model.training, config, tmp_path, len(train)).fit(train, batches(held_out))
    assert history[-1]["val_accuracy"] > 0.95
