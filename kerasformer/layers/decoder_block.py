"""A block of the decoder: attend to the target so far, attend to the source, then a feed-forward network."""

import keras

from kerasformer.layers.attention import MultiHeadAttention
from kerasformer.layers.feed_forward import FeedForward
from kerasformer.layers.residual import Residual


@keras.saving.register_keras_serializable("kerasformer")
class DecoderBlock(keras.layers.Layer):
    """Masked self-attention, cross-attention and a feed-forward network, each with a residual connection.

    Args:
        num_heads: int, attention heads.
        intermediate_dim: int, width of the feed-forward network.
        dropout: float, share of each sublayer's output dropped in training.
        norm: "pre" or "post".
        cross_attention: bool, False for a decoder-only model, which has no memory to attend to.

    Call arguments:
        x: float (batch, target, hidden).
        memory: float (batch, source, hidden), the encoder's output; or
        memory_cache: its keys and values, the result of `project_memory`.
        cache: dict of "key" and "value", float (batch, heads, length, head_dim): those of the positions decoded so
            far, with room for `x`.
        position: int32 scalar, the first place in `cache` for `x`.
        causal_mask: bool, broadcastable to (batch, heads, target, target or length).
        memory_mask: bool, broadcastable to (batch, heads, target, source).
        training: bool, whether dropout is on.

    Returns:
        float (batch, target, hidden); the cache with the keys and values of `x`; and the weights of the
        cross-attention (batch, heads, target, source), or of the self-attention in a decoder-only model.

    Reference: Vaswani et al. 2017, "Attention Is All You Need", section 3.1.
    """

    def __init__(self, num_heads, intermediate_dim, dropout=0.0, norm="pre", cross_attention=True, **kwargs):
        super().__init__(**kwargs)
        self.num_heads = num_heads
        self.intermediate_dim = intermediate_dim
        self.dropout = dropout
        self.norm = norm
        self.cross_attention = cross_attention
        own = {"dtype": self.dtype_policy}
        self.self_attention = MultiHeadAttention(num_heads, name="self_attention", **own)
        self.self_attention_residual = Residual(dropout, norm, name="self_attention_residual", **own)
        if cross_attention:
            self.memory_attention = MultiHeadAttention(num_heads, name="memory_attention", **own)
            self.memory_attention_residual = Residual(dropout, norm, name="memory_attention_residual", **own)
        self.feed_forward = FeedForward(intermediate_dim, name="feed_forward", **own)
        self.feed_forward_residual = Residual(dropout, norm, name="feed_forward_residual", **own)

    def build(self, x_shape):
        layers = [self.self_attention, self.self_attention_residual]
        if self.cross_attention:
            layers += [self.memory_attention, self.memory_attention_residual]
        for layer in (*layers, self.feed_forward, self.feed_forward_residual):
            layer.build(tuple(x_shape))

    def call(
        self, x, memory=None, memory_cache=None, cache=None, position=None,
        causal_mask=None, memory_mask=None, training=None,
    ):  # fmt: skip
        entering = self.self_attention_residual.enter(x)
        attended, cache, weights = self.self_attention(
            entering, entering, cache=cache, position=position, attention_mask=causal_mask
        )
        x = self.self_attention_residual.leave(x, attended, training=training)
        if self.cross_attention:
            entering = self.memory_attention_residual.enter(x)
            attended, _, weights = self.memory_attention(
                entering, memory, cache=memory_cache, attention_mask=memory_mask
            )
            x = self.memory_attention_residual.leave(x, attended, training=training)
        output = self.feed_forward(self.feed_forward_residual.enter(x))
        return self.feed_forward_residual.leave(x, output, training=training), cache, weights

    def compute_output_spec(self, x, memory=None, memory_cache=None, cache=None, **_):
        output, cache, weights = self.self_attention.compute_output_spec(x, x, cache)
        if self.cross_attention:
            _, _, weights = self.memory_attention.compute_output_spec(x, memory, memory_cache)
        return output, cache, weights

    def project_memory(self, memory):
        """The keys and values of the encoder's output (batch, source, hidden), computed once for all steps."""
        return self.memory_attention.project(memory)

    def get_config(self):
        names = ("num_heads", "intermediate_dim", "dropout", "norm", "cross_attention")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
