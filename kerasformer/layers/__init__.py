"""Layers on tensors, written with `keras.ops` only, so that every backend of Keras runs them.

The larger ones define `compute_output_spec`: without it Keras traces their calls to find the shapes, and
building a model takes three times as long.
"""

from kerasformer.layers.affine import Dense, LayerNormalization
from kerasformer.layers.attention import (
    MultiHeadAttention,
    attend,
    portable_cache_writes,
    products_as_sums,
    scaled_dot_product_attention,
)
from kerasformer.layers.decoder_block import DecoderBlock
from kerasformer.layers.dropout import Dropout
from kerasformer.layers.embedding import OneHotEncoding, TokenEmbedding
from kerasformer.layers.encoder_block import EncoderBlock
from kerasformer.layers.feed_forward import FeedForward
from kerasformer.layers.masking import CausalMask, HypothesisMask, PaddingMask
from kerasformer.layers.packing import SentenceMask, SentenceNumber, SentencePosition
from kerasformer.layers.patches import ClassToken, PatchEmbedding
from kerasformer.layers.position import PositionalEncoding, sinusoidal_table
from kerasformer.layers.recurrent import CELLS, GRUCell, LSTMCell, Recurrent
from kerasformer.layers.residual import Residual
from kerasformer.layers.scored_attention import SCORES, ScoredAttention
from kerasformer.layers.vector_quantizer import VectorQuantizer

__all__ = [
    "CELLS",
    "CausalMask",
    "ClassToken",
    "DecoderBlock",
    "Dense",
    "Dropout",
    "EncoderBlock",
    "FeedForward",
    "HypothesisMask",
    "GRUCell",
    "LSTMCell",
    "LayerNormalization",
    "MultiHeadAttention",
    "OneHotEncoding",
    "PaddingMask",
    "PatchEmbedding",
    "PositionalEncoding",
    "Recurrent",
    "Residual",
    "SCORES",
    "ScoredAttention",
    "SentenceMask",
    "SentenceNumber",
    "SentencePosition",
    "TokenEmbedding",
    "VectorQuantizer",
    "attend",
    "portable_cache_writes",
    "products_as_sums",
    "scaled_dot_product_attention",
    "sinusoidal_table",
]
