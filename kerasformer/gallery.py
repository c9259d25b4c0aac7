"""Drawn images under their captions, in one picture."""

import math
import os
from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from kerasformer.errors import InputError
from kerasformer.figures import finish

_SIDE = 0.9  # Inches of an image.
_WIDEST = 16  # Images of a row.


def gallery(captions: Sequence[str], images, path: str | os.PathLike | None = None) -> Figure:
    """Draw the images of each caption under it: a row each, of a single caption about as many rows as columns.

    Args:
        captions: at least one.
        images: uint8 (captions, count, height, width, channels), one channel or three.
        path: where to write the picture; its suffix names the format.

    Returns:
        The figure.

    Raises:
        InputError: for images of another shape.
    """
    images = np.asarray(images)
    if images.ndim != 5 or images.shape[0] != len(captions) or images.shape[-1] not in (1, 3) or not images.size:
        expected = f"({len(captions)}, images, height, width, 1 or 3)"
        raise InputError(f"images must have the shape {expected}, each at least 1, got {images.shape}")
    count = images.shape[1]
    columns = min(math.ceil(math.sqrt(count)) if len(captions) == 1 else count, _WIDEST)
    rows = math.ceil(count / columns)
    width = max(_SIDE * columns + 0.2, 0.08 * max(map(len, captions)) + 0.4)
    figure = Figure((width, len(captions) * (_SIDE * rows + 0.35)), layout="constrained")
    blocks = figure.subfigures(len(captions), 1, squeeze=False)[:, 0]
    for block, caption, drawn in zip(blocks, captions, images, strict=True):
        block.suptitle(caption, fontsize=10)
        for axes, image in zip(block.subplots(rows, columns, squeeze=False).flat, drawn, strict=False):
            axes.imshow(image if image.shape[-1] == 3 else image[..., 0], cmap="gray", vmin=0, vmax=255)
        for axes in block.axes:
            axes.set_axis_off()
    return finish(figure, path)
