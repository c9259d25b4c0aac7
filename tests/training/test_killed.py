"""A run that is killed at any moment, and goes on, ends bit for bit as one that was left alone."""

import importlib.util
import json
import os
import pathlib
import random
import subprocess
import sys
import time

import pytest

SCRIPT = pathlib.Path(__file__).with_name("killed.py")


def start(folder, backend, precision):
    environment = {**os.environ, "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, str(SCRIPT), str(folder), precision]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, env=environment, text=True, **pipes)


def finish(process):
    out, err = process.communicate()
    assert process.returncode == 0, err
    return json.loads(out.splitlines()[-1])


def wait(process):
    """Until a run begins to train."""
    for line in process.stdout:
        if line.startswith("ready"):
            break


def kill(process, seconds):
    """Kill a run so long after it has begun to train; whether it was still alive."""
    wait(process)
    time.sleep(seconds)
    was_alive = process.poll() is None
    process.kill()
    process.communicate()
    return was_alive


@pytest.mark.parametrize(
    ("backend", "precision", "kills"),
    [("tensorflow", "float32", 2), ("tensorflow", "bfloat16", 1), ("jax", "float32", 1)],
)
def test_kill_9_at_random_moments_changes_nothing(backend, precision, kills, tmp_path):
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    left_alone = start(tmp_path / "left-alone", backend, precision)
    wait(left_alone)
    began = time.monotonic()
    expected = finish(left_alone)
    whole = time.monotonic() - began
    rng, killed = random.Random(os.urandom(8)), 0
    for _ in range(kills):
        killed += kill(start(tmp_path / "killed", backend, precision), rng.uniform(0.2, 0.8) * whole)
    assert killed
    assert finish(start(tmp_path / "killed", backend, precision)) == expected
