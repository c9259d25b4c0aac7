"""Presets of images have sizes that fit, and a run takes what was said before what its recipe says."""

import dataclasses

import pytest

from kerasformer.config import (
    CONFIGS,
    DalleConfig,
    ImageTokenizerConfig,
    ModelConfig,
    TrainingConfig,
    ViTConfig,
    config_of,
)
from kerasformer.config.presets import IMAGE_PRESETS, IMAGE_RECIPES, PRESETS, choose, preset
from kerasformer.errors import InputError
from kerasformer.models import build_model

TRAINING_FIELDS = {field.name for field in dataclasses.fields(TrainingConfig)}
EVERY = [(kind, name) for kind, presets in IMAGE_PRESETS.items() for name in presets]
QUICK = [(kind, name) for kind, name in EVERY if name in ("test", "tiny")]
RECIPE = {"dropout": 0.0, "epochs": 3, "learning_rate": 4e-3}


def fields_of(kind):
    return {field.name for field in dataclasses.fields(CONFIGS[kind])}


def refusal(*arguments, **options):
    """The one line with which `choose` or a config refuses."""
    with pytest.raises(InputError) as error:
        choose(*arguments, **options)
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_a_preset_of_images_is_of_its_kind_and_comes_back_from_a_dict(kind, name):
    config = preset(name, kind=kind)
    assert config == IMAGE_PRESETS[kind][name] == config_of(dataclasses.asdict(config))
    assert (type(config), config.kind) == (CONFIGS[kind], kind)


@pytest.mark.parametrize(("kind", "name"), QUICK)
def test_it_builds(kind, name):
    assert build_model(preset(name, kind=kind)).training.count_params() > 0


@pytest.mark.parametrize("kind", IMAGE_PRESETS)
def test_there_is_a_small_one_to_test_with_and_sizes_grow(kind):
    names = [name for name in PRESETS if name in IMAGE_PRESETS[kind]]
    assert names == list(IMAGE_PRESETS[kind])
    assert names[:3] == ["test", "tiny", "small"]
    widths = [IMAGE_PRESETS[kind][name].hidden_dim for name in names]
    assert widths == sorted(set(widths))


@pytest.mark.parametrize("kind", IMAGE_PRESETS)
def test_an_unknown_preset_is_refused_with_those_of_the_kind(kind):
    names = ", ".join(IMAGE_PRESETS[kind])
    with pytest.raises(InputError, match=f"^preset 'huge' is unknown; there are {names}$"):
        preset("huge", kind=kind)


@pytest.mark.parametrize("kind", IMAGE_RECIPES)
def test_a_recipe_of_images_uses_fields_there_are(kind):
    assert set(IMAGE_RECIPES[kind]) <= fields_of(kind) | TRAINING_FIELDS
    model, training = choose(kind, "test", {})
    for name, value in IMAGE_RECIPES[kind].items():
        assert getattr(model if name in fields_of(kind) else training, name) == value


def test_a_recipe_comes_before_the_preset_and_translators_have_none_of_their_own():
    model, training = choose("transformer", "tiny", {}, RECIPE)
    assert (model, training) == (preset("tiny", dropout=0.0), TrainingConfig(epochs=3, learning_rate=4e-3))
    assert (
        choose("transformer", "tiny", {}) == choose("transformer", "tiny", {}, {}) == (preset("tiny"), TrainingConfig())
    )


@pytest.mark.parametrize("kind", CONFIGS)
def test_what_was_said_comes_before_the_recipe_and_that_before_the_preset(kind):
    said = {"hidden_dim": 48, "epochs": 77, "seed": 5}
    model, training = choose(kind, "tiny", said, IMAGE_RECIPES.get(kind, RECIPE))
    assert (model.kind, model.hidden_dim, training.epochs, training.seed) == (kind, 48, 77, 5)
    recipe = IMAGE_RECIPES.get(kind, RECIPE)
    assert training.learning_rate == recipe["learning_rate"]
    assert model.num_layers == preset("tiny", kind=kind).num_layers


@pytest.mark.parametrize(
    ("kind", "said", "message"),
    [
        ("vit", {"vocab_size": 9}, "--model vit does not use --vocab-size: leave it out"),
        ("vit", {"max_length": 9, "code_dim": 3}, "--model vit does not use --code-dim, --max-length: leave it out"),
        ("dalle", {"position": "learned"}, "--model dalle does not use --position: leave it out"),
        ("transformer", {"patch_size": 2}, "--model transformer does not use --patch-size: leave it out"),
        ("seq2seq", {"caption_length": 2}, "--model seq2seq does not use --caption-length: leave it out"),
        ("vit", {"subword_sampling": 0.3}, "--model vit does not use --subword-sampling: leave it out"),
        ("dalle", {"workers": 2}, "--model dalle does not use --workers: leave it out"),
        ("dalle", {"packed": False}, "--model dalle does not use --packed: leave it out"),
        ("vit", {"num_shapes": 3}, "--model vit does not use --num-shapes: leave it out"),
    ],
)
def test_an_option_of_another_kind_is_refused(kind, said, message):
    assert refusal(kind, "tiny", said) == message


def test_an_unknown_kind_is_refused_with_those_there_are():
    assert refusal("rnn", "tiny", {}) == f"model must be one of {', '.join(CONFIGS)}, got 'rnn'"
    with pytest.raises(InputError, match="^model must be one of transformer, seq2seq, .*, got None$"):
        config_of({"hidden_dim": 3})


def test_a_preset_that_the_kind_has_not_and_a_wrong_value_are_refused():
    assert refusal("dalle", "base", {}) == "preset 'base' is unknown; there are test, tiny, small"
    assert refusal("vit", "tiny", {"patch_size": 0}) == "patch_size must be at least 1, got 0"
    assert refusal("vit", "tiny", {"epochs": 0}) == "epochs must be at least 1, got 0"


@pytest.mark.parametrize(
    ("cls", "values", "message"),
    [
        (ViTConfig, {"channels": 2}, "channels must be one of 1, 3, got 2"),
        (ViTConfig, {"height": 0}, "height must be at least 1, got 0"),
        (ViTConfig, {"num_classes": 1}, "num_classes must be at least 2, got 1"),
        (ViTConfig, {"patch_size": 3}, "patch_size must be a divisor of the image's 8 x 8 pixels, got 3"),
        (ViTConfig, {"width": 9}, "patch_size must be a divisor of the image's 8 x 9 pixels, got 2"),
        (ViTConfig, {"hidden_dim": 36}, "hidden_dim must be a multiple of 2 * num_heads = 8, got 36"),
        (ViTConfig, {"kind": "dalle"}, "model must be one of vit, got 'dalle'"),
        (ImageTokenizerConfig, {"num_codes": 1}, "num_codes must be at least 2, got 1"),
        (ImageTokenizerConfig, {"code_dim": 0}, "code_dim must be at least 1, got 0"),
        (ImageTokenizerConfig, {"commitment": -0.5}, "commitment must be at least 0, got -0.5"),
        (DalleConfig, {"caption_length": 1}, "caption_length must be at least 2, got 1"),
        (DalleConfig, {"vocab_size": 4}, "vocab_size must be at least 5: four special tokens and a word, got 4"),
        (DalleConfig, {"image_tokenizer": None}, "image_tokenizer must be of type ImageTokenizerConfig, got None"),
    ],
)
def test_a_wrong_model_of_images_is_refused(cls, values, message):
    with pytest.raises(InputError) as error:
        cls(**values)
    assert str(error.value) == message


def test_what_an_image_is_to_a_dalle_follows_from_its_tokenizer():
    tokenizer = ImageTokenizerConfig(height=12, width=20, patch_size=4)
    config = DalleConfig(image_tokenizer=tokenizer)
    assert (tokenizer.grid, config.image_length, config.max_length) == ((3, 5), 15, 16)
    assert config_of(dataclasses.asdict(config)) == config


def test_fields_of_a_model_are_none_of_its_training():
    for config in CONFIGS.values():
        assert not {field.name for field in dataclasses.fields(config)} & TRAINING_FIELDS
    assert CONFIGS["transformer"] is ModelConfig
