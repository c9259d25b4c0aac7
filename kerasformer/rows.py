"""Weights as 8-bit rows: a quarter of the bytes of float32, and float32 again after loading.

Each output of a matrix, and each row of a table of embeddings, is stored as int8 with a float32 scale of its own; other
weights stay float32.
"""

import numpy as np

from kerasformer.errors import InputError

_INT8, _SCALE = ":int8", ":scale"


def rounded(weight, axis=None):
    """Round a weight to 8 bits.

    Args:
        weight: float32 array.
        axis: int, the axis along which values have the same scale; None for one scale of all values.

    Returns:
        Rounded values int8, from -127 to 127; and their scales float32, which have the axes of the weight.
    """
    largest = np.abs(weight).max(axis=axis, keepdims=True)
    scale = np.where(largest > 0, largest / np.float32(127), np.float32(1))
    return np.rint(weight / scale).astype("int8"), scale


def to_rows(weights):
    """Quantise weights.

    Args:
        weights: dict of name to float array; a table of embeddings has a name that ends in "embeddings".

    Returns:
        dict of name to array, for `numpy.savez_compressed`. A weight of a matrix differs from the stored one by at most
        half a step, which is 1/127 of the largest weight of its row.

    Raises:
        InputError: if a weight is not finite.
    """
    found = {}
    for name, value in weights.items():
        value = np.asarray(value, "float32")
        if not np.isfinite(value).all():
            raise InputError(f"{name} has weights that are not finite: the training diverged, train the model again")
        if value.ndim != 2:
            found[name] = value
            continue
        axis = 1 if name.endswith("embeddings") else 0
        found[name + _INT8], found[name + _SCALE] = rounded(value, axis)
    return found


def from_rows(found):
    """The weights of a mapping that `to_rows` returned: dict of name to float32 array.

    Raises:
        KeyError: if a scale is missing.
    """
    weights = {}
    for name in found:
        if name.endswith(_INT8):
            name = name.removesuffix(_INT8)
            weights[name] = found[name + _INT8] * found[name + _SCALE]
        elif not name.endswith(_SCALE):
            weights[name] = found[name]
    return weights
