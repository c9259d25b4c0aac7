"""A lock admits one process at a time, and is released when its process is killed."""

import os
import signal
import subprocess
import sys

import pytest

from kerasformer.system.processes import locked

HOLD = """
import sys, time
from kerasformer.system.processes import locked
with locked(sys.argv[1]):
    print("in", flush=True)
    time.sleep(60)
"""


def test_the_second_process_waits_or_is_refused_and_gets_the_lock_of_a_killed_one(tmp_path):
    path = tmp_path / "new" / "lock"
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout.readline() == "in\n"
    with pytest.raises(BlockingIOError), locked(path, wait=False):
        pass
    waiter = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True)
    with pytest.raises(subprocess.TimeoutExpired):
        waiter.wait(0.5)
    holder.send_signal(signal.SIGKILL)  # however it ends
    assert waiter.stdout.readline() == "in\n"
    waiter.kill()
    for process in (holder, waiter):
        process.communicate()
    with locked(path, wait=False):
        assert os.listdir(path.parent) == ["lock"]
