"""Labelled images, named or one's own, made ready: decoded without loss, of one size, split class by class."""

import dataclasses
import hashlib
import io
import os
import warnings
from pathlib import Path

import numpy as np

from kerasformer.data.reading import read_bytes
from kerasformer.errors import InputError

SHARES = {"train": 70, "validation": 10, "test": 20}  # per cent
SUFFIXES = (".png", ".jpg", ".jpeg")
LOSSLESS = {"1": "L", "L": "L", "LA": "LA", "P": "RGB", "PA": "RGBA", "RGB": "RGB", "RGBA": "RGBA"}
KINDS = {1: "greyscale", 2: "greyscale with transparency", 3: "RGB", 4: "RGB with transparency"}
ATTRIBUTIONS = {
    "digits": "Alpaydin and Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository, "
    "CC BY 4.0: the 1,797 images of its test set, as scikit-learn ships them"
}


@dataclasses.dataclass(frozen=True, eq=False)
class Images:
    """Images of one size and the class of each.

    Attributes:
        pixels: uint8 (count, height, width, channels).
        labels: int32 (count,), places in the tuple of classes; None for images without classes.
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
    """Labelled images for training, validation and test, and how they came about.

    Attributes:
        name: Name of the corpus, or folder name of one's own.
        classes: Names of the classes; a label is a place in it.
        train, validation, test: `Images`; every class is in each, in the same proportion.
        attribution: Licence and attribution, "" for one's own.
        sha256: SHA-256 of the pixels and labels that were read, before any resizing.
        notes: Lines on what was left out or converted.
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
        """Return a few lines for people: sizes, classes, what was converted, attribution."""
        shape = self.train.pixels.shape[1:]
        counts = np.bincount(np.concatenate([part.labels for part in (self.train, self.validation, self.test)]))
        lines = [
            f"{self.name}, {_size(shape)}, {KINDS[shape[-1]]}: {len(self.train):,} training images, "
            f"{len(self.validation):,} validation, {len(self.test):,} test",
            f"{len(self.classes):,} classes of {counts.min():,} to {counts.max():,} images",
        ]
        return lines + self.notes + [self.attribution] * bool(self.attribution)


def available_images() -> list[str]:
    """Return the names of the image corpora that `load_images` knows."""
    return list(ATTRIBUTIONS)


def read_image(path, height=None, width=None, channels=None):
    """Read a PNG or JPEG file, upright as its EXIF orientation says; convert only where nothing is lost.

    Args:
        path: File of an image of 8 bits a channel or less.
        height, width: Size it must have; None takes any.
        channels: 1 (greyscale), 3 (RGB), 2 or 4 (the same with transparency); None is what the file has, less
            transparency where it is opaque everywhere.

    Returns:
        uint8 (height, width, channels).

    Raises:
        InputError: the file is missing, damaged, no such image, or cannot become what is expected without loss.
    """
    if channels not in (None, *KINDS):
        raise ValueError(f"channels must be None, 1, 2, 3 or 4, not {channels!r}")
    pixels = _to_channels(_decode(path), channels, path)
    expected = height or pixels.shape[0], width or pixels.shape[1]
    if pixels.shape[:2] != expected:
        raise InputError(f"{path} is {_size(pixels.shape)} where {_size(expected)} is expected: resize or crop it")
    return pixels


def resize(image, height, width):
    """Resize an image with a Lanczos filter, antialiased; uint8 (height, width, channels)."""
    from PIL import Image

    picture = Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)
    return np.asarray(picture.resize((width, height), Image.Resampling.LANCZOS)).reshape(height, width, -1)


def stratified(labels, shares, seed):
    """Deal rows out to splits so that each class goes to every split in proportion, and at least once.

    Args:
        labels: int (count,).
        shares: Dict of split name to its share, a whole number: {"train": 9, "test": 1} is nine to one.
        seed: Integer that decides which rows go where; the same on every machine.

    Returns:
        Dict of split name to rows in ascending order, int64 (rows,). Of a class, a split has its exact share
        rounded up or down, or one row where that would be none.
    """
    splits = {name: [] for name in shares}
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label).tolist()
        if len(rows) < len(shares):
            raise ValueError(f"label {label} has {len(rows)} rows: {len(shares)} splits need at least one each")
        rows.sort(key=lambda row: hashlib.blake2b(f"{seed}\n{row}".encode()).digest())
        for name, size in zip(shares, _apportion(len(rows), list(shares.values())), strict=True):
            splits[name] += rows[:size]
            rows = rows[size:]
    return {name: np.array(sorted(rows), "int64") for name, rows in splits.items()}


def load_images(data, *, seed: int = 0, size=None) -> ImageCorpus:
    """Read labelled images and split them, class by class, into training, validation and test.

    Args:
        data: "digits", which needs scikit-learn, or a folder with one folder of PNG or JPEG files per class.
        seed: Decides which images go into which split.
        size: (height, width) that all images are resized to; None if they have one size already.

    Returns:
        `ImageCorpus`; an `InputError` says what is wrong with the data. Greyscale images among RGB ones become
        RGB, and opaque ones among transparent ones get an opaque alpha channel.
    """
    if size is not None and min(size) < 1:
        raise InputError(f"images cannot be {_size(size)}: height and width must be at least 1")
    named = data in available_images()
    classes, items, notes = _read_digits() if named else _read_folder(Path(data))
    pixels, labels, sha256, converted = _gather(items, size)
    whole = Images(pixels, labels)
    splits = {name: whole.take(rows) for name, rows in stratified(labels, SHARES, seed).items()}
    notes += converted + _repeated(splits)
    name = Path(os.path.abspath(data)).name
    return ImageCorpus(name, classes, **splits, attribution=ATTRIBUTIONS.get(data, ""), sha256=sha256, notes=notes)


def _decode(path):
    """Return the picture in a file as it was meant to be seen, uint8 (height, width, channels)."""
    from PIL import Image, ImageOps, UnidentifiedImageError  # which a device that translates need not have

    data = read_bytes(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of damaged EXIF data, without which the picture is whole
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as opened:
                deep = opened.format == "PNG" and data[24] == 16  # IHDR's bit depth, which Pillow cuts to 8
                opened.load()
                image = ImageOps.exif_transpose(opened)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise InputError(f"{path} has more than {Image.MAX_IMAGE_PIXELS:,} pixels: make it smaller") from None
    except UnidentifiedImageError:
        raise InputError(f"{path} is no PNG or JPEG image: save it as one of these") from None
    except Exception as error:  # decoders report damage by exceptions of many kinds
        raise InputError(f"{path} is a damaged image ({error}): copy or download it again") from error
    if deep or image.mode not in LOSSLESS:
        found = "16 bits a channel" if deep else f"mode {image.mode}"
        raise InputError(f"{path} has {found} where greyscale or RGB of 8 bits is expected: convert it")
    mode = LOSSLESS[image.mode]
    if image.has_transparency_data:
        mode = "LA" if mode in ("L", "LA") else "RGBA"
    return np.asarray(image.convert(mode)).reshape(image.height, image.width, -1)


def _to_channels(pixels, channels, path):
    """Give an image the number of channels wanted, or say why that would lose something."""
    colour, alpha = np.split(pixels, [1 if pixels.shape[-1] < 3 else 3], axis=-1)
    if (alpha == 255).all():
        alpha = alpha[..., :0]
    found = colour.shape[-1] + alpha.shape[-1]
    if channels in (1, 2) and (colour == colour[..., :1]).all():
        colour = colour[..., :1]
    elif channels in (3, 4):
        colour = np.broadcast_to(colour, (*colour.shape[:2], 3))
    if channels in (2, 4) and not alpha.shape[-1]:
        alpha = np.full_like(colour[..., :1], 255)
    pixels = np.concatenate([colour, alpha], axis=-1)
    if channels not in (None, pixels.shape[-1]):
        raise InputError(f"{path} is {KINDS[found]} where {KINDS[channels]} is expected: convert it")
    return pixels


def _size(size):
    return f"{size[0]} high and {size[1]} wide"


def _apportion(count, shares):
    """Divide `count` by largest remainder; nobody gets nothing."""
    whole = sum(shares)
    sizes = [count * share // whole for share in shares]
    remainders = [-(count * share % whole) for share in shares]
    for place in np.argsort(remainders, kind="stable")[: count - sum(sizes)]:
        sizes[place] += 1
    while min(sizes) < 1:
        sizes[sizes.index(max(sizes))] -= 1
        sizes[sizes.index(min(sizes))] += 1
    return sizes


def _read_digits():
    """Return classes, (label, name, image) of each digit, and notes."""
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        raise InputError('the digits need scikit-learn: pip install "kerasformer[images]"') from None
    digits = load_digits()
    pixels = np.round(digits.images[..., None] * (255 / 16)).astype("uint8")  # grey levels are 0..16
    return tuple("0123456789"), zip(digits.target.tolist(), ["digits"] * len(pixels), pixels, strict=True), []


def _read_folder(folder):
    """Return classes, an iterator over (label, path, image), and notes."""
    files, others = _find(folder)
    for name, paths in files.items():
        if not paths:
            raise InputError(f"{folder / name} has no PNG or JPEG image: add some or remove the folder")
        if len(paths) < len(SHARES):
            needs = f"a class needs at least {len(SHARES)}, one each for {', '.join(SHARES)}"
            raise InputError(f"{folder / name} has too few images, {len(paths)}: {needs}")
    items = ((label, path, read_image(path)) for label, paths in enumerate(files.values()) for path in paths)
    return tuple(files), items, [f"left out {others:,} files that are no PNG or JPEG in a class folder"] * bool(others)


def _find(folder):
    """Return a dict of class to paths, both sorted, and how many other files there are."""
    if not folder.is_dir():
        raise InputError(f"'{folder}' is no image corpus ({', '.join(ATTRIBUTIONS)}) and no existing folder: check it")
    advice = "it needs one folder of PNG or JPEG images per class"
    entries = [path for path in sorted(folder.iterdir()) if not path.name.startswith(".")]
    if not entries:
        raise InputError(f"{folder} is empty: {advice}")
    classes = [path for path in entries if path.is_dir()]
    if not classes:
        raise InputError(f"{folder} has files but no folders: {advice}")
    if len(classes) == 1:
        raise InputError(f"{folder} has one class only, {classes[0].name}: {advice}, and at least two classes")
    inside = {path.name: [p for p in sorted(path.iterdir()) if not p.name.startswith(".")] for path in classes}
    files = {name: [p for p in paths if p.suffix.lower() in SUFFIXES] for name, paths in inside.items()}
    return files, len(entries) - len(classes) + sum(len(inside[name]) - len(files[name]) for name in files)


def _gather(items, size):
    """Bring (label, where, image) items to one size and depth; return pixels, labels, their SHA-256 and notes."""
    images, labels, places, digest = [], [], {}, hashlib.sha256()
    for label, where, image in items:
        digest.update(f"{label} {image.shape}\n".encode() + image.tobytes())
        labels.append(label)
        places.setdefault(image.shape[:2], []).append(where)
        images.append(image if size is None else resize(image, *size))
        if size is None and len(places) > 1:
            images.clear()  # they are of no use now: the rest is read to tell the exception from the rule
    if not images:
        _refuse_sizes(places)
    depths = [image.shape[-1] for image in images]
    channels = (3 if max(depths) > 2 else 1) + any(depth % 2 == 0 for depth in depths)
    pixels = np.stack([_to_channels(image, channels, "an image") for image in images])
    resized = sum(len(found) for shape, found in places.items() if shape != pixels.shape[1:3])
    unlike = sum(depth != channels for depth in depths)
    notes = [f"resized {resized:,} of {len(images):,} images"] * bool(resized)
    notes += [f"turned {unlike:,} of {len(images):,} images into {KINDS[channels]} like the others"] * bool(unlike)
    return pixels, np.array(labels, "int32"), digest.hexdigest(), notes


def _refuse_sizes(places):
    rule = max(places, key=lambda shape: len(places[shape]))
    odd = next(shape for shape in places if shape != rule)
    share = f"{len(places[rule]):,} of {sum(map(len, places.values())):,} images are {_size(rule)}"
    advice = "give images of one size, or resize all: train.py with --image-size, kerasformer with --resize"
    raise InputError(f"{places[odd][0]} is {_size(odd)}, but {share}, such as {places[rule][0]}: {advice}")


def _repeated(splits):
    """A line for each held-out split that shares images with training."""
    known = {image.tobytes() for image in splits["train"].pixels}
    counts = {name: sum(image.tobytes() in known for image in splits[name].pixels) for name in ("validation", "test")}
    return [f"{count:,} {name} images are training images too" for name, count in counts.items() if count]
