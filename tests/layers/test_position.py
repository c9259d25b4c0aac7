"""Positions by the formula of the paper, and from an offset on."""

import math

import numpy as np
import pytest
from layer_check import check_layer, floats, values

from kerasformer.layers import PositionalEncoding, sinusoidal_table


@pytest.mark.parametrize(("encoding", "num_weights"), [("sinusoidal", 0), ("learned", 13 * 7), ("none", 0)])
def test_layer_check(encoding, num_weights):
    check_layer(PositionalEncoding, {"max_length": 13, "encoding": encoding}, {"x": floats(2, 13, 7)}, num_weights)


@pytest.mark.parametrize("hidden_dim", [7, 10])
def test_the_table_is_that_of_the_paper(hidden_dim):
    table = sinusoidal_table(101, hidden_dim)
    assert (table.shape, table.dtype) == ((101, hidden_dim), "float32")
    for position in (0, 1, 53, 100):
        for i in range(hidden_dim):
            angle = position / 10000 ** ((i - i % 2) / hidden_dim)
            expected = math.cos(angle) if i % 2 else math.sin(angle)
            assert table[position, i] == pytest.approx(expected, abs=1e-6)


def test_position_0_is_0_1_0_1():
    assert sinusoidal_table(3, 6)[0].tolist() == [0, 1, 0, 1, 0, 1]


@pytest.mark.parametrize("encoding", ["sinusoidal", "learned"])
def test_an_offset_takes_a_later_slice(encoding):
    layer = PositionalEncoding(13, encoding)
    x = floats(2, 13, 7)
    whole = values(layer(x))
    np.testing.assert_array_equal(values(layer(x[:, 5:8], position=5)), whole[:, 5:8])
    np.testing.assert_array_equal(values(layer(x[:, :3])), whole[:, :3])


def test_a_vector_of_its_own_is_added_to_each_position():
    layer = PositionalEncoding(5, "learned")
    layer.build((None, None, 3))
    table = np.arange(15, dtype="float32").reshape(5, 3)
    layer.set_weights([table])
    x = floats(2, 4, 3)
    np.testing.assert_allclose(values(layer(x)) - x, np.broadcast_to(table[:4], (2, 4, 3)), atol=1e-5)
    sinusoidal = PositionalEncoding(5)
    np.testing.assert_allclose(values(sinusoidal(x)), x + sinusoidal_table(5, 3)[:4], atol=1e-6)
    np.testing.assert_array_equal(values(PositionalEncoding(5, "none")(x)), x)


def test_each_entry_may_have_a_position_of_its_own():
    layer, x = PositionalEncoding(5), np.zeros((2, 3, 4), "float32")
    places = np.array([[0, 1, 0], [4, 0, 2]], "int32")
    np.testing.assert_array_equal(values(layer(x, position=places)), sinusoidal_table(5, 4)[places])


def test_a_wrong_encoding_is_named():
    with pytest.raises(ValueError, match="encoding must be one of sinusoidal, learned, none, got 'rotary'"):
        PositionalEncoding(5, "rotary")
