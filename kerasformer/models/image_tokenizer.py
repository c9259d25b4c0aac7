"""A discrete autoencoder: an image becomes a grid of codes, and a grid of codes becomes an image."""

import dataclasses

import keras
from keras import ops

from kerasformer.config import ImageTokenizerConfig
from kerasformer.layers import VectorQuantizer


@dataclasses.dataclass(frozen=True)
class ImageTokenizer:
    """Turns an image into a grid of codes and back, as a tokenizer turns a text into ids.

    Args:
        config: the config that it was built from.
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


class Autoencoder:
    """The layers, each made once and shared by all graphs, and the ways through them.

    Args:
        config: `ImageTokenizerConfig`.

    Reference: van den Oord et al. 2017, "Neural Discrete Representation Learning"; Ramesh et al. 2021, "Zero-Shot
    Text-to-Image Generation", section 2.1 (which relaxes the choice of a code; here the gradient skips the choice).
    """

    def __init__(self, config):
        def convolution(name, filters, size, **options):
            return keras.layers.Conv2D(filters, size, padding="same", name=name, **options)

        def block(side, i):
            inner = convolution(f"{side}_inner_{i}", config.hidden_dim, 3, activation="relu")
            return inner, convolution(f"{side}_outer_{i}", config.hidden_dim, 1)

        # Kernels twice as wide as their stride: neighbouring codes share the pixels between them.
        strides = {"strides": config.patch_size, "padding": "same"}
        self.entrance = keras.layers.Conv2D(config.hidden_dim, 2 * config.patch_size, name="entrance", **strides)
        self.encoder = [block("encoder", i) for i in range(config.num_layers)]
        self.to_code = convolution("to_code", config.code_dim, 1)
        # All vectors get the same length, so that no code is nearest just because it is short.
        self.code_norm = keras.layers.LayerNormalization(center=False, scale=False, name="code_norm")
        self.quantizer = VectorQuantizer(config.num_codes, config.commitment, name="quantizer")
        self.from_code = convolution("from_code", config.hidden_dim, 3)
        self.decoder = [block("decoder", i) for i in range(config.num_layers)]
        self.exit = keras.layers.Conv2DTranspose(config.channels, 2 * config.patch_size, name="exit", **strides)

    def encode(self, images):
        """Images float (batch, height, width, channels) -> vectors to quantise (batch, row, column, code_dim)."""
        return self.code_norm(self.to_code(_residual(self.entrance(images), self.encoder)))

    def decode(self, entries):
        """Entries of the codebook (batch, row, column, code_dim) -> images float (batch, height, width, channels)."""
        return ops.sigmoid(self.exit(_residual(self.from_code(entries), self.decoder)))


def build_image_tokenizer(config):
    """Build the discrete autoencoder of an `ImageTokenizerConfig`.

    Its codes are local: each sees only the image around its patch, so that what it learns for one place holds for
    every other.

    Returns:
        An `ImageTokenizer`.
    """
    layers = Autoencoder(config)
    images = keras.Input(config.shape, name="images")
    code_ids = keras.Input(config.grid, dtype="int32", name="code_ids")
    entries, found = layers.quantizer(layers.encode(images))
    looked_up = _LookUp(layers.quantizer, name="look_up")(code_ids)
    return ImageTokenizer(
        config,
        training=keras.Model(images, layers.decode(entries), name="training"),
        encode=keras.Model(images, found, name="encode"),
        decode=keras.Model(code_ids, layers.decode(looked_up), name="decode"),
    )


def _residual(x, blocks):
    for inner, outer in blocks:
        x = x + outer(inner(ops.relu(x)))
    return ops.relu(x)


class _LookUp(keras.layers.Layer):
    """The look-up of a quantizer as a layer of its own, for the graph that begins with codes."""

    def __init__(self, quantizer, **kwargs):
        super().__init__(**kwargs)
        self.quantizer = quantizer

    def call(self, code_ids):
        return self.quantizer.look_up(code_ids)
