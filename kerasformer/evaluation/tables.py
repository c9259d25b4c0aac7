"""The tables of scores that `kerasformer evaluate` prints, on a terminal with lines around them."""

import math
import sys

# Heading, name of the figure, how it reads.
_OF_CLASSES = (
    ("images", "images", "{:,}"),
    ("accuracy", "accuracy", "{:.1f} %"),
    ("perplexity", "perplexity", "{:.3f}"),
    ("images/s", "images_per_second", "{:,.0f}"),
)
_OF_CODES = (
    ("held-out images", "images", "{:,}"),
    ("mean squared error of reconstructions", "mean_squared_error", "{:.5f}"),
    ("their signal to noise", "psnr", "{:.1f} dB"),
    ("codes in use, by their entropy", "codebook_perplexity", "{:.1f}"),
    ("codes never used", "dead_codes", "{:,}"),
    ("codes foreseen", "token_accuracy", "{:.1f} %"),
    ("perplexity of a code", "perplexity", "{:.2f}"),
    ("bits an image", "bits_per_image", "{:.1f}"),
    ("bits an image, as codes stand", "raw_bits_per_image", "{:.0f}"),
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
    """Print a row for each split, those of its baselines under it, and what the scores are.

    Args:
        splits: dict of split name to dict of figures, `evaluation.Score.to_json` and, where there are any,
            "token_accuracy", "perplexity" and "baselines", a dict of name to dict of figures. A column that no
            split has is left out.
    """
    columns = [column for column in _COLUMNS if any(column[1] in figures for figures in splits.values())]
    rows = [["split", *(heading for heading, _, _ in columns)]]
    for split, figures in splits.items():
        rows.append([split, *_cells(figures, columns)])
        for name, quality in figures.get("baselines", {}).items():
            rows.append([name.replace("_", " "), *_cells(quality, columns)])
    show_rows(rows)
    score = next(iter(splits.values()))
    print(f"BLEU  {score['signature']}\nchrF  {score['chrf_signature']}")
    print("Moses BLEU is of lower-cased text tokenised by Moses, as papers on Multi30k report it")


def show_classes(split, figures):
    """Print the scores of a classifier, and how often it is right of each class alone.

    Args:
        split: name of the split.
        figures: what `classification_scores.evaluate` returns of it.
    """
    headings = [heading for heading, _, _ in _OF_CLASSES]
    show_rows([["split", *headings], [split, *_cells(figures, _OF_CLASSES)]])
    show_rows([["class", "recall"], *([name, f"{recall:.1f} %"] for name, recall in figures["recall"].items())])


def show_codes(figures):
    """Print what a model that draws makes of held-out images.

    Args:
        figures: what `drawing_scores.measure_codes` returns.
    """
    shown = {**figures, "psnr": figures["psnr"] or math.inf}
    rows = zip((heading for heading, _, _ in _OF_CODES), _cells(shown, _OF_CODES), strict=True)
    show_rows([["codes", "value"], *map(list, rows)])


def show_drawings(seen, speed):
    """Print what a classifier sees in images, in per cent of them.

    Args:
        seen: what `drawing_scores.compare_images` returns.
        speed: images drawn in a second.
    """
    groups = list(next(iter(seen.values())))
    headings = ["images", *(group.replace("_", " ") for group in groups)]
    show_rows([headings, *([name, *(f"{row[group]:.1f} %" for group in groups)] for name, row in seen.items())])
    print(f"{speed:,.1f} images drawn in a second")


def show_rows(rows):
    """Print rows of cells, the first of them headings: with lines around them on a terminal."""
    _print_lined(rows) if sys.stdout.isatty() else _print_table(rows)


def _cells(figures, columns):
    return [shown.format(figures[name]) if name in figures else "-" for _, name, shown in columns]


def _print_table(rows):
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *others in rows:
        cells = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        print("  ".join([first.ljust(widths[0]), *cells]))


def _print_lined(rows):
    from rich.console import Console
    from rich.table import Table

    console = Console()
    columns = list(zip(*rows, strict=True))
    if sum(max(map(len, column)) + 3 for column in columns) + 1 > console.width:
        rows = columns  # of many scores, better one below the other than broken
    table = Table()
    for index, heading in enumerate(rows[0]):
        table.add_column(heading, justify="right" if index else "left", overflow="fold")
    for row in rows[1:]:
        table.add_row(*row)
    console.print(table)
