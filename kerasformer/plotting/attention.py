"""Plots of a translator: attention weights, a map of word embeddings, positions and masks.

Every function returns a `matplotlib.figure.Figure` and writes it if there is a path; pyplot is not used.
"""

import math
import os
from collections.abc import Sequence

import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from kerasformer.errors import InputError
from kerasformer.plotting.figure import (
    axis_title,
    checked_array,
    finish,
    heat_map,
    label_columns,
    label_points,
    label_rows,
    size_for,
)


def attention_map(
    weights,
    source_tokens: Sequence[str],
    target_tokens: Sequence[str],
    path: str | os.PathLike | None = None,
    title: str | None = None,
    source_language: str | None = None,
    target_language: str | None = None,
) -> Figure:
    """Draw how much each target token attends to each source token.

    Args:
        weights: float (target, source).
        source_tokens: labels of the columns.
        target_tokens: labels of the rows.
        path: file to write; its suffix names the format.
        title: title of the picture.
        source_language: name of the source's language, for the axis.
        target_language: name of the target's language, for the axis.

    Returns:
        The figure.

    Raises:
        InputError: if the shape of `weights` does not fit the tokens.
    """
    weights = checked_array("weights", weights, ("target", "source"), (len(target_tokens), len(source_tokens)))
    figure = Figure(size_for(*weights.shape), layout="constrained")
    axes = figure.subplots()
    image = heat_map(axes, weights, float(np.nanmax(weights)), aspect="auto")
    label_columns(axes, source_tokens)
    label_rows(axes, target_tokens)
    axes.set_xlabel(axis_title("source", source_language))
    axes.set_ylabel(axis_title("target", target_language))
    figure.colorbar(image, ax=axes, label="attention weight")
    if title:
        axes.set_title(title, pad=12)
    return finish(figure, path)


def attention_heads(
    weights,
    source_tokens: Sequence[str],
    target_tokens: Sequence[str],
    path: str | os.PathLike | None = None,
    source_language: str | None = None,
    target_language: str | None = None,
) -> Figure:
    """Draw the attention of every head, side by side and in the same colours.

    Args:
        weights: float (heads, target, source).
        source_tokens: labels of the columns.
        target_tokens: labels of the rows.
        path: file to write; its suffix names the format.
        source_language: name of the source's language, for the axis.
        target_language: name of the target's language, for the axis.

    Returns:
        The figure.

    Raises:
        InputError: if the shape of `weights` does not fit the tokens.
    """
    lengths = (None, len(target_tokens), len(source_tokens))
    weights = checked_array("weights", weights, ("heads", "target", "source"), lengths)
    figure, grid = _grid(*weights.shape)
    for head, axes in enumerate(grid.flat):
        if head >= len(weights):
            axes.set_axis_off()
            continue
        image = heat_map(axes, weights[head], float(np.nanmax(weights)), aspect="auto")
        label_columns(axes, source_tokens if head < grid.shape[1] else ())
        label_rows(axes, target_tokens if head % grid.shape[1] == 0 else ())
        axes.set_title(f"head {head + 1}", fontsize=10)
    figure.suptitle(axis_title("source", source_language), fontsize=10)
    figure.supylabel(axis_title("target", target_language), fontsize=10)
    figure.colorbar(image, ax=grid, label="attention weight")
    return finish(figure, path)


def _grid(heads: int, target: int, source: int):
    """A figure that is about square, and its axes (rows, columns), at least one for each head."""
    columns = min(max(round(math.sqrt(heads * target / source)), 1), heads)
    rows = math.ceil(heads / columns)
    width, height = size_for(target * rows, source * columns)
    figure = Figure((width, height + 0.5 * rows), layout="constrained")
    return figure, figure.subplots(rows, columns, squeeze=False)


def embedding_map(
    points,
    labels: Sequence[str],
    groups: Sequence[str] | None = None,
    path: str | os.PathLike | None = None,
    title: str | None = None,
) -> Figure:
    """Draw words as points, near each other if their vectors are.

    Args:
        points: float (word, 2), as `embeddings.project` returns them.
        labels: the text beside each point.
        groups: the group of each point, which sets its colour; one colour by default.
        path: file to write; its suffix names the format.
        title: title of the picture.

    Returns:
        The figure.

    Raises:
        InputError: if there is not one point, and one group, for each label.
    """
    points = checked_array("points", points, ("word", "x and y"), (len(labels), 2))
    groups = [""] * len(labels) if groups is None else list(groups)
    if len(groups) != len(labels):
        raise InputError(f"groups must be as many as labels, {len(labels)}, got {len(groups)}")
    figure = Figure((8, 6.5), layout="constrained")
    axes = figure.subplots()
    for number, name in enumerate(dict.fromkeys(groups)):
        rows = [row for row, group in enumerate(groups) if group == name]
        axes.scatter(*points[rows].T, s=18, color=f"C{number % 10}", label=name)
    axes.set_aspect("equal", adjustable="datalim")
    axes.set_xlabel("first principal component")
    axes.set_ylabel("second principal component")
    if any(groups):
        axes.legend()
    if title:
        axes.set_title(title)
    label_points(axes, points, labels)
    return finish(figure, path)


def position_table(table, path: str | os.PathLike | None = None) -> Figure:
    """Draw the positional encodings that are added to embeddings.

    Args:
        table: float (length, hidden).
        path: file to write; its suffix names the format.

    Returns:
        The figure.

    Raises:
        InputError: if `table` does not have two axes.
    """
    table = checked_array("table", table, ("length", "hidden"), (None, None))
    figure = Figure((7, 4.5), layout="constrained")
    axes = figure.subplots()
    bound = float(np.nanmax(np.abs(table))) or 1.0
    image = axes.imshow(table, cmap="RdBu_r", vmin=-bound, vmax=bound, aspect="auto", interpolation="nearest")
    axes.set_xlabel("hidden dimension")
    axes.set_ylabel("position")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(integer=True))
    figure.colorbar(image, ax=axes, label="value")
    return finish(figure, path)


def mask_table(
    mask,
    row_labels: Sequence[str],
    column_labels: Sequence[str],
    path: str | os.PathLike | None = None,
) -> Figure:
    """Draw an attention mask: which query may attend to which key.

    Args:
        mask: bool (query, key), True where it may attend.
        row_labels: labels of the queries.
        column_labels: labels of the keys.
        path: file to write; its suffix names the format.

    Returns:
        The figure.

    Raises:
        InputError: if the shape of `mask` does not fit the labels.
    """
    mask = checked_array("mask", mask, ("query", "key"), (len(row_labels), len(column_labels))) != 0
    figure = Figure(size_for(*mask.shape), layout="constrained")
    axes = figure.subplots()
    colours = ["#e8e8e8", "#3b6ea5"]
    axes.imshow(mask, cmap=ListedColormap(colours), vmin=0, vmax=1, aspect="auto", interpolation="nearest")
    for position in range(1, mask.shape[1]):
        axes.axvline(position - 0.5, color="white", linewidth=1)
    for position in range(1, mask.shape[0]):
        axes.axhline(position - 0.5, color="white", linewidth=1)
    label_columns(axes, column_labels)
    label_rows(axes, row_labels)
    axes.set_xlabel("key")
    axes.set_ylabel("query")
    meanings = [Patch(color=colours[1], label="may attend"), Patch(color=colours[0], label="may not attend")]
    figure.legend(handles=meanings, loc="outside lower center", ncols=2, frameon=False)
    return finish(figure, path)
