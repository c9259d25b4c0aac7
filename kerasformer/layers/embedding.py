"""The three representations of a word, from the integer to the vector a model computes with.

1. Integer: the id that `kerasformer.tokenizer` gives a token, "the" -> 4. A name, not a quantity: 4 is not twice 2.
2. One-hot: `OneHotEncoding` writes the id as a row of zeros with a single 1, "red" = [0 1 0 0], as wide as the
   vocabulary. This is an encoding: it is fixed, and every two words are equally far apart.
3. Embedded: `TokenEmbedding` gives each id a row of a table, "the" = [-0.1234, 1.9876, ..., 3.4681], as wide as the
   model. It is learned, so that words with similar uses get similar rows.

Row 4 of the table is the product of the one-hot vector of 4 and the table; looking it up saves the multiplications.
"""

import math

import keras
from keras import ops


@keras.saving.register_keras_serializable("kerasformer")
class OneHotEncoding(keras.layers.Layer):
    """Token ids as vectors with a single 1.

    Args:
        vocab_size: int, the width of the vectors.

    Call arguments:
        inputs: token ids int32 (batch, length), from 0 to `vocab_size` - 1.

    Returns:
        float (batch, length, vocab), 1 at the id and 0 elsewhere.
    """

    def __init__(self, vocab_size, **kwargs):
        super().__init__(**kwargs)
        self.vocab_size = vocab_size

    def call(self, inputs):
        return ops.one_hot(inputs, self.vocab_size, dtype=self.compute_dtype)

    def get_config(self):
        return {**super().get_config(), "vocab_size": self.vocab_size}


@keras.saving.register_keras_serializable("kerasformer")
class TokenEmbedding(keras.layers.Layer):
    """A table with one row for each token, shared by the input and the output of a model.

    A look-up is the product of a one-hot vector and the table; scoring multiplies by the transposed table.

    Args:
        vocab_size: int, rows of the table.
        hidden_dim: int, width of the table.

    Call arguments:
        inputs: token ids int32 (batch, length); with `reverse`, float (batch, length, hidden).
        reverse: bool, whether to score all tokens instead of looking some up.

    Returns:
        float (batch, length, hidden), scaled by sqrt(hidden); with `reverse`, logits (batch, length, vocab).

    Reference: Press and Wolf 2017, "Using the Output Embedding"; Vaswani et al. 2017, section 3.4.
    """

    def __init__(self, vocab_size, hidden_dim, **kwargs):
        super().__init__(**kwargs)
        self.vocab_size = vocab_size
        self.hidden_dim = hidden_dim

    def build(self, inputs_shape=None):
        # Rows of norm about 1: scaled by sqrt(hidden) they have variance 1, and the first logits are small.
        initializer = keras.initializers.RandomNormal(stddev=1.0 / math.sqrt(self.hidden_dim))
        shape = (self.vocab_size, self.hidden_dim)
        self.embeddings = self.add_weight(shape=shape, initializer=initializer, name="embeddings", autocast=False)

    def call(self, inputs, reverse=False):
        if reverse:
            return ops.matmul(inputs, ops.transpose(ops.cast(self.embeddings, self.compute_dtype)))
        # Cast after the look-up: the gradient of a frequent token is a sum of many, which bfloat16 would round.
        return ops.cast(ops.take(self.embeddings, inputs, axis=0), self.compute_dtype) * math.sqrt(self.hidden_dim)

    def compute_output_spec(self, inputs, reverse=False):
        shape = (*inputs.shape[:-1], self.vocab_size) if reverse else (*inputs.shape, self.hidden_dim)
        return keras.KerasTensor(shape, self.compute_dtype)

    def get_config(self):
        return {**super().get_config(), "vocab_size": self.vocab_size, "hidden_dim": self.hidden_dim}
