"""The encoder block: against its parts, and what its mask hides."""

import numpy as np
import pytest
from layer_check import check_layer, floats, values

from kerasformer.layers import EncoderBlock, PaddingMask

HIDDEN, HEADS, INNER = 15, 3, 13
ATTENTION, FEED_FORWARD, NORM = 4 * (15 * 15 + 15), 15 * 13 + 13 + 13 * 15 + 15, 2 * 15
SIZES = {"num_heads": HEADS, "intermediate_dim": INNER}


def built(**arguments):
    block = EncoderBlock(HEADS, INNER, **arguments)
    block.build((None, None, HIDDEN))
    block.set_weights([floats(*weight.shape) / 4 for weight in block.weights])
    return block


@pytest.mark.parametrize("norm", ["pre", "post"])
def test_layer_check(norm):
    num_weights = ATTENTION + FEED_FORWARD + 2 * NORM
    # A bias on the keys adds the same to all scores of a query, which the softmax takes away again.
    check_layer(EncoderBlock, {**SIZES, "norm": norm}, {"x": floats(2, 5, HIDDEN)}, num_weights, ("key/bias",))


def test_pre_norm_is_x_plus_sublayer_of_norm():
    block, x = built(norm="pre"), floats(2, 5, HIDDEN)
    entering = block.self_attention_residual.enter(x)
    middle = x + values(block.self_attention(entering, entering)[0])
    expected = middle + values(block.feed_forward(block.feed_forward_residual.enter(middle)))
    np.testing.assert_allclose(values(block(x)[0]), expected, atol=1e-5)


def test_post_norm_is_norm_of_x_plus_sublayer():
    block, x = built(norm="post"), floats(2, 5, HIDDEN)
    zero = np.zeros_like(x)
    middle = values(block.self_attention_residual.leave(x + values(block.self_attention(x, x)[0]), zero))
    expected = values(block.feed_forward_residual.leave(middle + values(block.feed_forward(middle)), zero))
    np.testing.assert_allclose(values(block(x)[0]), expected, atol=1e-5)


def test_with_silent_sublayers_nothing_is_changed():
    block, x = built(norm="pre"), floats(2, 5, HIDDEN)
    for layer in (block.self_attention.output_dense, block.feed_forward.output_dense):
        layer.set_weights([np.zeros(weight.shape) for weight in layer.weights])
    np.testing.assert_array_equal(values(block(x)[0]), x)


def test_hidden_positions_change_nothing():
    block, x = built(), floats(2, 5, HIDDEN)
    mask = PaddingMask()(np.array([[4, 4, 4, 0, 0], [4, 4, 4, 4, 4]], "int32"))
    output, weights = block(x, attention_mask=mask)
    changed = np.array(x)
    changed[0, 3:] = 97
    again, _ = block(changed, attention_mask=mask)
    np.testing.assert_array_equal(values(again)[0, :3], values(output)[0, :3])
    np.testing.assert_array_equal(values(again)[1], values(output)[1])
    assert values(weights)[0, :, :, 3:].max() == 0
    np.testing.assert_allclose(values(weights).sum(-1), 1, atol=1e-6)


def test_order_means_nothing_to_it():
    block, x = built(), floats(2, 5, HIDDEN)
    order = [3, 0, 4, 1, 2]
    np.testing.assert_allclose(values(block(x[:, order])[0]), values(block(x)[0])[:, order], atol=1e-5)


def test_dropout_acts_in_training_only():
    block, x = built(dropout=0.5), floats(2, 5, HIDDEN)
    np.testing.assert_array_equal(values(block(x, training=False)[0]), values(block(x)[0]))
    assert np.abs(values(block(x, training=True)[0]) - values(block(x)[0])).max() > 0.01


def test_wrong_arguments_are_named():
    with pytest.raises(ValueError, match="norm must be one of pre, post, got 'layer'"):
        EncoderBlock(HEADS, INNER, norm="layer")
    with pytest.raises(ValueError, match="num_heads must divide the 15 hidden units, got 2"):
        EncoderBlock(2, INNER)(floats(2, 5, HIDDEN))
