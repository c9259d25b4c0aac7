"""The residual stream before and after a sublayer, against the formula."""

import json

import keras
import numpy as np
import pytest
from layer_check import floats, values

from kerasformer.layers import Residual


def normalised(x, gain, offset):
    mean, variance = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
    return (x - mean) / np.sqrt(variance + 1e-6) * gain + offset


def built(**arguments):
    residual = Residual(**arguments)
    residual.build((None, None, 7))
    gain, offset = floats(7), floats(7)
    residual.set_weights([gain, offset])
    return residual, gain, offset


@pytest.mark.parametrize("norm", ["pre", "post"])
def test_against_the_formula(norm):
    residual, gain, offset = built(norm=norm)
    x, output = floats(2, 5, 7), floats(2, 5, 7)
    entering, leaving = values(residual.enter(x)), values(residual.leave(x, output))
    if norm == "pre":
        np.testing.assert_allclose(entering, normalised(x, gain, offset), atol=1e-5)
        np.testing.assert_allclose(leaving, x + output, atol=1e-6)
    else:
        np.testing.assert_array_equal(entering, x)
        np.testing.assert_allclose(leaving, normalised(x + output, gain, offset), atol=1e-5)


def test_dropout_applies_to_the_sublayer_output_in_training_only():
    residual, _, _ = built(dropout=0.5)
    x, output = floats(3, 101, 7), np.ones((3, 101, 7), "float32")
    np.testing.assert_allclose(values(residual.leave(x, output, training=False)), x + 1, atol=1e-6)
    added = values(residual.leave(x, output, training=True)) - x
    kept = np.abs(added - 2) < 1e-5  # 1 / (1 - 0.5)
    assert np.all(kept | (np.abs(added) < 1e-5))
    assert abs(kept.mean() - 0.5) < 0.05


def test_config_and_weights():
    residual, _, _ = built(dropout=0.25, norm="post")
    config = json.loads(json.dumps(residual.get_config()))
    again = Residual.from_config(config)
    assert (again.dropout, again.norm, residual.count_params()) == (0.25, "post", 2 * 7)
    assert keras.saving.get_registered_name(Residual) == "kerasformer>Residual"


def test_a_wrong_norm_is_named():
    with pytest.raises(ValueError, match="norm must be one of pre, post, got 'none'"):
        Residual(norm="none")
