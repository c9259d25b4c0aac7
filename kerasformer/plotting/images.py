"""Pictures of images: labelled, looked at by a model, mistaken for one another, and the codes that they are made of.

Every function gives a `matplotlib.figure.Figure` and writes it if there is a path, as those of `plotting` do.
"""

import itertools
import math
import os
import textwrap
import unicodedata
from collections.abc import Sequence

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from kerasformer.errors import InputError
from kerasformer.plotting.figure import checked_array, finish, readable

_SIDE, _SMALL = 1.25, 0.9  # Inches of an image.
_WIDEST = 16  # Small images of a row.
_LINE = 18  # Letters of a line of its label.
_LOOK = LinearSegmentedColormap.from_list("look", [(1, 0.3, 0, 0), (1, 0.3, 0, 0.85)])  # from clear to orange


def image_grid(
    images,
    captions: Sequence[str] | None = None,
    path: str | os.PathLike | None = None,
    columns: int | None = None,
) -> Figure:
    """Draw images row by row, each under its own label.

    Args:
        images: uint8, or float from 0 to 1, (image, height, width, channels), one channel or three.
        captions: what stands above each image, in any language; nothing by default.
        path: where to write the picture; its suffix names the format.
        columns: images of a row; about as many as rows by default.

    Returns:
        The figure.

    Raises:
        InputError: for images of another shape, or not one caption for each.
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
    """Draw the images of each caption under it: a row each, of a single caption about as many rows as columns.

    Args:
        captions: at least one.
        images: uint8, or float from 0 to 1, (caption, image, height, width, channels), one channel or three.
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
    width = max(_SMALL * columns + 0.2, 0.08 * max(map(len, captions)) + 0.4)
    figure = Figure((width, len(captions) * (_SMALL * rows + 0.35)), layout="constrained")
    blocks = figure.subfigures(len(captions), 1, squeeze=False)[:, 0]
    for block, caption, drawn in zip(blocks, captions, images, strict=True):
        block.suptitle(caption, fontsize=10)
        grid = block.subplots(rows, columns, squeeze=False).flat
        for axes, image in itertools.zip_longest(grid, _checked_images(drawn)):
            axes.set_axis_off() if image is None else _show(axes, image)
    return finish(figure, path)


def rollout_maps(images, maps, labels: Sequence[str], path: str | os.PathLike | None = None) -> Figure:
    """Draw images, and below each the same with what a classifier looked at laid over it: more than an even share.

    Args:
        images: uint8, or float from 0 to 1, (image, height, width, channels).
        maps: float (image, row, column), as `rollout.rollout_map` gives them.
        labels: what stands above each image.
        path: where to write the picture; its suffix names the format.

    Returns:
        The figure.

    Raises:
        InputError: if there is not one map and one label for each image.
    """
    images = _checked_images(images)
    maps = checked_array("maps", maps, ("image", "row", "column"), (len(images), None, None))
    if len(labels) != len(images):
        raise InputError(f"labels must be as many as images, {len(images)}, got {len(labels)}")
    height, width = images.shape[1:3]
    even, most = float(maps.mean()), float(maps.max())
    figure = Figure((_SIDE * len(images) + 1.0, 2 * _SIDE + 0.5), layout="constrained")
    grid = figure.subplots(2, len(images), squeeze=False)
    for image, weights, label, above, below in zip(images, maps, labels, *grid, strict=True):
        _show(above, image)
        above.set_title(_wrapped(label), fontsize=9, pad=3)
        _show(below, image)
        extent = (-0.5, width - 0.5, height - 0.5, -0.5)
        heat = below.imshow(weights, cmap=_LOOK, vmin=even, vmax=most, interpolation="nearest", extent=extent)
    figure.colorbar(heat, ax=grid, label="share of the patch", shrink=0.9)
    return finish(figure, path)


def map_grid(
    maps,
    titles: Sequence[str],
    path: str | os.PathLike | None = None,
    columns: int | None = None,
    label: str = "attention weight",
) -> Figure:
    """Draw a number for each place of an image, once for each of several titles, all in the same colours.

    Args:
        maps: float (map, row, column).
        titles: what stands above each map; tokens as readers know them.
        path: where to write the picture; its suffix names the format.
        columns: maps of a row; about as many as rows by default.
        label: what the numbers are.

    Returns:
        The figure.

    Raises:
        InputError: if there is not one map for each title.
    """
    maps = checked_array("maps", maps, ("map", "row", "column"), (len(titles), None, None))
    figure, grid = _grid(len(maps), columns, 0.24)
    low, high = min(float(maps.min()), 0.0), float(maps.max()) or 1.0
    for axes, values, title in zip(grid, maps, titles, strict=False):
        heat = axes.imshow(values, cmap="viridis", vmin=low, vmax=high, interpolation="nearest")
        axes.set_title(readable(title), fontsize=9, pad=3)
    figure.set_figwidth(figure.get_figwidth() + 0.9)
    figure.colorbar(heat, ax=figure.axes, label=label)
    return finish(figure, path)


def confusion_matrix(counts, labels: Sequence[str], path: str | os.PathLike | None = None) -> Figure:
    """Draw how often images of each class were taken for which.

    Args:
        counts: int (class, class), rows what they are, columns what they were taken for.
        labels: names of the classes.
        path: where to write the picture; its suffix names the format.

    Returns:
        The figure.

    Raises:
        InputError: if the shape of `counts` is not that of the labels.
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
    axes.set_xlabel("taken for")
    axes.set_ylabel("is")
    figure.colorbar(heat, ax=axes, label="share of the class")
    return finish(figure, path)


def codebook(
    image_tokenizer,
    path: str | os.PathLike | None = None,
    codes=None,
    columns: int = 32,
) -> Figure:
    """Draw the patch that each code paints.

    What a code paints depends a little on those around it. Where images are given, it is drawn as it is in these, on
    average; else as in an image that has this code everywhere, which no image need have.

    Args:
        image_tokenizer: an `ImageTokenizer`.
        path: where to write the picture; its suffix names the format.
        codes: int (image, row, column) of images; the most used come first, and those that none of them has are left
            out.
        columns: codes of a row.

    Returns:
        The figure.

    Raises:
        InputError: if `codes` are no grids of this tokenizer's codes.
    """
    config = image_tokenizer.config
    if codes is None:
        codes = np.broadcast_to(np.arange(config.num_codes)[:, None, None], (config.num_codes, *config.grid))
        patches = _painted(image_tokenizer, codes)[:, config.grid[0] // 2, config.grid[1] // 2]
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


def _painted(image_tokenizer, codes: np.ndarray) -> np.ndarray:
    """The patches of codes (image, row, column): float (image, row, column, height, width, channels)."""
    from keras import ops  # here, for drawings are shown on devices too

    config = image_tokenizer.config
    images = ops.convert_to_numpy(image_tokenizer.decode(codes.astype("int32"), training=False))
    (rows, columns), size = config.grid, config.patch_size
    return images.reshape(-1, rows, size, columns, size, config.channels).transpose(0, 1, 3, 2, 4, 5)


def _mean_patches(image_tokenizer, codes: np.ndarray) -> np.ndarray:
    """What each code that occurs paints on average, the most used first: float (code, height, width, channels)."""
    painted = _painted(image_tokenizer, codes)
    flat = codes.ravel()
    counts = np.bincount(flat, minlength=image_tokenizer.config.num_codes)
    totals = np.zeros((len(counts), *painted.shape[3:]))
    np.add.at(totals, flat, painted.reshape(-1, *painted.shape[3:]))
    order = np.argsort(-counts, kind="stable")[: np.count_nonzero(counts)]
    return totals[order] / counts[order][:, None, None, None]


def _grid(count: int, columns: int | None, label: float, side: float = _SIDE):
    """A figure with a place for each of `count` images, the rest of the last row empty, and these axes row by row."""
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
    """A label in lines that are about as long as its image is wide; an Asian letter is as wide as two others."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return textwrap.fill(text, max(4, round(_LINE * len(text) / (len(text) + wide or 1))))
