"""The Transformer: number of parameters, positions, and a cache with room for every position."""

import keras
import numpy as np
import pytest
from keras import ops

from kerasformer.config.presets import PRESETS, preset
from kerasformer.models import build_model


def number_of_parameters(config):
    hidden, inner = config.hidden_dim, config.intermediate_dim
    attention = 4 * (hidden * hidden + hidden)
    feed_forward = hidden * inner + inner + inner * hidden + hidden
    norm = 2 * hidden
    encoder = attention + feed_forward + 2 * norm
    decoder = 2 * attention + feed_forward + 3 * norm
    last_norms = 2 * norm if config.norm == "pre" else 0
    positions = 2 * config.max_length * hidden if config.position == "learned" else 0
    blocks = config.num_layers * encoder + (config.num_decoder_layers or config.num_layers) * decoder
    return config.vocab_size * hidden + blocks + last_norms + positions


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.usefixtures("zero_weights")
def test_each_preset_has_the_computed_number_of_parameters(name, transformer_parameters):
    model = build_model(preset(name))
    assert model.training.count_params() == number_of_parameters(PRESETS[name]) == transformer_parameters[name]


def test_every_preset_is_tested(transformer_parameters):
    assert set(transformer_parameters) == set(PRESETS)


@pytest.mark.parametrize("position", ["sinusoidal", "learned", "none"])
@pytest.mark.parametrize("norm", ["pre", "post"])
def test_each_variant_has_the_computed_number_of_parameters(position, norm):
    config = preset("test", position=position, norm=norm, num_layers=2)
    assert build_model(config).training.count_params() == number_of_parameters(config)


@pytest.mark.parametrize("position", ["sinusoidal", "none"])
def test_without_positions_a_source_is_a_bag_of_words(position):
    model, target = build_model(preset("test", position=position)).training, ops.array([[1, 4, 8, 2]], "int32")
    logits, shuffled = (
        ops.convert_to_numpy(model({"source_ids": ops.array([source], "int32"), "target_ids": target}))
        for source in ([5, 6, 7, 9, 2], [9, 5, 7, 6, 2])
    )
    assert np.allclose(logits, shuffled, atol=1e-5) == (position == "none")


def test_the_state_has_room_for_every_position_of_the_target():
    model = build_model(preset("test", num_layers=3))
    state = model.begin(ops.ones((2, 7), "int32"), 11)
    assert [tuple(x.shape) for x in keras.tree.flatten(state["memory"])] == [(2, 2, 7, 8)] * 6  # keys and values
    assert [tuple(x.shape) for x in keras.tree.flatten(state["cache"])] == [(2, 2, 11, 8)] * 6


def test_the_decoder_has_a_depth_of_its_own():
    config = preset("test", num_layers=3, num_decoder_layers=1)
    model = build_model(config)
    assert model.training.count_params() == number_of_parameters(config)
    state = model.begin(ops.ones((2, 7), "int32"), 11)
    assert len(keras.tree.flatten(state["memory"])) == len(keras.tree.flatten(state["cache"])) == 2  # keys and values
