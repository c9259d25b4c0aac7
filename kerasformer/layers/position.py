"""Self-attention does not see order, so a vector for each position is added to the embedded tokens."""

import keras
import numpy as np
from keras import ops

from kerasformer.config.text import POSITIONS
from kerasformer.errors import require_one_of


def sinusoidal_table(length, hidden_dim):
    """Sines and cosines of falling frequency: float32 (length, hidden), sines in the even columns, cosines in the odd.

    Reference: Vaswani et al. 2017, "Attention Is All You Need", section 3.5.
    """
    position = np.arange(length)[:, None]
    frequency = 10000.0 ** (-np.arange(0, hidden_dim, 2) / hidden_dim)
    table = np.empty((length, hidden_dim))
    table[:, 0::2] = np.sin(position * frequency)
    table[:, 1::2] = np.cos(position * frequency[: hidden_dim // 2])
    return table.astype("float32")


@keras.saving.register_keras_serializable("kerasformer")
class PositionalEncoding(keras.layers.Layer):
    """Add its own vector to each position.

    Args:
        max_length: int, the number of positions.
        encoding: "sinusoidal" (fixed), "learned", or "none", which adds nothing, to see what the others are for.

    Call arguments:
        x: float (batch, length, hidden).
        position: int32 scalar, the position of the first entry, 0 by default; or int32 (batch, length), that of each.

    Returns:
        float (batch, length, hidden).
    """

    def __init__(self, max_length, encoding="sinusoidal", **kwargs):
        super().__init__(**kwargs)
        require_one_of(encoding, "encoding", POSITIONS)
        self.max_length = max_length
        self.encoding = encoding

    def build(self, x_shape):
        shape = (self.max_length, x_shape[-1])
        if self.encoding == "learned":
            initializer = keras.initializers.RandomNormal(stddev=0.02)
            self.table = self.add_weight(shape=shape, initializer=initializer, autocast=False)
        elif self.encoding == "sinusoidal":
            self.table = sinusoidal_table(*shape)

    def call(self, x, position=0):
        if self.encoding == "none":
            return x
        if len(getattr(position, "shape", ())) < 2:
            position = ops.expand_dims(ops.arange(ops.shape(x)[1], dtype="int32") + position, 0)
        return x + ops.cast(ops.take(self.table, position, axis=0), self.compute_dtype)

    def compute_output_spec(self, x, **_):
        return keras.KerasTensor(x.shape, self.compute_dtype)

    def get_config(self):
        return {**super().get_config(), "max_length": self.max_length, "encoding": self.encoding}
