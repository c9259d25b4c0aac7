"""The options of train.py that are fields of the configs: names, types and help are those of the dataclasses.

Each config explains its fields in the "Args" of its docstring; the defaults are those that `presets.choose` gives.
"""

import argparse
import inspect
import re

from kerasformer.config import CONFIGS, TRANSLATORS, TrainingConfig, fields_of
from kerasformer.config.presets import IMAGE_RECIPES, choose

KINDS = tuple(kind for kind in CONFIGS if kind != "image_tokenizer")  # which is trained as a part of a dalle
_FROM_DATA = {"kind", "height", "width", "channels", "num_classes", "image_tokenizer"}  # --model and the data set these
# What the first stage of a dalle sets by itself; a lower learning rate holds for both stages.
_SECOND_STAGE = set(IMAGE_RECIPES["image_tokenizer"]) - {"learning_rate"}
_METAVARS = {int: "N", float: "X", str: "NAME"}


def add_config_options(parser):
    """Add an option for every field of the configs to an `argparse` parser, grouped by the models that use it.

    The value of an option that is not given is None.
    """
    groups = {}
    for name, fields in _options().items():
        title, all_kinds = _group(name, tuple(fields))
        group = groups.get(title) or groups.setdefault(title, parser.add_argument_group(title))
        field = next(iter(fields.values()))
        typed = {"type": field.type, "metavar": _METAVARS.get(field.type)}
        if field.type is bool:
            typed = {"action": argparse.BooleanOptionalAction}
        models = "" if tuple(fields) == all_kinds else f"of {', '.join(fields)}; "
        stage = "; for a dalle, of its second stage" if name in _SECOND_STAGE else ""
        text = f"{_explanation(name)}{stage} ({models}default: {_defaults(name, fields)})"
        group.add_argument(f"--{name.replace('_', '-')}", help=text.replace("%", "%%"), **typed)


def given(arguments):
    """The fields of configs that the command line sets: dict of name to value."""
    return {name: getattr(arguments, name) for name in _options() if getattr(arguments, name) is not None}


def _options():
    """For each option the models that use it: dict of name to dict of kind to `dataclasses.Field`."""
    found = {}
    for is_model in (False, True):
        for kind in KINDS:
            for field in fields_of(CONFIGS[kind] if is_model else TrainingConfig, kind):
                if field.name not in _FROM_DATA:
                    found.setdefault(field.name, {})[kind] = field
    return found


def _group(name, kinds):
    """The title of the group of an option, and the kinds of models that the group is for."""
    about = "training" if hasattr(TrainingConfig, name) else "sizes"
    if set(kinds) <= set(TRANSLATORS):
        return f"{about} of translators only ({', '.join(TRANSLATORS)})", TRANSLATORS
    if len(kinds) == 1:
        return f"{about} of {kinds[0]} only", kinds
    return ("training" if about == "training" else "sizes shared by several models"), KINDS


def _defaults(name, kinds):
    """The default of an option in words: that of the first kind, then those of the kinds that differ."""
    kinds_by_value = {}
    for kind in kinds:
        value = next(getattr(config, name) for config in choose(kind, "tiny", {}) if hasattr(config, name))
        kinds_by_value.setdefault(_shown(value), []).append(kind)
    first, *others = kinds_by_value
    return "; ".join([first, *(f"{value} for {', '.join(kinds_by_value[value])}" for value in others)])


def _shown(value):
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _explanation(name):
    """The text on a field in the docstring of the first config that explains it, in one line."""
    for config in (TrainingConfig, *CONFIGS.values()):
        entries = re.findall(r"^    (\w+): (.+(?:\n {8}.+)*)$", inspect.cleandoc(config.__doc__), re.MULTILINE)
        for field, text in entries:
            if field == name:
                return " ".join(text.replace("`", "").split()).removesuffix(".")
    raise KeyError(name)
