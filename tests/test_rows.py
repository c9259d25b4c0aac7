"""Weights as 8-bit rows come back within half a step of each row."""

import numpy as np
import pytest

from kerasformer.errors import InputError
from kerasformer.rows import from_rows, to_rows


@pytest.mark.parametrize(("name", "axis"), [("embedding/embeddings", 1), ("dense/kernel", 0)])
def test_each_row_has_a_step_of_its_own(name, axis):
    sizes = np.array([1e-6, 1, 10, 1000, 0])
    value = np.random.default_rng(0).normal(size=(5, 5)) * np.expand_dims(sizes, axis)
    stored = to_rows({name: value})
    assert {array.dtype.name for array in stored.values()} == {"int8", "float32"}
    found = from_rows(stored)[name]
    assert found.dtype == "float32"
    assert np.all(np.abs(found - value) <= np.abs(value).max(axis=axis, keepdims=True) / 127 / 2 * 1.001)
    np.testing.assert_array_equal(from_rows(to_rows({name: found}))[name], found)


def test_other_weights_stay_as_they_are_and_in_order():
    weights = {"b/bias": np.float32([1 / 3, 2]), "a/kernel": np.ones((2, 2)), "c/scale": np.float32(7)}
    found = from_rows(to_rows(weights))
    assert list(found) == list(weights)
    np.testing.assert_array_equal(found["b/bias"], weights["b/bias"])
    assert found["c/scale"] == 7


def test_weights_that_are_not_finite():
    with pytest.raises(InputError, match="dense/kernel has weights that are not finite: the training diverged"):
        to_rows({"dense/kernel": np.array([[1, np.nan]])})
