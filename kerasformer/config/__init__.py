"""What a model is made of and how it is trained: frozen dataclasses; `kerasformer.config.presets` fills them.

The class of a config says by its `task` what such a model is for; `kind` names the builder that makes it.
"""

from kerasformer.config.checks import from_dict, require_one_of
from kerasformer.config.images import DalleConfig, ImageTokenizerConfig, ViTConfig
from kerasformer.config.text import RECURRENT, TRANSLATORS, ModelConfig
from kerasformer.config.training import TrainingConfig

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
        InputError: for a kind that there is not, and as `from_dict`.
    """
    kind = values.get("kind")
    require_one_of(kind, "model", CONFIGS)
    return from_dict(CONFIGS[kind], values)
