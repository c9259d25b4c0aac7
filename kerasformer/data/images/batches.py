"""Batches of images for training image models; all batches have the same shape."""

import numpy as np

from kerasformer.data.batches import Spec

NO_LABEL = -1  # label of the blank images that fill the last batch
_TURN, _ZOOM, _SHIFT = 0.2, 0.15, 0.1  # radians, factor, share of the image's side


class ImageBatches:
    """Images in batches, with their labels, or with themselves as labels for models that reconstruct them.

    The order and the warping are functions of (seed, epoch, batch), so that a run can resume in the middle of an epoch.

    Args:
        images: `Images`.
        batch_size: int, images per batch.
        tokens_per_image: int, patches or codes per image; used to report the speed in tokens/s.
        warped: bool, whether to rotate, zoom and shift the images a little, differently in each epoch.
        reconstruct: bool, whether the labels are the images themselves.
        workers: int, the number of images per batch is a multiple of it.
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
        """Return one line for users."""
        return f"{len(self):,} batches of {self.batch_size:,} images per epoch"

    def epoch(self, number, start=0, shuffle=True):
        """Yield the batches of an epoch, from batch `start` on.

        A batch is (images, labels): float32 (batch, height, width, channels) from 0 to 1, and int32 (batch,) or the
        images themselves. The last batch is filled with blank images labelled `NO_LABEL`, or with the first images
        again if images are their own labels. If not shuffled, all batches have about as many images, so that the mean
        over batches is the mean over images.
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
    """Rotate, zoom and shift each image a little at random, by bilinear interpolation; pixels outside are 0.

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
    where = grid @ (turn * zoom) + centre + shift  # (batch, pixel, 2): the position that each pixel is taken from
    corner = np.floor(where).astype(int)
    result = 0
    for step in ((0, 0), (0, 1), (1, 0), (1, 1)):
        row_column = corner + step
        weight = np.prod(1 - np.abs(where - row_column), axis=-1)
        is_inside = np.all((row_column >= 0) & (row_column < size), axis=-1)
        rows, columns = np.moveaxis(np.clip(row_column, 0, size - 1), -1, 0)
        result = result + pixels[np.arange(batch)[:, None], rows, columns] * (weight * is_inside)[..., None]
    return result.reshape(pixels.shape).astype(pixels.dtype)
