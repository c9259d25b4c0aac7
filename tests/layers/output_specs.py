"""What a layer returns for some inputs, found once: Keras traces every layer anew, for most of the time of building."""

import keras

PLAIN = (bool, int, float, str, type(None))


def remembering(infer):
    """`keras.Operation.compute_output_spec`, which traces a layer of ours once for its class, config and inputs.

    tests/layers/layer_check.py compares what it gives with what each layer returns.
    """
    found = {}

    def compute_output_spec(self, *args, **kwargs):
        key = _key(self, args, kwargs)
        if key is None:
            return infer(self, *args, **kwargs)
        if key not in found:
            found[key] = infer(self, *args, **kwargs)
        return keras.tree.map_structure(_copy, found[key])

    return compute_output_spec


def _key(layer, *inputs):
    """What the output's shapes and types depend on; None where that is not known."""
    if not type(layer).__module__.startswith("kerasformer."):
        return None
    if not all(isinstance(x, (*PLAIN, keras.KerasTensor)) for x in keras.tree.flatten(inputs)):
        return None
    try:
        config = layer.get_config()
    except NotImplementedError:  # a layer that only a model makes, of other layers
        return None
    spec = keras.tree.map_structure(lambda x: (*x.shape, x.dtype) if isinstance(x, keras.KerasTensor) else x, inputs)
    return type(layer), repr({**config, "name": None}), repr(spec)


def _copy(x):
    return keras.KerasTensor(x.shape, x.dtype) if isinstance(x, keras.KerasTensor) else x
