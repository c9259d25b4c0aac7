"""The sizes of a translator."""

import dataclasses
import typing

from kerasformer.config.checks import check_blocks
from kerasformer.errors import check_types, require, require_at_least, require_one_of

RECURRENT = ("seq2seq", "attention")
TRANSLATORS = ("transformer", *RECURRENT)  # each kind has a builder in kerasformer.models
# What the layers `PositionalEncoding`, `Recurrent` and `ScoredAttention` can do.
POSITIONS = ("sinusoidal", "learned", "none")
CELLS = ("gru", "lstm")
SCORES = ("dot", "scaled", "general", "additive")


@dataclasses.dataclass(frozen=True)
class ModelConfig:
    """Sizes of a translator; each field but `kind` is an option of train.py, which shows its text here as help.

    Args:
        kind: the builder in `kerasformer.models`.
        vocab_size: entries of the vocabulary, including four special tokens.
        max_length: longest sentence in tokens, `bos` or `eos` included.
        num_layers: number of blocks; a translator has as many in the encoder as in the decoder.
        num_decoder_layers: number of blocks in the decoder, if it differs from num_layers; 0 if it does not. Each step
            of search runs only the decoder, so a shallow decoder makes translation faster.
        hidden_dim: width of the residual stream or of the recurrent state (d_model in the Transformer paper).
        intermediate_dim: width of the feed-forward layer (d_ff in the paper).
        num_heads: attention heads of a block; 2 * num_heads must divide hidden_dim.
        dropout: share of activations dropped in training, from 0 to below 1.
        position: position encoding: sinusoidal (fixed), learned, or none (for comparison).
        norm: layer normalisation: pre (of the input of a sublayer) or post (of its sum, as in the paper).
        cell: recurrent cell: gru or lstm.
        bidirectional: whether the encoder reads in both directions, each with half the width.
        score: score of a query and a key: dot, scaled, general or additive.
    """

    task: typing.ClassVar = "translation"
    used_by: typing.ClassVar = {
        "num_decoder_layers": ("transformer",),
        "intermediate_dim": ("transformer",),
        "num_heads": ("transformer",),
        "position": ("transformer",),
        "norm": ("transformer",),
        "cell": RECURRENT,
        "bidirectional": RECURRENT,
        "score": ("attention",),
    }  # the kinds that use a field, where not all do

    kind: str = "transformer"
    vocab_size: int = 8000
    max_length: int = 64
    num_layers: int = 4
    num_decoder_layers: int = 0
    hidden_dim: int = 128
    intermediate_dim: int = 256
    num_heads: int = 4
    dropout: float = 0.1
    position: str = "sinusoidal"
    norm: str = "pre"
    cell: str = "gru"
    bidirectional: bool = False
    score: str = "dot"

    def __post_init__(self):
        check_types(self)
        check_blocks(self)
        require(self.vocab_size >= 5, "vocab_size", self.vocab_size, "at least 5: four special tokens and a word")
        require_at_least(8, self, "max_length")
        require_at_least(0, self, "num_decoder_layers")
        require_one_of(self.kind, "model", TRANSLATORS)
        require_one_of(self.position, "position", POSITIONS)
        require_one_of(self.cell, "cell", CELLS)
        require_one_of(self.score, "score", SCORES)

    @property
    def is_faster_in_bfloat16(self):
        """Whether training is faster in bfloat16 on processors that multiply it; measured for the Transformer only."""
        return self.kind not in RECURRENT
