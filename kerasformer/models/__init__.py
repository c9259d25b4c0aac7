"""Builders: a config in, functional Keras models out."""

from kerasformer.models.encoder_decoder import EncoderDecoder
from kerasformer.models.seq2seq import build_attention, build_seq2seq
from kerasformer.models.transformer import build_transformer

BUILDERS = {"transformer": build_transformer, "attention": build_attention, "seq2seq": build_seq2seq}


def build_model(config):
    """Build the model whose kind `config.kind` names."""
    return BUILDERS[config.kind](config)


__all__ = ["BUILDERS", "EncoderDecoder", "build_attention", "build_model", "build_seq2seq", "build_transformer"]
