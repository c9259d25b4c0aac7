"""The named image data sets, one record each: how it is read, and whom to credit.

To add a data set, add a `NamedImages` to `_DATA_SETS` below, or call `register_images` from outside the package.
"""

import dataclasses
from collections.abc import Callable

import numpy as np

from kerasformer.errors import InputError


@dataclasses.dataclass(frozen=True)
class NamedImages:
    """A data set of labelled images that is loaded by its name.

    Attributes:
        name: the name, as `--data` takes it.
        attribution: whom to credit, and the licence.
        read: function that returns `(classes, items, notes)`: tuple of the names of the classes; an iterable of
            (class index, where the image is from, uint8 image (height, width, channels)); and a list of lines that
            users should know. It is split and resized like a folder of images.
    """

    name: str
    attribution: str
    read: Callable


def _read_digits():
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        raise InputError('the digits need scikit-learn: pip install "kerasformer[images]"') from None
    digits = load_digits()
    pixels = np.round(digits.images[..., None] * (255 / 16)).astype("uint8")  # grey levels are 0 to 16
    return tuple("0123456789"), zip(digits.target.tolist(), ["digits"] * len(pixels), pixels, strict=True), []


DIGITS = NamedImages(
    name="digits",
    attribution="Alpaydin and Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository, "
    "CC BY 4.0: the 1,797 images of its test set, as scikit-learn ships them",
    read=_read_digits,
)

_DATA_SETS = {images.name: images for images in (DIGITS,)}


def register_images(images):
    """Make `NamedImages` known to `load_images`, `train.py` and the command line.

    Raises:
        ValueError: if another data set has that name.
    """
    if _DATA_SETS.setdefault(images.name, images) != images:
        raise ValueError(f"there is an image data set named {images.name!r} already: choose another name")


def available_images() -> list[str]:
    """Return the names of the image data sets that `load_images` knows."""
    return list(_DATA_SETS)


def find_images(name) -> NamedImages | None:
    """Return the image data set of a name, None if there is none."""
    return _DATA_SETS.get(name)
