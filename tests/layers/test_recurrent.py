"""Recurrence: the cells against Keras's own; padding, direction and single steps change nothing."""

import keras
import numpy as np
import pytest
from keras import ops
from layer_check import check_layer, floats, values

from kerasformer.config import text
from kerasformer.layers import CELLS, Recurrent

BATCH, LENGTH, INPUT, HIDDEN = 3, 7, 5, 11
NUM_WEIGHTS = {"gru": 3 * (INPUT * HIDDEN + HIDDEN * HIDDEN + 2 * HIDDEN),
               "lstm": 4 * (INPUT * HIDDEN + HIDDEN * HIDDEN + 2 * HIDDEN)}  # fmt: skip
IS_TOKEN = np.arange(LENGTH) < [[7], [4], [1]]
each_cell = pytest.mark.parametrize("cell", CELLS)
each_direction = pytest.mark.parametrize("reverse", [False, True])


def made(cell, **options):
    """A layer with random weights, biases too."""
    layer = Recurrent(cell, HIDDEN, **options)
    layer.build((BATCH, LENGTH, INPUT))
    layer.set_weights([floats(*weight.shape) / 2 for weight in layer.weights])
    return layer


def run(layer, x, **inputs):
    """Outputs and the last state, as numpy arrays."""
    return keras.tree.map_structure(values, layer(x, **inputs))


def assert_all_close(one, other):
    for a, b in zip(keras.tree.flatten(one), keras.tree.flatten(other), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)


def keras_layer(ours):
    """Keras's own layer with our weights; its gates lie in the same order."""
    kernel, bias, state_kernel, state_bias = map(values, ours.weights)
    options = {"return_sequences": True, "return_state": True, "go_backwards": ours.reverse}
    if ours.cell == "gru":
        theirs, bias = keras.layers.GRU(HIDDEN, reset_after=True, **options), np.stack([bias, state_bias])
    else:
        theirs, bias = keras.layers.LSTM(HIDDEN, **options), bias + state_bias
    theirs.build((BATCH, LENGTH, INPUT))
    theirs.set_weights([kernel, state_kernel, bias])
    return theirs


@pytest.mark.parametrize("is_token", [None, IS_TOKEN])
@each_direction
@each_cell
def test_it_is_the_layer_of_keras(cell, reverse, is_token):
    ours = made(cell, reverse=reverse)
    x, state = floats(BATCH, LENGTH, INPUT), [floats(BATCH, HIDDEN) for _ in range(2 if cell == "lstm" else 1)]
    for begin in (None, state):
        outputs, *last = keras_layer(ours)(x, initial_state=begin, mask=is_token)
        outputs = ops.flip(outputs, axis=1) if reverse else outputs  # Keras leaves them in the order it went
        assert_all_close(run(ours, x, state=begin, is_token=is_token), (outputs, last))


def test_a_gru_by_hand():
    layer = Recurrent("gru", 1)
    layer.build((1, 2, 1))
    # With update, reset and new gates of 0, log 3 and 0 before the sigmoids: half stays, three quarters are seen.
    layer.set_weights([np.array([[0.0, 0, 1]]), np.array([0, np.log(3), 0]), np.array([[0.0, 0, 2]]), np.zeros(3)])
    outputs, [last] = run(layer, np.array([[[1.0], [2.0]]], "float32"))
    first = np.tanh(1) / 2
    second = first / 2 + np.tanh(2 + 0.75 * 2 * first) / 2
    np.testing.assert_allclose(outputs[0, :, 0], [first, second], rtol=1e-5)
    assert last.tolist() == [[outputs[0, 1, 0]]]


def test_an_lstm_by_hand():
    layer = Recurrent("lstm", 1)
    layer.build((1, 2, 1))
    # All enters, three quarters are kept, half is shown.
    bias = np.array([40, np.log(3), 0, 0])
    layer.set_weights([np.array([[0.0, 0, 1, 0]]), bias, np.zeros((1, 4)), np.zeros(4)])
    outputs, [hidden, cell] = run(layer, np.array([[[1.0], [2.0]]], "float32"))
    cells = [np.tanh(1), 0.75 * np.tanh(1) + np.tanh(2)]
    np.testing.assert_allclose(outputs[0, :, 0], np.tanh(cells) / 2, rtol=1e-5)
    np.testing.assert_allclose([hidden[0, 0], cell[0, 0]], [np.tanh(cells[1]) / 2, cells[1]], rtol=1e-5)


def test_a_new_lstm_forgets_little_and_nothing_else_is_biased():
    biases = {}
    for cell in CELLS:
        layer = Recurrent(cell, 2)
        layer.build((BATCH, LENGTH, INPUT))
        biases[cell] = [values(layer.weights[i]).tolist() for i in (1, 3)]
    assert biases == {"gru": [[0] * 6, [0] * 6], "lstm": [[0, 0, 1, 1, 0, 0, 0, 0], [0] * 8]}


@each_direction
@each_cell
def test_layer_check(cell, reverse):
    inputs = {"x": floats(BATCH, LENGTH, INPUT), "is_token": IS_TOKEN}
    arguments = {"cell": cell, "hidden_dim": HIDDEN, "reverse": reverse}
    check_layer(Recurrent, arguments, inputs, NUM_WEIGHTS[cell])


@each_direction
@each_cell
def test_padding_reaches_no_output_and_no_state(cell, reverse):
    layer, x = made(cell, reverse=reverse), floats(BATCH, LENGTH, INPUT)
    outputs, last = run(layer, x, is_token=IS_TOKEN)
    assert_all_close(run(layer, np.where(IS_TOKEN[..., None], x, 1000 * x), is_token=IS_TOKEN), (outputs, last))
    for row, length in enumerate((7, 4, 1)):
        alone, state = run(layer, x[row : row + 1, :length])
        assert_all_close((outputs[row, :length], [part[row] for part in last]), (alone[0], [part[0] for part in state]))


@each_direction
@each_cell
def test_padding_between_tokens_is_skipped(cell, reverse):
    layer, x = made(cell, reverse=reverse), floats(1, LENGTH, INPUT)
    is_token = np.array([[False, True, True, False, True, False, True]])
    outputs, last = run(layer, x, is_token=is_token)
    assert_all_close((outputs[is_token][None], last), run(layer, x[is_token][None]))


@each_cell
def test_only_padding_leaves_the_state_as_it_was(cell):
    layer, state = made(cell), [floats(BATCH, HIDDEN) for _ in range(2 if cell == "lstm" else 1)]
    nothing = np.zeros((BATCH, LENGTH), bool)
    _, last = run(layer, floats(BATCH, LENGTH, INPUT), state=state, is_token=nothing)
    assert_all_close(last, state)
    _, last = run(layer, floats(BATCH, LENGTH, INPUT), is_token=nothing)
    assert not np.any(last)


@each_cell
def test_reverse_goes_from_the_last_position_to_the_first(cell):
    forward, backward = made(cell), made(cell, reverse=True)
    backward.set_weights(forward.get_weights())
    x = floats(BATCH, LENGTH, INPUT)
    outputs, last = run(forward, x[:, ::-1])
    assert_all_close(run(backward, x), (outputs[:, ::-1], last))
    np.testing.assert_array_equal(run(backward, x)[0][:, 0], run(backward, x)[1][0])  # it ends where x begins
    changed = x.copy()
    changed[:, 3] += 1
    difference = np.abs(run(backward, changed)[0] - run(backward, x)[0]).max(axis=(0, 2))
    assert difference[4:].max() == 0
    assert difference[:4].min() > 1e-3


@each_direction
@each_cell
def test_one_position_at_a_time_is_the_whole(cell, reverse):
    layer, x = made(cell, reverse=reverse), floats(BATCH, LENGTH, INPUT)
    outputs, last = run(layer, x)
    state, parts = None, []
    pieces = [x[:, :2], *(x[:, i : i + 1] for i in range(2, LENGTH))]
    for piece in pieces[::-1] if reverse else pieces:
        part, state = run(layer, piece, state=state)
        parts.append(part)
    assert_all_close((outputs, last), (np.concatenate(parts[::-1] if reverse else parts, axis=1), state))


@each_cell
def test_a_single_position_needs_no_state_to_begin_with(cell):
    layer, x = made(cell), floats(BATCH, 1, INPUT)
    assert_all_close(run(layer, x), run(layer, x, is_token=np.ones((BATCH, 1), bool)))


@each_cell
def test_the_outputs_carry_no_mask_of_keras(cell):
    found = keras.tree.flatten(made(cell)(floats(BATCH, LENGTH, INPUT), is_token=IS_TOKEN))
    assert [getattr(tensor, "_keras_mask", None) for tensor in found] == [None] * len(found)


def test_the_config_names_the_cells_that_there_are():
    assert tuple(CELLS) == text.CELLS


def test_an_unknown_cell_is_named():
    with pytest.raises(ValueError, match="cell must be one of gru, lstm, got 'rnn'"):
        Recurrent("rnn", HIDDEN)
