"""Pictures that set models side by side: one line for each model, over what makes the task harder.

Every function gives a `matplotlib.figure.Figure` and writes it if there is a path, as those of `plotting` do.
"""

import os
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from kerasformer.errors import InputError
from kerasformer.figures import checked_array, finish


def scores_by_length(
    groups: Mapping[str, Sequence[dict]],
    path: str | os.PathLike | None = None,
    score: str = "bleu",
    label: str = "BLEU",
) -> Figure:
    """Draw how good each model is for short and for long sources.

    Args:
        groups: name of a model -> its rows {"from", "to", "sentences", score}, as `evaluation.score_by_length` gives
            them; the same groups of lengths for every model.
        path: where to write the picture; its suffix names the format.
        score: the key of the rows that is drawn.
        label: what the score is called.

    Returns:
        The figure.

    Raises:
        InputError: if there is no model, no group, or models have different groups.
    """
    spans = {tuple((row["from"], row["to"], row["sentences"]) for row in rows) for rows in groups.values()}
    if len(spans) != 1 or not all(spans):
        raise InputError("scores by length need one model or more, all with the same groups of lengths")
    [spans] = spans
    figure = Figure((7, 4.2), layout="constrained")
    axes = figure.subplots()
    for name, rows in groups.items():
        axes.plot(range(len(rows)), [row[score] for row in rows], marker="o", label=name)
    axes.set_xticks(range(len(spans)), [f"{low} to {high}\n({count:,})" for low, high, count in spans])
    axes.set_xlabel("words of the source (sentences)")
    axes.set_ylabel(label)
    axes.set_ylim(0, 1.05 * axes.get_ylim()[1])  # with room for the marks at the top
    axes.grid(alpha=0.3)
    axes.legend()
    return finish(figure, path)


def gradient_norms(norms: Mapping[str, Sequence[float]], path: str | os.PathLike | None = None) -> Figure:
    """Draw how the gradient of each model fades towards the beginning of the source.

    Args:
        norms: name of a model -> norms by distance from the end of the source, as `gradients.gradients_by_distance`
            gives them. What is 0 has no place on a logarithmic axis and is left out.
        path: where to write the picture; its suffix names the format.

    Returns:
        The figure.

    Raises:
        InputError: if there is no model, or its norms are not a row of numbers.
    """
    if not norms:
        raise InputError("there are no gradient norms to draw: expected those of one model or more")
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
