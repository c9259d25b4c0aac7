"""A run that is killed at any moment, and goes on, ends bit for bit as one that was left alone."""

import importlib.util
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import time

import pytest

from kerasformer.training import backups

SCRIPT = pathlib.Path(__file__).with_name("killed.py")


def start(folder, backend, precision, *seconds):
    quickly_compiled = {"XLA_FLAGS": "--xla_backend_optimization_level=0"}  # each run compiles for itself
    environment = {**os.environ, "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3", **quickly_compiled}
    command = [sys.executable, str(SCRIPT), str(folder), precision, *map(str, seconds)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, env=environment, text=True, **pipes)


def finish(process):
    """What a run printed, and the step it went on from, 0 if it began anew."""
    out, err = process.communicate()
    assert process.returncode == 0, err
    return json.loads(out.splitlines()[-1]), int((re.findall(r"continuing from backup-(\d+)", err) or [0])[-1])


def kill_when(is_time, process):
    """Kill a run that has not ended, as soon as it is time."""
    while not is_time():
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.002)
    assert process.poll() is None
    process.kill()
    process.communicate()


def kill_while_it_saves(folder, *options):
    def is_saving():
        return backups(folder) and list(folder.glob(".backup-*/*.npz"))

    kill_when(is_saving, start(folder, *options, 0.5))
    assert is_saving()


def kill_at_random(folder, *options):
    """Within half a second after a new backup was written."""
    before, seconds = backups(folder), random.Random(os.urandom(8)).uniform(0, 0.5)
    process = start(folder, *options)

    def is_time():
        return backups(folder) != before and not time.sleep(seconds)

    kill_when(is_time, process)


@pytest.mark.parametrize(
    ("backend", "precision", "kill"),
    [
        ("tensorflow", "float32", kill_while_it_saves),
        ("tensorflow", "bfloat16", kill_at_random),
        ("jax", "float32", kill_at_random),
    ],
)
def test_kill_9_at_random_moments_changes_nothing(backend, precision, kill, tmp_path):
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    expected, _ = finish(start(tmp_path / "left-alone", backend, precision))
    kill(tmp_path / "killed", backend, precision)
    newest = int(backups(tmp_path / "killed")[0].stem.split("-")[1])
    assert finish(start(tmp_path / "killed", backend, precision)) == (expected, newest)
