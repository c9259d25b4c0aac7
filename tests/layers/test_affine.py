"""Dense and LayerNormalization give the outputs and the gradients of Keras's own."""

import keras
import numpy as np
import pytest
from layer_check import check_layer, floats, values

from kerasformer.layers import Dense, LayerNormalization


def test_layer_check_of_dense():
    check_layer(Dense, {"units": 3, "activation": "relu"}, {"inputs": floats(2, 5, 7)}, 7 * 3 + 3)


def test_layer_check_of_dense_without_bias():
    check_layer(Dense, {"units": 3, "use_bias": False}, {"inputs": floats(2, 5, 7)}, 7 * 3)


def test_layer_check_of_normalization():
    check_layer(LayerNormalization, {"epsilon": 1e-6}, {"inputs": floats(2, 5, 7)}, 7 + 7)


def trained(layer, x, y):
    """The weights after one step down the gradient of the mean squared error, and the loss."""
    symbol = keras.Input(x.shape[1:])
    layer.build(x.shape)
    layer.set_weights([np.linspace(-1, 2, weight.size).reshape(weight.shape) for weight in layer.get_weights()])
    model = keras.Model(symbol, layer(symbol))
    model.compile(optimizer=keras.optimizers.SGD(1.0), loss="mse", jit_compile=False)
    return [model.train_on_batch(x, y), *map(values, layer.weights)]


@pytest.mark.parametrize(
    ("ours", "theirs", "arguments"),
    [
        (Dense, keras.layers.Dense, {"units": 3, "activation": "relu"}),
        (LayerNormalization, keras.layers.LayerNormalization, {"epsilon": 1e-6}),
    ],
)
@pytest.mark.parametrize("shape", [(4, 7), (2, 5, 7)])
def test_a_step_of_training_is_that_of_keras(ours, theirs, arguments, shape):
    x = 3 * floats(*shape) + 1
    y = floats(*shape[:-1], arguments.get("units", shape[-1]))
    for one, other in zip(trained(ours(**arguments), x, y), trained(theirs(**arguments), x, y), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_gradients_pass_through_them_as_through_keras():
    x, y = floats(4, 5, 7), floats(4, 5, 3)

    def step(dense, normalization):
        keras.utils.set_random_seed(0)
        symbol = keras.Input(x.shape[1:])
        model = keras.Model(symbol, dense(3)(normalization(epsilon=1e-6)(dense(6)(symbol))))
        model.compile(optimizer=keras.optimizers.SGD(1.0), loss="mse", jit_compile=False)
        model.train_on_batch(x, y)
        return model.get_weights()

    ours, theirs = step(Dense, LayerNormalization), step(keras.layers.Dense, keras.layers.LayerNormalization)
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)
