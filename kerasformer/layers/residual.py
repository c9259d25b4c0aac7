"""The residual connection around each sublayer, with normalisation before or after."""

import keras

from kerasformer.config.checks import NORMS
from kerasformer.errors import require_one_of
from kerasformer.layers.affine import LayerNormalization
from kerasformer.layers.dropout import Dropout


@keras.saving.register_keras_serializable("kerasformer")
class Residual(keras.layers.Layer):
    """x + sublayer(norm(x)) or norm(x + sublayer(x)), with dropout on the sublayer's output.

    Use it as `x = residual.leave(x, sublayer(residual.enter(x)))`.

    Args:
        dropout: float, share of the sublayer's output dropped in training.
        norm: "pre" or "post".

    Reference: Vaswani et al. 2017, sections 3.1 (post) and 5.4 (dropout); Xiong et al. 2020, "On Layer Normalization
    in the Transformer Architecture" (pre).
    """

    def __init__(self, dropout=0.0, norm="pre", **kwargs):
        super().__init__(**kwargs)
        require_one_of(norm, "norm", NORMS)
        self.dropout = dropout
        self.norm = norm
        self._normalise = LayerNormalization(epsilon=1e-6, name="norm", dtype=self.dtype_policy)
        self._drop = Dropout(dropout, name="dropout", dtype=self.dtype_policy)

    def build(self, x_shape):
        self._normalise.build(tuple(x_shape))

    def enter(self, x):
        """The sublayer's input: float (batch, length, hidden)."""
        return self._normalise(x) if self.norm == "pre" else x

    def leave(self, x, output, training=None):
        """The residual stream after the sublayer: float (batch, length, hidden)."""
        x = x + self._drop(output, training=training)
        return self._normalise(x) if self.norm == "post" else x

    def get_config(self):
        return {**super().get_config(), "dropout": self.dropout, "norm": self.norm}
