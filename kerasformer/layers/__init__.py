"""Layers: they know tensors only, and use `keras.ops` only, so they run on TensorFlow, JAX and PyTorch."""

from kerasformer.layers.attention import (
    MultiHeadAttention,
    portable_cache_writes,
    scaled_dot_product_attention,
)
from kerasformer.layers.decoder_block import DecoderBlock
from kerasformer.layers.embedding import TokenEmbedding
from kerasformer.layers.encoder_block import EncoderBlock
from kerasformer.layers.feed_forward import FeedForward
from kerasformer.layers.masking import CausalMask, PaddingMask
from kerasformer.layers.position import PositionalEncoding, sinusoidal_table
from kerasformer.layers.residual import Residual

__all__ = [
    "CausalMask",
    "DecoderBlock",
    "EncoderBlock",
    "FeedForward",
    "MultiHeadAttention",
    "PaddingMask",
    "PositionalEncoding",
    "Residual",
    "TokenEmbedding",
    "portable_cache_writes",
    "scaled_dot_product_attention",
    "sinusoidal_table",
]
