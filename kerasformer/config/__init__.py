"""Sizes of the models and options of their training: frozen dataclasses; `kerasformer.config.presets` fills them.

The `task` of a config class says what such models are for; `kind` names the builder of a model.
"""

import dataclasses

from kerasformer.config.checks import from_dict
from kerasformer.config.images import DalleConfig, ImageTokenizerConfig, ViTConfig
from kerasformer.config.text import RECURRENT, TRANSLATORS, ModelConfig
from kerasformer.config.training import TrainingConfig
from kerasformer.errors import require_one_of

__all__ = [
    "CONFIGS",
    "RECURRENT",
    "TRANSLATORS",
    "DalleConfig",
    "ImageTokenizerConfig",
    "ModelConfig",
    "TrainingConfig",
    "ViTConfig",
    "config_of",
    "fields_of",
    "from_dict",
]

CONFIGS = {
    **dict.fromkeys(TRANSLATORS, ModelConfig),
    "vit": ViTConfig,
    "image_tokenizer": ImageTokenizerConfig,
    "dalle": DalleConfig,
}  # the class of each kind


def config_of(values):
    """The config of a model from the dict that `dataclasses.asdict` made of it.

    Raises:
        InputError: for an unknown kind, and as `from_dict`.
    """
    kind = values.get("kind")
    require_one_of(kind, "model", CONFIGS)
    if kind == "vit":
        values = {"second_norm": True, **values}  # bundles without this field are of models that normalised twice
    return from_dict(CONFIGS[kind], values)


def fields_of(config, kind):
    """The `dataclasses.Field`s of a config class that models of a kind use: list."""
    return [field for field in dataclasses.fields(config) if kind in config.used_by.get(field.name, (kind,))]
