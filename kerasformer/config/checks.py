"""What the fields of a config must be, and a config from a dict: what is wrong is one line."""

import dataclasses

from kerasformer.errors import InputError


def check_types(config):
    """Raise `InputError` unless each value is of its field's type, as all that follow do for what they check."""
    for field in dataclasses.fields(config):
        value = getattr(config, field.name)
        allowed = (int, float) if field.type is float else field.type
        if not isinstance(value, allowed) or isinstance(value, bool) and field.type is not bool:
            raise InputError(f"{field.name} must be of type {field.type.__name__}, got {value!r}")


def require(condition, name, value, right):
    if not condition:
        raise InputError(f"{name} must be {right}, got {value!r}")


def require_one_of(value, name, allowed):
    require(value in allowed, name, value, f"one of {', '.join(map(str, allowed))}")


def require_at_least_one(config, *names):
    for name in names:
        require(getattr(config, name) >= 1, name, getattr(config, name), "at least 1")


def check_blocks(config):
    """What blocks of attention need."""
    require_at_least_one(config, "num_layers", "hidden_dim", "intermediate_dim", "num_heads")
    require(0 <= config.dropout < 1, "dropout", config.dropout, "at least 0 and below 1")
    heads_fit = config.hidden_dim % (2 * config.num_heads) == 0
    multiple = f"a multiple of 2 * num_heads = {2 * config.num_heads}"
    require(heads_fit, "hidden_dim", config.hidden_dim, multiple)
    require_one_of(config.norm, "norm", ("pre", "post"))


def check_image(config):
    """What images and their patches need."""
    require_at_least_one(config, "height", "width", "patch_size")
    require_one_of(config.channels, "channels", (1, 3))
    fits = config.height % config.patch_size == 0 and config.width % config.patch_size == 0
    require(fits, "patch_size", config.patch_size, f"a divisor of the image's {config.height} x {config.width} pixels")


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
