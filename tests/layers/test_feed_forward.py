"""max(0, x W1 + b1) W2 + b2, with integers."""

import numpy as np
from layer_check import check_layer, floats, values

from kerasformer.layers import FeedForward


def test_layer_check():
    num_weights = 7 * 13 + 13 + 13 * 7 + 7
    check_layer(FeedForward, {"intermediate_dim": 13}, {"x": floats(2, 5, 7)}, num_weights)


def test_integers_worked_out_by_hand():
    layer = FeedForward(3)
    layer.build((1, 2, 2))
    w1, b1 = np.array([[1, -2, 0], [3, 1, -1]], "float32"), np.array([0, 1, 2], "float32")
    w2, b2 = np.array([[1, 2], [0, -1], [5, 0]], "float32"), np.array([-3, 10], "float32")
    layer.set_weights([w1, b1, w2, b2])
    # (1, 2): relu(7, 1, 0) -> (7 - 3, 14 - 1 + 10); (-1, 4): relu(11, 7, -2) -> (11 - 3, 22 - 7 + 10)
    assert values(layer(np.array([[[1, 2], [-1, 4]]], "float32"))).tolist() == [[[4, 23], [8, 25]]]


def test_positions_do_not_see_each_other():
    layer, x = FeedForward(13), floats(2, 5, 7)
    together = values(layer(x))
    for position in range(5):
        alone = values(layer(x[:, position : position + 1]))
        np.testing.assert_allclose(alone, together[:, position : position + 1], atol=1e-6)
