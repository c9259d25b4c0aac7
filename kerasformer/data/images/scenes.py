"""Scenes of one digit, or of two in a relation: draw them with images of digits, and find the digits again."""

import dataclasses
import functools
import random

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from kerasformer.errors import InputError

CANVAS = 16
DIGIT = 8
STEP = 4  # digits start at every fourth pixel, so that 4 x 4 patches see the same strokes everywhere
PLACES = {  # of the first and the second digit
    "left": ("left", "right"),
    "right": ("right", "left"),
    "above": ("top", "bottom"),
    "below": ("bottom", "top"),
}
RELATIONS = tuple(PLACES)
MIRRORED = {"right": "left", "below": "above"}


@dataclasses.dataclass(frozen=True)
class Scene:
    """One digit, or two, with the first one left of, right of, above or below the second.

    Attributes:
        digits: Tuple of one or two digits, 0 to 9.
        relation: One of `RELATIONS` for two digits, None for one.
    """

    digits: tuple[int, ...]
    relation: str | None = None

    def __post_init__(self):
        if not (isinstance(self.digits, tuple) and len(self.digits) in (1, 2) and set(self.digits) <= {*range(10)}):
            raise ValueError(f"digits must be a tuple of one or two of 0 to 9, not {self.digits!r}")
        if (len(self.digits) == 1 and self.relation is not None) or (
            len(self.digits) == 2 and self.relation not in RELATIONS
        ):
            raise ValueError(
                f"relation must be None for one digit and one of {', '.join(RELATIONS)} for two, "
                f"not {self.relation!r} for {self.digits}"
            )

    def places(self):
        """Return a list of (digit, place): "anywhere" for one digit, else "left", "right", "top" or "bottom"."""
        return list(zip(self.digits, PLACES.get(self.relation, ("anywhere",)), strict=True))

    def picture(self):
        """Return the scene with the same picture whose relation is None, "left" or "above"."""
        if self.relation in MIRRORED:
            return Scene(self.digits[::-1], MIRRORED[self.relation])
        return self


@functools.cache
def all_scenes():
    """Return all scenes, a tuple: 10 of one digit and 400 of two."""
    pairs = [(first, second) for first in range(10) for second in range(10)]
    return (
        *(Scene((digit,)) for digit in range(10)),
        *(Scene(pair, relation) for relation in RELATIONS for pair in pairs),
    )


@functools.cache
def held_out_pictures(count=20, seed=0):
    """Choose pictures of two digits to hold out of training, which still shows every digit at every place.

    Args:
        count: Number of pictures, 0 to 180 of 200; half are side by side, half one above the other.
        seed: Decides which ones.

    Returns:
        Frozenset of scenes that are their own `picture()`. At each place (left, right, top, bottom) all digits occur
        in the same number of held-out pictures, give or take one.
    """
    if not 0 <= count <= 180:
        raise ValueError(f"count must be 0 to 180, so that training shows every digit at every place, not {count}")
    draw = random.Random(seed).random  # the only method whose numbers Python guarantees not to change
    chosen = set()
    for relation, number in (("left", (count + 1) // 2), ("above", count // 2)):
        firsts, seconds = (sorted(range(10), key=lambda _: draw()) for _ in range(2))
        # Ten pairs combine each first digit with one second digit; the next ten shift the second digits by one.
        chosen |= {Scene((firsts[i % 10], seconds[(i + i // 10) % 10]), relation) for i in range(number)}
    return frozenset(chosen)


def compose(scene, digits, rng):
    """Draw a scene with randomly picked images of its digits.

    Args:
        scene: `Scene`.
        digits: Mapping or function from a digit to its images, uint8 (count, 8, 8, 1).
        rng: `numpy.random.Generator`.

    Returns:
        uint8 (16, 16, 1).
    """
    images_of = digits if callable(digits) else digits.__getitem__
    return _draw([scene.picture()], {digit: images_of(digit) for digit in scene.digits}, rng)[0]


def make_scenes(images, count, seed, held_out=False):
    """Draw random scenes: one eighth with one digit, the others with two; all digits and relations are equally likely.

    Args:
        images: `Images` of digits, pixels (count, 8, 8, 1), labelled with the digits themselves.
        count: Number of scenes.
        seed: Decides scenes, digits and places.
        held_out: True draws only `held_out_pictures()`, which have two digits; False draws all others.

    Returns:
        `(scenes, pixels)`: list of `Scene`, and uint8 (count, 16, 16, 1).
    """
    if images.pixels.shape[1:] != (DIGIT, DIGIT, 1):
        raise InputError(f"images of digits must be ({DIGIT}, {DIGIT}, 1), not {images.pixels.shape[1:]}")
    pool = {digit: images.pixels[images.labels == digit] for digit in range(10)}
    if not all(map(len, pool.values())):
        raise InputError(f"there is no image of the digits {[digit for digit in pool if not len(pool[digit])]}")
    rng = np.random.default_rng(seed)
    singles, kept_out = all_scenes()[:10], held_out_pictures()
    pairs = [scene for scene in all_scenes()[10:] if (scene.picture() in kept_out) == held_out]
    alone = 0 if held_out else -(-count // 8)
    scenes = [singles[i] for i in rng.integers(len(singles), size=alone)]
    scenes += [pairs[i] for i in rng.integers(len(pairs), size=count - alone)]
    scenes = [scenes[i] for i in rng.permutation(count)]
    return scenes, _draw([scene.picture() for scene in scenes], pool, rng)


def windows(scene, image):
    """Find the window of each digit: the 8 x 8 pixels with the most ink in its half of the image.

    Among windows with equal ink, the one whose ink is most central wins, then the most central window.

    Args:
        scene: The `Scene` that the image should show.
        image: uint8 (16, 16, 1).

    Returns:
        List of (digit, uint8 (8, 8, 1)) in the order of `scene.digits`.
    """
    if image.shape != (CANVAS, CANVAS, 1):
        raise ValueError(f"image must be ({CANVAS}, {CANVAS}, 1), not {image.shape}")
    halves = {
        "anywhere": image,
        "left": image[:, :DIGIT],
        "right": image[:, DIGIT:],
        "top": image[:DIGIT],
        "bottom": image[DIGIT:],
    }
    return [(digit, _most_ink(halves[place])) for digit, place in scene.places()]


def stray_ink(scene, image):
    """Return the share of ink (sum of pixels) outside the `windows` of a scene; 0.0 for a blank image."""
    total = int(image.sum())
    inside = sum(int(crop.sum()) for _, crop in windows(scene, image))
    return 1 - inside / total if total else 0.0


def _most_ink(area):
    views = sliding_window_view(area[..., 0], (DIGIT, DIGIT))  # (rows, columns, 8, 8)
    ink = views.sum(axis=(2, 3), dtype="int64")
    middle = (np.array(ink.shape) - 1) / 2

    def off_centre(corner):
        inked = np.nonzero(views[tuple(corner)])
        in_window = sum(abs(int(axis.min() + axis.max()) - (DIGIT - 1)) for axis in inked if len(axis))
        return in_window, abs(corner - middle).sum()

    row, column = min(np.argwhere(ink == ink.max()), key=off_centre)
    return area[row : row + DIGIT, column : column + DIGIT]


def _draw(pictures, pool, rng):
    """Draw scenes that are their own `picture()`.

    Args:
        pictures: List of `Scene`.
        pool: Dict of digit to its images, uint8 (count, 8, 8, 1).
        rng: `numpy.random.Generator`.

    Returns:
        uint8 (pictures, 16, 16, 1).
    """
    last = CANVAS - DIGIT
    digits = np.array([(*scene.digits, -1)[:2] for scene in pictures], "int32").reshape(-1, 2)
    upright = np.array([scene.relation == "above" for scene in pictures], bool)
    paired = digits[:, 1] >= 0
    along = STEP * rng.integers(last // STEP + 1, size=len(pictures))  # both digits of a pair are in line
    free = STEP * rng.integers(last // STEP + 1, size=len(pictures))  # the column of a single digit
    canvas = np.zeros((len(pictures), CANVAS, CANVAS, 1), "uint8")
    for place in range(2):
        across = np.where(paired, place * last, free)
        rows, columns = np.where(upright, across, along), np.where(upright, along, across)
        for digit in np.unique(digits[:, place][digits[:, place] >= 0]):
            which = np.flatnonzero(digits[:, place] == digit)
            crops = pool[int(digit)][rng.integers(len(pool[int(digit)]), size=len(which))]
            spread = np.arange(DIGIT)
            at_rows = rows[which, None, None] + spread[:, None]  # (which, 8, 1)
            at_columns = columns[which, None, None] + spread  # (which, 1, 8)
            canvas[which[:, None, None], at_rows, at_columns] = crops
    return canvas
