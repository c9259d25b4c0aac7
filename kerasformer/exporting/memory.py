"""How much memory a `.tflite` takes once it is loaded, measured in a process that has nothing else."""

import multiprocessing
import pathlib
import subprocess
import sys

import numpy as np

from kerasformer.runtime.metadata import open_litert

_ROOT = pathlib.Path(__file__).parents[2]  # of the package
_STATUS = pathlib.Path("/proc/self/status")  # Linux only


def loaded_megabytes(paths):
    """The memory that `.tflite` files take, mapped files left out, when their first signature has run once.

    Args:
        paths: of `.tflite` files of kerasformer.

    Returns:
        list of float in MB; [] where the system does not say it.
    """
    if not paths or not _STATUS.exists():
        return []
    command = [sys.executable, "-m", __name__, *(str(pathlib.Path(path).resolve()) for path in paths)]
    done = subprocess.run(command, cwd=_ROOT, stdout=subprocess.PIPE, check=True, text=True)
    return list(map(float, done.stdout.split()))


def _measure(path):
    before = _own()
    _, interpreter = open_litert(path)
    first, *_ = interpreter.signatures
    inputs = interpreter.details(first)["inputs"]
    interpreter.run(first, **{name: np.zeros(tensor["shape"], tensor["dtype"]) for name, tensor in inputs.items()})
    print(_own() - before, flush=True)


def _own():
    lines = _STATUS.read_text(encoding="utf-8").splitlines()
    return int(next(line for line in lines if line.startswith("RssAnon")).split()[1]) / 1024


if __name__ == "__main__":
    for path in sys.argv[1:]:  # in a new process each, because memory that is freed is not given back
        process = multiprocessing.get_context("fork").Process(target=_measure, args=(path,))
        process.start()
        process.join()
