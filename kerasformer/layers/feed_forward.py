"""The feed-forward network of a block: two dense layers, the same at every position."""

import keras

from kerasformer.layers.affine import Dense


@keras.saving.register_keras_serializable("kerasformer")
class FeedForward(keras.layers.Layer):
    """max(0, x W1 + b1) W2 + b2.

    Args:
        intermediate_dim: int, units of the first dense layer.

    Call arguments:
        x: float (batch, length, hidden).

    Returns:
        float (batch, length, hidden).

    Reference: Vaswani et al. 2017, "Attention Is All You Need", equation 2.
    """

    def __init__(self, intermediate_dim, **kwargs):
        super().__init__(**kwargs)
        self.intermediate_dim = intermediate_dim

    def build(self, x_shape):
        self.intermediate = Dense(
            self.intermediate_dim, activation="relu", name="intermediate", dtype=self.dtype_policy
        )
        self.output_dense = Dense(x_shape[-1], name="output", dtype=self.dtype_policy)
        self.intermediate.build(tuple(x_shape))
        self.output_dense.build((*x_shape[:-1], self.intermediate_dim))

    def call(self, x):
        return self.output_dense(self.intermediate(x))

    def get_config(self):
        return {**super().get_config(), "intermediate_dim": self.intermediate_dim}
