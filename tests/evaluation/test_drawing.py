"""Scores of drawings on arrays made by hand, and on scenes of real digits."""

import numpy as np
import pytest

from kerasformer.data.images.captions import read_caption
from kerasformer.data.images.scenes import Scene, held_out_pictures
from kerasformer.errors import InputError
from kerasformer.evaluation import drawing as drawing_scores
from kerasformer.evaluation.drawing import (
    GROUPS,
    centred,
    compare_images,
    crops_of,
    digit_probabilities,
    distances,
    held_out_scenes,
    peak_signal_to_noise,
    share_seen,
    use_of_codes,
)
from kerasformer.inference.illustrator import Illustrator
from kerasformer.interface.image import BaseClassifier


def digit(number, shape=(8, 8, 1)):
    """A digit in a code of our own: `number` + 1 pixels of the middle row are lit."""
    image = np.zeros(shape, "uint8")
    flat = image[2:6].reshape(-1)
    flat[: number + 1] = 200
    return image


class Counter(BaseClassifier):
    """Reads `digit`: 0.91 for the number of lit pixels, 0.01 for the others."""

    def __init__(self, labels=tuple("0123456789"), shape=(8, 8, 1)):
        super().__init__(labels, shape)

    def probabilities(self, images):
        found = np.full((len(images), 10), 0.01)
        lit = (images > 100).sum(axis=(1, 2, 3))
        found[np.arange(len(images)), np.clip(lit - 1, 0, 9)] = 0.91
        return found


def pair(left, right):
    """An image of two digits side by side."""
    return np.pad(np.concatenate([digit(left), digit(right)], axis=1), [(4, 4), (0, 0), (0, 0)])


SCENES = [Scene((3, 7), "left"), Scene((7, 3), "right"), Scene((3, 7), "right"), Scene((3, 5), "left")]


def test_the_probability_of_a_scene_is_the_product_over_its_digits():
    images = np.stack([pair(3, 7)] * 4)
    products, is_right = digit_probabilities(SCENES, images, Counter())
    np.testing.assert_allclose(products, [0.91**2, 0.91**2, 0.01**2, 0.91 * 0.01])
    assert is_right.tolist() == [True, True, False, False]
    assert share_seen(SCENES, images, Counter()) == 50.0


def test_too_much_ink_elsewhere_is_wrong():
    clean = np.pad(digit(4), [(4, 4), (4, 4), (0, 0)])  # five pixels of 200
    for stray, seen in ((100, 100.0), (120, 0.0)):
        image = clean.copy()
        image[0, 0] = stray  # of 1,100 or 1,120 in all
        assert share_seen([Scene((4,))], image[None], Counter()) == seen


def test_mean_squared_error_and_signal_to_noise_ratio():
    images = np.full((2, 4, 4, 1), 51, "uint8")
    assert peak_signal_to_noise(images, images) == (0.0, None)
    others = images.copy()
    others[0] = 0  # half of the pixels are a fifth too dark
    error, decibels = peak_signal_to_noise(images, others)
    assert error == pytest.approx(0.02)
    assert decibels == pytest.approx(-10 * np.log10(0.02))


def test_codebook_perplexity_and_unused_codes():
    assert use_of_codes(np.array([[0, 1], [2, 3]]), 6) == (pytest.approx(4.0), 2)
    assert use_of_codes(np.zeros((2, 3), int), 6) == (pytest.approx(1.0), 5)


def test_ink_is_brought_to_the_middle():
    spot = np.zeros((2, 8, 8, 1), "uint8")
    spot[0, 0, 0] = spot[1, 5, 2] = 9
    found = centred(spot)
    assert found.shape == (2, 16, 16, 1)
    assert found[0, 8, 8] == 9
    np.testing.assert_array_equal(found[0], found[1])
    assert (found.sum(axis=(1, 2, 3)) == 9).all()
    assert not centred(np.zeros((1, 8, 8, 1), "uint8")).any()


def test_the_nearest_of_the_known():
    known = np.stack([digit(0), digit(3)])
    found = distances(np.stack([digit(3), digit(1), digit(5)]), known)
    np.testing.assert_allclose(found, [0, 200, 200 * np.sqrt(2)], atol=1e-3)


def test_a_copy_is_closer_than_real_digits_are(monkeypatch):
    rng = np.random.default_rng(0)
    training, real, new = (rng.integers(256, size=(count, 8, 8, 1), dtype="uint8") for count in (50, 200, 10))
    near = training[:10].copy()
    near[:, 4, 4] = 255 - near[:, 4, 4]
    placed = {
        name: np.pad(digits, [(0, 0), (4, 4), (4, 4), (0, 0)])
        for name, digits in (("copies", near), ("new", new), ("real", real))
    }
    drawings = {name: {"single digits": ([Scene((0,))] * len(x), x)} for name, x in placed.items()}
    found = compare_images(drawings, training, real, Counter())
    assert {name: row["near_copies"] for name, row in found.items()} == {"copies": 100.0, "new": 0.0, "real": 1.0}


def test_scenes_are_of_three_groups_and_captions_say_what_they_show(digits):
    groups = held_out_scenes(digits.test, 30, seed=0)
    assert tuple(groups) == GROUPS
    for group, (scenes, captions, pixels) in groups.items():
        assert len(scenes) == len(captions) == len(pixels) == 30
        assert [read_caption(caption).picture() for caption in captions] == [scene.picture() for scene in scenes]
        assert {len(scene.digits) for scene in scenes} == ({1} if group == GROUPS[0] else {2})
        assert {scene.picture() in held_out_pictures() for scene in scenes} == {group == GROUPS[2]}
    captions, pixels = drawing_scores.like_training(groups)
    assert captions == [*groups[GROUPS[0]][1], *groups[GROUPS[1]][1]]
    np.testing.assert_array_equal(pixels[30:], groups[GROUPS[1]][2])
    again = held_out_scenes(digits.test, 30, seed=0)
    np.testing.assert_array_equal(again[GROUPS[2]][2], groups[GROUPS[2]][2])
    assert held_out_scenes(digits.test, 30, seed=1)[GROUPS[2]][1] != groups[GROUPS[2]][1]


def test_captions_to_compare_are_all_different(digits):
    captions = drawing_scores.captions_to_compare(digits.test, 0)
    assert len(captions) == len(set(captions)) == 200
    assert len(drawing_scores.captions_to_compare(digits.test, 0, 7)) == 7


def test_what_is_cut_out_of_real_scenes_are_the_digits(digits):
    scenes, _, pixels = held_out_scenes(digits.test, 40, seed=0)[GROUPS[1]]
    crops = crops_of(scenes, pixels)
    assert len(crops) == 80
    assert distances(crops, centred(digits.test.pixels)).max() < 1e-3


def test_codes_of_a_bundle(drawing_bundle, digits):
    illustrator = Illustrator(drawing_bundle)
    captions, pixels = drawing_scores.like_training(held_out_scenes(digits.test, 8, seed=0))
    found = drawing_scores.measure_codes(illustrator, captions, pixels)
    painted, codes = illustrator.reconstruct(pixels)
    assert found["images"] == 16
    assert found["psnr"] == pytest.approx(-10 * np.log10(np.mean((painted / 255 - pixels / 255) ** 2)))
    assert found["dead_codes"] == 16 - len(np.unique(codes))
    assert found["raw_bits_per_image"] == 16 * 4
    assert found["bits_per_image"] == pytest.approx(16 * np.log2(found["perplexity"]), rel=1e-5)
    assert 0 <= found["token_accuracy"] <= 100


@pytest.mark.parametrize("reader", [Counter(labels=("cat", "dog")), Counter(shape=(16, 16, 1))])
def test_a_classifier_of_other_images_is_refused(reader):
    with pytest.raises(InputError, match="it must read 8 x 8 x 1 images as the digits 0 to 9"):
        drawing_scores.check_reads_digits(reader)
    drawing_scores.check_reads_digits(Counter())
