"""What all plots share: sizes, readable labels, heat maps, and files that are written whole or not at all."""

import os
import pathlib
from collections.abc import Sequence

import numpy as np
from matplotlib.backend_bases import FigureCanvasBase
from matplotlib.figure import Figure
from matplotlib.text import Text

from kerasformer.errors import InputError
from kerasformer.plotting import fonts
from kerasformer.system.files import whole_file

_CELL = 0.26  # Inches from one token to the next: labels of 9 points do not touch.
_LONGEST_SIDE = 80  # Inches.
_LONGEST_LABEL = 24  # Characters.
_DPI = 120
# Where a label may stand beside its point: offset to the right and up in points, and the edges of the label there.
_SIDES = (
    (3, 2, "left", "bottom"), (3, -2, "left", "top"), (-3, 2, "right", "bottom"), (-3, -2, "right", "top"),
    (0, 4, "center", "bottom"), (0, -4, "center", "top"),
)  # fmt: skip
_SPECIAL_TOKENS = {
    "<s>": "⟨start⟩",
    "</s>": "⟨end⟩",
    "<pad>": "⟨pad⟩",
    "<unk>": "⟨unknown⟩",
    "[START]": "⟨start⟩",
    "[END]": "⟨end⟩",
    "[PAD]": "⟨pad⟩",
    "[UNK]": "⟨unknown⟩",
}


def checked_array(name: str, values, axes: Sequence[str], lengths: Sequence[int | None]) -> np.ndarray:
    """Convert values to a float array and check its shape.

    Args:
        name: name of the argument, for the message.
        values: what `numpy.asarray` takes.
        axes: the name of each axis.
        lengths: the length of each axis; None allows every length of at least 1.

    Returns:
        The array.

    Raises:
        InputError: if the shape is wrong.
    """
    array = np.asarray(values, dtype=float)
    fits = array.ndim == len(lengths) and all(
        got > 0 and wanted in (None, got) for got, wanted in zip(array.shape, lengths, strict=True)
    )
    if not fits:
        expected = ", ".join(
            axis if length is None else f"{axis} {length}" for axis, length in zip(axes, lengths, strict=True)
        )
        raise InputError(f"{name} must have the shape ({expected}), each at least 1, got {array.shape}")
    return array


def size_for(rows: int, columns: int) -> tuple[float, float]:
    """Width and height in inches of a picture with this many cells, and labels beside and above them."""
    width, height = max(columns, 8) * _CELL + 2.2, max(rows, 8) * _CELL + 1.6
    return min(width, _LONGEST_SIDE), min(height, _LONGEST_SIDE)


def label_rows(axes, tokens: Sequence[str]) -> None:
    """Write one token beside each row; without tokens there are no ticks."""
    labels = [readable(token) for token in tokens]
    axes.set_yticks(range(len(labels)), labels, fontsize=_font_size(len(labels)))


def label_columns(axes, tokens: Sequence[str]) -> None:
    """Write one token vertically above each column; without tokens there are no ticks."""
    labels = [readable(token) for token in tokens]
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    axes.set_xticks(range(len(labels)), labels, rotation=90, fontsize=_font_size(len(labels)))


def label_points(axes, points: np.ndarray, labels: Sequence[str]) -> None:
    """Write a label beside each point (point, 2), on the first side where it covers no other label.

    Call this last, because whatever else is added moves the axes.
    """
    finish(axes.figure, None).draw_without_rendering()  # lays out the axes
    taken = []
    for point, label in zip(points, labels, strict=True):
        for x, y, horizontal, vertical in _SIDES:
            text = axes.annotate(
                readable(label), point, (x, y), textcoords="offset points", ha=horizontal, va=vertical,
                fontsize=9, fontfamily=fonts.families(),
            )  # fmt: skip
            box = text.get_window_extent()
            if not any(box.overlaps(other) for other in taken):
                break
            text.remove()
        else:
            axes.add_artist(text)
        taken.append(box)


def _font_size(tokens: int) -> float:
    return min(9.0, 9.0 * _LONGEST_SIDE / max(tokens * _CELL, 1))


def readable(token: str) -> str:
    """A token as readers know it: one line without SentencePiece marks, cut if it is long; ⟨end⟩ for </s>."""
    if token in _SPECIAL_TOKENS:
        return _SPECIAL_TOKENS[token]
    label = " ".join(token.replace("▁", " ").split())
    if token and not label:
        return "␣"
    return fonts.drawable(label if len(label) <= _LONGEST_LABEL else label[: _LONGEST_LABEL - 1] + "…")


def heat_map(axes, values: np.ndarray, highest: float, lowest: float = 0.0, **options):
    """Draw values (row, column) as colours; maps drawn with the same limits can be compared.

    Args:
        axes: where to draw.
        values: float (row, column).
        highest, lowest: the values of the last and the first colour.
        **options: further arguments of `imshow`.

    Returns:
        The image, for a colour bar.
    """
    return axes.imshow(values, cmap="viridis", vmin=lowest, vmax=highest or 1.0, interpolation="nearest", **options)


def axis_title(role: str, language: str | None) -> str:
    """The title of an axis, such as "source (French)"; the role alone if there is no language."""
    return f"{role} ({language})" if language else role


def finish(figure: Figure, path: str | os.PathLike | None) -> Figure:
    """Set the fonts of all texts, and write the figure if there is a path.

    Args:
        figure: a figure with all its texts.
        path: where to write it, or None.

    Returns:
        The same figure.

    Raises:
        InputError: if matplotlib cannot write the format that the suffix of `path` names.
        OSError: if the file cannot be written; an older file of that name is kept.
    """
    for text in figure.findobj(Text):
        text.set_parse_math(False)  # a dollar sign is no formula
        text.set_fontfamily(fonts.families())
        text.set_text(fonts.drawable(text.get_text()))
    if path is not None:
        file_format = check_format(path)
        with whole_file(pathlib.Path(path)) as unfinished:
            figure.savefig(unfinished, format=file_format, dpi=_DPI)
    return figure


def check_format(path) -> str:
    """The format that the suffix of a path names; png where there is none.

    Raises:
        InputError: if matplotlib cannot write it.
    """
    suffix = pathlib.Path(path).suffix.lstrip(".").lower() or "png"
    formats = FigureCanvasBase.get_supported_filetypes()
    if suffix not in formats:
        raise InputError(f"cannot write a picture as .{suffix}: expected one of {', '.join(sorted(formats))}")
    return suffix
