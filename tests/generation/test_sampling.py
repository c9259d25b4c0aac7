"""Sampling from distributions of four words, worked out by hand."""

import keras
import numpy as np
import pytest
from keras import ops

from kerasformer.generation import sample

SHARES = np.array([1 / 8, 1 / 2, 1 / 8, 1 / 4])  # likeliest first: 1, 3, 0, 2
EVENLY = (np.arange(800, dtype="float32") + 0.5) / 800  # midpoints, so that none falls on a boundary of eighths


def drawn(*options, uniform=EVENLY, shares=SHARES):
    logits = np.tile(np.log(shares).astype("float32") + 3, (len(uniform), 1))
    token_ids = sample(ops.convert_to_tensor(logits), ops.convert_to_tensor(uniform), *options)
    return ops.convert_to_numpy(token_ids)


def shares_of(token_ids):
    return np.bincount(token_ids, minlength=4) / len(token_ids)


def test_words_are_drawn_as_often_as_they_are_likely():
    np.testing.assert_array_equal(shares_of(drawn()), SHARES)


def test_likely_tokens_come_first_and_of_equals_the_lower_id():
    token_ids = drawn()
    assert token_ids[np.flatnonzero(np.diff(token_ids, prepend=-1))].tolist() == [1, 3, 0, 2]


@pytest.mark.parametrize(
    ("top_k", "expected"),
    [
        (1, [0, 1, 0, 0]),
        (2, [0, 2 / 3, 0, 1 / 3]),
        (3, [1 / 7, 4 / 7, 0, 2 / 7]),
        (4, SHARES),
        (9, SHARES),
        (0, SHARES),
    ],
)
def test_top_k_keeps_the_k_likeliest(top_k, expected):
    for given in (top_k, ops.convert_to_tensor(top_k)):
        np.testing.assert_allclose(shares_of(drawn(1.0, given)), expected, atol=1 / 800)


@pytest.mark.parametrize(
    ("top_p", "expected"),
    [
        (1e-6, [0, 1, 0, 0]),
        (0.49, [0, 1, 0, 0]),
        (0.51, [0, 2 / 3, 0, 1 / 3]),
        (0.74, [0, 2 / 3, 0, 1 / 3]),
        (0.76, [1 / 7, 4 / 7, 0, 2 / 7]),
        (0.88, SHARES),
        (1.0, SHARES),
    ],
)
def test_top_p_keeps_the_fewest_that_reach_it(top_p, expected):
    for given in (top_p, ops.convert_to_tensor(top_p)):
        np.testing.assert_allclose(shares_of(drawn(1.0, 0, given)), expected, atol=1 / 800)


def test_top_p_applies_to_the_tokens_that_top_k_keeps():
    # Among the two likeliest the first has 2/3, which reaches 0.6; among all it has only 1/2.
    assert set(drawn(1.0, 2, 0.6)) == {1}
    assert set(drawn(1.0, 0, 0.6)) == {1, 3}


@pytest.mark.parametrize("temperature", [0.5, 2.0])
def test_temperature_is_an_exponent_of_probabilities(temperature):
    expected = SHARES ** (1 / temperature)
    np.testing.assert_allclose(shares_of(drawn(temperature)), expected / expected.sum(), atol=1 / 800)


def test_a_low_temperature_is_greedy_and_a_high_one_uniform():
    for cold in (0.0, 1e-30, 0.01):
        assert set(drawn(cold)) == {1}
    np.testing.assert_array_equal(shares_of(drawn(1e30)), [1 / 4] * 4)


def test_forbidden_tokens_are_never_drawn_at_any_temperature():
    logits = ops.convert_to_tensor(np.tile(np.array([-1e9, 2, 1, -2e9], "float32"), (800, 1)))
    for temperature in (1.0, 1e30):
        assert set(ops.convert_to_numpy(sample(logits, ops.convert_to_tensor(EVENLY), temperature))) == {1, 2}


@pytest.mark.parametrize("options", [(), (0.7,), (1.0, 3), (1.0, 0, 0.8)])
def test_the_ends_of_the_interval_draw_the_first_and_the_last_token(options):
    ends = np.array([0.0, np.nextafter(np.float32(1), np.float32(0))], "float32")
    last = 2 if len(options) < 2 else 0
    assert drawn(*options, uniform=ends).tolist() == [1, last]


def test_chance_gives_the_shares():
    rng = np.random.default_rng(0)
    shares = rng.dirichlet(np.ones(20))
    count = 5000
    seen = np.bincount(drawn(uniform=rng.random(count, "float32"), shares=shares), minlength=20)
    expected = count * shares
    # 43.8 is what chi-square with 19 degrees of freedom exceeds once in a thousand times.
    assert np.sum((seen - expected) ** 2 / expected) < 43.8


def test_thousands_of_unlikely_words_survive_rounding():
    rng = np.random.default_rng(0)
    shares = np.exp(rng.normal(size=8000))
    shares[0] = 9 * shares[1:].sum()
    shares /= shares.sum()
    uniform = rng.uniform(0.9, 1.0, 400).astype("float32")
    order = np.argsort(-shares)
    exact = order[np.searchsorted(np.cumsum(shares[order]), uniform, side="right")]
    assert np.mean(drawn(uniform=uniform, shares=shares) == exact) >= 0.98


def test_it_runs_inside_a_compiled_graph():
    tf = pytest.importorskip("tensorflow")
    if keras.backend.backend() != "tensorflow":
        pytest.skip("compiled with tf.function, so on the TensorFlow backend")
    logits = tf.constant(np.random.default_rng(0).normal(size=(800, 50)), tf.float32)
    for knobs in ((1.0, 0, 1.0), (0.7, 9, 0.8)):
        expected = sample(logits, tf.constant(EVENLY), *knobs).numpy()
        compiled = tf.function(sample, jit_compile=True)(logits, tf.constant(EVENLY), *map(tf.constant, knobs))
        assert np.mean(compiled.numpy() == expected) >= 0.99  # the others lie on a boundary
