"""What every layer must do; in the manner of Keras's own `run_layer_test`."""

import json

import keras
import numpy as np
from keras import ops

RNG = np.random.default_rng(0)


def floats(*shape):
    """Random values of the given shape, float32."""
    return RNG.normal(size=shape).astype("float32")


def values(x):
    """A tensor as a numpy array."""
    return ops.convert_to_numpy(x)


def check_layer(layer_class, arguments, inputs, num_weights, still=(), known_sizes=False):
    """Check a layer's config, shapes, weights, training and mixed precision.

    Args:
        layer_class: the class.
        arguments: dict, what its constructor takes.
        inputs: dict of the numpy arrays that `call` takes by name.
        num_weights: int, the numbers it holds.
        still: parts of the paths of weights that no gradient moves.
        known_sizes: bool, whether all axes but the batch must be known, as the height and width of images.
    """
    layer = layer_class(**arguments)
    eager = layer(**inputs)
    _check_config(layer, inputs, eager)
    _check_shapes(layer, inputs, eager, known_sizes)
    assert layer.count_params() == num_weights
    if num_weights:
        _check_training(layer, inputs, still)
    for precision in ("float16", "bfloat16"):
        _check_mixed(layer_class, arguments, inputs, precision)


def _check_config(layer, inputs, eager):
    config = layer.get_config()
    again = type(layer).from_config(json.loads(json.dumps(config)))
    assert again.get_config() == config
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    again(**inputs)
    again.set_weights([values(weight) for weight in layer.weights])
    for one, other in zip(keras.tree.flatten(eager), keras.tree.flatten(again(**inputs)), strict=True):
        np.testing.assert_array_equal(values(one), values(other))


def _symbols(inputs, batch_shape):
    return {name: keras.Input(batch_shape=batch_shape(x), dtype=x.dtype, name=name) for name, x in inputs.items()}


def _check_shapes(layer, inputs, eager, known_sizes):
    symbolic = layer(**_symbols(inputs, lambda x: x.shape))
    keras.tree.assert_same_structure(symbolic, eager)
    for one, other in zip(keras.tree.flatten(symbolic), keras.tree.flatten(eager), strict=True):
        assert tuple(one.shape) == tuple(other.shape)
        assert one.dtype == keras.backend.standardize_dtype(other.dtype)
    # Batch and lengths may be unknown.
    first = 1 if known_sizes else -1
    unknown = layer(**_symbols(inputs, lambda x: (*[None] * len(x.shape[:first]), *x.shape[first:])))
    for one, other in zip(keras.tree.flatten(unknown), keras.tree.flatten(eager), strict=True):
        assert len(one.shape) == len(other.shape)


def _check_training(layer, inputs, still):
    symbols = _symbols(inputs, lambda x: x.shape)
    output = keras.tree.flatten(layer(**symbols))[0]
    model = keras.Model(symbols, output)
    model.compile(optimizer=keras.optimizers.SGD(1.0), loss="mse", jit_compile=False)
    before = [np.array(values(weight)) for weight in layer.weights]
    loss = model.train_on_batch(inputs, floats(*output.shape))
    assert np.isfinite(loss)
    for variable, old in zip(layer.weights, before, strict=True):
        moved = np.abs(values(variable) - old).max()
        if any(part in variable.path for part in still):
            assert moved < 1e-6, f"{variable.path} moved by {moved}"
        else:
            assert moved > 1e-6, f"{variable.path} did not move"


def _check_mixed(layer_class, arguments, inputs, precision):
    layer = layer_class(**arguments, dtype=f"mixed_{precision}")
    for output in keras.tree.flatten(layer(**inputs)):
        dtype = keras.backend.standardize_dtype(output.dtype)
        assert dtype in (precision, "bool", "int32")
        assert np.isfinite(values(ops.cast(output, "float32"))).all()
    assert {keras.backend.standardize_dtype(weight.dtype) for weight in layer.weights} <= {"float32"}
