"""What benchmarks share: long trainings, begun, gone on with or there already; and reports."""

import itertools
import json
import pathlib
import subprocess
import sys

from kerasformer import atomic
from kerasformer.errors import InputError
from kerasformer.presets import RECIPES

ROOT = pathlib.Path(__file__).parents[1]


def train(out, *options, result="bundle"):
    """Train with train.py into a folder, or go on there, unless the `result` in it is there.

    Ctrl-C stops the training in order, and then the benchmark.

    Args:
        out: `pathlib.Path`, the folder.
        *options: of train.py.
        result: what is left at the end.

    Raises:
        InputError: if what is there was trained with other options, or if the training ends early; the same call goes
            on with it.
    """
    options, run = [*map(str, options)], out / "training" / "run.json"
    if run.exists():
        _check_same(out, json.loads(run.read_text(encoding="utf-8")), options)
    if (out / result).exists():
        return
    resume = ["--resume"] if run.exists() else []
    with subprocess.Popen([sys.executable, str(ROOT / "train.py"), *resume, *options, "--out", str(out)]) as process:
        try:
            code = process.wait()
        except KeyboardInterrupt:  # which it has got as well: it saves what it has
            code = process.wait()
    if code:
        raise InputError(f"training into {out} ended with exit code {code}; the same command goes on with it")


def publish(out, found, text):
    """Write what was found into `out` as report.json, and the text for people as report.md; print that."""
    atomic.write_text(out / "report.json", json.dumps(found, indent=1) + "\n")
    atomic.write_text(out / "report.md", text + "\n")
    print(text)


def _check_same(out, run, options):
    """Raise unless a run has the values of its recipe and of the options."""
    said = {name[2:].replace("-", "_"): value for name, value in itertools.pairwise(options) if name.startswith("--")}
    asked = {**RECIPES.get(said.get("recipe"), {}), **said}
    found = {**run["model"], **run["training"]}
    for name, value in asked.items():
        if name in found and type(found[name])(value) != found[name]:
            raise InputError(
                f"{out} was trained with {name} {found[name]}, not {value}: remove it, or give another --out"
            )
