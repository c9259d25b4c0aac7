"""Read PNG and JPEG files without loss, one by one or from a folder with one folder per class."""

import io
import warnings

import numpy as np

from kerasformer.data.images.splits import SHARES
from kerasformer.data.text_files import read_bytes
from kerasformer.errors import InputError

SUFFIXES = (".png", ".jpg", ".jpeg")
LOSSLESS = {"1": "L", "L": "L", "LA": "LA", "P": "RGB", "PA": "RGBA", "RGB": "RGB", "RGBA": "RGBA"}
CHANNEL_NAMES = {1: "greyscale", 2: "greyscale with transparency", 3: "RGB", 4: "RGB with transparency"}


def read_image(path, height=None, width=None, channels=None):
    """Read a PNG or JPEG file, turned upright by its EXIF orientation, and convert it only without loss.

    Args:
        path: File of an image with at most 8 bits per channel.
        height, width: Size in pixels that it must have; None takes any size.
        channels: 1 (greyscale), 3 (RGB), 2 or 4 (the same with transparency); None is what the file has, without
            transparency if all of it is opaque.

    Returns:
        uint8 (height, width, channels).

    Raises:
        InputError: if the file is missing or damaged, is not such an image, or cannot be converted without loss.
    """
    if channels not in (None, *CHANNEL_NAMES):
        raise ValueError(f"channels must be None, 1, 2, 3 or 4, not {channels!r}")
    pixels = to_channels(_decode(path), channels, path)
    expected = height or pixels.shape[0], width or pixels.shape[1]
    if pixels.shape[:2] != expected:
        raise InputError(
            f"{path} is {describe_size(pixels.shape)} where {describe_size(expected)} is expected: resize or crop it"
        )
    return pixels


def resize(image, height, width):
    """Resize an image with an antialiased Lanczos filter; uint8 (height, width, channels)."""
    from PIL import Image

    picture = Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)
    return np.asarray(picture.resize((width, height), Image.Resampling.LANCZOS)).reshape(height, width, -1)


def _decode(path):
    """Decode the file of an image, upright; uint8 (height, width, channels)."""
    from PIL import Image, ImageOps, UnidentifiedImageError  # not needed to translate on a device

    data = read_bytes(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about damaged EXIF data, which does not harm the image
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as opened:
                deep = opened.format == "PNG" and data[24] == 16  # IHDR's bit depth, which Pillow cuts to 8
                opened.load()
                image = ImageOps.exif_transpose(opened)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise InputError(f"{path} has more than {Image.MAX_IMAGE_PIXELS:,} pixels: make it smaller") from None
    except UnidentifiedImageError:
        raise InputError(f"{path} is not a PNG or JPEG image: convert it") from None
    except Exception as error:  # decoders raise many kinds of exceptions
        raise InputError(f"{path} is a damaged image ({error}): copy or download it again") from error
    if deep or image.mode not in LOSSLESS:
        found = "16 bits per channel" if deep else f"mode {image.mode}"
        raise InputError(f"{path} has {found} where greyscale or RGB with 8 bits is expected: convert it")
    mode = LOSSLESS[image.mode]
    if image.has_transparency_data:
        mode = "LA" if mode in ("L", "LA") else "RGBA"
    return np.asarray(image.convert(mode)).reshape(image.height, image.width, -1)


def to_channels(pixels, channels, path):
    """Convert an image to a number of channels; an `InputError` says if that would lose information."""
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
        raise InputError(f"{path} is {CHANNEL_NAMES[found]} where {CHANNEL_NAMES[channels]} is expected: convert it")
    return pixels


def describe_size(size):
    """Say a (height, width) in words."""
    return f"{size[0]} high and {size[1]} wide"


def read_folder(folder):
    """Read a folder with one folder of images per class.

    Returns:
        `(classes, items, notes)`, as `NamedImages.read` returns them.
    """
    files, others = _find(folder)
    for name, paths in files.items():
        if not paths:
            raise InputError(f"{folder / name} has no PNG or JPEG images: add some or remove the folder")
        if len(paths) < len(SHARES):
            needs = f"a class needs at least {len(SHARES)}, one each for {', '.join(SHARES)}"
            raise InputError(f"{folder / name} has only {len(paths)} images: {needs}")
    items = ((label, path, read_image(path)) for label, paths in enumerate(files.values()) for path in paths)
    note = f"left out {others:,} files that are not PNG or JPEG images in a class folder"
    return tuple(files), items, [note] if others else []


def _find(folder):
    """Return a dict of class to image paths, both sorted, and the number of other files."""
    advice = "it needs one folder of PNG or JPEG images per class"
    entries = [path for path in sorted(folder.iterdir()) if not path.name.startswith(".")]
    if not entries:
        raise InputError(f"{folder} is empty: {advice}")
    classes = [path for path in entries if path.is_dir()]
    if not classes:
        raise InputError(f"{folder} has files but no folders: {advice}")
    if len(classes) == 1:
        raise InputError(f"{folder} has only one class, {classes[0].name}: {advice}, and at least two classes")
    inside = {path.name: [p for p in sorted(path.iterdir()) if not p.name.startswith(".")] for path in classes}
    files = {name: [p for p in paths if p.suffix.lower() in SUFFIXES] for name, paths in inside.items()}
    return files, len(entries) - len(classes) + sum(len(inside[name]) - len(files[name]) for name in files)
