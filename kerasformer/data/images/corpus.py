"""Load labelled images, a named data set or a folder: bring them to one size and split them class by class."""

import dataclasses
import hashlib
import os
from pathlib import Path

import numpy as np

from kerasformer.data.images.corpora import available_images, find_images
from kerasformer.data.images.files import CHANNEL_NAMES, describe_size, read_folder, resize, to_channels
from kerasformer.data.images.splits import SHARES, stratified
from kerasformer.errors import InputError


@dataclasses.dataclass(frozen=True, eq=False)
class Images:
    """Images of one size, and their classes.

    Attributes:
        pixels: uint8 (count, height, width, channels).
        labels: int32 (count,), indices of classes; None for images without classes.
    """

    pixels: np.ndarray
    labels: np.ndarray

    def __len__(self):
        return len(self.pixels)

    def take(self, rows):
        """Return the `Images` at `rows`, int (count,)."""
        return Images(self.pixels[rows], self.labels[rows])


@dataclasses.dataclass(frozen=True, eq=False)
class ImageCorpus:
    """Labelled images for training, validation and test.

    Attributes:
        name: Name of the data set, or of the folder.
        classes: Names of the classes; a label is an index into it.
        train, validation, test: `Images`; each has all classes, in the same proportions.
        attribution: Licence and attribution, "" for a folder.
        sha256: SHA-256 of the pixels and labels that were read, before they were resized.
        notes: Lines for users on files left out and images converted.
    """

    name: str
    classes: tuple[str, ...]
    train: Images
    validation: Images
    test: Images
    attribution: str
    sha256: str
    notes: list[str]

    def describe(self) -> list[str]:
        """Return lines for users: sizes, classes, conversions, attribution."""
        shape = self.train.pixels.shape[1:]
        counts = np.bincount(np.concatenate([part.labels for part in (self.train, self.validation, self.test)]))
        lines = [
            f"{self.name}, {describe_size(shape)}, {CHANNEL_NAMES[shape[-1]]}: {len(self.train):,} training images, "
            f"{len(self.validation):,} validation, {len(self.test):,} test",
            f"{len(self.classes):,} classes with {counts.min():,} to {counts.max():,} images each",
        ]
        lines += self.notes
        return [*lines, self.attribution] if self.attribution else lines


def load_images(data, *, seed: int = 0, size=None) -> ImageCorpus:
    """Read labelled images and split them, class by class, into training, validation and test.

    Args:
        data: Name of a data set (see `available_images`), or a folder with one folder of PNG or JPEG files per class.
        seed: Decides which images go into which split.
        size: (height, width) in pixels, to which all images are resized; None if they have one size already.

    Returns:
        The `ImageCorpus`. Greyscale images among RGB images become RGB; opaque images among transparent ones get an
        opaque alpha channel.

    Raises:
        InputError: if the data or the size is wrong.
    """
    if size is not None and min(size) < 1:
        raise InputError(f"images cannot be {describe_size(size)}: height and width must be at least 1")
    named, folder = find_images(data), Path(data)
    if not named and not folder.is_dir():
        names = ", ".join(available_images())
        raise InputError(f"'{data}' is neither an image data set ({names}) nor an existing folder: check the name")
    classes, items, notes = named.read() if named else read_folder(folder)
    pixels, labels, sha256, converted = _gather(items, size)
    whole = Images(pixels, labels)
    splits = {name: whole.take(rows) for name, rows in stratified(labels, SHARES, seed).items()}
    notes = [*notes, *converted, *_repeated(splits)]
    name, attribution = Path(os.path.abspath(data)).name, named.attribution if named else ""
    return ImageCorpus(name, classes, **splits, attribution=attribution, sha256=sha256, notes=notes)


def _gather(items, size):
    """Bring (label, place, image) items to one size and depth; return pixels, labels, SHA-256 and notes."""
    images, labels, places, digest = [], [], {}, hashlib.sha256()
    for label, place, image in items:
        digest.update(f"{label} {image.shape}\n".encode() + image.tobytes())
        labels.append(label)
        places.setdefault(image.shape[:2], []).append(place)
        images.append(image if size is None else resize(image, *size))
        if size is None and len(places) > 1:
            images.clear()  # the sizes differ; the rest is read to find out which size most images have
    if not images:
        raise _sizes_differ(places)
    depths = [image.shape[-1] for image in images]
    channels = (3 if max(depths) > 2 else 1) + any(depth % 2 == 0 for depth in depths)
    pixels = np.stack([to_channels(image, channels, "an image") for image in images])
    resized = sum(len(found) for shape, found in places.items() if shape != pixels.shape[1:3])
    unlike = sum(depth != channels for depth in depths)
    notes = []
    if resized:
        notes.append(f"resized {resized:,} of {len(images):,} images")
    if unlike:
        notes.append(f"converted {unlike:,} of {len(images):,} images to {CHANNEL_NAMES[channels]}, like the others")
    return pixels, np.array(labels, "int32"), digest.hexdigest(), notes


def _sizes_differ(places):
    """The error for images of several sizes: dict of size to where such images are."""
    rule = max(places, key=lambda shape: len(places[shape]))
    odd = next(shape for shape in places if shape != rule)
    share = f"{len(places[rule]):,} of {sum(map(len, places.values())):,} images are {describe_size(rule)}"
    advice = "give images of one size, or resize all: train.py with --image-size, kerasformer with --resize"
    return InputError(f"{places[odd][0]} is {describe_size(odd)}, but {share}, such as {places[rule][0]}: {advice}")


def _repeated(splits):
    """Return a line for each held-out split that shares images with training."""
    known = {image.tobytes() for image in splits["train"].pixels}
    counts = {name: sum(image.tobytes() in known for image in splits[name].pixels) for name in ("validation", "test")}
    return [f"{count:,} {name} images are also training images" for name, count in counts.items() if count]
