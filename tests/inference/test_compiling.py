"""Nobody waits for the compiler: a plain function answers meanwhile."""

import subprocess
import sys
import threading

import pytest

from kerasformer.inference.compiling import Beside, compiled_first


class Slow:
    """A function that waits, where it is called first, until it may go on."""

    def __init__(self, error=None):
        self.may_go_on, self.is_done, self.calls, self.error = threading.Event(), threading.Event(), 0, error

    def __call__(self, text):
        self.calls += 1
        if threading.current_thread() is not threading.main_thread():
            assert self.may_go_on.wait(60)
        self.is_done.set()
        if self.error:
            raise self.error
        return f"compiled {text}"


def finish(beside, slow, shape):
    """Let the background thread end, and wait until it has."""
    slow.may_go_on.set()
    assert slow.is_done.wait(60)
    while shape not in beside._ready:
        pass


def test_it_answers_plainly_until_the_second_call_has_been_compiled():
    slow = Slow()
    beside = Beside(lambda text: f"plain {text}", slow)
    assert beside(1, "a") == "plain a"
    assert slow.calls == 0  # most processes end here
    assert [beside(1, text) for text in "bcd"] == ["plain b", "plain c", "plain d"]
    finish(beside, slow, 1)
    assert slow.calls == 1
    assert beside(1, "e") == "compiled e"
    assert beside(2, "f") == "plain f"  # another shape


def test_an_error_of_the_compiler_is_raised_where_a_caller_sees_it():
    slow = Slow(RuntimeError("no memory"))
    beside = Beside(lambda text: f"plain {text}", slow)
    assert [beside(1, text) for text in "ab"] == ["plain a", "plain b"]
    finish(beside, slow, 1)
    with pytest.raises(RuntimeError, match="no memory"):
        beside(1, "c")


def test_whoever_measures_waits():
    slow = Slow()
    beside = Beside(lambda text: f"plain {text}", slow)
    with compiled_first():
        assert beside(1, "a") == "compiled a"
    assert beside(1, "b") == "compiled b"


PROGRAM = """
import time
from kerasformer.inference.compiling import Beside

def compile_slowly(shape):
    print("begun", shape, flush=True)
    time.sleep(1)
    print("done", shape, flush=True)

beside = Beside(lambda shape: None, compile_slowly)
for shape in (1, 1, 2, 2):
    beside(shape, shape)
time.sleep(0.3)
"""


def test_a_process_that_ends_waits_for_what_is_being_compiled_and_begins_nothing_more():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout.splitlines(), done.stderr) == (0, ["begun 1", "done 1"], "")
