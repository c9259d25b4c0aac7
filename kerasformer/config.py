"""What a model is made of and how it is trained: frozen dataclasses; `kerasformer.presets` fills them.

The class of a config says by its `task` what such a model is for; `kind` names the builder that makes it.
"""

import dataclasses
import typing

from kerasformer.errors import InputError

RECURRENT = ("seq2seq", "attention")
TRANSLATORS = ("transformer", *RECURRENT)  # each kind has a builder in kerasformer.models


def _check_types(config):
    for field in dataclasses.fields(config):
        value = getattr(config, field.name)
        allowed = (int, float) if field.type is float else field.type
        if not isinstance(value, allowed) or isinstance(value, bool) and field.type is not bool:
            raise InputError(f"{field.name} must be of type {field.type.__name__}, got {value!r}")


def _require(condition, name, value, right):
    if not condition:
        raise InputError(f"{name} must be {right}, got {value!r}")


def _require_one_of(value, name, allowed):
    _require(value in allowed, name, value, f"one of {', '.join(map(str, allowed))}")


def _require_at_least_one(config, *names):
    for name in names:
        _require(getattr(config, name) >= 1, name, getattr(config, name), "at least 1")


def _check_blocks(config):
    """What blocks of attention need."""
    _require_at_least_one(config, "num_layers", "hidden_dim", "intermediate_dim", "num_heads")
    _require(0 <= config.dropout < 1, "dropout", config.dropout, "at least 0 and below 1")
    heads_fit = config.hidden_dim % (2 * config.num_heads) == 0
    multiple = f"a multiple of 2 * num_heads = {2 * config.num_heads}"
    _require(heads_fit, "hidden_dim", config.hidden_dim, multiple)
    _require_one_of(config.norm, "norm", ("pre", "post"))


def _check_image(config):
    """What images and their patches need."""
    _require_at_least_one(config, "height", "width", "patch_size")
    _require_one_of(config.channels, "channels", (1, 3))
    fits = config.height % config.patch_size == 0 and config.width % config.patch_size == 0
    _require(fits, "patch_size", config.patch_size, f"a divisor of the image's {config.height} x {config.width} pixels")


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
        position: "sinusoidal" (fixed) or "learned".
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
        _check_types(self)
        _check_blocks(self)
        _require(self.vocab_size >= 5, "vocab_size", self.vocab_size, "at least 5: four special tokens and a word")
        _require(self.max_length >= 8, "max_length", self.max_length, "at least 8")
        _require_one_of(self.kind, "model", TRANSLATORS)
        _require_one_of(self.position, "position", ("sinusoidal", "learned"))
        _require_one_of(self.cell, "cell", ("gru", "lstm"))
        _require_one_of(self.score, "score", ("dot", "scaled", "general", "additive"))

    @property
    def is_faster_in_bfloat16(self):
        """Whether its training was found to be, where the processor multiplies bfloat16."""
        return self.kind not in RECURRENT


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
        _check_types(self)
        _require_one_of(self.kind, "model", ("vit",))
        _check_image(self)
        _check_blocks(self)
        _require(self.num_classes >= 2, "num_classes", self.num_classes, "at least 2")


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
        _check_types(self)
        _require_one_of(self.kind, "model", ("image_tokenizer",))
        _check_image(self)
        _require_at_least_one(self, "code_dim", "hidden_dim", "num_layers")
        _require(self.num_codes >= 2, "num_codes", self.num_codes, "at least 2")
        _require(self.commitment >= 0, "commitment", self.commitment, "0 or more")

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
        _check_types(self)
        _require_one_of(self.kind, "model", ("dalle",))
        _require(self.vocab_size >= 5, "vocab_size", self.vocab_size, "at least 5: four special tokens and a word")
        _require(self.caption_length >= 2, "caption_length", self.caption_length, "at least 2")
        _require(self.guidance >= 1, "guidance", self.guidance, "at least 1")
        _check_blocks(self)

    @property
    def image_length(self):
        """Codes of an image."""
        rows, columns = self.image_tokenizer.grid
        return rows * columns

    @property
    def max_length(self):
        """The longest sentence that trains it: `bos` or `eos`, and the codes of an image."""
        return self.image_length + 1


CONFIGS = {
    **dict.fromkeys(TRANSLATORS, ModelConfig),
    "vit": ViTConfig,
    "image_tokenizer": ImageTokenizerConfig,
    "dalle": DalleConfig,
}  # the class of each kind


@dataclasses.dataclass(frozen=True)
class TrainingConfig:
    """How a model is trained.

    Args:
        epochs: passes over the training pairs, at most.
        minutes: stop after so many minutes of training, 0 for no limit.
        batch_tokens: padded tokens a batch may hold on its longer side; of images, patches or codes.
        packed: of translators, whether several sentences share a row of a batch, where the model tells them apart.
        num_shapes: into how many padded shapes batches are bucketed (each is compiled once).
        learning_rate: the peak, reached at the end of the warm-up.
        warmup_steps: steps of linear warm-up before the inverse square root decay.
        cooldown: share of all steps at the end over which the learning rate goes to 0; 0 for none.
        label_smoothing: share of the target probability spread over the vocabulary.
        subword_sampling: of translators, the power of its probability with which a way to split a sentence into tokens
            is drawn anew each epoch, such as 0.3; the smaller the wilder, 0 for always the likeliest way.
        both_ways: of translators, the share of all epochs, at the beginning, in which half of the pairs, drawn anew
            each epoch, are turned round, so that the model first learns to translate either way (Ding et al. 2021,
            "Improving Neural Machine Translation by Bidirectional Training").
        clip_norm: the global norm to which gradients are clipped.
        patience: epochs without a better validation loss before stopping, 0 for never.
        average_last: how many of the last epochs' weights the result averages.
        workers: processes that train together, each on its share of every batch.
        backup_steps: steps from one backup to the next: a run that is killed loses no more.
        seed: seed of weights, dropout and data order.
        precision: of translators, what training computes in: "float32" or "bfloat16"; "auto" lets train.py take
            bfloat16 for a Transformer that one process of TensorFlow trains on a processor that has it.
    """

    epochs: int = 30
    minutes: float = 0.0
    batch_tokens: int = 4096
    packed: bool = True
    num_shapes: int = 3
    learning_rate: float = 3e-3
    warmup_steps: int = 1000
    cooldown: float = 0.0
    label_smoothing: float = 0.1
    subword_sampling: float = 0.0
    both_ways: float = 0.0
    clip_norm: float = 1.0
    patience: int = 10
    average_last: int = 8
    workers: int = 1
    backup_steps: int = 200
    seed: int = 0
    precision: str = "auto"

    def __post_init__(self):
        _check_types(self)
        _require_one_of(self.precision, "precision", ("auto", "float32", "bfloat16"))
        _require_at_least_one(
            self, "epochs", "batch_tokens", "num_shapes", "warmup_steps", "average_last", "workers", "backup_steps"
        )
        for name in ("minutes", "subword_sampling", "patience", "seed"):
            _require(getattr(self, name) >= 0, name, getattr(self, name), "0 or more")
        for name in ("learning_rate", "clip_norm"):
            _require(getattr(self, name) > 0, name, getattr(self, name), "above 0")
        has_one_clock = self.workers == 1 or not self.minutes
        _require(has_one_clock, "minutes", self.minutes, "0 where several workers train, whose clocks differ")
        for name in ("cooldown", "both_ways"):
            _require(0 <= getattr(self, name) <= 1, name, getattr(self, name), "between 0 and 1")
        _require(0 <= self.label_smoothing < 1, "label_smoothing", self.label_smoothing, "at least 0 and below 1")

    @property
    def redraws(self):
        """Whether what an epoch trains on is drawn anew each time."""
        return bool(self.subword_sampling or self.both_ways)


def config_of(values):
    """The config of a model from the dict that `dataclasses.asdict` made of it.

    Raises:
        InputError: for a kind that there is not, and as `from_dict`.
    """
    kind = values.get("kind")
    _require_one_of(kind, "model", CONFIGS)
    return from_dict(CONFIGS[kind], values)


def from_dict(cls, values):
    """Build the dataclass `cls` from a dict whose keys must all be its fields.

    Raises:
        InputError: for a key that is no field, or a value out of range.
    """
    types = {field.name: field.type for field in dataclasses.fields(cls)}
    unknown = sorted(set(values) - set(types))
    if unknown:
        raise InputError(f"{cls.__name__} has no {', '.join(unknown)}; its fields are {', '.join(types)}")
    nested = {name: from_dict(types[name], value) for name, value in values.items() if isinstance(value, dict)}
    return cls(**{**values, **nested})
