"""The report of an export for people: a table, and the first texts translated by every artefact."""

from rich.table import Table

from kerasformer.tasks import TASKS


def table(report, on_device=False):
    """A rich table of what `gate.export` reports: a row for each artefact.

    Args:
        report: dict.
        on_device: bool, whether it has the columns about devices too.
    """
    drawn, columns = Table(title=_task(report).report_title.format(**report)), _columns(report, on_device)
    for heading, name, _ in columns:
        is_name = name == "name"
        drawn.add_column(heading, justify="left" if is_name else "right", no_wrap=is_name)
    for row in report["artefacts"]:
        drawn.add_row(*_cells(row, columns))
    return drawn


def markdown(report, on_device=False):
    """The same table in Markdown."""
    columns = _columns(report, on_device)
    lines = [[heading for heading, *_ in columns], ["---"] + ["---:"] * (len(columns) - 1)]
    lines += [_cells(row, columns) for row in report["artefacts"]]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def advice(report):
    """A line that names the smallest artefact."""
    [file] = [row["file"] for row in report["artefacts"] if row["name"] == report["default"]]
    return f"the smallest that answers as the bundle does: {file}"


def samples(report):
    """Lines: each of the first texts, and its translation by each artefact."""
    lines = []
    for i, source in enumerate(report["samples"]):
        lines += [source, *(f"  {row['name']:<12} {row['samples'][i]}" for row in report["artefacts"])]
    return lines


def _task(report):
    return TASKS[report.get("task", "translation")]


def _columns(report, on_device):
    """The columns of the table, except those about devices for which no artefact has a figure."""
    task, rows = _task(report), report["artefacts"]
    further = [column for column in task.device_columns if any(column[1] in row for row in rows)] if on_device else []
    return [("artefact", "name", "{}"), *task.report_columns, *further]


def _cells(row, columns):
    """The figures of a row as text; "-" for a figure that it lacks."""
    row, cells = {**row, "megabytes": row["bytes"] / 1e6}, []
    for _, name, shown in columns:
        value = row.get(name, ())
        values = value.values() if isinstance(value, dict) else [value] if name in row else []
        cells.append(" / ".join(shown.format(one).replace("%", " %") for one in values) or "-")
    return cells
