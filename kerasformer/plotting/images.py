"""Plots of images: grids with captions, attention rollout, confusion matrices and codebooks.

Every function returns a `matplotlib.figure.Figure` and writes it if there is a path; pyplot is not used.
"""

import math
import os
import textwrap
import unicodedata
from collections.abc import Sequence

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from kerasformer.errors import InputError
from kerasformer.plotting.figure import checked_array, finish, heat_map, readable

_SIDE, _SMALL = 1.25, 0.9  # Inches of an image.
_MAX_COLUMNS = 16  # Small images in a row.
_LINE = 18  # Letters in a line of a caption.
_OVERLAY = LinearSegmentedColormap.from_list("overlay", [(1, 0.3, 0, 0), (1, 0.3, 0, 0.85)])  # transparent to orange


def image_grid(
    images,
    captions: Sequence[str] | None = None,
    path: str | os.PathLike | None = None,
    columns: int | None = None,
) -> Figure:
    """Draw images row by row, each with a caption above it.

    Args:
        images: uint8, or float from 0 to 1, (image, height, width, channels), one channel or three.
        captions: the text above each image, in any language; none by default.
        path: file to write; its suffix names the format.
        columns: images in a row; about as many as there are rows by default.

    Returns:
        The figure.

    Raises:
        InputError: if the images have another shape, or there is not one caption for each.
    """
    images = _checked_images(images)
    captions = [""] * len(images) if captions is None else [_wrapped(caption) for caption in captions]
    if len(captions) != len(images):
        raise InputError(f"captions must be as many as images, {len(images)}, got {len(captions)}")
    lines = max(1 + caption.count("\n") if caption else 0 for caption in captions)
    figure, grid = _grid(len(images), columns, 0.08 + 0.16 * lines)
    for axes, image, caption in zip(grid, images, captions, strict=False):
        _show(axes, image)
        axes.set_title(caption, fontsize=9, pad=3)
    return finish(figure, path)


def gallery(captions: Sequence[str], images, path: str | os.PathLike | None = None) -> Figure:
    """Draw several images for each caption, in a row under it; the images of a single caption fill a square.

    Args:
        captions: at least one caption.
        images: uint8, or float from 0 to 1, (caption, image, height, width, channels), one channel or three.
        path: where to write the picture; its suffix names the format.

    Returns:
        The figure.

    Raises:
        InputError: if the images have another shape.
    """
    images = np.asarray(images)
    if images.ndim != 5 or images.shape[0] != len(captions) or images.shape[-1] not in (1, 3) or not images.size:
        expected = f"({len(captions)}, images, height, width, 1 or 3)"
        raise InputError(f"images must have the shape {expected}, each at least 1, got {images.shape}")
    count = images.shape[1]
    columns = min(math.ceil(math.sqrt(count)) if len(captions) == 1 else count, _MAX_COLUMNS)
    rows = math.ceil(count / columns)
    width = max(_SMALL * columns + 0.2, 0.08 * max(map(len, captions)) + 0.4)
    figure = Figure((width, len(captions) * (_SMALL * rows + 0.35)), layout="constrained")
    blocks = figure.subfigures(len(captions), 1, squeeze=False)[:, 0]
    for block, caption, drawn in zip(blocks, captions, images, strict=True):
        block.suptitle(caption, fontsize=10)
        grid = block.subplots(rows, columns, squeeze=False).flatten()
        for axes in grid:
            axes.set_axis_off()
        for axes, image in zip(grid, _checked_images(drawn), strict=False):
            _show(axes, image)
    return finish(figure, path)


def rollout_maps(images, maps, labels: Sequence[str], path: str | os.PathLike | None = None) -> Figure:
    """Draw images, and below each the same image with its attention rollout as an overlay.

    The overlay colours the patches that have more than an even share.

    Args:
        images: uint8, or float from 0 to 1, (image, height, width, channels).
        maps: float (image, row, column), as `rollout_map` returns them.
        labels: the text above each image.
        path: file to write; its suffix names the format.

    Returns:
        The figure.

    Raises:
        InputError: if there is not one map, and one label, for each image.
    """
    images = _checked_images(images)
    maps = checked_array("maps", maps, ("image", "row", "column"), (len(images), None, None))
    if len(labels) != len(images):
        raise InputError(f"labels must be as many as images, {len(images)}, got {len(labels)}")
    height, width = images.shape[1:3]
    even, most = float(maps.mean()), float(maps.max())
    figure = Figure((_SIDE * len(images) + 1.0, 2 * _SIDE + 0.5), layout="constrained")
    grid = figure.subplots(2, len(images), squeeze=False)
    for image, weights, label, (above, below) in zip(images, maps, labels, grid.T, strict=True):
        _show(above, image)
        above.set_title(_wrapped(label), fontsize=9, pad=3)
        _show(below, image)
        extent = (-0.5, width - 0.5, height - 0.5, -0.5)
        heat = below.imshow(weights, cmap=_OVERLAY, vmin=even, vmax=most, interpolation="nearest", extent=extent)
    figure.colorbar(heat, ax=grid, label="share of the patch", shrink=0.9)
    return finish(figure, path)


def map_grid(
    maps,
    titles: Sequence[str],
    path: str | os.PathLike | None = None,
    columns: int | None = None,
    label: str = "attention weight",
) -> Figure:
    """Draw several maps of numbers over the places of an image, all in the same colours.

    Args:
        maps: float (map, row, column).
        titles: the text above each map; tokens are shown as readers know them.
        path: file to write; its suffix names the format.
        columns: maps in a row; about as many as there are rows by default.
        label: what the numbers are, beside the colour bar.

    Returns:
        The figure.

    Raises:
        InputError: if there is not one map for each title.
    """
    maps = checked_array("maps", maps, ("map", "row", "column"), (len(titles), None, None))
    figure, grid = _grid(len(maps), columns, 0.24)
    for axes, values, title in zip(grid, maps, titles, strict=False):
        heat = heat_map(axes, values, float(maps.max()), min(float(maps.min()), 0.0))
        axes.set_title(readable(title), fontsize=9, pad=3)
    figure.set_figwidth(figure.get_figwidth() + 0.9)
    figure.colorbar(heat, ax=figure.axes, label=label)
    return finish(figure, path)


def confusion_matrix(counts, labels: Sequence[str], path: str | os.PathLike | None = None) -> Figure:
    """Draw how often images of each class were classified as each class.

    Args:
        counts: int (class, class), true classes in rows, predicted ones in columns.
        labels: names of the classes.
        path: file to write; its suffix names the format.

    Returns:
        The figure.

    Raises:
        InputError: if the shape of `counts` does not fit the labels.
    """
    counts = checked_array("counts", counts, ("true", "predicted"), (len(labels), len(labels)))
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    side = 0.42 * len(labels)
    figure = Figure((side + 2.2, side + 1.0), layout="constrained")
    axes = figure.subplots()
    heat = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, interpolation="nearest")
    for (row, column), count in np.ndenumerate(counts):
        if count:
            colour = "white" if shares[row, column] > 0.5 else "black"
            axes.text(column, row, f"{count:.0f}", ha="center", va="center", fontsize=9, color=colour)
    axes.set_xticks(range(len(labels)), labels)
    axes.set_yticks(range(len(labels)), labels)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    figure.colorbar(heat, ax=axes, label="share of the class")
    return finish(figure, path)


def codebook(
    image_tokenizer,
    path: str | os.PathLike | None = None,
    codes=None,
    columns: int = 32,
) -> Figure:
    """Draw the patch that each code is decoded to.

    The patch of a code depends a little on the codes around it. If codes of images are given, its average in those
    images is drawn; otherwise its patch in an image that has this code everywhere.

    Args:
        image_tokenizer: an `ImageTokenizer`.
        path: file to write; its suffix names the format.
        codes: int (image, row, column) of images. The most frequent code comes first; unused codes are left out.
        columns: codes in a row.

    Returns:
        The figure.

    Raises:
        InputError: if `codes` have another shape, or are out of range.
    """
    config = image_tokenizer.config
    if codes is None:
        codes = np.broadcast_to(np.arange(config.num_codes)[:, None, None], (config.num_codes, *config.grid))
        patches = _decoded(image_tokenizer, codes)[:, config.grid[0] // 2, config.grid[1] // 2]
    else:
        patches = _mean_patches(image_tokenizer, _checked_codes(codes, config))
    figure, grid = _grid(len(patches), min(columns, len(patches)), 0.0, side=0.3)
    for axes, patch in zip(grid, patches, strict=False):
        _show(axes, patch)
    return finish(figure, path)


def _checked_codes(codes, config) -> np.ndarray:
    checked_array("codes", codes, ("image", "row", "column"), (None, *config.grid))
    codes = np.asarray(codes)
    if not 0 <= codes.min() <= codes.max() < config.num_codes:
        raise InputError(f"codes must be 0 to {config.num_codes - 1}, got {codes.min()} to {codes.max()}")
    return codes


def _decoded(image_tokenizer, codes: np.ndarray) -> np.ndarray:
    """Decode codes (image, row, column) to patches: float (image, row, column, height, width, channels)."""
    from keras import ops  # imported here, because devices plot images and have no Keras

    config = image_tokenizer.config
    images = ops.convert_to_numpy(image_tokenizer.decode(codes.astype("int32"), training=False))
    (rows, columns), size = config.grid, config.patch_size
    return images.reshape(-1, rows, size, columns, size, config.channels).transpose(0, 1, 3, 2, 4, 5)


def _mean_patches(image_tokenizer, codes: np.ndarray) -> np.ndarray:
    """The average patch of each code in use, the most frequent first: float (code, height, width, channels)."""
    patches = _decoded(image_tokenizer, codes)
    flat = codes.ravel()
    counts = np.bincount(flat, minlength=image_tokenizer.config.num_codes)
    totals = np.zeros((len(counts), *patches.shape[3:]))
    np.add.at(totals, flat, patches.reshape(-1, *patches.shape[3:]))
    order = np.argsort(-counts, kind="stable")[: np.count_nonzero(counts)]
    return totals[order] / counts[order][:, None, None, None]


def _grid(count: int, columns: int | None, label: float, side: float = _SIDE):
    """A figure with `count` places or more, and its axes row by row; `label` is the height of a caption in inches."""
    columns = math.ceil(math.sqrt(count)) if columns is None else columns
    if columns < 1:
        raise InputError(f"columns must be at least 1, got {columns}")
    rows = math.ceil(count / columns)
    figure = Figure((side * columns + 0.2, (side + label) * rows + 0.2), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.02, h_pad=0.02, wspace=0.02, hspace=0.02)
    grid = figure.subplots(rows, columns, squeeze=False).flatten()
    for axes in grid:
        axes.set_axis_off()
    return figure, grid


def _show(axes, image: np.ndarray) -> None:
    image = image if image.shape[-1] == 3 else image[..., 0]
    axes.imshow(image, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    axes.set_axis_off()


def _checked_images(images) -> np.ndarray:
    """Images as floats from 0 to 1."""
    images = np.asarray(images)
    if images.ndim != 4 or images.shape[-1] not in (1, 3) or not images.size:
        raise InputError(f"images must have the shape (image, height, width, 1 or 3), got {images.shape}")
    return images / 255 if images.dtype == np.uint8 else np.clip(images.astype(float), 0, 1)


def _wrapped(text: str) -> str:
    """A caption in lines that are about as wide as its image; an East Asian letter counts as two."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return textwrap.fill(text, max(4, round(_LINE * len(text) / (len(text) + wide or 1))))
