"""Long trainings of the benchmarks: begun, gone on with, or there already."""

import pathlib
import subprocess
import sys

from kerasformer.errors import InputError

ROOT = pathlib.Path(__file__).parents[1]


def train(out, *options, result="bundle"):
    """Train with train.py into a folder, or go on there, unless the `result` in it is there.

    Args:
        out: `pathlib.Path`, the folder.
        *options: of train.py.
        result: what is left at the end.

    Raises:
        InputError: if the training ends early; the same call goes on with it.
    """
    if (out / result).exists():
        return
    if (out / "training" / "run.json").exists():
        options = ["--resume", *options]  # which are refused where they are not those it was begun with
    command = [sys.executable, ROOT / "train.py", *options, "--out", out]
    code = subprocess.run([*map(str, command)], check=False).returncode
    if code:
        raise InputError(f"training into {out} ended with exit code {code}; the same command goes on with it")
