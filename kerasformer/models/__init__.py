"""Builders: a config in, functional Keras models out."""

from kerasformer.models.encoder_decoder import EncoderDecoder
from kerasformer.models.transformer import build_transformer

BUILDERS = {"transformer": build_transformer}


def build_model(config):
    """Build the model whose kind `config.kind` names."""
    return BUILDERS[config.kind](config)


__all__ = ["BUILDERS", "EncoderDecoder", "build_model", "build_transformer"]
