"""Every option of train.py is explained, with its default, in the group of the models that use it."""

import dataclasses
import pathlib
import runpy

import pytest

from kerasformer.config import CONFIGS, TRANSLATORS, TrainingConfig, fields_of
from kerasformer.config.options import KINDS, given
from kerasformer.config.presets import choose, preset
from kerasformer.models import build_model

TRAINING_FIELDS = {field.name for field in dataclasses.fields(TrainingConfig)}


@pytest.fixture(scope="module")
def parser():
    return runpy.run_path(str(pathlib.Path(__file__).parents[2] / "train.py"))["build_parser"]()


@pytest.fixture(scope="module")
def options(parser):
    """Each option by its name: title of its group, and help."""
    groups = [(group, action) for group in parser._action_groups for action in group._group_actions]
    return {action.dest: (group.title, action.help) for group, action in groups if action.dest != "help"}


def users(name):
    """The kinds of models that use an option."""
    return {
        kind
        for kind in KINDS
        for cls in (CONFIGS[kind], TrainingConfig)
        for f in fields_of(cls, kind)
        if f.name == name
    }


def test_every_option_has_one_line_of_help_with_its_default(options):
    assert len(options) > 40
    for name, (_, text) in options.items():
        assert text, name
        assert "\n" not in text
        assert "(default: " in text or "; default: " in text, name
        assert len(text.partition(" (")[0]) > 12, name


def test_every_field_that_the_data_does_not_set_is_an_option(options):
    from_data = {"kind", "height", "width", "channels", "num_classes", "image_tokenizer"}
    fields = {field.name for kind in KINDS for field in dataclasses.fields(CONFIGS[kind])}
    from_older_bundles = {"second_norm"}
    assert fields - from_data - from_older_bundles | TRAINING_FIELDS <= set(options)
    assert not (from_data | from_older_bundles) & set(options)


def test_options_are_grouped_by_the_models_that_use_them(options):
    for name, (title, text) in options.items():
        if not users(name):
            assert title == "general options", name
            continue
        assert title.startswith("training" if name in TRAINING_FIELDS else "sizes"), name
        listed = set(KINDS)
        if " only" in title:
            listed = set(TRANSLATORS) if "translators" in title else {title.split()[-2]}
        if "of " in text.rpartition("(")[2]:
            listed = set(text.rpartition("(of ")[2].partition(";")[0].split(", "))
        assert listed == users(name), (name, title, text)


def test_the_default_in_the_help_is_what_a_model_of_each_kind_gets(options):
    for kind in KINDS:
        for config in choose(kind, "tiny", {}):
            for field in fields_of(type(config), kind):
                if field.name in options:
                    shown = default_for(kind, options[field.name][1])
                    value = getattr(config, field.name)
                    shown = shown == "yes" if field.type is bool else field.type(shown)
                    assert shown == value, (kind, field.name)


def default_for(kind, text):
    """The default that the help of an option names for a kind of model."""
    first, *others = text.rpartition("default: ")[2].removesuffix(")").split("; ")
    return next((value for value, _, kinds in (part.partition(" for ") for part in others) if kind in kinds), first)


def test_kinds_with_the_same_default_are_named_together(options):
    assert options["num_layers"][1].endswith("(default: 4; 2 for seq2seq, attention)")
    assert options["hidden_dim"][1].endswith("(default: 128; 192 for seq2seq, attention; 64 for vit)")
    assert options["epochs"][1].endswith("of its second stage (default: 30; 240 for vit; 4 for dalle)")
    assert options["packed"][1].endswith("(default: yes)")
    assert options["norm"][1].endswith("(of transformer, vit, dalle; default: pre)")


def test_only_options_on_the_command_line_are_given(parser):
    arguments = parser.parse_args(["--epochs", "3", "--no-packed", "--cooldown", "0", "--out", "runs"])
    assert given(arguments) == {"epochs": 3, "packed": False, "cooldown": 0.0}


class Spy:
    """A config that notes which fields are read."""

    def __init__(self, config):
        self.config, self.read = config, set()

    def __getattr__(self, name):
        self.read.add(name)
        return getattr(self.config, name)


@pytest.mark.parametrize("kind", TRANSLATORS)
def test_a_builder_reads_exactly_the_fields_that_its_kind_is_said_to_use(kind):
    spy = Spy(preset("test", kind=kind, vocab_size=9))
    build_model(spy)
    fields = {field.name for field in dataclasses.fields(spy.config)}
    used_later = {"max_length"}  # where sentences are cut
    assert spy.read & fields | used_later == {field.name for field in fields_of(type(spy.config), kind)}
