"""The Vision Transformer: the translator's encoder over patches of an image, with a class token and a head."""

import dataclasses

import keras
from keras import ops

from kerasformer.config import ViTConfig
from kerasformer.layers import (
    ClassToken,
    Dense,
    Dropout,
    EncoderBlock,
    PatchEmbedding,
    PositionalEncoding,
)
from kerasformer.models.transformer import last_norm


@dataclasses.dataclass(frozen=True)
class ImageClassifier:
    """A model that classifies images.

    Args:
        config: the config that it was built from.
        training: images float (batch, height, width, channels), from 0 to 1 -> logits float (batch, classes). It owns
            every weight.
        attention: the same images -> attention weights float (batch, layers, heads, 1 + patch, 1 + patch), the class
            token first.
    """

    config: ViTConfig
    training: keras.Model
    attention: keras.Model

    @property
    def parts(self):
        """The graphs that own weights, by name."""
        return {"model": self.training}


def build_vit(config):
    """Build the Vision Transformer of a `ViTConfig`.

    Returns:
        An `ImageClassifier`.

    Reference: Dosovitskiy et al. 2021, "An Image is Worth 16x16 Words", section 3.1.
    """
    block = (config.num_heads, config.intermediate_dim, config.dropout, config.norm)
    images = keras.Input(config.shape, name="images")
    patches = PatchEmbedding(config.patch_size, config.hidden_dim, name="patches")(images)  # (batch, patch, hidden)
    x = ClassToken(name="class_token")(patches)  # (batch, 1 + patch, hidden)
    x = PositionalEncoding(x.shape[1], "learned", name="position")(x)
    x = Dropout(config.dropout, name="dropout")(x)
    weights = []
    for i in range(config.num_layers):
        x, block_weights = EncoderBlock(*block, name=f"encoder_{i}")(x)
        weights.append(block_weights)  # (batch, heads, 1 + patch, 1 + patch)
    x = last_norm("pre" if config.second_norm else config.norm, name="norm")(x[:, 0])  # of the class token
    logits = Dense(config.num_classes, name="head")(x)
    return ImageClassifier(
        config,
        training=keras.Model(images, logits, name="training"),
        attention=keras.Model(images, ops.stack(weights, axis=1), name="attention"),
    )
