"""One table, read by row and multiplied by its transpose."""

import numpy as np
from layer_check import check_layer, floats, values

from kerasformer.layers import TokenEmbedding

SIZES = {"vocab_size": 11, "hidden_dim": 7}
IDS = np.array([[4, 0, 10, 4, 1], [2, 3, 5, 9, 8]], "int32")


def built():
    layer = TokenEmbedding(**SIZES)
    layer.build()
    layer.set_weights([floats(11, 7)])
    return layer, layer.get_weights()[0]


def test_layer_check():
    check_layer(TokenEmbedding, SIZES, {"inputs": IDS}, num_weights=11 * 7)


def test_looking_up_row_4_is_multiplying_a_one_hot_vector_by_the_table():
    layer, table = built()
    one_hot = np.eye(11, dtype="float32")[IDS]  # (batch, length, vocab)
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
