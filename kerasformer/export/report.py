"""The report of an export as a table people read."""

from rich.table import Table


def table(report):
    """A rich table of what `parity.export_all` reports: a row for each artefact."""
    drawn = Table(title=f"{report['sentences']} held-out sentences, {report['source']} to {report['target']}")
    drawn.add_column("artefact")
    for heading in ("size, MB", "ms a sentence", "BLEU", "identical answers"):
        drawn.add_column(heading, justify="right")
    for row in report["artefacts"]:
        drawn.add_row(
            row["name"],
            f"{row['bytes'] / 1e6:.1f}",
            f"{row['ms_per_sentence']:.1f}",
            f"{row['bleu']:.2f}",
            f"{100 * row['identical_share']:.1f} %",
        )
    return drawn


def samples(report):
    """The lines of the first texts, and of their translations through each artefact."""
    lines = []
    for i, source in enumerate(report["samples"]):
        lines += [source, *(f"  {row['name']:<12} {row['samples'][i]}" for row in report["artefacts"])]
    return lines
