"""Builders: they turn a config into functional Keras models."""

from kerasformer.models.dalle import Dalle, build_dalle
from kerasformer.models.encoder_decoder import EncoderDecoder
from kerasformer.models.image_tokenizer import ImageTokenizer, build_image_tokenizer
from kerasformer.models.seq2seq import build_attention, build_seq2seq
from kerasformer.models.transformer import build_transformer
from kerasformer.models.vision_transformer import ImageClassifier, build_vit

BUILDERS = {
    "transformer": build_transformer,
    "attention": build_attention,
    "seq2seq": build_seq2seq,
    "vit": build_vit,
    "image_tokenizer": build_image_tokenizer,
    "dalle": build_dalle,
}


def build_model(config):
    """Build the model of a config, with the builder that `config.kind` names."""
    return BUILDERS[config.kind](config)


def rebuilt(model):
    """A copy of a model with the same weights, in float32 and without the other workers' part in it."""
    copy = build_model(model.config)
    for name, graph in copy.parts.items():
        graph.set_weights(model.parts[name].get_weights())
    return copy


__all__ = [
    "BUILDERS",
    "Dalle",
    "EncoderDecoder",
    "ImageClassifier",
    "ImageTokenizer",
    "build_attention",
    "build_dalle",
    "build_image_tokenizer",
    "build_model",
    "build_seq2seq",
    "build_transformer",
    "build_vit",
    "rebuilt",
]
