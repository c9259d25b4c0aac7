"""Measure training on millions of pairs beside a small corpus: time to the first step, memory and speed.

    python benchmarks/scale.py --data-dir FOLDER --out runs/scale

The large corpus repeats Tatoeba's French-English pairs, each time with another number at the end. train.py trains on
the small corpus, on the large one, and on the large one again, now from the cache; each run is stopped after some
seconds of training. Writes report.md and report.json to --out.
"""

import argparse
import itertools
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

from running import add_data_dir, family, publish

from kerasformer.data.corpus import load_corpus
from kerasformer.errors import InputError, one_line_errors
from kerasformer.system.files import whole_file

TRAIN = pathlib.Path(__file__).parents[1] / "train.py"
LANGUAGES = ("fr", "en")
STEP, SPEED = re.compile(r"^step \d+/"), re.compile(r"([\d,]+) tokens/s")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_data_dir(parser, "Tatoeba", is_downloaded=True)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("runs/scale"))
    parser.add_argument("--pairs", type=int, default=5_000_000, help="pairs of the large corpus (default: 5,000,000)")
    parser.add_argument("--seconds", type=int, default=60, help="seconds of training for each corpus (default: 60)")
    return parser.parse_args()


def write_pairs(pairs, count, folder):
    """Write `count` pairs, repeating the given ones, into two parallel files, unless these exist."""
    paths = [folder / f"pairs-{count}.{language}" for language in LANGUAGES]
    if not all(path.exists() for path in paths):
        for side, path in enumerate(paths):
            texts = (f"{pair[side]} {turn}" for turn in itertools.count() for pair in pairs)
            with whole_file(path) as beside, beside.open("w", encoding="utf-8") as file:
                file.writelines(f"{text}\n" for text in itertools.islice(texts, count))
    return [str(path) for path in paths]


def resident(pid):
    """Megabytes of memory that a process holds and no file backs; 0 if it has ended."""
    try:
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return int((re.search(r"RssAnon:\s+(\d+)", status) or [0, 0])[1]) / 1024


class Watch(threading.Thread):
    """Samples how much memory a process and its children hold together."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.most = pid, 0.0
        self.start()

    def run(self):
        while now := sum(map(resident, family(self.pid))):
            self.most = max(self.most, now)
            time.sleep(0.2)


def train(files, seconds, out):
    """Train on files for some seconds: the figures of a row of the table."""
    command = [sys.executable, TRAIN, "--data", *files, "--source", LANGUAGES[0], "--target", LANGUAGES[1]]
    cache = {**os.environ, "KERASFORMER_CACHE": str(out / "cache")}
    began, first = time.monotonic(), None
    process = subprocess.Popen(
        [*command, "--out", out / f"run-{time.time_ns()}"], env=cache, stderr=subprocess.PIPE, text=True
    )
    speed, watch, before = 0, Watch(process.pid), 0.0
    for line in process.stderr:
        print(line, end="", flush=True)
        if not STEP.match(line):
            continue
        if first is None:
            first, before, watch.most = time.monotonic(), watch.most, 0.0
        speed = int(SPEED.search(line)[1].replace(",", "")) if SPEED.search(line) else speed
        if time.monotonic() - first > seconds:
            break
    if first is None:
        raise InputError(f"training on {' '.join(files)} ended before its first step")
    memory = {"memory_before_mb": before, "memory_mb": watch.most}
    process.send_signal(signal.SIGINT)
    process.communicate()
    return {"first_step_seconds": first - began, **memory, "tokens_per_second": speed}


def table(rows):
    """The report in Markdown."""
    lines = ["| | seconds to the first step | peak memory until then, MB | after it, MB | tokens/s |"]
    lines += ["| --- | ---: | ---: | ---: | ---: |"]
    for name, row in rows.items():
        memory = f"{row['memory_before_mb']:,.0f} | {row['memory_mb']:,.0f}"
        lines.append(f"| {name} | {row['first_step_seconds']:.0f} | {memory} | {row['tokens_per_second']:,} |")
    return "\n".join(lines)


def main():
    arguments = parse_arguments()
    arguments.out.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(arguments.out / "cache", ignore_errors=True)  # the first start is to find nothing
    pairs = load_corpus(["tatoeba-fra-eng"], *LANGUAGES, data_dir=arguments.data_dir).train
    small, large = (write_pairs(pairs, count, arguments.out) for count in (len(pairs), arguments.pairs))
    rows = {}
    for name, files in ((f"{len(pairs):,} pairs", small), (f"{arguments.pairs:,} pairs", large), ("again", large)):
        rows[name] = train(files, arguments.seconds, arguments.out)
    publish(arguments.out, rows, table(rows))


if __name__ == "__main__":
    with one_line_errors("scale.py"):
        main()
