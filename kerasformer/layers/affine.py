"""Dense and LayerNormalization as Keras has them, with another way to the gradients of their vectors.

A bias takes part at every position, so its gradient is a sum over all of them. As a product with a row of ones that sum
is as fast as any matrix product; as a plain sum XLA on a CPU takes a tenth of a training step for it.
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
    """Mean 0 and variance 1 over the last axis, then a scale and a shift; as `keras.layers.LayerNormalization`.

    Call arguments:
        inputs: float (..., hidden).
        training: bool, whether gradients will be asked for.

    Returns:
        float (..., hidden).

    Reference: Ba et al. 2016, "Layer Normalization", section 3.
    """

    def call(self, inputs, training=None):
        if not training:
            return super().call(inputs)
        x = ops.cast(ops.layer_normalization(inputs, epsilon=self.epsilon), self.compute_dtype)
        return _scale_and_shift(x, *(ops.copy(ops.cast(vector, x.dtype)) for vector in (self.gamma, self.beta)))
