"""Sizes by name, and what each corpus is trained with."""

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
    from_dict,
)
from kerasformer.errors import InputError

# Fields of `TrainingConfig` that say nothing of images.
OF_TRANSLATORS = {"packed", "precision", "num_shapes", "subword_sampling", "both_ways"}

# Of the translators.
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


# What a corpus of ours, or images, are best trained with, where the command line says nothing else.
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
    "multi30k": {
        "dropout": 0.25,
        "vocab_size": 10000,
        "epochs": 100,
        "batch_tokens": 4096,
        "num_shapes": 2,
        "learning_rate": 5e-3,
        "cooldown": 0.5,
        "both_ways": 0.33,
        "subword_sampling": 0.5,
        "average_last": 8,
        "patience": 0,
    },
    "tatoeba-fra-eng": {
        "dropout": 0.1,
        "epochs": 8,
        "batch_tokens": 3072,
        "num_shapes": 2,
        "cooldown": 0.5,
        "average_last": 4,
        "patience": 0,
    },
    # Answers come again, so what counts is known best long after the validation loss is lowest: no patience.
    "korean-chat": {
        "dropout": 0.1,
        "vocab_size": 4000,
        "epochs": 30,
        "batch_tokens": 512,
        "num_shapes": 3,
        "learning_rate": 2e-3,
        "warmup_steps": 300,
        "cooldown": 0.4,
        "average_last": 1,
        "patience": 0,
        "precision": "float32",  # for each kind of model alike, which are compared on it
    },
}  # fmt: skip

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
    """Return the named preset, in the sizes for the `kind` asked for, with the given fields replaced.

    Raises:
        InputError: for a name that is no preset of that kind, or a field that its config has not.
    """
    kind = overrides.get("kind", TRANSLATORS[0])
    presets = IMAGE_PRESETS.get(kind, PRESETS)
    if name not in presets:
        raise InputError(f"preset {name!r} is unknown; there are {', '.join(presets)}")
    sizes = RECURRENT_SIZES[name] if kind in RECURRENT else {}
    return config_of({**dataclasses.asdict(presets[name]), **sizes, **overrides})


def choose(kind, name, data, said, recipe=None):
    """The two configs of a run: what was said, else what the recipe says, else the preset.

    Args:
        kind: the kind of model.
        name: of the preset.
        data: name of the corpus, whose recipe counts for translators.
        said: dict of fields of the config of that kind, and of `TrainingConfig`.
        recipe: name of one of `RECIPES` that counts in place of the corpus's, or "none"; None for the corpus's.

    Returns:
        The config of the model, and the `TrainingConfig`.

    Raises:
        InputError: for a kind, preset or recipe that there is not, or a field of another kind or a wrong value.
    """
    if kind not in CONFIGS:
        raise InputError(f"model must be one of {', '.join(CONFIGS)}, got {kind!r}")
    known = {config: {field.name for field in dataclasses.fields(config)} for config in (CONFIGS[kind], TrainingConfig)}
    if kind not in TRANSLATORS:
        known[TrainingConfig] -= OF_TRANSLATORS
    foreign = sorted(set(said) - set().union(*known.values()))
    if foreign:
        raise InputError(f"a {kind} has no {', '.join(foreign)}: leave out --{foreign[0].replace('_', '-')}")

    values = {**_recipe(kind, data, recipe), **said}
    if "patch_size" in said:  # of images whose size the data will say
        values = {"height": max(1, said["patch_size"]), "width": max(1, said["patch_size"]), **values}

    def fields(config):
        return {name: value for name, value in values.items() if name in known[config]}

    return preset(name, **{**fields(CONFIGS[kind]), "kind": kind}), from_dict(TrainingConfig, fields(TrainingConfig))


def _recipe(kind, data, asked):
    if asked is None:
        return IMAGE_RECIPES.get(kind) or RECIPES.get(data, {})
    if kind in IMAGE_RECIPES:
        raise InputError(f"a {kind} has one recipe, which it always takes: leave out --recipe")
    if asked not in (*RECIPES, "none"):
        raise InputError(f"recipe {asked!r} is unknown; there are {', '.join(RECIPES)} and none")
    return RECIPES.get(asked, {})
