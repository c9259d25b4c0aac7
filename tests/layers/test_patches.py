"""Patches against cutting with numpy, and the class token in front of them."""

import keras
import numpy as np
import pytest
from layer_check import check_layer, floats, values

from kerasformer.layers import ClassToken, PatchEmbedding

# Primes, so that a swapped axis cannot pass: 2 x 3 patches of 5 x 5 pixels.
PATCH, ROWS, COLUMNS, CHANNELS, HIDDEN = 5, 2, 3, 7, 11
HEIGHT, WIDTH = ROWS * PATCH, COLUMNS * PATCH


def cut(images):
    """Patches row by row, (batch, patch, pixels of a patch)."""
    grid = [(row, column) for row in range(0, HEIGHT, PATCH) for column in range(0, WIDTH, PATCH)]
    patches = [images[:, row : row + PATCH, column : column + PATCH] for row, column in grid]
    return np.stack(patches, axis=1).reshape(len(images), len(grid), -1)


def test_layer_check_of_patches():
    inputs = {"images": floats(3, HEIGHT, WIDTH, CHANNELS)}
    num_weights = PATCH * PATCH * CHANNELS * HIDDEN + HIDDEN
    check_layer(PatchEmbedding, {"patch_size": PATCH, "hidden_dim": HIDDEN}, inputs, num_weights, known_sizes=True)


def test_layer_check_of_the_class_token():
    check_layer(ClassToken, {}, {"x": floats(3, 5, HIDDEN)}, HIDDEN)


def test_a_patch_is_its_pixels_in_a_row_times_the_kernel():
    layer, images = PatchEmbedding(PATCH, HIDDEN), floats(3, HEIGHT, WIDTH, CHANNELS)
    layer.build(images.shape)
    kernel, bias = floats(PATCH, PATCH, CHANNELS, HIDDEN), floats(HIDDEN)
    layer.set_weights([kernel, bias])
    found = values(layer(images))
    assert found.shape == (3, ROWS * COLUMNS, HIDDEN)
    np.testing.assert_allclose(found, cut(images) @ kernel.reshape(-1, HIDDEN) + bias, atol=1e-4)


def test_patches_come_row_by_row_from_the_upper_left():
    layer = PatchEmbedding(2, 1)
    layer.build((1, 4, 6, 1))
    layer.set_weights([np.ones((2, 2, 1, 1)), np.array([100.0])])
    image = np.array([[1, 0, 2, 0, 3, 0], [0, 0, 0, 0, 0, 0], [4, 1, 5, 1, 6, 1], [1, 1, 1, 1, 1, 1]], "float32")
    assert values(layer(image[None, ..., None])).tolist() == [[[101], [102], [103], [107], [108], [109]]]


def test_a_patch_of_one_pixel_and_one_of_the_whole_image_are_patches():
    images = floats(2, 6, 6, 3)
    for patch_size, patches in ((1, 36), (6, 1)):
        assert PatchEmbedding(patch_size, 4)(images).shape == (2, patches, 4)


def test_a_pixel_changes_its_own_patch_only():
    layer, images = PatchEmbedding(PATCH, HIDDEN), floats(1, HEIGHT, WIDTH, CHANNELS)
    before, changed = values(layer(images)), images.copy()
    changed[0, PATCH, 2 * PATCH - 1] += 1  # the upper right pixel of the patch in row 1, column 1
    moved = np.abs(values(layer(changed)) - before).max(axis=(0, 2)) > 0
    assert moved.tolist() == [False, False, False, False, True, False]


@pytest.mark.parametrize("shape", [(1, 10, 16, 1), (1, 16, 10, 1)])
def test_an_image_that_does_not_come_out_even_is_refused(shape):
    with pytest.raises(ValueError, match=f"must divide the image's {shape[1]} x {shape[2]} pixels, got 8"):
        PatchEmbedding(8, 3).build(shape)


def test_the_class_token_comes_first_and_is_the_same_for_all_images():
    layer, x = ClassToken(), floats(3, 5, 2)
    layer.build(x.shape)
    layer.set_weights([np.array([[[7.0, -1.0]]])])
    found = values(layer(x))
    np.testing.assert_array_equal(found[:, 0], [[7, -1]] * 3)
    np.testing.assert_array_equal(found[:, 1:], x)


def test_the_class_token_learns_from_every_image_of_a_batch():
    keras.utils.set_random_seed(0)
    images = keras.Input((5, 2))
    model = keras.Model(images, ClassToken(name="token")(images))
    model.compile(optimizer=keras.optimizers.SGD(1.0), loss="mse", jit_compile=False)
    [before] = model.get_layer("token").get_weights()
    targets = floats(3, 6, 2)
    model.train_on_batch(floats(3, 5, 2), targets)
    [after] = model.get_layer("token").get_weights()
    # The mean is over 3 * 6 * 2 numbers, of which the token gives 3 * 2.
    slope = 2 * (before[0, 0] - targets[:, 0]).sum(axis=0) / targets.size
    np.testing.assert_allclose(after[0, 0], before[0, 0] - slope, atol=1e-6)
