"""The largest of many values, beside NumPy: equal ones in their order, whatever the blocks they stand in."""

import numpy as np
import pytest
from keras import ops

from kerasformer.generation.largest import largest, log_normaliser


@pytest.mark.parametrize(("vocab", "count"), [(4, 4), (97, 1), (97, 5), (1000, 1), (1000, 7), (8000, 4)])
@pytest.mark.parametrize("distinct", [3, 50, 10**6])
def test_it_is_a_stable_order(vocab, count, distinct):
    values = np.random.default_rng(vocab + count).integers(0, distinct, (5, vocab)).astype("float32")
    found, index = (ops.convert_to_numpy(x) for x in largest(ops.convert_to_tensor(values), count))
    expected = np.argsort(-values, axis=1, kind="stable")[:, :count]
    assert index.tolist() == expected.tolist()
    assert found.tolist() == np.take_along_axis(values, expected, axis=1).tolist()


def test_forbidden_values_are_the_last():
    values = np.full((1, 500), -1e9, "float32")
    values[0, [17, 491]] = 2.0, 3.0
    _, index = largest(ops.convert_to_tensor(values), 3)
    assert ops.convert_to_numpy(index).tolist() == [[491, 17, 0]]


def test_the_normaliser_is_that_of_a_softmax():
    logits = np.random.default_rng(1).normal(size=(3, 700)).astype("float32") * 20
    logits[2, 5] = 3e4  # too much for an exponential
    exact = logits.astype("float64")
    highest = exact.max(axis=1, keepdims=True)
    expected = highest + np.log(np.exp(exact - highest).sum(axis=1, keepdims=True))
    found = ops.convert_to_numpy(log_normaliser(ops.convert_to_tensor(logits)))
    np.testing.assert_allclose(found, expected, rtol=1e-6)
