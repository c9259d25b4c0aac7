"""Self-attention does not see order, so a vector for each position is added to what enters it."""

import keras
import numpy as np
from keras import ops


def sinusoidal_table(length, hidden_dim):
    """Sines and cosines of falling frequency: float32 (length, hidden), even columns sine, odd ones cosine.

    Reference: Vaswani et al. 2017, "Attention Is All You Need", section 3.5.
    """
    position = np.arange(length)[:, None]
    frequency = 10000.0 ** (-np.arange(0, hidden_dim, 2) / hidden_dim)
    table = np.empty((length, hidden_dim))
    table[:, 0::2] = np.sin(position * frequency)
    table[:, 1::2] = np.cos(position * frequency[: hidden_dim // 2])
    return table.astype("float32")


KINDS = ("sinusoidal", "learned", "none")


@keras.saving.register_keras_serializable("kerasformer")
class PositionalEncoding(keras.layers.Layer):
    """Add to each position its own vector.

    Args:
        max_length: int, the number of positions there are.
        kind: "sinusoidal" (fixed), "learned", or "none", which adds nothing and shows what the others are for.

    Call arguments:
        x: float (batch, length, hidden).
        position: int32 scalar, the position of the first entry, 0 by default; or (batch, length), that of each.

    Returns:
        float (batch, length, hidden).
    """

    def __init__(self, max_length, kind="sinusoidal", **kwargs):
        super().__init__(**kwargs)
        if kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {kind!r}")
        self.max_length = max_length
        self.kind = kind

    def build(self, x_shape):
        shape = (self.max_length, x_shape[-1])
        if self.kind == "learned":
            initializer = keras.initializers.RandomNormal(stddev=0.02)
            self.table = self.add_weight(shape=shape, initializer=initializer, autocast=False)
        elif self.kind == "sinusoidal":
            self.table = sinusoidal_table(*shape)

    def call(self, x, position=0):
        if self.kind == "none":
            return x
        if len(getattr(position, "shape", ())) < 2:
            position = ops.expand_dims(ops.arange(ops.shape(x)[1], dtype="int32") + position, 0)
        return x + ops.cast(ops.take(self.table, position, axis=0), self.compute_dtype)

    def get_config(self):
        return {**super().get_config(), "max_length": self.max_length, "kind": self.kind}
