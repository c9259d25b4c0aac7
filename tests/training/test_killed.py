"""A run that is killed at any moment, and goes on, ends bit for bit as one that was left alone."""

import functools
import importlib.util
import json
import os
import pathlib
import random
import re
import signal
import time

import pytest

from kerasformer.training import backups

SCRIPT = pathlib.Path(__file__).with_name("killed.py")


def finish(process):
    """What its runs printed, and the step the first went on from, 0 if it began anew."""
    out, err = process.wait()
    assert process.returncode == 0, err
    return json.loads(out.splitlines()[-1]), int((re.findall(r"continuing from backup-(\d+)", err) or [0])[-1])


def kill_when(is_time, process):
    """Kill a run that has not ended, as soon as it is time."""
    while not is_time():
        assert process.poll() is None, process.err()
        time.sleep(0.002)
    assert process.poll() is None
    process.kill()
    process.wait()
    assert process.returncode == -signal.SIGKILL


def kill_while_it_saves(start, folder):
    def is_saving():
        return backups(folder) and list(folder.glob(".backup-*/*.npz"))

    kill_when(is_saving, start(0.5, folder))
    assert is_saving()


def kill_at_random(start, folder):
    """Within half a second after a new backup was written."""
    before, seconds = backups(folder), random.Random(os.urandom(8)).uniform(0, 0.5)
    process = start(0, folder)

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
def test_kill_9_at_random_moments_changes_nothing(backend, precision, kill, server, tmp_path):
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    start = functools.partial(server(backend).start, SCRIPT, precision)
    kill(start, tmp_path / "killed")
    newest = int(backups(tmp_path / "killed")[0].stem.split("-")[1])
    (killed, left_alone), step = finish(start(0, tmp_path / "killed", tmp_path / "left-alone"))
    assert (killed, step) == (left_alone, newest)
    assert step > 0
