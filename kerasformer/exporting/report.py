"""The report of an export for people: a table, and the first texts translated by every artefact."""

from rich.table import Table

from kerasformer.tasks import TASKS


def table(report):
    """A rich table of what `gate.export` reports: a row for each artefact."""
    drawn = Table(title=_task(report).report_title.format(**report))
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
    """Lines: each of the first texts, and its translation by each artefact."""
    lines = []
    for i, source in enumerate(report["samples"]):
        lines += [source, *(f"  {row['name']:<12} {row['samples'][i]}" for row in report["artefacts"])]
    return lines


def _task(report):
    return TASKS[report.get("task", "translation")]


def _headings(report):
    return ["artefact", *(heading for heading, _, _ in _task(report).report_columns)]


def _rows(report):
    return [
        [row["name"], *_cells({**row, "megabytes": row["bytes"] / 1e6}, _task(report).report_columns)]
        for row in report["artefacts"]
    ]


def _cells(row, columns):
    """The figures of a row as text; "-" for a figure that older reports lack."""
    return [shown.format(row[name]).replace("%", " %") if name in row else "-" for _, name, shown in columns]
