"""The report of an export as people read it: a table, and the first texts through every artefact."""

from rich.table import Table

_SHARE = "{:.1%}"
# By task: heading, name of the figure, how it reads.
_COLUMNS = {
    "translation": (
        ("size, MB", "megabytes", "{:.1f}"),
        ("ms a sentence", "ms_per_sentence", "{:.1f}"),
        ("BLEU", "bleu", "{:.2f}"),
        ("identical answers", "identical_share", _SHARE),
    ),
    "classification": (
        ("size, MB", "megabytes", "{:.2f}"),
        ("ms an image", "ms_per_image", "{:.2f}"),
        ("accuracy, %", "accuracy", "{:.1f}"),
        ("same labels", "identical_share", _SHARE),
        ("largest gap", "max_difference", "{:.1g}"),
    ),
    "drawing": (
        ("size, MB", "megabytes", "{:.1f}"),
        ("ms an image", "ms_per_image", "{:.1f}"),
        ("perplexity", "perplexity", "{:.2f}"),
        ("same likeliest", "identical_share", _SHARE),
        ("same drawn", "identical_drawn_share", _SHARE),
    ),
}
_TITLES = {
    "translation": "{sentences} held-out sentences, {source} to {target}",
    "classification": "{images} held-out images",
    "drawing": "images of {captions} held-out captions",
}


def table(report):
    """A rich table of what `parity.export_all` reports: a row for each artefact."""
    drawn = Table(title=_TITLES[_task(report)].format(**report))
    for heading in _headings(report):
        is_name = heading == "artefact"
        drawn.add_column(heading, justify="left" if is_name else "right", no_wrap=is_name)
    for row in _rows(report):
        drawn.add_row(*row)
    return drawn


def markdown(report):
    """The same table in Markdown."""
    headings = _headings(report)
    lines = [headings, ["---"] + ["---:"] * (len(headings) - 1), *_rows(report)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def samples(report):
    """The lines of the first texts, and of their translations through each artefact."""
    lines = []
    for i, source in enumerate(report["samples"]):
        lines += [source, *(f"  {row['name']:<12} {row['samples'][i]}" for row in report["artefacts"])]
    return lines


def _task(report):
    return report.get("task", "translation")


def _headings(report):
    return ["artefact", *(heading for heading, _, _ in _COLUMNS[_task(report)])]


def _rows(report):
    return [
        [row["name"], *_cells({**row, "megabytes": row["bytes"] / 1e6}, _COLUMNS[_task(report)])]
        for row in report["artefacts"]
    ]


def _cells(row, columns):
    return [shown.format(row[name]).replace("%", " %") for _, name, shown in columns]
