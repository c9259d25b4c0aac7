"""The tables of scores that `kerasformer evaluate` prints; on a terminal they have borders.

A new metric needs one row here: its heading, its name in the scores, and its format.
"""

import math
import sys

_OF_CLASSES = (
    ("images", "images", "{:,}"),
    ("accuracy", "accuracy", "{:.1f} %"),
    ("perplexity", "perplexity", "{:.3f}"),
    ("images/s", "images_per_second", "{:,.0f}"),
)
_OF_CODES = (
    ("held-out images", "images", "{:,}"),
    ("mean squared error of reconstructions", "mean_squared_error", "{:.5f}"),
    ("peak signal-to-noise ratio", "psnr", "{:.1f} dB"),
    ("codebook perplexity", "codebook_perplexity", "{:.1f}"),
    ("unused codes", "dead_codes", "{:,}"),
    ("accuracy of codes", "token_accuracy", "{:.1f} %"),
    ("perplexity of codes", "perplexity", "{:.2f}"),
    ("bits per image", "bits_per_image", "{:.1f}"),
    ("bits per image without the model", "raw_bits_per_image", "{:.0f}"),
)
_OF_TEXTS = (
    ("texts", "texts", "{:,}"),
    ("loops", "loops", "{:.1f} %"),
    ("copies", "copies", "{:.1f} %"),
    ("empty", "empties", "{:.1f} %"),
    ("numbers lost", "lost_numbers", "{:.1f} %"),
    ("names lost", "lost_names", "{:.1f} %"),
    ("chrF", "chrf", "{:.1f}"),
    ("chrF lost", "chrf_lost", "{:.1f}"),
)
_COLUMNS = (
    ("sentences", "sentences", "{:,}"),
    ("BLEU", "bleu", "{:.2f}"),
    ("chrF", "chrf", "{:.2f}"),
    ("Moses BLEU", "moses_bleu", "{:.2f}"),
    ("exact match", "exact_match", "{:.1f} %"),
    ("token accuracy", "token_accuracy", "{:.1f} %"),
    ("perplexity", "perplexity", "{:,.2f}"),
    ("sentences/s", "sentences_per_second", "{:,.1f}"),
    ("tokens/s", "tokens_per_second", "{:,.0f}"),
)


def show(splits):
    """Print the scores of a translator: a row for each split and for each of its baselines, and the signatures.

    Args:
        splits: dict of split name to figures: those of `Score.to_json`, and optionally "token_accuracy", "perplexity"
            and "baselines", a dict of name to figures. A column that no split has is left out.
    """
    columns = [column for column in _COLUMNS if any(row.get(column[1]) is not None for row in splits.values())]
    rows = [["split", *(heading for heading, _, _ in columns)]]
    for split, figures in splits.items():
        rows.append([split, *_cells(figures, columns)])
        for name, quality in figures.get("baselines", {}).items():
            rows.append([name.replace("_", " "), *_cells(quality, columns)])
    show_rows(rows)
    score = next(iter(splits.values()))
    print(f"BLEU  {score['signature']}\nchrF  {score['chrf_signature']}")
    if score.get("moses_bleu") is not None:
        print("Moses BLEU is computed on lower-cased text tokenised by Moses, as papers on Multi30k report it")


def show_robustness(figures):
    """Print the faults of a translator on each kind of difficult text.

    Args:
        figures: what `evaluation.robustness.measure_robustness` returns.
    """
    headings = ["kind", *(heading for heading, _, _ in _OF_TEXTS)]
    show_rows([headings, *([kind, *_cells(of_kind, _OF_TEXTS)] for kind, of_kind in figures.items())])


def show_classes(split, figures):
    """Print the scores of a classifier, and the recall of each class.

    Args:
        split: name of the split.
        figures: what `evaluation.classification.evaluate` returns for it.
    """
    headings = [heading for heading, _, _ in _OF_CLASSES]
    show_rows([["split", *headings], [split, *_cells(figures, _OF_CLASSES)]])
    show_rows([["class", "recall"], *([name, f"{recall:.1f} %"] for name, recall in figures["recall"].items())])


def show_codes(figures):
    """Print how well a DALL-E reconstructs and predicts held-out images.

    Args:
        figures: what `evaluation.drawing.measure_codes` returns.
    """
    shown = {**figures, "psnr": figures["psnr"] or math.inf}
    cells = _cells(shown, _OF_CODES)
    show_rows([["codes", "value"], *([column[0], cell] for column, cell in zip(_OF_CODES, cells, strict=True))])


def show_drawings(seen, speed):
    """Print the percentage of images in which a classifier finds what the caption says.

    Args:
        seen: what `evaluation.drawing.compare_images` returns.
        speed: images drawn per second.
    """
    groups = list(next(iter(seen.values())))
    headings = ["images", *(group.replace("_", " ") for group in groups)]
    show_rows([headings, *([name, *(f"{row[group]:.1f} %" for group in groups)] for name, row in seen.items())])
    print(f"{speed:,.1f} images drawn per second")


def show_rows(rows):
    """Print rows of cells, of which the first are headings; on a terminal with borders."""
    if sys.stdout.isatty():
        _print_bordered(rows)
    else:
        _print_plain(rows)


def _cells(figures, columns):
    return ["-" if figures.get(name) is None else shown.format(figures[name]) for _, name, shown in columns]


def _print_plain(rows):
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *others in rows:
        cells = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        print("  ".join([first.ljust(widths[0]), *cells]))


def _print_bordered(rows):
    from rich.console import Console
    from rich.table import Table

    console = Console()
    columns = list(zip(*rows, strict=True))
    if sum(max(map(len, column)) + 3 for column in columns) + 1 > console.width:
        rows = columns  # too wide for the terminal: one score below the other
    table = Table()
    for index, heading in enumerate(rows[0]):
        table.add_column(heading, justify="right" if index else "left", overflow="fold")
    for row in rows[1:]:
        table.add_row(*row)
    console.print(table)
