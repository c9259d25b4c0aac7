"""What every plot shares: its size, labels that one can read, and files written whole or not at all."""

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
# Where a label may stand by its point: points to the right and up, and which of its edges is there.
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
    """Values as an array of the shape that is expected of them.

    Args:
        name: of the argument, for the message.
        values: anything numpy can read.
        axes: the name of each axis.
        lengths: the length of each axis, None where any but 0 will do.

    Returns:
        A float array.

    Raises:
        InputError: if the shape is another one.
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
    """Width and height in inches of a picture of so many cells with labels beside and above them."""
    width, height = max(columns, 8) * _CELL + 2.2, max(rows, 8) * _CELL + 1.6
    return min(width, _LONGEST_SIDE), min(height, _LONGEST_SIDE)


def label_rows(axes, tokens: Sequence[str]) -> None:
    """Write one token beside each row; no ticks at all if there are none."""
    labels = fonts.drawable([readable(token) for token in tokens])
    axes.set_yticks(range(len(labels)), labels, fontsize=_font_size(len(labels)))


def label_columns(axes, tokens: Sequence[str]) -> None:
    """Write one token upright above each column; no ticks at all if there are none."""
    labels = fonts.drawable([readable(token) for token in tokens])
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    axes.set_xticks(range(len(labels)), labels, rotation=90, fontsize=_font_size(len(labels)))


def label_points(axes, points: np.ndarray, labels: Sequence[str]) -> None:
    """Write a label beside each point (point, 2), on the first of its sides where it covers no other label.

    Called last, when all that moves the axes is there.
    """
    families, _ = fonts.families_for(labels)
    finish(axes.figure, None).draw_without_rendering()  # which lays the axes out
    taken = []
    for point, label in zip(points, fonts.drawable([readable(label) for label in labels]), strict=True):
        for x, y, horizontal, vertical in _SIDES:
            text = axes.annotate(
                label, point, (x, y), textcoords="offset points", ha=horizontal, va=vertical,
                fontsize=9, fontfamily=families,
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
    """A token as a reader knows it: no SentencePiece mark, ⟨end⟩ for </s>, one line, not too long."""
    if token in _SPECIAL_TOKENS:
        return _SPECIAL_TOKENS[token]
    words = token.replace("▁", " ").split()
    label = " ".join(words) if words else "␣" * bool(token)
    return label if len(label) <= _LONGEST_LABEL else label[: _LONGEST_LABEL - 1] + "…"


def axis_title(role: str, language: str | None) -> str:
    """ "source (French)", or the role alone."""
    return f"{role} ({language})" if language else role


def finish(figure: Figure, path: str | os.PathLike | None) -> Figure:
    """Give every text a font that has its glyphs, and write the figure if there is a path.

    Args:
        figure: a figure with all its texts.
        path: where to write it, or None.

    Returns:
        The same figure.

    Raises:
        InputError: if matplotlib cannot write what the suffix of `path` names.
        OSError: if the file cannot be written; what was there before stays.
    """
    texts = figure.findobj(Text)
    contents = [text.get_text() for text in texts]
    families, _ = fonts.families_for(contents)
    for text, content in zip(texts, fonts.drawable(contents), strict=True):
        text.set_parse_math(False)  # A dollar is a dollar.
        text.set_fontfamily(families)
        text.set_text(content)
    if path is not None:
        _save(figure, pathlib.Path(path))
    return figure


def check_format(path) -> str:
    """The format that the end of a file's name asks for.

    Raises:
        InputError: if no picture can be written so.
    """
    suffix = pathlib.Path(path).suffix.lstrip(".").lower() or "png"
    if suffix not in (kinds := FigureCanvasBase.get_supported_filetypes()):
        raise InputError(f"cannot write a picture as .{suffix}: expected one of {', '.join(sorted(kinds))}")
    return suffix


def _save(figure: Figure, path: pathlib.Path) -> None:
    kind = check_format(path)
    with whole_file(path) as beside:
        figure.savefig(beside, format=kind, dpi=_DPI)
