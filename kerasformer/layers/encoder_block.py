"""A block of the encoder: every position attends to every other, then a feed-forward network."""

import keras

from kerasformer.layers.attention import MultiHeadAttention
from kerasformer.layers.feed_forward import FeedForward
from kerasformer.layers.residual import Residual


@keras.saving.register_keras_serializable("kerasformer")
class EncoderBlock(keras.layers.Layer):
    """Multi-head self-attention, then a feed-forward network, each with a residual connection.

    Args:
        num_heads: int, attention heads.
        intermediate_dim: int, width of the feed-forward network.
        dropout: float, share of each sublayer's output dropped in training.
        norm: "pre" or "post".

    Call arguments:
        x: float (batch, source, hidden).
        attention_mask: bool, broadcastable to (batch, heads, source, source), True where attention is allowed.
        training: bool, whether dropout is on.

    Returns:
        float (batch, source, hidden), and the attention weights (batch, heads, source, source).

    Reference: Vaswani et al. 2017, "Attention Is All You Need", section 3.1.
    """

    def __init__(self, num_heads, intermediate_dim, dropout=0.0, norm="pre", **kwargs):
        super().__init__(**kwargs)
        self.num_heads = num_heads
        self.intermediate_dim = intermediate_dim
        self.dropout = dropout
        self.norm = norm
        own = {"dtype": self.dtype_policy}
        self.self_attention = MultiHeadAttention(num_heads, name="self_attention", **own)
        self.self_attention_residual = Residual(dropout, norm, name="self_attention_residual", **own)
        self.feed_forward = FeedForward(intermediate_dim, name="feed_forward", **own)
        self.feed_forward_residual = Residual(dropout, norm, name="feed_forward_residual", **own)

    def build(self, x_shape):
        for layer in (self.self_attention, self.self_attention_residual, self.feed_forward, self.feed_forward_residual):
            layer.build(tuple(x_shape))

    def call(self, x, attention_mask=None, training=None):
        entering = self.self_attention_residual.enter(x)
        attended, _, weights = self.self_attention(entering, entering, attention_mask=attention_mask)
        x = self.self_attention_residual.leave(x, attended, training=training)
        output = self.feed_forward(self.feed_forward_residual.enter(x))
        return self.feed_forward_residual.leave(x, output, training=training), weights

    def compute_output_spec(self, x, **_):
        output, _, weights = self.self_attention.compute_output_spec(x, x)
        return output, weights

    def get_config(self):
        names = ("num_heads", "intermediate_dim", "dropout", "norm")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
