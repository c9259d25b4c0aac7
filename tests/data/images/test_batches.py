"""Batches have every image once per epoch, in a repeatable order, warped a little."""

import numpy as np
import pytest

from kerasformer.data.images import batches as image_batches
from kerasformer.data.images.batches import NO_LABEL, ImageBatches, warp
from kerasformer.data.images.corpus import Images

HEIGHT, WIDTH, CHANNELS = 5, 7, 3


def images(count=23):
    """Images whose first pixel and label are their index."""
    pixels = np.random.default_rng(0).integers(256, size=(count, HEIGHT, WIDTH, CHANNELS)).astype("uint8")
    pixels[:, 0, 0, 0] = np.arange(count)
    return Images(pixels, np.arange(count, dtype="int32"))


def made(count=23, batch_size=5, **options):
    return ImageBatches(images(count), batch_size, 35, **options)


def same(first, second):
    return len(first) == len(second) and all(
        np.array_equal(a, b) for one, other in zip(first, second, strict=True) for a, b in zip(one, other, strict=True)
    )


def rectangle(count=1, height=24, width=24):
    """White boxes off the middle of black images, far from the edges; float32."""
    pixels = np.zeros((count, height, width, 1), "float32")
    pixels[:, 9:15, 8:17] = 1
    return pixels


class Drawing:
    """A generator that returns the given rotation, zoom and shift for one image."""

    def __init__(self, turn=0.0, zoom=1.0, shift=(0, 0)):
        self.draws = [np.full(1, turn), np.full((1, 1, 1), zoom), np.array([[shift]])]

    def uniform(self, low, high, size):
        assert self.draws[0].shape == np.zeros(size).shape
        return self.draws.pop(0)


@pytest.fixture
def ranges(monkeypatch):
    """Set how far `warp` rotates, zooms and shifts."""

    def set_to(turn=0.0, zoom=0.0, shift=0.0):
        for name, value in (("_TURN", turn), ("_ZOOM", zoom), ("_SHIFT", shift)):
            monkeypatch.setattr(image_batches, name, value)

    return set_to


@pytest.mark.parametrize("shuffle", [True, False])
def test_every_image_occurs_once_per_epoch_with_its_label(shuffle):
    source, batches = images(), made()
    for number in (0, 1):
        found = list(batches.epoch(number, shuffle=shuffle))
        assert len(found) == len(batches) == 5
        pixels, labels = (np.concatenate(parts) for parts in zip(*found, strict=True))
        assert (pixels.dtype, labels.dtype) == ("float32", "int32")
        there = labels != NO_LABEL
        assert sorted(labels[there].tolist()) == list(range(23))
        np.testing.assert_allclose(pixels[there] * 255, source.pixels[labels[there]], atol=1e-4)


def test_batches_match_their_signature():
    for batches in (made(), made(reconstruct=True)):
        for batch in batches.epoch(0):
            for array, spec in zip(batch, batches.signature, strict=True):
                assert array.dtype == spec.dtype
                assert len(array) == 5
                assert array.shape[1:] == spec.shape[1:]


def test_the_last_batch_is_filled_with_blank_images_without_label():
    *_, (pixels, labels) = made().epoch(0)
    assert (labels == NO_LABEL).tolist() == [False] * 3 + [True] * 2
    assert pixels[3:].max() == 0
    assert pixels[:3].max() > 0


def test_the_last_batch_is_filled_with_the_first_images_if_these_are_the_labels():
    batches = made(reconstruct=True)
    found = list(batches.epoch(0))
    for pixels, labels in found:
        assert pixels is labels
    np.testing.assert_array_equal(found[-1][0][3:], found[0][0][:2])
    numbers = np.concatenate([pixels[:, 0, 0, 0] for pixels, _ in found]) * 255
    assert sorted(np.round(numbers[:23]).astype(int).tolist()) == list(range(23))


def test_unshuffled_batches_have_about_as_many_images_each():
    held = [(labels != NO_LABEL).sum() for _, labels in made(count=21).epoch(0, shuffle=False)]
    assert sorted(held) == [4, 4, 4, 4, 5]


def test_full_batches_are_not_filled():
    batches = made(count=20)
    assert len(batches) == 4
    assert not any((labels == NO_LABEL).any() for _, labels in batches.epoch(0))


def test_a_batch_is_no_larger_than_all_images():
    batches = made(count=3, batch_size=64)
    ((pixels, labels),) = batches.epoch(0)
    assert (len(batches), len(pixels), sorted(labels.tolist())) == (1, 3, [0, 1, 2])


def test_tokens_are_those_of_all_images():
    assert made().num_tokens == 23 * 35
    assert made().describe() == "5 batches of 5 images per epoch"


@pytest.mark.parametrize("options", [{}, {"warped": True}, {"warped": True, "reconstruct": True}])
def test_order_and_warping_are_functions_of_seed_and_epoch(options):
    first = list(made(**options).epoch(0))
    assert same(list(made(**options).epoch(0)), first)
    assert not same(list(made(**options).epoch(1)), first)
    assert not same(list(made(seed=1, **options).epoch(0)), first)


@pytest.mark.parametrize("warped", [True, False])
def test_an_epoch_resumes_at_any_batch(warped):
    batches = made(warped=warped)
    whole = list(batches.epoch(3))
    for start in range(6):
        assert same(list(batches.epoch(3, start)), whole[start:])


def test_an_image_is_warped_differently_in_each_epoch():
    batches = made(count=4, warped=True)
    by_epoch = []
    for number in range(2):
        ((pixels, labels),) = batches.epoch(number)
        by_epoch.append(pixels[np.argsort(labels)])  # by the image it was
    assert (np.abs(by_epoch[0] - by_epoch[1]).max(axis=(1, 2, 3)) > 0.1).all()


def test_ranges_of_0_change_nothing(ranges):
    ranges()
    pixels = np.random.default_rng(0).random((3, HEIGHT, WIDTH, CHANNELS)).astype("float32")
    found = warp(pixels, np.random.default_rng(1))
    np.testing.assert_allclose(found, pixels, atol=1e-6)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_shape_dtype_and_range_of_values_stay(dtype):
    pixels = np.random.default_rng(0).uniform(0.25, 0.75, (11, HEIGHT, WIDTH, CHANNELS)).astype(dtype)
    found = warp(pixels, np.random.default_rng(1))
    assert (found.shape, found.dtype) == (pixels.shape, dtype)
    assert found.min() >= 0  # what is beyond the edge
    assert found.max() <= pixels.max() + 1e-6


def test_ink_changes_as_the_zoom_says(ranges):
    pixels = rectangle(50)
    ranges(turn=0.2, shift=0.1)
    ink = warp(pixels, np.random.default_rng(0)).sum(axis=(1, 2, 3)) / pixels.sum(axis=(1, 2, 3))
    np.testing.assert_allclose(ink, 1, atol=0.05)
    ranges(zoom=0.15)
    ink = warp(pixels, np.random.default_rng(0)).sum(axis=(1, 2, 3)) / pixels.sum(axis=(1, 2, 3))
    assert 1 / 1.15**2 - 0.05 < ink.min() < 0.9  # by both sides, taken from so much further out
    assert 1.1 < ink.max() < 1 / 0.85**2 + 0.05


def test_a_shift_by_whole_pixels_moves_the_image():
    pixels = np.random.default_rng(0).random((1, HEIGHT, WIDTH, CHANNELS)).astype("float32")
    found = warp(pixels, Drawing(shift=(2 / HEIGHT, -3 / WIDTH)))
    expected = np.zeros_like(pixels)
    expected[:, : HEIGHT - 2, 3:] = pixels[:, 2:, : WIDTH - 3]
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_a_zoom_scales_about_the_middle():
    pixels = np.zeros((1, 5, 5, 1), "float32")
    pixels[0, 0, 4, 0] = 1
    found = warp(pixels, Drawing(zoom=2.0))[0, ..., 0]
    assert found.tolist() == [[0, 0, 0, 0, 0], [0, 0, 0, 1, 0], [0] * 5, [0] * 5, [0] * 5]


def test_a_quarter_rotation_is_about_the_middle():
    pixels = np.random.default_rng(0).random((1, 6, 6, 1)).astype("float32")
    np.testing.assert_allclose(warp(pixels, Drawing(turn=np.pi / 2))[0], np.rot90(pixels[0]), atol=1e-5)


def test_the_images_of_a_batch_are_warped_differently():
    found = warp(rectangle(5), np.random.default_rng(0))
    assert len({image.tobytes() for image in found}) == 5


def test_warping_does_not_change_the_original_images():
    source = images()
    before = source.pixels.copy()
    for _ in ImageBatches(source, 5, 35, warped=True).epoch(0):
        pass
    np.testing.assert_array_equal(source.pixels, before)
