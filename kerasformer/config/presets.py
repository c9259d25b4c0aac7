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
    "base": ModelConfig(
        vocab_size=32000, max_length=256, num_layers=6, hidden_dim=512, intermediate_dim=2048, num_heads=8
    ),
}

# What the recurrent models change in these presets, to have about as many parameters.
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


# What training on each named corpus, and each model of images, changes in the preset; the command line comes first.
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
    # Answers repeat, so the scores still improve long after the validation loss is lowest: no patience.
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
        "precision": "float32",  # the same for all models, which are compared on it
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


def choose(kind, name, data, given, recipe=None):
    """The two configs of a run: each value is the given one, else the recipe's, else the preset's.

    Args:
        kind: the kind of model.
        name: of the preset.
        data: name of the corpus, whose recipe is taken for translators.
        given: dict of fields of the config of that kind, and of `TrainingConfig`.
        recipe: name of one of `RECIPES` to take in place of the corpus's, or "none"; None for the corpus's.

    Returns:
        The config of the model, and the `TrainingConfig`.

    Raises:
        InputError: for an unknown kind, preset or recipe, a field that the kind does not use, or a wrong value.
    """
    require_one_of(kind, "model", CONFIGS)
    known = {config: {field.name for field in fields_of(config, kind)} for config in (CONFIGS[kind], TrainingConfig)}
    foreign = sorted(set(given) - set().union(*known.values()))
    if foreign:
        raise InputError(f"a {kind} has no {', '.join(foreign)}: leave out --{foreign[0].replace('_', '-')}")

    values = {**_recipe(kind, data, recipe), **given}
    if "patch_size" in given:  # the data will set the size of the images
        values = {"height": max(1, given["patch_size"]), "width": max(1, given["patch_size"]), **values}

    def fields(config):
        return {name: value for name, value in values.items() if name in known[config]}

    return preset(name, **{**fields(CONFIGS[kind]), "kind": kind}), from_dict(TrainingConfig, fields(TrainingConfig))


def _recipe(kind, data, asked):
    if asked is None:
        return IMAGE_RECIPES.get(kind) or RECIPES.get(data, {})
    if kind in IMAGE_RECIPES:
        raise InputError(f"a {kind} has only one recipe and always takes it: leave out --recipe")
    if asked not in (*RECIPES, "none"):
        raise InputError(f"recipe {asked!r} is unknown; there are {', '.join(RECIPES)} and none")
    return RECIPES.get(asked, {})
