"""Curves: learning curves, scores by length and gradient norms.

Every function returns a `matplotlib.figure.Figure` and writes it if there is a path; pyplot is not used.
"""

import os
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from kerasformer.errors import InputError
from kerasformer.plotting.figure import checked_array, finish


def learning_curves(history: Sequence[dict], path: str | os.PathLike | None = None) -> Figure:
    """Draw loss, accuracy and perplexity over epochs, in training and in validation.

    Args:
        history: a dict for each epoch with "epoch", "loss", "accuracy", "perplexity", and the same with "val_" in
            front; a value that no row has is left out.
        path: file to write; its suffix names the format.

    Returns:
        The figure.

    Raises:
        InputError: if no row has any of these values.
    """
    metrics = [
        name for name in ("loss", "accuracy", "perplexity") if any(_curve(history, key).size for key in _keys(name))
    ]
    if not metrics:
        raise InputError("expected a history with rows of loss, accuracy or perplexity, got none")
    figure = Figure((4.4 * len(metrics), 3.6), layout="constrained")
    for axes, name in zip(figure.subplots(1, len(metrics), squeeze=False).flat, metrics, strict=True):
        for key, label in zip(_keys(name), ("training", "validation"), strict=True):
            curve = _curve(history, key)
            if curve.size:
                axes.plot(*curve, marker="o", markersize=4 if len(history) < 20 else 2, label=label)
        axes.set_title(name)
        axes.set_xlabel("epoch")
        axes.grid(alpha=0.3)
        axes.legend()
        if name == "perplexity":
            _log_axis(axes)
        _epoch_axis(axes)
    return finish(figure, path)


def scores_by_length(
    groups: Mapping[str, Sequence[dict]],
    path: str | os.PathLike | None = None,
    score: str = "bleu",
    label: str = "BLEU",
) -> Figure:
    """Draw the score of each model on short and on long sources.

    Args:
        groups: name of a model -> its rows {"from", "to", "sentences", score}, as `score_by_length` returns them; the
            same groups of lengths for every model.
        path: file to write; its suffix names the format.
        score: the key in the rows to draw.
        label: the name of the score.

    Returns:
        The figure.

    Raises:
        InputError: if there is no model or no group, or if models have different groups.
    """
    spans = {tuple((row["from"], row["to"], row["sentences"]) for row in rows) for rows in groups.values()}
    if len(spans) != 1 or not all(spans):
        raise InputError("scores by length need at least one model, and the same groups of lengths for all")
    [spans] = spans
    figure = Figure((7, 4.2), layout="constrained")
    axes = figure.subplots()
    for name, rows in groups.items():
        axes.plot(range(len(rows)), [row[score] for row in rows], marker="o", label=name)
    axes.set_xticks(range(len(spans)), [f"{low} to {high}\n({count:,})" for low, high, count in spans])
    axes.set_xlabel("words of the source (sentences)")
    axes.set_ylabel(label)
    axes.set_ylim(0, 1.05 * axes.get_ylim()[1])  # with room above the highest mark
    axes.grid(alpha=0.3)
    axes.legend()
    return finish(figure, path)


def gradient_norms(norms: Mapping[str, Sequence[float]], path: str | os.PathLike | None = None) -> Figure:
    """Draw how the gradients of each model shrink towards the beginning of the source.

    Args:
        norms: name of a model -> norms by distance from the end of the source, as `gradients_by_distance` returns
            them. The axis is logarithmic; zeros are left out.
        path: file to write; its suffix names the format.

    Returns:
        The figure.

    Raises:
        InputError: if there is no model, or the norms of one do not have one axis.
    """
    if not norms:
        raise InputError("there are no gradient norms to draw: expected the norms of at least one model")
    figure = Figure((7, 4.2), layout="constrained")
    axes = figure.subplots()
    for name, values in norms.items():
        values = checked_array(f"norms of {name}", values, ("distance",), (None,))
        axes.plot(np.where(values > 0, values, np.nan), marker="o", markersize=3, label=name)
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("tokens from the end of the source")
    axes.set_ylabel("gradient norm, relative to the largest")
    axes.grid(alpha=0.3)
    axes.legend()
    return finish(figure, path)


def _keys(name: str) -> tuple[str, str]:
    return name, f"val_{name}"


def _curve(history: Sequence[dict], key: str) -> np.ndarray:
    """Epochs and finite values of a key: float (2, points), of size 0 if there are none."""
    rows = [(row.get("epoch", number), row[key]) for number, row in enumerate(history, 1) if row.get(key) is not None]
    return np.array([row for row in rows if np.isfinite(row[1])], dtype=float).T


def _epoch_axis(axes) -> None:
    """Tick whole epochs only, and leave room around a single one."""
    low, high = axes.dataLim.intervalx
    if low == high:
        axes.set_xlim(low - 1, high + 1)
        axes.set_xticks([low])
    else:
        axes.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True, steps=[1, 2, 5, 10]))


def _log_axis(axes) -> None:
    """Make the axis logarithmic, with plain numbers at 1, 2 and 5 times the powers of ten."""
    low, high = axes.dataLim.intervaly
    if low <= 0:
        return
    axes.set_yscale("log")
    if high < 1.2 * low:
        axes.set_ylim(low / 1.1, high * 1.1)
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)) if high > 4 * low else MaxNLocator(nbins=6))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
