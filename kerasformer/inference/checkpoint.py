"""The variables of a SavedModel, read without loading its graph."""

import math
import pathlib

import tensorflow as tf

from kerasformer.errors import InputError


class Checkpoint:
    """The variables of a SavedModel of kerasformer.

    Args:
        path: its folder.

    Raises:
        InputError: if it is damaged or not ours.
    """

    def __init__(self, path):
        try:
            self._reader = tf.train.load_checkpoint(str(pathlib.Path(path) / "variables" / "variables"))
            self._shapes = self._reader.get_variable_to_shape_map()
            self._names = {name.partition("/.ATTR")[0]: name for name in self._shapes}
            self.task = self.value("task") or "translation"
        except (tf.errors.OpError, ValueError, RuntimeError) as error:
            raise InputError(f"{path} is damaged: {str(error)[:200]}; export it anew") from None
        if "source" not in self._names:
            raise InputError(f"{path} is a SavedModel, but not of kerasformer")

    def value(self, name):
        """A scalar or an array, texts decoded, as Python values; None for what is not there."""
        if name not in self._names:
            return None
        found = self._reader.get_tensor(self._names[name])
        found = found.tolist() if hasattr(found, "tolist") else found
        if isinstance(found, list):
            return [item.decode() if isinstance(item, bytes) else item for item in found]
        return found.decode() if isinstance(found, bytes) else found

    def count_weights(self):
        """How many numbers the weights are, without the states of random generators beside them."""
        dtypes = self._reader.get_variable_to_dtype_map()
        weights = {full for name, full in self._names.items() if name.startswith("weights/")}
        return sum(math.prod(self._shapes[full]) for full in weights if dtypes[full].is_floating)
