"""Scenes with the same digits at the same places are one picture; drawn digits are found again."""

import collections

import numpy as np
import pytest

from kerasformer.data.images.corpus import Images
from kerasformer.data.images.scenes import (
    RELATIONS,
    Scene,
    all_scenes,
    compose,
    held_out_pictures,
    make_scenes,
    stray_ink,
    windows,
)

FULL = {digit: np.full((1, 8, 8, 1), 20 + digit, "uint8") for digit in range(10)}  # boxes filled to the edge


@pytest.fixture
def digits():
    """Three images of each digit with blank margins: 20 * digit + 10 + 0, 1 or 2 within."""
    pixels = np.zeros((30, 8, 8, 1), "uint8")
    pixels[:, 1:7, 2:5] = (10 + np.arange(30) % 3 + 20 * (np.arange(30) // 3))[:, None, None, None]
    return Images(pixels, np.arange(30, dtype="int32") // 3)


@pytest.mark.parametrize(
    ("scene", "places", "picture"),
    [
        (Scene((3,)), [(3, "anywhere")], Scene((3,))),
        (Scene((3, 7), "left"), [(3, "left"), (7, "right")], Scene((3, 7), "left")),
        (Scene((3, 7), "right"), [(3, "right"), (7, "left")], Scene((7, 3), "left")),
        (Scene((3, 7), "above"), [(3, "top"), (7, "bottom")], Scene((3, 7), "above")),
        (Scene((3, 7), "below"), [(3, "bottom"), (7, "top")], Scene((7, 3), "above")),
    ],
)
def test_places_and_picture(scene, places, picture):
    assert (scene.places(), scene.picture()) == (places, picture)
    assert sorted(picture.places()) == sorted(places)


@pytest.mark.parametrize(
    ("digits", "relation", "message"),
    [
        ((), None, "digits must be"),
        ((1, 2, 3), "left", "digits must be"),
        ((10,), None, "digits must be a tuple of one or two of 0 to 9, not"),
        ([3], None, "digits must be"),
        ((3,), "left", "relation must be None for one digit"),
        ((3, 4), None, "one of left, right, above, below for two, not None"),
        ((3, 4), "beside", "not 'beside'"),
    ],
)
def test_wrong_scenes_are_refused(digits, relation, message):
    with pytest.raises(ValueError, match=message):
        Scene(digits, relation)


def test_all_scenes():
    assert len(set(all_scenes())) == len(all_scenes()) == 410
    assert len({scene.picture() for scene in all_scenes()}) == 210


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("count", [0, 7, 20, 33, 180])
def test_held_out_pictures_leave_every_digit_at_every_place(count, seed):
    held_out = held_out_pictures(count, seed)
    assert len(held_out) == count
    assert all(scene == scene.picture() for scene in held_out)
    pairs = {scene.picture() for scene in all_scenes()[10:]}
    shown = collections.Counter(place for scene in pairs - held_out for place in scene.places())
    assert len(shown) == 40
    kept_out = collections.Counter(place for scene in held_out for place in scene.places())
    for place in ("left", "right", "top", "bottom"):
        counts = [kept_out[digit, place] for digit in range(10)]
        assert max(counts) - min(counts) <= 1


def test_held_out_pictures_depend_on_the_seed_and_have_a_limit():
    assert held_out_pictures() == held_out_pictures(20, 0) != held_out_pictures(20, 1)
    with pytest.raises(ValueError, match="count must be 0 to 180, .* not 181"):
        held_out_pictures(181)


@pytest.mark.parametrize("relation", RELATIONS)
@pytest.mark.parametrize("digits_of", [FULL, FULL.__getitem__])
def test_boxes_of_a_pair(relation, digits_of):
    rng, lines, scene = np.random.default_rng(0), set(), Scene((3, 7), relation)
    for _ in range(200):
        image = compose(scene, digits_of, rng)
        assert (image.shape, image.dtype) == ((16, 16, 1), "uint8")
        upright = relation in ("above", "below")
        across = image[..., 0].T if upright else image[..., 0]  # as if side by side
        first, second = (3, 7) if relation in ("left", "above") else (7, 3)
        corners = []
        for half, digit in ((across[:, :8], first), (across[:, 8:], second)):
            row = int(np.flatnonzero(half[:, 0])[0])
            assert (half[row : row + 8] == 20 + digit).all()
            assert half.sum() == 64 * (20 + digit)
            corners.append(row)
        lines.add(tuple(corners))
    assert lines == {(0, 0), (4, 4), (8, 8)}  # in line


def test_one_digit_stands_on_every_fourth_pixel():
    rng = np.random.default_rng(0)
    images = [compose(Scene((5,)), FULL, rng) for _ in range(400)]
    assert {int(image.sum()) for image in images} == {64 * 25}
    assert len({image.tobytes() for image in images}) == 9


def test_windows_find_what_was_drawn(digits):
    scenes, pixels = make_scenes(digits, 400, seed=0)
    kinds = {(digit, image.tobytes()) for digit, image in zip(digits.labels, digits.pixels[:, 1:7, 2:5], strict=True)}
    for scene, image in zip(scenes, pixels, strict=True):
        assert stray_ink(scene, image) == 0
        for digit, crop in windows(scene, image):
            rows, columns = (np.flatnonzero(crop.any(axis=(axis, 2))) for axis in (1, 0))
            assert (digit, crop[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].tobytes()) in kinds


def test_windows_of_scenes_in_words(digits):
    image = np.zeros((16, 16, 1), "uint8")
    image[2:8, 1:7], image[5:11, 9:15] = 3, 7
    for scene in (Scene((3, 7), "left"), Scene((7, 3), "right")):
        found = windows(scene, image)
        assert [(digit, crop.shape, crop.max()) for digit, crop in found] == [
            (digit, (8, 8, 1), digit) for digit in scene.digits
        ]
        assert all((crop[1:7, 1:7] == digit).all() for digit, crop in found)  # ink in the middle of the window


def test_the_most_central_window_of_those_with_equal_ink():
    image = np.zeros((16, 16, 1), "uint8")
    image[6:10, 7:9] = 9
    ((_, crop),) = windows(Scene((1,)), image)
    assert np.argwhere(crop)[[0, -1], :2].tolist() == [[2, 3], [5, 4]]
    ((_, crop),) = windows(Scene((1,)), np.ones((16, 16, 1), "uint8"))
    assert crop.sum() == 64


def test_stray_ink():
    image = np.zeros((16, 16, 1), "uint8")
    assert stray_ink(Scene((1,)), image) == 0
    image[:8, :8], image[15, 15] = 3, 64
    assert stray_ink(Scene((1,)), image) == 0.25
    with pytest.raises(ValueError, match=r"image must be \(16, 16, 1\), not \(8, 8, 1\)"):
        stray_ink(Scene((1,)), image[:8, :8])


def test_training_scenes_and_held_out_scenes_share_no_picture(digits):
    scenes, pixels = make_scenes(digits, 2000, seed=3)
    assert (pixels.shape, pixels.dtype, len(scenes)) == ((2000, 16, 16, 1), "uint8", 2000)
    assert sum(scene.relation is None for scene in scenes) == 250
    assert not {scene.picture() for scene in scenes} & held_out_pictures()
    counts = collections.Counter(scene.relation for scene in scenes)
    assert all(abs(counts[relation] - 437.5) < 90 for relation in RELATIONS)  # standard deviation 18
    held_out, _ = make_scenes(digits, 800, seed=3, held_out=True)
    assert {scene.picture() for scene in held_out} == held_out_pictures()


def test_scenes_repeat_with_their_seed(digits):
    (scenes, pixels), (again, same), (_, other) = (make_scenes(digits, 50, seed) for seed in (1, 1, 2))
    assert scenes == again
    assert (pixels == same).all()
    assert (pixels != other).any()
    assert make_scenes(digits, 0, seed=1)[1].shape == (0, 16, 16, 1)


def test_images_that_are_not_digits_are_refused(digits):
    with pytest.raises(ValueError, match=r"images of digits must be \(8, 8, 1\), not \(7, 8, 1\)"):
        make_scenes(Images(digits.pixels[:, :7], digits.labels), 5, seed=0)
    with pytest.raises(ValueError, match=r"there is no image of the digits \[8, 9\]"):
        make_scenes(digits.take(digits.labels < 8), 5, seed=0)
