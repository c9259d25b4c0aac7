"""Token ids to vectors, and vectors to one score for each token, through one and the same table."""

import math

import keras
from keras import ops


@keras.saving.register_keras_serializable("kerasformer")
class TokenEmbedding(keras.layers.Layer):
    """A table with one row for each token, tied to the output.

    Looking up row 4 is multiplying a one-hot vector by the table; scoring multiplies by its transpose.

    Args:
        vocab_size: int, rows of the table.
        hidden_dim: int, width of the table.

    Call arguments:
        inputs: int32 token ids (batch, length); with `reverse`, float (batch, length, hidden).
        reverse: bool, score the tokens instead of looking them up.

    Returns:
        float (batch, length, hidden), scaled by sqrt(hidden); with `reverse`, logits (batch, length, vocab).

    Reference: Press and Wolf 2017, "Using the Output Embedding"; Vaswani et al. 2017, section 3.4.
    """

    def __init__(self, vocab_size, hidden_dim, **kwargs):
        super().__init__(**kwargs)
        self.vocab_size = vocab_size
        self.hidden_dim = hidden_dim

    def build(self, inputs_shape=None):
        # Rows of norm 1: scaled by sqrt(hidden) they enter with variance 1, and the first logits are small.
        initializer = keras.initializers.RandomNormal(stddev=1.0 / math.sqrt(self.hidden_dim))
        shape = (self.vocab_size, self.hidden_dim)
        self.embeddings = self.add_weight(shape=shape, initializer=initializer, name="embeddings")

    def call(self, inputs, reverse=False):
        table = ops.convert_to_tensor(self.embeddings, dtype=self.compute_dtype)
        if reverse:
            return ops.matmul(inputs, ops.transpose(table))
        return ops.take(table, inputs, axis=0) * math.sqrt(self.hidden_dim)

    def get_config(self):
        return {**super().get_config(), "vocab_size": self.vocab_size, "hidden_dim": self.hidden_dim}
