"""The sizes of a translator."""

import dataclasses
import typing

from kerasformer.config.checks import check_blocks, check_types, require, require_one_of

RECURRENT = ("seq2seq", "attention")
TRANSLATORS = ("transformer", *RECURRENT)  # each kind has a builder in kerasformer.models


@dataclasses.dataclass(frozen=True)
class ModelConfig:
    """Sizes of a translator; every field can be set by name on the command line.

    Args:
        kind: which builder of `kerasformer.models` makes it.
        vocab_size: entries of the joint source and target vocabulary.
        max_length: the longest sentence in tokens, `bos` or `eos` included.
        num_layers: blocks in the encoder, and again in the decoder.
        hidden_dim: width of the residual stream (d_model in the paper).
        intermediate_dim: width of the feed-forward layer (d_ff).
        num_heads: attention heads; divides `hidden_dim`.
        dropout: share of activations dropped in training, 0 to 1.
        position: "sinusoidal" (fixed), "learned", or "none", which shows what the others are for.
        norm: "pre" (normalise what enters a sublayer) or "post" (the paper's: normalise its sum).
        cell: "gru" or "lstm", of the recurrent kinds.
        bidirectional: whether a recurrent encoder reads in both directions, each with half the width.
        score: how the kind "attention" scores a key: "dot", "scaled", "general" or "additive".
    """

    task: typing.ClassVar = "translation"

    kind: str = "transformer"
    vocab_size: int = 8000
    max_length: int = 64
    num_layers: int = 4
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
        require(self.max_length >= 8, "max_length", self.max_length, "at least 8")
        require_one_of(self.kind, "model", TRANSLATORS)
        require_one_of(self.position, "position", ("sinusoidal", "learned", "none"))
        require_one_of(self.cell, "cell", ("gru", "lstm"))
        require_one_of(self.score, "score", ("dot", "scaled", "general", "additive"))

    @property
    def is_faster_in_bfloat16(self):
        """Whether its training was found to be, where the processor multiplies bfloat16."""
        return self.kind not in RECURRENT
