"""Attention of a recurrent decoder: the four scores by hand, against Keras's own and ours."""

import keras
import numpy as np
import pytest
from keras import ops
from layer_check import check_layer, floats, values

from kerasformer.layers import SCORES, ScoredAttention, attend, scaled_dot_product_attention

BATCH, QUERY, KEYS, HIDDEN = 3, 5, 7, 11
NUM_WEIGHTS = {"dot": 0, "scaled": 0, "general": HIDDEN * HIDDEN, "additive": 2 * HIDDEN * HIDDEN + HIDDEN}
IS_TOKEN = np.arange(KEYS) < [[7], [4], [2]]
MASK = IS_TOKEN[:, None, None]  # (batch, 1, 1, key)
each_score = pytest.mark.parametrize("score", SCORES)


def made(score):
    layer = ScoredAttention(score)
    layer.build((BATCH, QUERY, HIDDEN))
    return layer


def run(layer, query, memory, **inputs):
    """Context and weights, as numpy arrays."""
    return [values(x) for x in layer(query, memory=memory, **inputs)]


def test_the_four_scores_by_hand():
    query, memory = np.array([[[1.0, 2, 0, 0]]], "float32"), np.array([[[3.0, 1, 0, 0], [0, 1, 0, 0]]], "float32")
    twice, turned = 2 * np.eye(4), np.roll(np.eye(4), 1, axis=0)  # `turned` takes the first of four to the last place
    weights = {
        "dot": [],  # 3 + 2 = 5, and 2
        "scaled": [],  # the same over sqrt(4) = 2
        "general": [turned],  # the keys become (1, 0, 0, 3) and (1, 0, 0, 0): 1, and 1
        "additive": [twice, np.eye(4), np.array([[1], [0], [0], [0]])],  # tanh(1 + 2 * 3), and tanh(1)
    }
    apart = {"dot": 3, "scaled": 1.5, "general": 0, "additive": np.tanh(7) - np.tanh(1)}
    for score, difference in apart.items():
        layer = ScoredAttention(score)
        layer.build((1, 1, 4))
        layer.set_weights(weights[score])
        context, found = run(layer, query, memory)
        share = 1 / (1 + np.exp(-difference))  # softmax of two is the sigmoid of their difference
        np.testing.assert_allclose(found[0, 0, 0], [share, 1 - share], rtol=1e-5)
        np.testing.assert_allclose(context[0, 0], [3 * share, 1, 0, 0], rtol=1e-5)


@pytest.mark.parametrize("mask", [None, MASK])
def test_dot_and_additive_are_the_attention_of_keras(mask):
    query, memory, scale = floats(BATCH, QUERY, HIDDEN), floats(BATCH, KEYS, HIDDEN), floats(HIDDEN)
    ours, theirs = made("additive"), keras.layers.AdditiveAttention()
    theirs.build([(BATCH, QUERY, HIDDEN), (BATCH, KEYS, HIDDEN)])
    theirs.set_weights([scale])
    ours.set_weights([np.eye(HIDDEN), np.eye(HIDDEN), scale[:, None]])  # which Keras leaves to other layers
    for own, other in ((made("dot"), keras.layers.Attention()), (ours, theirs)):
        masks = None if mask is None else [None, IS_TOKEN]
        expected, weights = other([query, memory], mask=masks, return_attention_scores=True)
        context, found = run(own, query, memory, attention_mask=mask)
        np.testing.assert_allclose(context, values(expected), atol=1e-5)
        np.testing.assert_allclose(found[:, 0], values(weights), atol=1e-5)


@pytest.mark.parametrize("mask", [None, MASK])
def test_scaled_is_the_attention_of_the_transformer_with_one_head(mask):
    query, memory = floats(BATCH, QUERY, HIDDEN), floats(BATCH, KEYS, HIDDEN)
    one_head = [ops.convert_to_tensor(x[:, None]) for x in (query, memory, memory)]
    expected, weights = scaled_dot_product_attention(*one_head, mask)
    context, found = run(made("scaled"), query, memory, attention_mask=mask)
    np.testing.assert_allclose(context, values(expected)[:, 0], atol=1e-5)
    np.testing.assert_allclose(found, values(weights), atol=1e-5)


def test_general_with_the_identity_is_dot():
    general = made("general")
    general.set_weights([np.eye(HIDDEN)])
    query, memory = floats(BATCH, QUERY, HIDDEN), floats(BATCH, KEYS, HIDDEN)
    for one, other in zip(run(general, query, memory), run(made("dot"), query, memory), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


@each_score
def test_layer_check(score):
    inputs = {"query": floats(BATCH, QUERY, HIDDEN), "memory": floats(BATCH, KEYS, HIDDEN), "attention_mask": MASK}
    check_layer(ScoredAttention, {"score": score}, inputs, NUM_WEIGHTS[score])


@each_score
def test_keys_may_be_made_once_for_all_queries(score):
    layer, query, memory = made(score), floats(BATCH, QUERY, HIDDEN), floats(BATCH, KEYS, HIDDEN)
    found = run(layer, query, memory, key=layer.project(ops.convert_to_tensor(memory)))
    for one, other in zip(found, run(layer, query, memory), strict=True):
        np.testing.assert_array_equal(one, other)


@each_score
def test_padding_gets_nothing_and_gives_nothing(score):
    layer, query, memory = made(score), floats(BATCH, QUERY, HIDDEN), floats(BATCH, KEYS, HIDDEN)
    context, weights = run(layer, query, memory, attention_mask=MASK)
    np.testing.assert_allclose(weights.sum(-1), 1, atol=1e-6)
    assert weights[~np.broadcast_to(MASK, weights.shape)].max() == 0
    other, _ = run(layer, query, np.where(IS_TOKEN[..., None], memory, 1000 * memory), attention_mask=MASK)
    np.testing.assert_array_equal(other, context)
    for row, length in enumerate((7, 4, 2)):
        alone, _ = run(layer, query[row : row + 1], memory[row : row + 1, :length])
        np.testing.assert_allclose(context[row], alone[0], atol=1e-5)


@each_score
def test_one_query_at_a_time_is_all_of_them(score):
    layer, query, memory = made(score), floats(BATCH, QUERY, HIDDEN), floats(BATCH, KEYS, HIDDEN)
    context, weights = run(layer, query, memory, attention_mask=MASK)
    for i in range(QUERY):
        one, its_weights = run(layer, query[:, i : i + 1], memory, attention_mask=MASK)
        np.testing.assert_allclose(one[:, 0], context[:, i], atol=1e-5)
        np.testing.assert_allclose(its_weights[:, :, 0], weights[:, :, i], atol=1e-5)


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_the_only_key_that_is_not_hidden_gets_everything(dtype):
    scores = ops.convert_to_tensor([[[[-50.0, 50.0, 0.0]]]], dtype)
    value = ops.convert_to_tensor([[[[1.0], [2.0], [4.0]]]], dtype)
    for only in range(3):
        mask = np.arange(3) == only
        attended, weights = attend(scores, value, mask[None, None, None])
        assert values(ops.cast(weights, "float32")).ravel().tolist() == mask.astype(float).tolist()
        assert values(ops.cast(attended, "float32")).item() == 2**only


def test_the_outputs_carry_no_mask_of_keras():
    found = made("dot")(floats(BATCH, QUERY, HIDDEN), memory=floats(BATCH, KEYS, HIDDEN), attention_mask=MASK)
    assert [getattr(tensor, "_keras_mask", None) for tensor in found] == [None, None]


def test_an_unknown_score_is_named():
    with pytest.raises(ValueError, match="score must be one of dot, scaled, general, additive, got 'cosine'"):
        ScoredAttention("cosine")
