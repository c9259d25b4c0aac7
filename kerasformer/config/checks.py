"""Checks that several configs share, and a config from a dict."""

import dataclasses

from kerasformer.errors import InputError, require, require_at_least, require_one_of

NORMS = ("pre", "post")  # what `layers.Residual` can do


def check_blocks(config):
    """Check the sizes of attention blocks."""
    require_at_least(1, config, "num_layers", "hidden_dim", "intermediate_dim", "num_heads")
    require(0 <= config.dropout < 1, "dropout", config.dropout, "at least 0 and below 1")
    heads_fit = config.hidden_dim % (2 * config.num_heads) == 0
    multiple = f"a multiple of 2 * num_heads = {2 * config.num_heads}"
    require(heads_fit, "hidden_dim", config.hidden_dim, multiple)
    require_one_of(config.norm, "norm", NORMS)


def check_image(config):
    """Check the sizes of images and their patches."""
    require_at_least(1, config, "height", "width", "patch_size")
    require_one_of(config.channels, "channels", (1, 3))
    fits = config.height % config.patch_size == 0 and config.width % config.patch_size == 0
    require(fits, "patch_size", config.patch_size, f"a divisor of the image's {config.height} x {config.width} pixels")


def from_dict(cls, values):
    """Build the dataclass `cls` from a dict of its fields.

    Raises:
        InputError: for a key that is no field, or a value out of range.
    """
    types = {field.name: field.type for field in dataclasses.fields(cls)}
    unknown = sorted(set(values) - set(types))
    if unknown:
        raise InputError(f"{cls.__name__} has no {', '.join(unknown)}; its fields are {', '.join(types)}")
    nested = {name: from_dict(types[name], value) for name, value in values.items() if isinstance(value, dict)}
    return cls(**{**values, **nested})
