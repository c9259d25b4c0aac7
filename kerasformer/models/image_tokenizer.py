"""A discrete autoencoder: an image becomes a grid of codes, and a grid of codes an image."""

import dataclasses

import keras
from keras import ops

from kerasformer.config import ImageTokenizerConfig
from kerasformer.layers import VectorQuantizer


@dataclasses.dataclass(frozen=True)
class ImageTokenizer:
    """What a tokenizer is to a text, this is to an image.

    Args:
        config: the sizes it was built from.
        training: images float (batch, height, width, channels), from 0 to 1 -> their reconstructions, of the same
            shape. It owns every weight.
        encode: images -> codes int32 (batch, row, column).
        decode: codes int32 (batch, row, column) -> images.
    """

    config: ImageTokenizerConfig
    training: keras.Model
    encode: keras.Model
    decode: keras.Model

    @property
    def parts(self):
        """The graphs that own weights, by name."""
        return {"model": self.training}


class _Layers:
    """The parts, each made once and shared by all graphs."""

    def __init__(self, config):
        def convolution(name, filters, size, **options):
            return keras.layers.Conv2D(filters, size, padding="same", name=name, **options)

        def block(side, i):
            inner = convolution(f"{side}_inner_{i}", config.hidden_dim, 3, activation="relu")
            return inner, convolution(f"{side}_outer_{i}", config.hidden_dim, 1)

        # Kernels twice as wide as their steps: neighbouring codes share what lies between them.
        steps = {"strides": config.patch_size, "padding": "same"}
        self.entrance = keras.layers.Conv2D(config.hidden_dim, 2 * config.patch_size, name="entrance", **steps)
        self.encoder = [block("encoder", i) for i in range(config.num_layers)]
        self.to_code = convolution("to_code", config.code_dim, 1)
        # All of one length, so that no code can win by being short.
        self.code_norm = keras.layers.LayerNormalization(center=False, scale=False, name="code_norm")
        self.quantizer = VectorQuantizer(config.num_codes, config.commitment, name="quantizer")
        self.from_code = convolution("from_code", config.hidden_dim, 3)
        self.decoder = [block("decoder", i) for i in range(config.num_layers)]
        self.exit = keras.layers.Conv2DTranspose(config.channels, 2 * config.patch_size, name="exit", **steps)


def _residual(x, blocks):
    for inner, outer in blocks:
        x = x + outer(inner(ops.relu(x)))
    return ops.relu(x)


def _encode(layers, images):
    """Images (batch, height, width, channels) -> vectors (batch, row, column, code_dim), not yet quantised."""
    return layers.code_norm(layers.to_code(_residual(layers.entrance(images), layers.encoder)))


def _decode(layers, entries):
    """Codebook entries (batch, row, column, code_dim) -> images."""
    return ops.sigmoid(layers.exit(_residual(layers.from_code(entries), layers.decoder)))


def build_image_tokenizer(config):
    """Build the discrete autoencoder of an `ImageTokenizerConfig`.

    Its codes are local: each sees the image around its patch and no further, so that what it has learned of one
    place holds at every other.

    Returns:
        An `ImageTokenizer`.

    Reference: van den Oord et al. 2017, "Neural Discrete Representation Learning"; Ramesh et al. 2021, "Zero-Shot
    Text-to-Image Generation", section 2.1 (which relaxes the choice of a code where we pass the gradient through it).
    """
    layers = _Layers(config)
    images = keras.Input(config.shape, name="images")
    code_ids = keras.Input(config.grid, dtype="int32", name="code_ids")
    entries, found = layers.quantizer(_encode(layers, images))
    training = keras.Model(images, _decode(layers, entries), name="training")
    return ImageTokenizer(
        config,
        training,
        keras.Model(images, found, name="encode"),
        keras.Model(code_ids, _decode(layers, _LookUp(layers.quantizer, name="look_up")(code_ids)), name="decode"),
    )


class _LookUp(keras.layers.Layer):
    """The codebook's entries, as a layer that a graph can begin with."""

    def __init__(self, quantizer, **kwargs):
        super().__init__(**kwargs)
        self.quantizer = quantizer

    def call(self, code_ids):
        return self.quantizer.look_up(code_ids)
