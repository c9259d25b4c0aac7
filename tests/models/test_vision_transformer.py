"""The Vision Transformer: number of parameters, patches that only positions tell apart, and learning."""

import dataclasses
import functools

import keras
import numpy as np
import pytest
from keras import ops

from kerasformer.config import TrainingConfig, ViTConfig, config_of
from kerasformer.config.presets import IMAGE_PRESETS, preset
from kerasformer.data.images.batches import NO_LABEL, ImageBatches
from kerasformer.data.images.corpus import Images
from kerasformer.models import build_model
from kerasformer.training import SmoothedCrossEntropy, Trainer

PRESETS = IMAGE_PRESETS["vit"]
PARAMETERS = {"test": 2_794, "tiny": 136_138, "small": 2_675_914, "base": 85_806_346}
# 3 x 2 patches of 5 x 5 pixels, so that a swapped axis cannot pass.
CONFIG = ViTConfig(
    height=15, width=10, channels=3, num_classes=7, patch_size=5, num_layers=2, hidden_dim=30, intermediate_dim=13,
    num_heads=5,
)  # fmt: skip
ROWS, COLUMNS, TOKENS = 3, 2, 7
each_norm = pytest.mark.parametrize("norm", ["pre", "post"])


def number_of_parameters(config):
    hidden, inner = config.hidden_dim, config.intermediate_dim
    patches = (config.height // config.patch_size) * (config.width // config.patch_size)
    embedding = config.patch_size**2 * config.channels * hidden + hidden
    token_and_positions = hidden + (1 + patches) * hidden
    attention = 4 * (hidden * hidden + hidden)
    feed_forward = hidden * inner + inner + inner * hidden + hidden
    norm = 2 * hidden
    head = hidden * config.num_classes + config.num_classes
    block = attention + feed_forward + 2 * norm
    last_norm = norm if config.norm == "pre" or config.second_norm else 0
    return embedding + token_and_positions + config.num_layers * block + last_norm + head


@functools.cache
def made(norm="pre"):
    """A model that no test may change."""
    return built(norm)


def built(norm="pre"):
    keras.utils.set_random_seed(1)
    model = build_model(dataclasses.replace(CONFIG, norm=norm))
    rng = np.random.default_rng(2)
    for weight in model.training.weights:  # biases, gains and positions that do something
        if (len(weight.shape) == 1 or "position" in weight.path) and "seed" not in weight.path:
            weight.assign_add(rng.normal(size=weight.shape).astype("float32") / 4)
    return model


def images(count=2, seed=0):
    shape = (count, CONFIG.height, CONFIG.width, CONFIG.channels)
    return np.random.default_rng(seed).random(shape).astype("float32")


def run(graph, x):
    return ops.convert_to_numpy(graph(x, training=False))


def shuffled(x, order):
    """Images with their patches, row by row, in another order."""
    size = CONFIG.patch_size
    patches = x.reshape(len(x), ROWS, size, COLUMNS, size, CONFIG.channels).transpose(0, 1, 3, 2, 4, 5)
    patches = patches.reshape(len(x), ROWS * COLUMNS, size, size, CONFIG.channels)[:, order]
    patches = patches.reshape(len(x), ROWS, COLUMNS, size, size, CONFIG.channels)
    return patches.transpose(0, 1, 3, 2, 4, 5).reshape(x.shape)


@pytest.mark.parametrize("name", ["test", "tiny", "small"])
def test_a_preset_has_the_computed_number_of_parameters(name):
    model = build_model(preset(name, kind="vit"))
    assert model.training.count_params() == number_of_parameters(PRESETS[name]) == PARAMETERS[name]


def test_the_base_preset_is_the_vit_b_16_of_the_paper():
    base = PRESETS["base"]
    assert number_of_parameters(base) == PARAMETERS["base"]
    # 86 M in table 1; of the published model with the 1,000 classes of ImageNet 86,567,656.
    assert number_of_parameters(dataclasses.replace(base, num_classes=1000)) == 86_567_656


def test_every_preset_is_tested():
    assert set(PARAMETERS) == set(PRESETS)


def test_other_sizes_have_the_computed_number_of_parameters():
    assert made().training.count_params() == number_of_parameters(CONFIG)


def test_a_post_norm_model_normalises_its_class_token_once_and_that_of_an_older_bundle_twice():
    config = dataclasses.replace(CONFIG, norm="post")
    values = dataclasses.asdict(config)
    assert config_of(values) == config
    assert build_model(config).training.count_params() == number_of_parameters(config)
    del values["second_norm"]  # older bundles do not have it
    older = config_of(values)
    assert number_of_parameters(older) == number_of_parameters(config) + 2 * config.hidden_dim
    assert build_model(older).training.count_params() == number_of_parameters(older)


def test_the_shapes_of_logits_and_attention():
    model, x = made(), images(3)
    assert run(model.training, x).shape == (3, 7)
    assert run(model.attention, x).shape == (3, 2, 5, TOKENS, TOKENS)  # (batch, layers, heads, query, key)


@each_norm
def test_attention_adds_up_to_1(norm):
    weights = run(made(norm).attention, images(3))
    np.testing.assert_allclose(weights.sum(-1), 1, atol=1e-5)
    assert weights.min() >= 0


@each_norm
def test_an_image_does_not_depend_on_its_batch(norm):
    model, x = made(norm), images(5)
    together = run(model.training, x)
    for row in range(5):
        np.testing.assert_allclose(run(model.training, x[row : row + 1])[0], together[row], atol=1e-5)


@each_norm
def test_without_positions_the_order_of_patches_does_not_matter(norm):
    model, x, order = built(norm), images(), [3, 0, 5, 1, 4, 2]
    positions = model.training.get_layer("position")
    with_positions = run(model.training, x), run(model.training, shuffled(x, order))
    assert np.abs(with_positions[0] - with_positions[1]).max() > 0.01
    positions.set_weights([np.zeros((TOKENS, CONFIG.hidden_dim))])
    without = run(model.training, x), run(model.training, shuffled(x, order))
    np.testing.assert_allclose(*without, atol=1e-5)
    # Every patch is looked at as much as before, at its new place.
    places = [0, *(1 + place for place in order)]
    before, after = run(model.attention, x), run(model.attention, shuffled(x, order))
    np.testing.assert_allclose(after, before[..., places, :][..., places], atol=1e-5)


def test_shuffling_cuts_where_the_model_does():
    x = images()
    np.testing.assert_array_equal(shuffled(x, range(6)), x)
    swapped = shuffled(x, [1, 0, 2, 3, 4, 5])
    np.testing.assert_array_equal(swapped[:, :5, :5], x[:, :5, 5:])
    np.testing.assert_array_equal(swapped[:, 5:], x[:, 5:])


@each_norm
def test_every_patch_matters(norm):
    model, x = made(norm), images()
    whole = run(model.training, x)
    for row in range(ROWS):
        for column in range(COLUMNS):
            changed = x.copy()
            changed[:, row * 5 : row * 5 + 5, column * 5 : column * 5 + 5] = 0
            assert np.abs(run(model.training, changed) - whole).max() > 1e-3


def test_the_graphs_share_their_weights():
    model = made()
    owned = {id(weight) for weight in model.training.weights}
    assert {id(weight) for weight in model.attention.weights} <= owned
    assert list(model.parts.values()) == [model.training]


@each_norm
def test_the_graph_reloads_from_a_keras_file(norm, tmp_path):
    model, x = made(norm), images()
    model.training.save(tmp_path / "training.keras")
    again = keras.saving.load_model(tmp_path / "training.keras")
    np.testing.assert_array_equal(run(again, x), run(model.training, x))


@each_norm
def test_the_gradient_reaches_every_weight(norm):
    model = built(norm)
    # Compiling takes longer than one step.
    model.training.compile(optimizer=keras.optimizers.SGD(1.0), loss="mse", run_eagerly=True)
    before = [np.array(ops.convert_to_numpy(weight)) for weight in model.training.trainable_weights]
    model.training.train_on_batch(images(3), np.random.default_rng(3).normal(size=(3, 7)).astype("float32"))
    for weight, old in zip(model.training.trainable_weights, before, strict=True):
        moved = np.abs(ops.convert_to_numpy(weight) - old).max()
        # A bias on the keys adds the same to all scores of a query, which the softmax takes away again.
        assert moved < 1e-6 if "key/bias" in weight.path else moved > 1e-6, weight.path


@pytest.mark.usefixtures("without_xla")
def test_the_smallest_model_learns_where_it_is_bright(tmp_path):
    rng = np.random.default_rng(0)

    def quarters(count):
        labels = rng.integers(4, size=count)
        pixels = rng.integers(120, size=(count, 8, 8, 1))
        for label in range(4):
            row, column = divmod(label, 2)
            pixels[labels == label, row * 4 : row * 4 + 4, column * 4 : column * 4 + 4] += 100
        return Images(pixels.astype("uint8"), labels.astype("int32"))

    keras.utils.set_random_seed(0)
    model = build_model(preset("test", kind="vit", num_classes=4, dropout=0.0))
    config = TrainingConfig(epochs=3, learning_rate=1e-2, warmup_steps=20, label_smoothing=0.0, average_last=1)
    train, validation = ImageBatches(quarters(1024), 32, 4), ImageBatches(quarters(256), 64, 4)
    loss = SmoothedCrossEntropy(0.0, ignored=NO_LABEL)
    history = Trainer(model.training, config, tmp_path, len(train), loss=loss).fit(train, validation)
    assert history[-1]["val_accuracy"] > 0.95
