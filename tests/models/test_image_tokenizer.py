"""The image tokenizer: number of parameters, local codes, and images that come back from them."""

import functools

import keras
import numpy as np
import pytest
from keras import ops

from kerasformer.config import ImageTokenizerConfig, TrainingConfig
from kerasformer.config.presets import IMAGE_PRESETS, preset
from kerasformer.data.images.batches import ImageBatches
from kerasformer.data.images.corpus import Images
from kerasformer.models import build_model
from kerasformer.training import SquaredError, Trainer

PRESETS = IMAGE_PRESETS["image_tokenizer"]
PARAMETERS = {"test": 2_821, "tiny": 109_201, "small": 1_436_961}
# 11 x 13 codes: room around a patch for all that its code sees, and no axis to be taken for another.
CONFIG = ImageTokenizerConfig(
    height=44, width=52, channels=3, patch_size=4, num_codes=64, code_dim=5, hidden_dim=7, num_layers=1
)
ROWS, COLUMNS, PATCH = 11, 13, 4
SEEN = 1 + CONFIG.num_layers  # patches beside its own that a code sees: by the first convolution, and by each block
PAINTED = 2 + CONFIG.num_layers  # patches beside its own that a code paints


def number_of_parameters(config):
    hidden = config.hidden_dim

    def convolution(size, entering, leaving):
        return size * size * entering * leaving + leaving

    block = convolution(3, hidden, hidden) + convolution(1, hidden, hidden)
    ends = convolution(2 * config.patch_size, config.channels, hidden)
    ends += convolution(2 * config.patch_size, hidden, config.channels)
    codes = convolution(1, hidden, config.code_dim) + convolution(3, config.code_dim, hidden)
    codebook = config.num_codes * (2 * config.code_dim + 1)  # entries, and the sums and counts they follow
    return ends + codes + codebook + 2 * config.num_layers * block


@functools.cache
def made():
    """A model that no test may change, its codebook spread over what its encoder gives."""
    keras.utils.set_random_seed(1)
    model = build_model(CONFIG)
    rng = np.random.default_rng(2)
    for weight in model.training.trainable_weights:
        if len(weight.shape) == 1:
            weight.assign(rng.normal(size=weight.shape).astype("float32") / 4)
    for _ in range(3):
        model.training(images(4), training=True)
    return model


def images(count=2, seed=0):
    return np.random.default_rng(seed).random((count, CONFIG.height, CONFIG.width, CONFIG.channels)).astype("float32")


def run(graph, x):
    return ops.convert_to_numpy(graph(x, training=False))


def reach(row, column, by):
    """Bool (row, column): the patches at most `by` away from one."""
    return np.maximum(*np.abs(np.indices((ROWS, COLUMNS)) - [[[row]], [[column]]])) <= by


def by_patch(pixels):
    """Bool (row, column): whether anything in a patch of pixels (height, width, channels) is not 0."""
    return pixels.reshape(ROWS, PATCH, COLUMNS, PATCH, -1).any(axis=(1, 3, 4))


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_has_the_computed_number_of_parameters(name):
    model = build_model(preset(name, kind="image_tokenizer"))
    assert model.training.count_params() == number_of_parameters(PRESETS[name]) == PARAMETERS[name]


def test_every_preset_is_tested():
    assert set(PARAMETERS) == set(PRESETS)


@pytest.mark.parametrize("patch_size", [1, 2, 8])
def test_an_image_becomes_a_grid_of_codes_and_an_image_again(patch_size):
    config = ImageTokenizerConfig(
        height=24, width=40, patch_size=patch_size, num_codes=6, code_dim=3, hidden_dim=5, num_layers=1
    )
    model = build_model(config)
    assert model.training.count_params() == number_of_parameters(config)
    codes = run(model.encode, np.random.default_rng(0).random((2, 24, 40, 1)).astype("float32"))
    assert (codes.shape, codes.dtype) == ((2, 24 // patch_size, 40 // patch_size), "int32")
    assert codes.shape[1:] == config.grid
    assert run(model.decode, codes).shape == (2, 24, 40, 1)


def test_encoding_and_decoding_is_the_training_graph():
    model, x = made(), images(3)
    codes = run(model.encode, x)
    assert len(np.unique(codes)) > 10
    np.testing.assert_allclose(run(model.decode, codes), run(model.training, x), atol=1e-6)


def test_decoded_pixels_are_between_0_and_1():
    codes = np.random.default_rng(0).integers(CONFIG.num_codes, size=(2, ROWS, COLUMNS)).astype("int32")
    pixels = run(made().decode, codes)
    assert pixels.shape == (2, CONFIG.height, CONFIG.width, CONFIG.channels)
    assert 0 <= pixels.min() < pixels.max() <= 1


@pytest.mark.parametrize(("row", "column"), [(5, 6), (0, 0), (10, 7)])
def test_a_code_sees_the_image_around_its_patch_and_no_further(row, column):
    model, x = made(), images(1)
    codes, touched = run(model.encode, x), np.zeros((ROWS, COLUMNS), bool)
    for seed in range(1, 9):
        changed = x.copy()
        place = np.s_[:, row * PATCH : (row + 1) * PATCH, column * PATCH : (column + 1) * PATCH]
        changed[place] = 3 * images(1, seed)[place]
        touched |= (run(model.encode, changed) != codes)[0]
    assert touched[row, column]
    assert not touched[~reach(row, column, SEEN)].any()


@pytest.mark.parametrize(("row", "column"), [(5, 6), (0, 12)])
def test_a_code_paints_around_its_patch_and_no_further(row, column):
    model = made()
    codes = run(model.encode, images(1))
    changed = codes.copy()
    changed[0, row, column] = (changed[0, row, column] + 1) % CONFIG.num_codes
    moved = by_patch(run(model.decode, changed)[0] != run(model.decode, codes)[0])
    assert moved[row, column]
    assert not moved[~reach(row, column, PAINTED)].any()


@pytest.mark.parametrize(("rows", "columns"), [(1, 0), (0, 1), (1, 2)])
def test_an_image_moved_by_whole_patches_has_its_codes_moved(rows, columns):
    model, x = made(), images(1)
    moved = np.roll(x, (rows * PATCH, columns * PATCH), axis=(1, 2))
    expected = np.roll(run(model.encode, x), (rows, columns), axis=(1, 2))
    # Away from the edges, beyond which there is nothing to see.
    inner = np.s_[:, SEEN + rows : ROWS - SEEN, SEEN + columns : COLUMNS - SEEN]
    assert expected[inner].size > 10
    np.testing.assert_array_equal(run(model.encode, moved)[inner], expected[inner])


def test_the_graphs_share_their_weights():
    model = made()
    owned = {id(weight) for weight in model.training.weights}
    for graph in (model.encode, model.decode):
        assert {id(weight) for weight in graph.weights} <= owned
    assert list(model.parts.values()) == [model.training]


def test_weights_come_back_from_a_file(tmp_path):
    model, x = made(), images()
    model.training.save_weights(tmp_path / "model.weights.h5")
    again = build_model(CONFIG)
    again.training.load_weights(tmp_path / "model.weights.h5")
    np.testing.assert_array_equal(run(again.encode, x), run(model.encode, x))
    np.testing.assert_array_equal(run(again.training, x), run(model.training, x))


@pytest.mark.usefixtures("without_xla")
def test_the_smallest_model_learns_to_reconstruct(tmp_path):
    rng = np.random.default_rng(0)
    # Each patch of 4 x 4 pixels is black or white.
    grids = rng.integers(2, size=(768, 4, 4, 1))
    pixels = np.kron(grids, np.ones((1, 4, 4, 1), int)) * 255
    rows = Images(pixels.astype("uint8"), np.zeros(len(pixels), "int32"))

    def batches(which):
        return ImageBatches(rows.take(which), 32, 16, reconstruct=True)

    keras.utils.set_random_seed(0)
    model = build_model(preset("test", kind="image_tokenizer"))
    config = TrainingConfig(epochs=5, learning_rate=1e-2, warmup_steps=10, cooldown=0.5, average_last=1)
    train, validation = batches(slice(0, 704)), batches(slice(704, None))
    history = Trainer(model.training, config, tmp_path, len(train), loss=SquaredError()).fit(train, validation)
    assert history[-1]["val_psnr"] > 15  # grey everywhere has 6 dB
