"""Images in batches of one shape: what a training step of an image model eats."""

import numpy as np

from kerasformer.data.batches import Spec

NO_LABEL = -1  # of the empty images that fill the last batch
_TURN, _ZOOM, _SHIFT = 0.2, 0.15, 0.1  # radians, share, share of the image's side


class ImageBatches:
    """Images with their labels, or with themselves to be reconstructed.

    The order and the warping are functions of (seed, epoch, batch), so that a run can go on in the middle of one.

    Args:
        images: `Images`.
        batch_size: int, images of a batch.
        tokens_per_image: int, the patches or codes that an image is to the model, for the speed shown.
        warped: bool, whether every image is turned, zoomed and shifted a little each time it comes.
        reconstruct: bool, whether the labels are the images themselves.
        workers: int, of which the number of images of a batch is a multiple.
        seed: int, seed of order and warping.
    """

    def __init__(self, images, batch_size, tokens_per_image, *, warped=False, reconstruct=False, workers=1, seed=0):
        self.images = images
        self.batch_size = -(-min(batch_size, len(images)) // workers) * workers
        self.warped = warped
        self.reconstruct = reconstruct
        self.seed = seed
        self.num_tokens = len(images) * tokens_per_image
        pixels = Spec((None, *images.pixels.shape[1:]), "float32")
        self.signature = pixels, pixels if reconstruct else Spec((None,), "int32")

    def __len__(self):
        return -(-len(self.images) // self.batch_size)

    def describe(self):
        """A line for people."""
        return f"{len(self)} batches of {self.batch_size} images an epoch"

    def epoch(self, number, start=0, shuffle=True):
        """Yield the batches of an epoch from batch `start` on: images float32, from 0 to 1, and their labels.

        The last batch is filled up: with empty images whose label is `NO_LABEL`, or where images are their own labels
        with the first ones again. Those that are not shuffled have all about as many, so that the mean of the batches
        is that of the images.
        """
        count, size = len(self.images), self.batch_size
        order = np.random.default_rng((self.seed, number)).permutation(count) if shuffle else np.arange(count)
        parts = np.split(order, range(size, count, size)) if shuffle else np.array_split(order, len(self))
        for i in range(start, len(self)):
            rows = np.concatenate([parts[i], np.resize(order, size - len(parts[i]))])
            pixels = self.images.pixels[rows].astype("float32") / 255
            if self.warped:
                pixels = warp(pixels, np.random.default_rng((self.seed, number, i)))
            if self.reconstruct:
                yield pixels, pixels
            else:
                is_there = np.arange(size) < len(parts[i])
                labels = np.where(is_there, self.images.labels[rows], NO_LABEL)
                yield pixels * is_there[:, None, None, None], labels.astype("int32")


def warp(pixels, rng):
    """Turn, zoom and shift each image a little, by bilinear interpolation; beyond the edge all is 0.

    Args:
        pixels: float (batch, height, width, channels).
        rng: `numpy.random.Generator`.

    Returns:
        float (batch, height, width, channels).
    """
    batch, height, width, _ = pixels.shape
    size = np.array([height, width])
    angle = rng.uniform(-_TURN, _TURN, batch)
    zoom = rng.uniform(1 - _ZOOM, 1 + _ZOOM, (batch, 1, 1))
    shift = rng.uniform(-_SHIFT, _SHIFT, (batch, 1, 2)) * size
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]).transpose(2, 0, 1)
    centre = (size - 1) / 2
    grid = np.stack(np.meshgrid(np.arange(height), np.arange(width), indexing="ij"), axis=-1).reshape(-1, 2) - centre
    where = grid @ (turn * zoom) + centre + shift  # (batch, pixel, 2): what each pixel is taken from
    corner = np.floor(where).astype(int)
    result = 0
    for step in ((0, 0), (0, 1), (1, 0), (1, 1)):
        row_column = corner + step
        weight = np.prod(1 - np.abs(where - row_column), axis=-1)
        is_inside = np.all((row_column >= 0) & (row_column < size), axis=-1)
        rows, columns = np.moveaxis(np.clip(row_column, 0, size - 1), -1, 0)
        result = result + pixels[np.arange(batch)[:, None], rows, columns] * (weight * is_inside)[..., None]
    return result.reshape(pixels.shape).astype(pixels.dtype)
