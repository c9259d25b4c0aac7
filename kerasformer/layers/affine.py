"""Dense and LayerNormalization as Keras has them, with another way to the gradients of their vectors.

A bias takes part at every position, so its gradient is a sum over all of them. XLA on a CPU is slow at such sums
(docs/experiments.md); a product with a row of ones is the same.
"""

import keras
from keras import ops


def _sum_over_positions(x):
    """(..., hidden) -> (hidden,)."""
    rows = ops.reshape(x, (-1, x.shape[-1]))
    return ops.squeeze(ops.matmul(ops.ones((1, ops.shape(rows)[0]), x.dtype), rows), 0)


# Variables come in as copies: a gradient of one's own takes tensors only.
@ops.custom_gradient
def _shift(x, bias):
    def gradient(*arguments, upstream=None):
        upstream = arguments[-1] if upstream is None else upstream
        return upstream, _sum_over_positions(upstream)

    return ops.add(x, bias), gradient


@ops.custom_gradient
def _scale_and_shift(x, gamma, beta):
    def gradient(*arguments, upstream=None):
        upstream = arguments[-1] if upstream is None else upstream
        return upstream * gamma, _sum_over_positions(upstream * x), _sum_over_positions(upstream)

    return x * gamma + beta, gradient


@keras.saving.register_keras_serializable("kerasformer")
class Dense(keras.layers.Dense):
    """x W + b; arguments and weights are those of `keras.layers.Dense`.

    Call arguments:
        inputs: float (..., input).
        training: bool, whether gradients will be asked for.

    Returns:
        float (..., units).
    """

    def call(self, inputs, training=None):
        if not training or self.bias is None:
            return super().call(inputs)
        x = _shift(ops.matmul(inputs, self.kernel), ops.copy(self.bias))
        return x if self.activation is None else self.activation(x)


@keras.saving.register_keras_serializable("kerasformer")
class LayerNormalization(keras.layers.LayerNormalization):
    """Mean 0 and variance 1, then a scale and a shift; arguments and weights are those of Keras.

    Call arguments:
        inputs: float (..., hidden).
        training: bool, whether gradients will be asked for.

    Returns:
        float (..., hidden).

    Reference: Ba et al. 2016, "Layer Normalization", section 3.
    """

    def call(self, inputs, training=None):
        if not training or self.axis != [-1] or self.gamma is None or self.beta is None:
            return super().call(inputs)
        x = ops.layer_normalization(ops.cast(inputs, self.gamma.dtype), epsilon=self.epsilon)
        x = _scale_and_shift(x, ops.copy(self.gamma), ops.copy(self.beta))
        return ops.cast(x, self.compute_dtype)
