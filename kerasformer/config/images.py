"""The sizes of the models of images: the Vision Transformer, the image tokenizer and the DALL-E it goes with."""

import dataclasses
import typing

from kerasformer.config.checks import (
    check_blocks,
    check_image,
    check_types,
    require,
    require_at_least_one,
    require_one_of,
)


@dataclasses.dataclass(frozen=True)
class ViTConfig:
    """Sizes of a Vision Transformer.

    Args:
        kind: which builder of `kerasformer.models` makes it.
        height, width, channels: of the images, in pixels; channels 1 (grey) or 3 (red, green, blue).
        num_classes: labels it tells apart.
        patch_size: pixels of a patch along each side; divides `height` and `width`.
        num_layers: encoder blocks.
        hidden_dim, intermediate_dim, num_heads, dropout, norm: of each block, as in `ModelConfig`.
    """

    task: typing.ClassVar = "classification"

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

    def __post_init__(self):
        check_types(self)
        require_one_of(self.kind, "model", ("vit",))
        check_image(self)
        check_blocks(self)
        require(self.num_classes >= 2, "num_classes", self.num_classes, "at least 2")


@dataclasses.dataclass(frozen=True)
class ImageTokenizerConfig:
    """Sizes of the discrete autoencoder that writes an image as a grid of codes.

    Args:
        kind: which builder of `kerasformer.models` makes it.
        height, width, channels: of the images, as in `ViTConfig`.
        patch_size: pixels along each side that one code stands for; divides `height` and `width`.
        num_codes: entries of the codebook.
        code_dim: width of an entry.
        hidden_dim: filters of the convolutions.
        num_layers: residual blocks on each side.
        commitment: weight of the loss that keeps the encoder near its codes.
    """

    task: typing.ClassVar = "image tokenization"

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
        require_at_least_one(self, "code_dim", "hidden_dim", "num_layers")
        require(self.num_codes >= 2, "num_codes", self.num_codes, "at least 2")
        require(self.commitment >= 0, "commitment", self.commitment, "0 or more")

    @property
    def grid(self):
        """Rows and columns of codes that an image becomes."""
        return self.height // self.patch_size, self.width // self.patch_size


@dataclasses.dataclass(frozen=True)
class DalleConfig:
    """Sizes of a DALL-E: the Transformer over caption and image, and the image tokenizer that goes with it.

    Args:
        kind: which builder of `kerasformer.models` makes it.
        vocab_size: entries of the captions' vocabulary.
        caption_length: places a caption has, `eos` included.
        num_layers, hidden_dim, intermediate_dim, num_heads, dropout, norm: of the decoder, as in `ModelConfig`.
        guidance: how many times as much a caption counts in drawing as it would by itself: logits are those without a
            caption, and this many times what the caption adds to them; 1 to leave that out.
        image_tokenizer: its `ImageTokenizerConfig`.

    Reference: Ho and Salimans 2022, "Classifier-Free Diffusion Guidance"; Gafni et al. 2022, "Make-A-Scene", section
    3.4 (for Transformers).
    """

    task: typing.ClassVar = "drawing"

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
        require(self.caption_length >= 2, "caption_length", self.caption_length, "at least 2")
        require(self.guidance >= 1, "guidance", self.guidance, "at least 1")
        check_blocks(self)

    @property
    def image_length(self):
        """Codes of an image."""
        rows, columns = self.image_tokenizer.grid
        return rows * columns

    @property
    def max_length(self):
        """The longest sentence that trains it: `bos` or `eos`, and the codes of an image."""
        return self.image_length + 1
