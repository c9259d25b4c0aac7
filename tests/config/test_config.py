"""A wrong value is refused in one line that names the argument, the value and what would be right."""

import dataclasses

import pytest

from kerasformer.config import RECURRENT, ModelConfig, TrainingConfig, from_dict
from kerasformer.config.presets import PRESETS, RECURRENT_SIZES, preset
from kerasformer.errors import InputError

MODEL_FIELDS = [field.name for field in dataclasses.fields(ModelConfig)]
TRAINING_FIELDS = [field.name for field in dataclasses.fields(TrainingConfig)]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"vocab_size": 0}, "vocab_size must be at least 5: four special tokens and a word, got 0"),
        ({"vocab_size": 4}, "vocab_size must be at least 5: four special tokens and a word, got 4"),
        ({"max_length": 7}, "max_length must be at least 8, got 7"),
        ({"num_layers": 0}, "num_layers must be at least 1, got 0"),
        ({"num_decoder_layers": -1}, "num_decoder_layers must be at least 0, got -1"),
        ({"hidden_dim": -8}, "hidden_dim must be at least 1, got -8"),
        ({"intermediate_dim": 0}, "intermediate_dim must be at least 1, got 0"),
        ({"num_heads": 0}, "num_heads must be at least 1, got 0"),
        ({"hidden_dim": 36, "num_heads": 4}, "hidden_dim must be a multiple of 2 * num_heads = 8, got 36"),
        ({"dropout": 1.0}, "dropout must be at least 0 and below 1, got 1.0"),
        ({"dropout": float("nan")}, "dropout must be at least 0 and below 1, got nan"),
        ({"position": "rotary"}, "position must be one of sinusoidal, learned, none, got 'rotary'"),
        ({"norm": "none"}, "norm must be one of pre, post, got 'none'"),
        ({"kind": "rnn"}, "model must be one of transformer, seq2seq, attention, got 'rnn'"),
        ({"cell": "rnn"}, "cell must be one of gru, lstm, got 'rnn'"),
        ({"score": "cosine"}, "score must be one of dot, scaled, general, additive, got 'cosine'"),
        ({"bidirectional": 1}, "bidirectional must be of type bool, got 1"),
        ({"num_layers": 2.0}, "num_layers must be of type int, got 2.0"),
        ({"num_layers": True}, "num_layers must be of type int, got True"),
        ({"hidden_dim": "128"}, "hidden_dim must be of type int, got '128'"),
        ({"dropout": "0.1"}, "dropout must be of type float, got '0.1'"),
        ({"norm": None}, "norm must be of type str, got None"),
        ({"kind": 3}, "kind must be of type str, got 3"),
    ],
)
def test_a_wrong_model_is_refused(values, message):
    with pytest.raises(InputError) as error:
        ModelConfig(**values)
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"epochs": 0}, "epochs must be at least 1, got 0"),
        ({"batch_tokens": 0}, "batch_tokens must be at least 1, got 0"),
        ({"num_shapes": 0}, "num_shapes must be at least 1, got 0"),
        ({"warmup_steps": 0}, "warmup_steps must be at least 1, got 0"),
        ({"average_last": 0}, "average_last must be at least 1, got 0"),
        ({"minutes": -1}, "minutes must be at least 0, got -1"),
        ({"workers": 0}, "workers must be at least 1, got 0"),
        (
            {"workers": 2, "minutes": 5.0},
            "minutes must be 0 where several workers train, whose clocks differ, got 5.0",
        ),
        ({"patience": -1}, "patience must be at least 0, got -1"),
        ({"seed": -1}, "seed must be at least 0 and below 2**32, got -1"),
        ({"subword_sampling": -0.1}, "subword_sampling must be at least 0, got -0.1"),
        ({"learning_rate": 0.0}, "learning_rate must be above 0 and finite, got 0.0"),
        ({"clip_norm": float("inf")}, "clip_norm must be above 0 and finite, got inf"),
        ({"cooldown": 1.5}, "cooldown must be between 0 and 1, got 1.5"),
        ({"both_ways": -0.1}, "both_ways must be between 0 and 1, got -0.1"),
        ({"label_smoothing": 1}, "label_smoothing must be at least 0 and below 1, got 1"),
        ({"epochs": 1.5}, "epochs must be of type int, got 1.5"),
        ({"minutes": "2"}, "minutes must be of type float, got '2'"),
        ({"seed": False}, "seed must be of type int, got False"),
    ],
)
def test_a_wrong_training_is_refused(values, message):
    with pytest.raises(InputError) as error:
        TrainingConfig(**values)
    assert str(error.value) == message


def test_values_at_the_edge_are_accepted():
    config = ModelConfig(vocab_size=5, max_length=8, num_layers=1, hidden_dim=2, intermediate_dim=1, num_heads=1)
    assert dataclasses.replace(config, dropout=0).dropout == 0
    assert TrainingConfig(minutes=0, patience=0, cooldown=1, label_smoothing=0, seed=0).cooldown == 1


@pytest.mark.parametrize(("cls", "fields"), [(ModelConfig, MODEL_FIELDS), (TrainingConfig, TRAINING_FIELDS)])
def test_an_unknown_key_is_refused_with_those_there_are(cls, fields):
    with pytest.raises(InputError) as error:
        from_dict(cls, {fields[0]: getattr(cls(), fields[0]), "width": 3, "depth": 4})
    assert str(error.value) == f"{cls.__name__} has no depth, width; its fields are {', '.join(fields)}"


@pytest.mark.parametrize("cls", [ModelConfig, TrainingConfig])
def test_a_dict_and_back(cls):
    changed = from_dict(cls, {"dropout": 0.3} if cls is ModelConfig else {"cooldown": 0.3})
    assert changed != cls()
    assert from_dict(cls, dataclasses.asdict(changed)) == changed


def test_configs_cannot_be_changed_and_can_be_keys():
    with pytest.raises(dataclasses.FrozenInstanceError):
        ModelConfig().dropout = 0.5
    assert {ModelConfig(): 1}[ModelConfig()] == 1


def test_a_preset_with_fields_replaced():
    config = preset("test", norm="post", hidden_dim=20)
    assert (config.norm, config.hidden_dim) == ("post", 20)
    assert dataclasses.replace(config, norm="pre", hidden_dim=16) == PRESETS["test"] == preset("test")


@pytest.mark.parametrize("kind", RECURRENT)
def test_a_recurrent_kind_has_sizes_of_its_own_in_each_preset(kind):
    for name, sizes in RECURRENT_SIZES.items():
        assert preset(name, kind=kind) == dataclasses.replace(PRESETS[name], kind=kind, **sizes) != PRESETS[name]
    assert preset("tiny", kind=kind, hidden_dim=64).hidden_dim == 64


def test_an_unknown_preset_is_refused_with_those_there_are():
    with pytest.raises(InputError, match="^preset 'huge' is unknown; there are test, tiny, small, deep, base$"):
        preset("huge")


def test_a_wrong_override_is_refused():
    with pytest.raises(InputError, match="^ModelConfig has no width; its fields are kind, vocab_size"):
        preset("tiny", width=3)
    with pytest.raises(InputError, match="^num_heads must be at least 1, got 0$"):
        preset("tiny", num_heads=0)


def test_no_field_is_of_both_a_model_and_its_training():
    assert not set(MODEL_FIELDS) & set(TRAINING_FIELDS)
