"""The sizes of the models of images: the Vision Transformer, and the DALL-E with its image tokenizer."""

import dataclasses
import typing

from kerasformer.config.checks import check_blocks, check_image
from kerasformer.errors import check_types, require, require_at_least, require_one_of


class _OfImages:
    """What follows from `height`, `width`, `channels` and `patch_size`."""

    @property
    def shape(self):
        """(height, width, channels) of an image, in pixels."""
        return self.height, self.width, self.channels

    @property
    def grid(self):
        """Rows and columns of patches, or of codes, of an image."""
        return self.height // self.patch_size, self.width // self.patch_size

    @property
    def num_patches(self):
        """Patches, or codes, of an image."""
        rows, columns = self.grid
        return rows * columns


@dataclasses.dataclass(frozen=True)
class ViTConfig(_OfImages):
    """Sizes of a Vision Transformer.

    Args:
        kind: the builder in `kerasformer.models`.
        height, width, channels: of the images, in pixels; channels 1 (grey) or 3 (red, green, blue).
        num_classes: number of labels.
        patch_size: side of a square patch in pixels; must divide height and width of the images.
        num_layers, hidden_dim, intermediate_dim, num_heads, dropout, norm: of the encoder, as in `ModelConfig`.
        second_norm: whether the class token is normalised once more before the head with norm="post", as in bundles
            whose config lacks this field.
    """

    task: typing.ClassVar = "classification"
    used_by: typing.ClassVar = {"second_norm": ()}  # no option of train.py

    kind: str = "vit"
    height: int = 8
    width: int = 8
    channels: int = 1
    num_classes: int = 10
    patch_size: int = 2
    num_layers: int = 4
    hidden_dim: int = 64
    intermediate_dim: int = 128
    num_heads: int = 4
    dropout: float = 0.1
    norm: str = "pre"
    second_norm: bool = False

    def __post_init__(self):
        check_types(self)
        require_one_of(self.kind, "model", ("vit",))
        check_image(self)
        check_blocks(self)
        require_at_least(2, self, "num_classes")


@dataclasses.dataclass(frozen=True)
class ImageTokenizerConfig(_OfImages):
    """Sizes of the discrete autoencoder that turns an image into a grid of codes.

    Args:
        kind: the builder in `kerasformer.models`.
        height, width, channels: of the images, as in `ViTConfig`.
        patch_size: side in pixels of the square that one code stands for; must divide height and width.
        num_codes: entries of the codebook.
        code_dim: width of an entry.
        hidden_dim: filters of the convolutions.
        num_layers: residual blocks of the encoder, and of the decoder.
        commitment: weight of the loss that keeps the encoder's output near its codes.
    """

    task: typing.ClassVar = "image tokenization"
    used_by: typing.ClassVar = {}

    kind: str = "image_tokenizer"
    height: int = 16
    width: int = 16
    channels: int = 1
    patch_size: int = 4
    num_codes: int = 256
    code_dim: int = 16
    hidden_dim: int = 64
    num_layers: int = 1
    commitment: float = 0.25

    def __post_init__(self):
        check_types(self)
        require_one_of(self.kind, "model", ("image_tokenizer",))
        check_image(self)
        require_at_least(1, self, "code_dim", "hidden_dim", "num_layers")
        require_at_least(2, self, "num_codes")
        require_at_least(0, self, "commitment")


@dataclasses.dataclass(frozen=True)
class DalleConfig:
    """Sizes of a DALL-E: the Transformer over caption and image, and its image tokenizer.

    Args:
        kind: the builder in `kerasformer.models`.
        vocab_size: entries of the vocabulary of the captions.
        caption_length: longest caption in tokens, `eos` included.
        num_layers, hidden_dim, intermediate_dim, num_heads, dropout, norm: of the decoder, as in `ModelConfig`.
        guidance: classifier-free guidance scale when drawing; 1 is off.
        image_tokenizer: its `ImageTokenizerConfig`.

    Reference: Ho and Salimans 2022, "Classifier-Free Diffusion Guidance"; Gafni et al. 2022, "Make-A-Scene", section
    3.4 (guidance for Transformers).
    """

    task: typing.ClassVar = "drawing"
    used_by: typing.ClassVar = {}

    kind: str = "dalle"
    vocab_size: int = 200
    caption_length: int = 16
    num_layers: int = 4
    hidden_dim: int = 128
    intermediate_dim: int = 512
    num_heads: int = 8
    dropout: float = 0.0
    norm: str = "pre"
    guidance: float = 2.0
    image_tokenizer: ImageTokenizerConfig = ImageTokenizerConfig()

    def __post_init__(self):
        check_types(self)
        require_one_of(self.kind, "model", ("dalle",))
        require(self.vocab_size >= 5, "vocab_size", self.vocab_size, "at least 5: four special tokens and a word")
        require_at_least(2, self, "caption_length")
        require_at_least(1, self, "guidance")
        check_blocks(self)

    @property
    def image_length(self):
        """Codes of an image."""
        return self.image_tokenizer.num_patches

    @property
    def max_length(self):
        """Length of the longest sequence in training: `bos` or `eos`, and the codes of an image."""
        return self.image_length + 1
