"""Builders: a config in, functional Keras models out."""

from kerasformer.errors import InputError
from kerasformer.models.encoder_decoder import EncoderDecoder
from kerasformer.models.transformer import build_transformer

BUILDERS = {"transformer": build_transformer}


def build_model(config):
    """Build the model whose kind `config.kind` names.

    Raises:
        InputError: for a kind that has no builder.
    """
    if config.kind not in BUILDERS:
        raise InputError(f"model {config.kind!r} is unknown; there are {', '.join(BUILDERS)}")
    return BUILDERS[config.kind](config)


__all__ = ["BUILDERS", "EncoderDecoder", "build_model", "build_transformer"]
