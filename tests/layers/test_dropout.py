"""Dropout: its share, independent elements, a new mask in each call, and none outside training."""

import keras
import numpy as np
import pytest
from layer_check import check_layer, floats, values

from kerasformer.layers import Dropout

SHAPE = (61, 53, 31)  # 100,223 elements


def masks(rate, count=1, seed=3):
    """Which elements stayed in `count` calls of one layer: bool (count, *SHAPE)."""
    layer = Dropout(rate, seed=seed)
    return np.stack([values(layer(np.ones(SHAPE, "float32"), training=True)) > 0 for _ in range(count)])


def correlation(one, other):
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def test_layer_check():
    check_layer(Dropout, {"rate": 0.25}, {"inputs": floats(2, 5, 7)}, num_weights=0)


@pytest.mark.parametrize("rate", [0.05, 0.1, 0.3, 0.5, 0.9])
def test_the_share_that_is_dropped_is_the_rate(rate):
    dropped = ~masks(rate, count=5)
    deviation = np.sqrt(rate * (1 - rate) / dropped.size)
    assert abs(dropped.mean() - rate) < 4 * deviation
    for axis in (1, 2, 3):  # in every row, column and channel
        others = tuple({0, 1, 2, 3} - {axis})
        means = dropped.mean(axis=others)
        expected = np.sqrt(rate * (1 - rate) / (dropped.size / len(means)))
        assert 0.6 < (means - rate).std() / expected < 1.4


@pytest.mark.parametrize("rate", [0.1, 0.5])
def test_elements_are_dropped_independently_of_each_other(rate):
    first, second = masks(rate, count=2).astype(float)
    limit = 4.5 / np.sqrt(first.size)
    assert abs(correlation(first, second)) < limit  # of one call and the next
    for axis in range(3):
        for step in (1, 2, 3, 4, 8, 16):
            assert abs(correlation(np.roll(first, step, axis), first)) < limit, (axis, step)
    other = masks(rate, seed=4)[0].astype(float)
    assert abs(correlation(first, other)) < limit


def test_kept_elements_are_scaled_so_that_the_mean_stays():
    x = floats(*SHAPE)
    dropped = values(Dropout(0.2, seed=1)(x, training=True))
    stays = dropped != 0
    np.testing.assert_allclose(dropped[stays], x[stays] / 0.8, rtol=1e-6)


def test_the_same_seed_drops_the_same_and_each_call_something_else():
    first, again = masks(0.5, count=2), masks(0.5, count=2)
    np.testing.assert_array_equal(first, again)
    assert (first[0] != first[1]).mean() > 0.4


def test_only_training_drops():
    x = floats(2, 5, 7)
    np.testing.assert_array_equal(values(Dropout(0.5)(x)), x)
    np.testing.assert_array_equal(values(Dropout(0.5)(x, training=False)), x)
    np.testing.assert_array_equal(values(Dropout(0.0)(x, training=True)), x)
    assert not Dropout(0.0).variables


def test_gradients_pass_where_elements_stay():
    inputs = keras.Input((31,))
    dense = keras.layers.Dense(31, use_bias=False, kernel_initializer="identity")
    model = keras.Model(inputs, Dropout(0.5, seed=2)(dense(inputs)))
    model.compile(optimizer=keras.optimizers.SGD(31.0), loss="mse", jit_compile=False)
    model.train_on_batch(np.ones((1, 31), "float32"), np.zeros((1, 31), "float32"))
    moved = np.diag(np.eye(31) - values(dense.kernel))
    stays = values(Dropout(0.5, seed=2)(np.ones((1, 31), "float32"), training=True))[0] > 0
    np.testing.assert_allclose(moved, np.where(stays, 2 * 2 * 2, 0), rtol=1e-5)


@pytest.mark.parametrize("rate", [-0.1, 1, 2])
def test_a_wrong_rate_is_named(rate):
    with pytest.raises(ValueError, match=f"rate must be at least 0 and below 1, got {rate}"):
        Dropout(rate)
