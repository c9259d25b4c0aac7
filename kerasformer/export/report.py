"""The report of an export as people read it: a table, and the first texts through every artefact."""

from rich.table import Table

HEADINGS = ("artefact", "size, MB", "ms a sentence", "BLEU", "identical answers")


def table(report):
    """A rich table of what `parity.export_all` reports: a row for each artefact."""
    drawn = Table(title=f"{report['sentences']} held-out sentences, {report['source']} to {report['target']}")
    for heading in HEADINGS:
        drawn.add_column(heading, justify="left" if heading == "artefact" else "right")
    for row in _rows(report):
        drawn.add_row(*row)
    return drawn


def markdown(report):
    """The same table in Markdown."""
    lines = [HEADINGS, ["---"] + ["---:"] * (len(HEADINGS) - 1), *_rows(report)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def samples(report):
    """The lines of the first texts, and of their translations through each artefact."""
    lines = []
    for i, source in enumerate(report["samples"]):
        lines += [source, *(f"  {row['name']:<12} {row['samples'][i]}" for row in report["artefacts"])]
    return lines


def _rows(report):
    return [
        (
            row["name"],
            f"{row['bytes'] / 1e6:.1f}",
            f"{row['ms_per_sentence']:.1f}",
            f"{row['bleu']:.2f}",
            f"{100 * row['identical_share']:.1f} %",
        )
        for row in report["artefacts"]
    ]
