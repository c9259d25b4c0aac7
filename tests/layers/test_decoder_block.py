"""The decoder block: with and without cross-attention, in one call and step by step."""

import numpy as np
import pytest
from keras import ops
from layer_check import check_layer, floats, values

from kerasformer.layers import CausalMask, DecoderBlock, PaddingMask

HIDDEN, HEADS, HEAD_DIM, INNER, TARGET, SOURCE = 15, 3, 5, 13, 7, 11
ATTENTION, FEED_FORWARD, NORM = 4 * (15 * 15 + 15), 15 * 13 + 13 + 13 * 15 + 15, 2 * 15
SIZES = {"num_heads": HEADS, "intermediate_dim": INNER}
MASK = PaddingMask()(np.array([[4] * SOURCE, [4] * 6 + [0] * 5], "int32"))


def built(**arguments):
    block = DecoderBlock(HEADS, INNER, **arguments)
    block.build((None, None, HIDDEN))
    block.set_weights([floats(*weight.shape) / 4 for weight in block.weights])
    return block


@pytest.mark.parametrize("norm", ["pre", "post"])
@pytest.mark.parametrize("across", [False, True])
def test_layer_check(across, norm):
    inputs = {"x": floats(2, TARGET, HIDDEN), "causal_mask": values(CausalMask()(floats(2, TARGET, 1)))}
    if across:
        inputs |= {"memory": floats(2, SOURCE, HIDDEN), "memory_mask": values(MASK)}
    num_attentions = 2 if across else 1
    num_weights = num_attentions * ATTENTION + FEED_FORWARD + (num_attentions + 1) * NORM
    # A bias on the keys adds the same to all scores of a query, which the softmax takes away again.
    arguments = {**SIZES, "norm": norm, "cross_attention": across}
    check_layer(DecoderBlock, arguments, inputs, num_weights, still=("key/bias",))


def test_pre_norm_is_x_plus_sublayer_of_norm():
    block, x, memory = built(), floats(2, TARGET, HIDDEN), floats(2, SOURCE, HIDDEN)
    entering = block.self_attention_residual.enter(x)
    first = x + values(block.self_attention(entering, entering)[0])
    second = first + values(block.memory_attention(block.memory_attention_residual.enter(first), memory)[0])
    expected = second + values(block.feed_forward(block.feed_forward_residual.enter(second)))
    np.testing.assert_allclose(values(block(x, memory=memory)[0]), expected, atol=1e-5)


@pytest.mark.parametrize("norm", ["pre", "post"])
@pytest.mark.parametrize("across", [False, True])
def test_steps_through_a_cache_are_the_whole(across, norm):
    block, x, memory = built(norm=norm, cross_attention=across), floats(2, TARGET, HIDDEN), floats(2, SOURCE, HIDDEN)
    source = {"memory": memory, "memory_mask": MASK} if across else {}
    whole, _, whole_weights = block(x, causal_mask=CausalMask()(x), **source)
    if across:  # projected once
        source = {"memory_cache": block.project_memory(memory), "memory_mask": MASK}
    cache = {name: ops.zeros((2, HEADS, TARGET + 2, HEAD_DIM)) for name in ("key", "value")}
    for begin, end in [(0, 3), (3, 4), (4, 5), (5, 7)]:
        part = x[:, begin:end]
        mask = CausalMask()(part, cache["key"], position=begin)
        output, cache, weights = block(part, cache=cache, position=begin, causal_mask=mask, **source)
        np.testing.assert_allclose(values(output), values(whole)[:, begin:end], atol=1e-5)
        length = SOURCE if across else TARGET
        np.testing.assert_allclose(values(weights)[..., :length], values(whole_weights)[:, :, begin:end], atol=1e-5)


def test_the_future_and_the_padding_are_not_seen():
    block, x, memory = built(), floats(2, TARGET, HIDDEN), floats(2, SOURCE, HIDDEN)
    mask = CausalMask()(x)
    output, _, weights = block(x, memory=memory, causal_mask=mask, memory_mask=MASK)
    later, padded = np.array(x), np.array(memory)
    later[:, 4:] = 97
    padded[1, 6:] = 89
    again, _, _ = block(later, memory=padded, causal_mask=mask, memory_mask=MASK)
    np.testing.assert_array_equal(values(again)[:, :4], values(output)[:, :4])
    assert np.abs(values(again)[:, 4:] - values(output)[:, 4:]).max() > 1
    assert values(weights).shape == (2, HEADS, TARGET, SOURCE)
    assert values(weights)[1, :, :, 6:].max() == 0
    np.testing.assert_allclose(values(weights).sum(-1), 1, atol=1e-6)


def test_without_a_source_it_has_no_attention_across():
    block, x = built(cross_attention=False), floats(2, TARGET, HIDDEN)
    _, _, weights = block(x, causal_mask=CausalMask()(x))
    assert values(weights).shape == (2, HEADS, TARGET, TARGET)
    assert np.triu(values(weights), 1).max() == 0
    assert not any("memory" in weight.path for weight in block.weights)


def test_wrong_arguments_are_named():
    with pytest.raises(ValueError, match="norm must be one of pre, post, got None"):
        DecoderBlock(HEADS, INNER, norm=None)
    with pytest.raises(ValueError, match="num_heads must divide the 15 hidden units, got 7"):
        DecoderBlock(7, INNER)(floats(2, TARGET, HIDDEN), memory=floats(2, SOURCE, HIDDEN))
