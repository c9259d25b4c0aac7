"""Integers, one-hot vectors and embeddings: one table for input and output."""

import numpy as np
import pytest
from layer_check import check_layer, floats, values

from kerasformer.layers import OneHotEncoding, TokenEmbedding

SIZES = {"vocab_size": 11, "hidden_dim": 7}
IDS = np.array([[4, 0, 10, 4, 1], [2, 3, 5, 9, 8]], "int32")


def built():
    layer = TokenEmbedding(**SIZES)
    layer.build()
    layer.set_weights([floats(11, 7)])
    return layer, layer.get_weights()[0]


def test_layer_check():
    check_layer(TokenEmbedding, SIZES, {"inputs": IDS}, num_weights=11 * 7)


def test_layer_check_of_one_hot_encoding():
    check_layer(OneHotEncoding, {"vocab_size": 11}, {"inputs": IDS}, num_weights=0)


def test_red_is_0_1_0_0():
    colours = ["green", "red", "blue", "black"]
    red = np.array([[colours.index("red")]], "int32")
    assert values(OneHotEncoding(4)(red)).tolist() == [[[0, 1, 0, 0]]]


def test_the_is_4_is_a_row_of_numbers():
    the = np.array([[4]], "int32")
    layer = TokenEmbedding(6, 4)  # sqrt(4) = 2
    layer.build()
    table = floats(6, 4)
    table[4] = [-0.1234, 1.9876, 0.5, 3.4681]
    layer.set_weights([table])
    product = values(OneHotEncoding(6)(the)) @ table
    assert product.tolist() == [[table[4].tolist()]]  # to the last bit: all else is multiplied by 0
    assert values(layer(the)).tolist() == (2 * product).tolist()
    assert values(layer(the))[0, 0] == pytest.approx([-0.2468, 3.9752, 1.0, 6.9362])


def test_looking_up_row_4_is_multiplying_a_one_hot_vector_by_the_table():
    layer, table = built()
    one_hot = values(OneHotEncoding(11)(IDS))  # (batch, length, vocab)
    np.testing.assert_array_equal(one_hot, np.eye(11)[IDS])
    np.testing.assert_allclose(values(layer(IDS)), one_hot @ table * np.sqrt(7), rtol=1e-6)
    np.testing.assert_allclose(values(layer(IDS))[0, 0], table[4] * np.sqrt(7), rtol=1e-6)


def test_scoring_multiplies_by_the_transpose():
    layer, table = built()
    x = floats(2, 3, 7)
    logits = values(layer(x, reverse=True))
    assert logits.shape == (2, 3, 11)
    np.testing.assert_allclose(logits, x @ table.T, atol=1e-5)


def test_integers_worked_out_by_hand():
    layer = TokenEmbedding(3, 4)  # sqrt(4) = 2
    layer.build()
    layer.set_weights([np.array([[1, 0, 0, 2], [0, 3, 0, 0], [5, 0, 7, 0]], "float32")])
    assert values(layer(np.array([[2, 0]]))).tolist() == [[[10, 0, 14, 0], [2, 0, 0, 4]]]
    assert values(layer(np.array([[[1, 2, 3, 4]]], "float32"), reverse=True)).tolist() == [[[9, 6, 26]]]


def test_vectors_enter_with_variance_1_and_first_logits_are_small():
    layer = TokenEmbedding(997, 61)
    layer.build()
    assert abs(values(layer(np.arange(997)[None])).std() - 1) < 0.02
    normalised = floats(1, 89, 61)
    assert abs(values(layer(normalised, reverse=True)).std() - 1) < 0.05
