"""Measure `kerasformer bulk` with one and more workers, and reckon what a hundred machines would do.

    python benchmarks/bulk.py --model exported/translator.int8.tflite --data-dir FOLDER

The lines are sentences of Multi30k (test_2016_flickr), repeated. The last run loses a worker on the way. Every output
is compared with that of the model in this process. Three parts limit a large run, and are measured by themselves:
dividing files into shards, handing out shards (shards of one empty line), and starting (Ray and the model). Writes
report.md and report.json to --out. Needs Ray.
"""

import argparse
import os
import pathlib
import signal
import tempfile
import time

from running import add_data_dir, publish
from serving import engine_answers, read_sentences

from kerasformer.errors import one_line_errors
from kerasformer.formats import describe
from kerasformer.serving.shards import plan

SHARDS = 300  # that are handed out
DIVIDED = 1_000_000  # lines
MACHINES, CORES = 100, 16


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, help="path of a translator, best a .tflite")
    parser.add_argument("--sentences", type=pathlib.Path, help="file with one sentence a line (default: Multi30k)")
    add_data_dir(parser, "Multi30k", is_downloaded=True)
    parser.add_argument("--lines", type=int, default=2000, help="lines to translate (default: 2000)")
    parser.add_argument("--shard", type=int, default=50, help="lines of a shard (default: 50)")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("runs/bulk"))
    return parser.parse_args()


def run(lines, model, workers, shard, is_killed=False):
    """Translate lines: the row of the table, and the translations."""
    from kerasformer.serving.bulk import translate_files

    with tempfile.TemporaryDirectory() as folder:
        path, out, reports = pathlib.Path(folder) / "in.txt", pathlib.Path(folder) / "out", []
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")

        def report(done, found):
            reports.append((time.perf_counter(), found[0]))
            if is_killed and len(reports) == 3:
                os.kill(found[2], signal.SIGKILL)

        begun = time.perf_counter()
        translate_files([path], out, model, workers, lines=shard, report=report)
        found = "".join(part.read_text(encoding="utf-8") for part in sorted(out.glob("*.txt"))).splitlines()
    (first, _), (last, _) = reports[0], reports[-1]
    rate = sum(count for _, count in reports[1:]) / (last - first)  # after the start
    return {"workers": workers, "start s": first - begun, "lines/s": rate}, found


def dividing_seconds(lines):
    """The seconds of dividing a million lines into shards."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "in.txt"
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(f"{lines[number % len(lines)]}\n" for number in range(DIVIDED))
        begun = time.perf_counter()
        plan([path], folder, 1000, "text")
        return time.perf_counter() - begun


def compare(arguments, sentences):
    """The rows of the table."""
    answers, seconds = engine_answers(arguments.model, sentences[: arguments.lines])
    alone, texts = len(answers) / sum(seconds), list(answers)
    lines, rows = [texts[number % len(texts)] for number in range(arguments.lines)], []
    for workers, is_killed in [*((workers, False) for workers in arguments.workers), (max(arguments.workers), True)]:
        row, found = run(lines, arguments.model, workers, arguments.shard, is_killed)
        right = sum(answers[line] == translation for line, translation in zip(lines, found, strict=False))
        row |= {"lost": 1 - row["lines/s"] / (workers * alone), "wrong": len(lines) - right, "is killed": is_killed}
        rows.append(row)
        print(row, flush=True)
    return alone, rows


def reckon(rows, parts):
    """Lines about a hundred machines, from what was measured."""
    rate = rows[0]["lines/s"] * MACHINES * CORES
    size = 60 * rows[0]["lines/s"]  # lines of a shard that takes a minute
    handed = size / parts["hand out s"]
    return [
        f"Reckoned for {MACHINES} machines of {CORES} cores, with a worker for each core of this speed: at most "
        f"{rate:,.0f} lines a second.",
        f"Shards that take a minute have {size:,.0f} lines; one process can hand out shards for {handed:,.0f} lines a "
        f"second, and divide files at {DIVIDED / parts['divide s']:,.0f} lines a second.",
    ]


def table(alone, rows):
    """The rows as Markdown."""
    lines = ["| workers | start, s | lines/s | lost against engines alone | lines wrong or lost |"]
    lines += ["|---|---:|---:|---:|---:|", f"| *the engine alone* | | {alone:.0f} | | |"]
    for row in rows:
        name = f"{row['workers']}, one is killed" if row["is killed"] else row["workers"]
        lines.append(f"| {name} | {row['start s']:.1f} | {row['lines/s']:.0f} | {row['lost']:.0%} | {row['wrong']} |")
    return "\n".join(lines)


def main():
    arguments = parse_arguments()
    sentences = read_sentences(arguments, describe(arguments.model, "translation"))
    alone, rows = compare(arguments, sentences)
    handed, _ = run([""] * SHARDS, arguments.model, 1, 1)
    parts = {"divide s": dividing_seconds(sentences), "hand out s": 1 / handed["lines/s"]}
    said = [
        f"Dividing a million lines takes {parts['divide s']:.1f} s.",
        f"Handing out a shard takes {1000 * parts['hand out s']:.1f} ms.",
    ]
    text = "\n".join([table(alone, rows), "", *said, *reckon(rows, parts)])
    publish(arguments.out, {"alone": alone, "rows": rows, **parts}, text)


if __name__ == "__main__":
    with one_line_errors("bulk.py"):
        main()
