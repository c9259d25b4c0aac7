"""Attention: worked out by hand, against Keras's own, and unchanged by the cache."""

import contextlib

import keras
import numpy as np
import pytest
from keras import ops
from layer_check import check_layer, floats, values

from kerasformer.layers import (
    CausalMask,
    MultiHeadAttention,
    portable_cache_writes,
    products_as_sums,
    scaled_dot_product_attention,
)
from kerasformer.layers.attention import write_cache

KEY = [[1, 0, 0, 0], [1, 0, 0, 0], [-1000, 0, 0, 0]]  # of 4 dimensions: scores are halved
VALUE = [[2, 10], [4, 30], [500, 700]]
BATCH, HEADS, HEAD_DIM, HIDDEN, QUERY, KEYS = 2, 3, 5, 15, 7, 11


def attend(query, key=KEY, mask=None):
    tensors = [ops.convert_to_tensor([[rows]], "float32") for rows in (query, key, VALUE)]
    mask = None if mask is None else ops.convert_to_tensor(mask)
    attended, weights = scaled_dot_product_attention(*tensors, mask)
    return values(attended)[0, 0], values(weights)[0, 0]


def test_equal_scores_share_and_hopeless_ones_get_nothing():
    attended, weights = attend([[2, 0, 0, 0], [-2, 0, 0, 0], [0, 6, 0, 0]])
    np.testing.assert_allclose(weights, [[0.5, 0.5, 0], [0, 0, 1], [1 / 3, 1 / 3, 1 / 3]], atol=1e-6)
    np.testing.assert_allclose(attended, [[3, 20], [500, 700], [506 / 3, 740 / 3]], rtol=1e-5)


def test_scores_are_divided_by_the_root_of_the_head_dim():
    # 2 log(3) / sqrt(4) = log(3): weights 3 to 1 to 1.
    _, weights = attend([[2 * np.log(3), 0, 0, 0]], [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 9, 0]])
    np.testing.assert_allclose(weights, [[0.6, 0.2, 0.2]], atol=1e-6)


def test_hidden_keys_get_exactly_no_weight():
    mask = [[True, False, False], [False, True, True]]
    attended, weights = attend([[2, 0, 0, 0], [0, 0, 0, 0]], mask=mask)
    assert weights.tolist() == [[1, 0, 0], [0, 0.5, 0.5]]
    assert attended.tolist() == [[2, 10], [252, 365]]


def attention_pair():
    """Our attention and Keras's with the same weights."""
    ours, theirs = MultiHeadAttention(HEADS), keras.layers.MultiHeadAttention(HEADS, HEAD_DIM)
    ours.build((BATCH, QUERY, HIDDEN))
    theirs.build((BATCH, QUERY, HIDDEN), (BATCH, KEYS, HIDDEN))
    kernels, biases = [floats(HIDDEN, HIDDEN) for _ in range(4)], [floats(HIDDEN) for _ in range(4)]
    split = (HEADS, HEAD_DIM)
    for layer, kernel, bias in zip(("query", "key", "value", "output"), kernels, biases, strict=True):
        getattr(ours, f"{layer}_dense").set_weights([kernel, bias])
    shaped = [x for i in range(3) for x in (kernels[i].reshape(HIDDEN, *split), biases[i].reshape(split))]
    theirs.set_weights([*shaped, kernels[3].reshape(*split, HIDDEN), biases[3]])
    return ours, theirs


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("across", [False, True])
def test_it_is_the_attention_of_keras(across, masked):
    ours, theirs = attention_pair()
    query = floats(BATCH, QUERY, HIDDEN)
    memory = floats(BATCH, KEYS, HIDDEN) if across else query
    mask = np.random.default_rng(1).random((BATCH, QUERY, memory.shape[1])) < 0.6
    mask[:, :, 0] = True  # nobody sees nothing
    expected, weights = theirs(query, memory, attention_mask=mask if masked else None, return_attention_scores=True)
    output, cache, own_weights = ours(query, memory, attention_mask=mask[:, None] if masked else None)
    np.testing.assert_allclose(values(output), values(expected), atol=1e-5)
    np.testing.assert_allclose(values(own_weights), values(weights), atol=1e-5)
    assert cache["key"].shape == (BATCH, HEADS, memory.shape[1], HEAD_DIM)


@pytest.mark.parametrize("across", [False, True])
def test_layer_check(across):
    inputs = {"query": floats(BATCH, QUERY, HIDDEN), "memory": floats(BATCH, KEYS, HIDDEN)}
    if across:
        inputs["attention_mask"] = np.random.default_rng(2).random((BATCH, 1, QUERY, KEYS)) < 0.7
    else:
        inputs["memory"] = inputs["query"]
    # A bias on the keys adds the same to all scores of a query, which the softmax takes away again.
    still = ("key/bias",)
    check_layer(MultiHeadAttention, {"num_heads": HEADS}, inputs, 4 * (HIDDEN * HIDDEN + HIDDEN), still)


def test_projected_memory_is_as_good_as_memory():
    ours, _ = attention_pair()
    query, memory = floats(BATCH, QUERY, HIDDEN), floats(BATCH, KEYS, HIDDEN)
    expected, _, _ = ours(query, memory)
    output, _, _ = ours(query, cache=ours.project(memory))
    np.testing.assert_array_equal(values(output), values(expected))


@pytest.mark.parametrize("context", [contextlib.nullcontext, portable_cache_writes, products_as_sums])
def test_steps_through_a_cache_are_the_whole(context):
    ours, _ = attention_pair()
    x = floats(BATCH, QUERY, HIDDEN)
    whole, _, _ = ours(x, x, attention_mask=CausalMask()(x))
    cache = {name: ops.zeros((BATCH, HEADS, KEYS, HEAD_DIM)) for name in ("key", "value")}
    outputs = []
    for begin, end in [(0, 3), (3, 4), (4, 5), (5, 7)]:
        part = x[:, begin:end]
        mask = CausalMask()(part, cache["key"], position=begin)
        with context():
            output, cache, _ = ours(part, part, cache=cache, position=begin, attention_mask=mask)
        outputs.append(values(output))
    np.testing.assert_allclose(np.concatenate(outputs, axis=1), values(whole), atol=1e-5)


def written(num_rows, position):
    cache = np.arange(1, 6, dtype="float32").reshape(1, 1, 5, 1)
    update = 10 * np.arange(1, num_rows + 1, dtype="float32").reshape(1, 1, num_rows, 1)
    position = ops.convert_to_tensor(position, "int32")
    return values(write_cache(ops.convert_to_tensor(cache), ops.convert_to_tensor(update), position))[
        0, 0, :, 0
    ].tolist()


@pytest.mark.parametrize("portable", [False, True])
def test_a_cache_is_written_where_it_is_told(portable):
    def check():
        assert written(1, 0) == [10, 2, 3, 4, 5]
        assert written(1, 4) == [1, 2, 3, 4, 10]
        assert written(2, 1) == [1, 10, 20, 4, 5]
        assert written(3, 2) == [1, 2, 10, 20, 30]
        assert written(5, 0) == [10, 20, 30, 40, 50]

    if portable:
        with portable_cache_writes():
            check()
    else:
        check()


def test_both_ways_of_writing_agree_on_any_shape():
    cache, update = ops.convert_to_tensor(floats(2, 3, 7, 5)), ops.convert_to_tensor(floats(2, 3, 2, 5))
    for position in range(6):
        with portable_cache_writes():
            portable = write_cache(cache, update, position)
        np.testing.assert_array_equal(values(portable), values(write_cache(cache, update, position)))


def test_heads_must_divide_the_width():
    with pytest.raises(ValueError, match="num_heads must divide the 15 hidden units, got 4"):
        MultiHeadAttention(4)(floats(2, 3, 15), floats(2, 3, 15))
