"""What a model is made of and how it is trained: frozen dataclasses, and the presets that fill them."""

import dataclasses

from kerasformer.errors import InputError

RECURRENT = ("seq2seq", "attention")
KINDS = ("transformer", *RECURRENT)  # each has a builder in kerasformer.models


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
    _require(value in allowed, name, value, f"one of {', '.join(allowed)}")


@dataclasses.dataclass(frozen=True)
class ModelConfig:
    """Sizes of a model; every field can be set by name on the command line.

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
        for name in ("vocab_size", "max_length", "num_layers", "hidden_dim", "intermediate_dim", "num_heads"):
            _require(getattr(self, name) >= 1, name, getattr(self, name), "at least 1")
        _require(self.vocab_size >= 5, "vocab_size", self.vocab_size, "at least 5: four special tokens and a word")
        _require(self.max_length >= 8, "max_length", self.max_length, "at least 8")
        _require(0 <= self.dropout < 1, "dropout", self.dropout, "at least 0 and below 1")
        heads_fit = self.hidden_dim % (2 * self.num_heads) == 0
        _require(heads_fit, "hidden_dim", self.hidden_dim, f"a multiple of 2 * num_heads = {2 * self.num_heads}")
        _require_one_of(self.kind, "model", KINDS)
        _require_one_of(self.position, "position", ("sinusoidal", "learned"))
        _require_one_of(self.norm, "norm", ("pre", "post"))
        _require_one_of(self.cell, "cell", ("gru", "lstm"))
        _require_one_of(self.score, "score", ("dot", "scaled", "general", "additive"))


@dataclasses.dataclass(frozen=True)
class TrainingConfig:
    """How a model is trained.

    Args:
        epochs: passes over the training pairs, at most.
        minutes: stop after so many minutes of training, 0 for no limit.
        batch_tokens: padded tokens a batch may hold on its longer side.
        num_shapes: into how many padded shapes batches are bucketed (each is compiled once).
        learning_rate: the peak, reached at the end of the warm-up.
        warmup_steps: steps of linear warm-up before the inverse square root decay.
        cooldown: share of all steps at the end over which the learning rate goes to 0; 0 for none.
        label_smoothing: share of the target probability spread over the vocabulary.
        clip_norm: the global norm to which gradients are clipped.
        patience: epochs without a better validation loss before stopping, 0 for never.
        average_last: how many of the last epochs' weights the result averages.
        seed: seed of weights, dropout and data order.
    """

    epochs: int = 30
    minutes: float = 0.0
    batch_tokens: int = 4096
    num_shapes: int = 3
    learning_rate: float = 3e-3
    warmup_steps: int = 1000
    cooldown: float = 0.0
    label_smoothing: float = 0.1
    clip_norm: float = 1.0
    patience: int = 10
    average_last: int = 8
    seed: int = 0

    def __post_init__(self):
        _check_types(self)
        for name in ("epochs", "batch_tokens", "num_shapes", "warmup_steps", "average_last"):
            _require(getattr(self, name) >= 1, name, getattr(self, name), "at least 1")
        for name in ("minutes", "patience", "seed"):
            _require(getattr(self, name) >= 0, name, getattr(self, name), "0 or more")
        for name in ("learning_rate", "clip_norm"):
            _require(getattr(self, name) > 0, name, getattr(self, name), "above 0")
        _require(0 <= self.cooldown <= 1, "cooldown", self.cooldown, "between 0 and 1")
        _require(0 <= self.label_smoothing < 1, "label_smoothing", self.label_smoothing, "at least 0 and below 1")


PRESETS = {
    "test": ModelConfig(vocab_size=200, max_length=32, num_layers=1, hidden_dim=16, intermediate_dim=32, num_heads=2),
    "tiny": ModelConfig(),
    "small": ModelConfig(
        vocab_size=16000, max_length=128, num_layers=4, hidden_dim=256, intermediate_dim=1024, num_heads=8
    ),
    "base": ModelConfig(
        vocab_size=32000, max_length=256, num_layers=6, hidden_dim=512, intermediate_dim=2048, num_heads=8
    ),
}

# The same presets where a recurrent model needs other sizes for about as many parameters.
RECURRENT_SIZES = {
    "test": {"hidden_dim": 20},
    "tiny": {"num_layers": 2, "hidden_dim": 192},
    "small": {"num_layers": 2, "hidden_dim": 416},
    "base": {"num_layers": 3, "hidden_dim": 864},
}


# What a corpus of ours is best trained with, where the command line says nothing else.
RECIPES = {
    "phrasebook": {
        "dropout": 0.0,
        "vocab_size": 2000,
        "epochs": 3,
        "batch_tokens": 1536,
        "num_shapes": 3,
        "learning_rate": 4e-3,
        "warmup_steps": 200,
        "cooldown": 0.6,
        "average_last": 1,
    },
    "multi30k": {"dropout": 0.15, "num_shapes": 5, "epochs": 16, "cooldown": 0.4, "average_last": 4},
    "tatoeba-fra-eng": {"vocab_size": 12000},
    # Answers come again, so what counts is known best long after the validation loss is lowest: no patience.
    "korean-chat": {
        "dropout": 0.1,
        "vocab_size": 4000,
        "epochs": 18,
        "batch_tokens": 512,
        "num_shapes": 3,
        "learning_rate": 2e-3,
        "warmup_steps": 300,
        "cooldown": 0.4,
        "average_last": 1,
        "patience": 0,
    },
}  # fmt: skip


def preset(name, **overrides):
    """Return the named preset, in the sizes for the `kind` asked for, with the given fields replaced.

    Raises:
        InputError: for a name that is no preset, or a field that `ModelConfig` has not.
    """
    if name not in PRESETS:
        raise InputError(f"preset {name!r} is unknown; there are {', '.join(PRESETS)}")
    sizes = RECURRENT_SIZES[name] if overrides.get("kind") in RECURRENT else {}
    return from_dict(ModelConfig, {**dataclasses.asdict(PRESETS[name]), **sizes, **overrides})


def from_dict(cls, values):
    """Build the dataclass `cls` from a dict whose keys must all be its fields.

    Raises:
        InputError: for a key that is no field, or a value out of range.
    """
    names = [field.name for field in dataclasses.fields(cls)]
    unknown = sorted(set(values) - set(names))
    if unknown:
        raise InputError(f"{cls.__name__} has no {', '.join(unknown)}; its fields are {', '.join(names)}")
    return cls(**values)
