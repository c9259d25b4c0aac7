"""Two processes train together as one would, stop together, and go on together."""

import json
import pathlib
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import shared

from kerasformer.errors import InputError
from kerasformer.training import backups, join

SCRIPT = pathlib.Path(__file__).with_name("shared.py")
LAUNCH = (
    "import sys; from kerasformer.system.launch import launch; sys.exit(launch(2, [sys.executable, *sys.argv[1:]]))"
)
SECONDS_TO_STOP = 20
PIPES = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}


def children_of(process):
    return pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()


@pytest.fixture(scope="module")
def killed(server, tmp_path_factory):
    """Folder of a run of two workers, one of which was killed; both ended at once."""
    folder = tmp_path_factory.mktemp("killed")
    parent = server("tensorflow").start(SCRIPT, folder)
    while len(backups(folder)) < 2:
        assert parent.poll() is None, parent.err()
        time.sleep(0.05)
    children = children_of(parent)
    assert len(children) == 2
    subprocess.run(["kill", "-9", children[1]], check=True)
    _, err = parent.wait(SECONDS_TO_STOP)
    assert parent.returncode == 1
    assert "worker 1 ended with SIGKILL: all workers are stopped; continue with --resume" in err
    assert not any(pathlib.Path(f"/proc/{child}").exists() for child in children)
    return folder


@pytest.fixture(scope="module")
def together(killed, server, tmp_path_factory):
    """Results of that run, which went on, and of one that nobody disturbed; and the folder of the latter."""
    folder = tmp_path_factory.mktemp("together")
    process = server("tensorflow").start(SCRIPT, killed, folder)
    out, err = process.wait()
    assert process.returncode == 0, err
    assert "continuing from backup-" in err
    return *json.loads(out.splitlines()[-1]), folder


def test_two_workers_end_with_the_weights_of_one(together, without_xla, tmp_path):
    _, found, folder = together
    [alone] = shared.main(1, tmp_path)
    for row, own in zip(found["curve"], alone["curve"], strict=True):
        assert row == pytest.approx(own, rel=1e-4)
    with np.load(folder / "weights.npz") as ours, np.load(tmp_path / "weights.npz") as own:
        assert len(own.files) > 10
        for name in own.files:
            np.testing.assert_allclose(ours[name], own[name], atol=1e-4)


def test_one_killed_stops_the_other_and_both_go_on_exactly(together):
    went_on, undisturbed, _ = together
    assert went_on == undisturbed


def test_what_the_others_say_is_heard_and_none_outlives_its_launcher():
    fails = "import json, os, sys, time; json.loads(os.environ['TF_CONFIG'])['task']['index'] and sys.exit('no disk'); "
    done = subprocess.run([sys.executable, "-c", LAUNCH, "-c", f"{fails} time.sleep(60)"], **PIPES)
    assert done.returncode == 1
    assert "worker 1 ended with exit code 1 (no disk): all workers are stopped" in done.stderr

    follows = (
        "import os; from kerasformer.system.processes import exit_with_parent; "
        "exit_with_parent(int(os.environ['KERASFORMER_LAUNCHER'])); "
    )
    for number, first in ((signal.SIGTERM, ""), (signal.SIGKILL, follows)):
        waits = f"{first}import time; print('up', flush=True); time.sleep(60)"
        parent = subprocess.Popen([sys.executable, "-c", LAUNCH, "-c", waits], **PIPES)
        assert parent.stdout.readline() == "up\n"
        children = children_of(parent)
        parent.send_signal(number)
        parent.wait(SECONDS_TO_STOP)
        deadline = time.monotonic() + SECONDS_TO_STOP
        while any(pathlib.Path(f"/proc/{child}").exists() for child in children):
            assert time.monotonic() < deadline
            time.sleep(0.05)


@pytest.mark.parametrize("seconds", [0.0, 0.5, 60.0], ids=["at once", "later", "never"])
def test_an_error_of_input_is_one_line_with_exit_code_2_whoever_finds_it_first(seconds):
    launcher = LAUNCH.replace("sys.exit(", "import kerasformer.system.launch as l; l._GRACE_SECONDS = 2; sys.exit(", 1)
    fails = (
        f"import json, os, sys, time; json.loads(os.environ['TF_CONFIG'])['task']['index'] or time.sleep({seconds}); "
        "print('train.py: no such file', file=sys.stderr); sys.exit(2)"
    )
    done = subprocess.run([sys.executable, "-c", launcher, "-c", fails], **PIPES)
    assert (done.returncode, done.stderr) == (2, "train.py: no such file\n")


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("{", "TF_CONFIG is damaged"),
        ('{"cluster": {}, "task": {"index": 0}}', "TF_CONFIG is damaged"),
        ('{"cluster": {"worker": ["a:1"]}, "task": {"index": 0}}', "names 1 workers where --workers says 2"),
    ],
)
def test_a_wrong_cluster_is_explained(config, message, monkeypatch):
    monkeypatch.setenv("TF_CONFIG", config)
    with pytest.raises(InputError, match=message):
        join(2)
