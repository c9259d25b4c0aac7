"""Dense and LayerNormalization of Keras, with faster gradients of their bias, scale and shift.

The gradient of a bias is a sum over all positions. XLA on a CPU is slow at such sums (docs/experiments.md); a product
with a row of ones gives the same sum faster.
"""

import keras
from keras import ops


def _sum_over_positions(x):
    """float (..., hidden) -> float (hidden,)."""
    rows = ops.reshape(x, (-1, x.shape[-1]))
    return ops.squeeze(ops.matmul(ops.ones((1, ops.shape(rows)[0]), x.dtype), rows), 0)


def upstream_gradient(arguments, upstream):
    """The gradient of the output in a custom gradient: a keyword or the last argument, depending on the backend."""
    return arguments[-1] if upstream is None else upstream


# The callers copy variables into tensors: a custom gradient takes tensors only.
@ops.custom_gradient
def _shift(x, bias):
    def gradient(*arguments, upstream=None):
        upstream = upstream_gradient(arguments, upstream)
        return upstream, _sum_over_positions(upstream)

    return ops.add(x, bias), gradient


@ops.custom_gradient
def _scale_and_shift(x, gamma, beta):
    def gradient(*arguments, upstream=None):
        upstream = upstream_gradient(arguments, upstream)
        return upstream * gamma, _sum_over_positions(upstream * x), _sum_over_positions(upstream)

    return x * gamma + beta, gradient


@keras.saving.register_keras_serializable("kerasformer")
class Dense(keras.layers.Dense):
    """x W + b; arguments and weights are those of `keras.layers.Dense`.

    Call arguments:
        inputs: float (..., input).
        training: bool, whether to use the faster gradients; they are needed in training only.

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
    """Normalise to mean 0 and variance 1, then scale and shift; arguments and weights are those of Keras.

    Call arguments:
        inputs: float (..., hidden).
        training: bool, whether to use the faster gradients; they are needed in training only.

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
