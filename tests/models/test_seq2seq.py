"""seq2seq and attention: number of parameters, and the same wiring as with Keras's own layers."""

import keras
import numpy as np
import pytest
from keras import ops

from kerasformer.config import RECURRENT
from kerasformer.config.presets import PRESETS, RECURRENT_SIZES, preset
from kerasformer.models import build_model

PARAMETERS = {
    "seq2seq": {"test": 9_460, "tiny": 2_462_400, "small": 10_992_800, "deep": 8_612_800, "base": 55_300_320},
    "attention": {"test": 9_860, "tiny": 2_499_264, "small": 11_165_856, "deep": 8_813_504, "base": 56_046_816},
}
OPTIONS = [
    (kind, {"bidirectional": bidirectional, "cell": cell, "score": score})
    for cell, score in (("gru", "dot"), ("lstm", "scaled"), ("gru", "general"), ("lstm", "additive"))
    for bidirectional in (False, True)
    for kind in RECURRENT
    if kind == "attention" or score in ("dot", "scaled")  # seq2seq has no score
]
each_kind = pytest.mark.parametrize("kind", RECURRENT)


def number_of_parameters(config):
    hidden, gates = config.hidden_dim, {"gru": 3, "lstm": 4}[config.cell]

    def cell(units):  # kernel, kernel of the state, and a bias each
        return gates * (hidden * units + units * units + 2 * units)

    encoder = 2 * cell(hidden // 2) if config.bidirectional else cell(hidden)
    scores = {"dot": 0, "scaled": 0, "general": hidden * hidden, "additive": 2 * hidden * hidden + hidden}
    has_attention = config.kind == "attention"
    output = (1 + has_attention) * hidden * hidden + hidden
    attention = scores[config.score] if has_attention else 0
    return config.vocab_size * hidden + config.num_layers * (encoder + cell(hidden)) + attention + output


@pytest.mark.parametrize("name", PRESETS)
@each_kind
@pytest.mark.usefixtures("zero_weights")
def test_each_preset_has_the_computed_number_of_parameters_within_a_fifth_of_the_transformers(
    kind, name, transformer_parameters
):
    config = preset(name, kind=kind)
    parameters = build_model(config).training.count_params()
    assert parameters == number_of_parameters(config) == PARAMETERS[kind][name]
    assert abs(parameters / transformer_parameters[name] - 1) < 0.2


def test_every_preset_is_tested_and_has_sizes_of_its_own():
    assert set(PRESETS) == set(RECURRENT_SIZES) == set(PARAMETERS["seq2seq"]) == set(PARAMETERS["attention"])
    assert set(RECURRENT) == set(PARAMETERS)


@pytest.mark.parametrize(("kind", "options"), OPTIONS)
def test_each_variant_has_the_computed_number_of_parameters(kind, options):
    config = preset("test", kind=kind, num_layers=2, **options)
    assert build_model(config).training.count_params() == number_of_parameters(config)


def keras_encoder(model, source_ids):
    """Outputs and last states of Keras's own layers with the encoder's weights, halves side by side."""
    config, layer = model.config, model.training.get_layer
    classes, width = {"gru": keras.layers.GRU, "lstm": keras.layers.LSTM}, config.hidden_dim // 2
    x, states = layer("embedding")(source_ids), []
    for i in range(config.num_layers):
        one_way = classes[config.cell](width, return_sequences=True, return_state=True)
        both = keras.layers.Bidirectional(one_way)
        both.build(x.shape)
        weights = []
        for name in (f"encoder_{i}", f"encoder_back_{i}"):
            kernel, bias, state_kernel, state_bias = layer(name).get_weights()
            bias = np.stack([bias, state_bias]) if config.cell == "gru" else bias + state_bias
            weights += [kernel, state_kernel, bias]
        both.set_weights(weights)
        x, *last = both(x, mask=source_ids != 0)
        count = len(last) // 2
        states.append([ops.concatenate(pair, axis=-1) for pair in zip(last[:count], last[count:], strict=True)])
    return x, states


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_a_bidirectional_encoder_is_the_stack_of_keras(cell):
    model = build_model(preset("test", kind="attention", cell=cell, bidirectional=True, num_layers=2))
    source = np.random.default_rng(0).integers(4, 200, (3, 7)).astype("int32")
    source[1, 4:] = source[2, 1:] = 0
    state = model.begin(ops.convert_to_tensor(source), 5)
    memory, states = keras_encoder(model, source)
    is_token = source != 0
    np.testing.assert_allclose(np.array(state["memory"])[is_token], np.array(memory)[is_token], atol=1e-5)
    for ours, theirs in zip(keras.tree.flatten(state["recurrent"]), keras.tree.flatten(states), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_all_that_seq2seq_knows_of_the_source_is_one_vector_of_fixed_size():
    model = build_model(preset("test", kind="seq2seq", cell="lstm", num_layers=3))
    for length in (1, 7, 30):
        state = model.begin(ops.ones((2, length), "int32"), 32)
        # The output and the cell of each layer.
        assert [tuple(x.shape) for x in keras.tree.flatten(state)] == [(2, 20)] * 6


def test_attention_keeps_every_state_of_the_encoder_beside_it():
    model = build_model(preset("test", kind="attention", score="general"))
    state = model.begin(ops.ones((2, 7), "int32"), 32)
    shapes = {name: tuple(state[name].shape) for name in ("memory", "key", "memory_mask")}
    assert shapes == {"memory": (2, 7, 20), "key": (2, 7, 20), "memory_mask": (2, 1, 1, 7)}
    kernel = model.training.get_layer("attention").key_dense.kernel
    np.testing.assert_allclose(state["key"], ops.matmul(state["memory"], kernel), atol=1e-5)
