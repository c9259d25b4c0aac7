"""Sizes of models by name, the recipes of image models, and the choice of the configs of a run."""

import dataclasses

from kerasformer.config import (
    CONFIGS,
    RECURRENT,
    TRANSLATORS,
    DalleConfig,
    ImageTokenizerConfig,
    ModelConfig,
    TrainingConfig,
    ViTConfig,
    config_of,
    fields_of,
    from_dict,
)
from kerasformer.errors import InputError, require_one_of

# Sizes of the translators.
PRESETS = {
    "test": ModelConfig(vocab_size=200, max_length=32, num_layers=1, hidden_dim=16, intermediate_dim=32, num_heads=2),
    "tiny": ModelConfig(),
    "small": ModelConfig(
        vocab_size=16000, max_length=128, num_layers=4, hidden_dim=256, intermediate_dim=1024, num_heads=8
    ),
    "deep": ModelConfig(  # a deep encoder and a shallow decoder, which is what each step of search runs
        max_length=128, num_layers=6, num_decoder_layers=2, hidden_dim=256, intermediate_dim=1024, num_heads=8
    ),
    "base": ModelConfig(
        vocab_size=32000, max_length=256, num_layers=6, hidden_dim=512, intermediate_dim=2048, num_heads=8
    ),
}

# What the recurrent models change in these presets, to have about as many parameters.
RECURRENT_SIZES = {
    "test": {"hidden_dim": 20},
    "tiny": {"num_layers": 2, "hidden_dim": 192},
    "small": {"num_layers": 2, "hidden_dim": 416},
    "deep": {"num_layers": 2, "hidden_dim": 448},
    "base": {"num_layers": 3, "hidden_dim": 864},
}

IMAGE_PRESETS = {
    "vit": {
        "test": ViTConfig(num_layers=1, hidden_dim=16, intermediate_dim=32, num_heads=2, patch_size=4),
        "tiny": ViTConfig(),
        "small": ViTConfig(num_layers=6, hidden_dim=192, intermediate_dim=768, num_heads=6, patch_size=4),
        "base": ViTConfig(
            height=224, width=224, channels=3, num_layers=12, hidden_dim=768, intermediate_dim=3072, num_heads=12,
            patch_size=16,
        ),
    },
    "image_tokenizer": {
        "test": ImageTokenizerConfig(num_codes=16, code_dim=4, hidden_dim=8),
        "tiny": ImageTokenizerConfig(),
        "small": ImageTokenizerConfig(num_codes=1024, code_dim=32, hidden_dim=128, num_layers=4, patch_size=4),
    },
    "dalle": {
        "test": DalleConfig(num_layers=1, hidden_dim=16, intermediate_dim=32, num_heads=2, caption_length=16),
        "tiny": DalleConfig(),
        "small": DalleConfig(num_layers=8, hidden_dim=256, intermediate_dim=1024, num_heads=8, caption_length=64),
    },
}  # fmt: skip


# What training each kind of image model changes in the preset; the command line comes first.
IMAGE_RECIPES = {
    "vit": {
        "epochs": 240,
        "batch_tokens": 1024,
        "learning_rate": 2e-3,
        "warmup_steps": 100,
        "cooldown": 0.5,
        "average_last": 8,
        "patience": 0,
    },
    "image_tokenizer": {
        "epochs": 2,
        "batch_tokens": 1024,
        "learning_rate": 2e-3,
        "warmup_steps": 100,
        "cooldown": 0.5,
        "average_last": 1,  # the codes of several epochs have no mean
        "patience": 0,
    },
    "dalle": {
        "epochs": 4,
        "batch_tokens": 512,
        "learning_rate": 2.5e-3,
        "warmup_steps": 200,
        "cooldown": 0.3,
        "label_smoothing": 0.0,
        "average_last": 1,
        "patience": 0,
    },
}


def preset(name, **overrides):
    """The config of a named preset for the given `kind`, with the given fields replaced.

    Raises:
        InputError: for an unknown preset of that kind, an unknown field, or a wrong value.
    """
    kind = overrides.get("kind", TRANSLATORS[0])
    presets = IMAGE_PRESETS.get(kind, PRESETS)
    if name not in presets:
        raise InputError(f"preset {name!r} is unknown; there are {', '.join(presets)}")
    sizes = RECURRENT_SIZES[name] if kind in RECURRENT else {}
    return config_of({**dataclasses.asdict(presets[name]), **sizes, **overrides})


def choose(kind, name, given, recipe=None):
    """The two configs of a run: each value is the given one, else the recipe's, else the preset's.

    Args:
        kind: the kind of model.
        name: of the preset.
        given: dict of fields of the config of that kind, and of `TrainingConfig`.
        recipe: dict of such fields, as `kerasformer.data.corpora.find_recipe` returns it; None is that of the kind, if
            there is one.

    Returns:
        The config of the model, and the `TrainingConfig`.

    Raises:
        InputError: for an unknown kind or preset, a field that the kind does not use, or a wrong value.
    """
    require_one_of(kind, "model", CONFIGS)
    known = {config: {field.name for field in fields_of(config, kind)} for config in (CONFIGS[kind], TrainingConfig)}
    foreign = sorted(set(given) - set().union(*known.values()))
    if foreign:
        flags = ", ".join(f"--{name.replace('_', '-')}" for name in foreign)
        raise InputError(f"--model {kind} does not use {flags}: leave it out")

    values = {**(IMAGE_RECIPES.get(kind, {}) if recipe is None else recipe), **given}
    if "patch_size" in given:  # the data will set the size of the images
        values = {"height": max(1, given["patch_size"]), "width": max(1, given["patch_size"]), **values}

    def fields(config):
        return {name: value for name, value in values.items() if name in known[config]}

    return preset(name, **{**fields(CONFIGS[kind]), "kind": kind}), from_dict(TrainingConfig, fields(TrainingConfig))
