"""Several processes train one model, each on its share of every batch, over TensorFlow's MultiWorkerMirroredStrategy.

Each knows of the others through TF_CONFIG, which `launch` sets for processes of this machine. Stock `fit` breaks on the
strategy in two places (keras-team/keras#20585), which `mend` mends on the model at hand.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import zlib

import keras

from kerasformer.errors import InputError
from kerasformer.system.processes import exit_with_parent

_LAUNCHER = "KERASFORMER_LAUNCHER"  # in the environment of those that `launch` started: its process id
_POLL_SECONDS = 0.2


class Alone:
    """A single process: what `join` gives where there are no others."""

    count, index = 1, 0
    scope = staticmethod(contextlib.nullcontext)

    def feed(self, make):
        """What `fit` takes: `make(take)`, where `take` picks this worker's rows of an array (batch, ...)."""
        return make(lambda rows: rows)

    def total(self, x):
        """The sum of a tensor, or of each of a list, over all workers."""
        return x

    def first(self, value):
        """What the first worker has of an int that each of them has."""
        return value

    def mend(self, model):
        """Let `fit` train the model with all workers."""

    def level(self, variables):
        """Share out anew what the workers hold parts of, as reading and restoring a backup does."""

    def check_same(self, value):
        """Raise `InputError` unless all workers have the same bytes."""


class Workers(Alone):
    """One of several processes.

    Args:
        count: int, how many there are.
        index: int, which one this is; 0 writes the files.
    """

    def __init__(self, count, index):
        import tensorflow as tf

        self.count = count
        self.index = index
        self.strategy = tf.distribute.MultiWorkerMirroredStrategy()
        self.scope = self.strategy.scope

    def feed(self, make):
        return self.strategy.distribute_datasets_from_function(
            lambda _: make(lambda rows: rows[self.index :: self.count])
        )

    def total(self, x):
        import tensorflow as tf

        return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, x)

    def first(self, value):
        return self._sum(0 if self.index else int(value))

    def level(self, variables):
        for variable in variables:
            variable.assign(keras.ops.convert_to_numpy(variable))

    def check_same(self, value):
        own = zlib.crc32(value)
        if self._sum(own) != own * self.count:
            raise InputError(
                "the workers have different options or data, or cut them into different tokens: give all of them the "
                "same options and files, and the same versions of all libraries"
            )

    def _sum(self, value):
        import tensorflow as tf

        def add():
            return self.total(tf.constant(value, "int64"))

        return int(tf.function(lambda: self.strategy.run(add))())

    def mend(self, model):
        for layer in model._flatten_layers():
            if hasattr(layer, "rows"):  # dropout, which tells the rows of a batch apart
                layer.rows = self.index, self.count
        model._maybe_symbolic_build = lambda **_: None  # a functional model is built
        for name in ("train_step", "test_step"):
            setattr(model, name, _with_axis(getattr(model, name)))


def _with_axis(step):
    """The step with logs of shape (1,), so that those of all workers can be put into one row."""

    def wrapped(data):
        return keras.tree.map_structure(lambda value: keras.ops.reshape(value, (1,)), step(data))

    return wrapped


def join(count):
    """Find the other workers; before anything else of TensorFlow runs.

    Args:
        count: int, how many there are to be.

    Raises:
        InputError: if TF_CONFIG is damaged or names another number of workers.
    """
    if count == 1:
        return Alone()
    try:
        config = json.loads(os.environ["TF_CONFIG"])
        found, index = len(config["cluster"]["worker"]), int(config["task"]["index"])
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"TF_CONFIG is damaged ({error}): it must hold a cluster of workers and this task's index"
        ) from None
    if found != count:
        raise InputError(f"TF_CONFIG names {found} workers where --workers says {count}; make them agree")
    if _LAUNCHER in os.environ:
        exit_with_parent(int(os.environ[_LAUNCHER]))
    return Workers(count, index)


def launch(count, command):
    """Run a command in `count` processes of this machine that train together; only the first is heard.

    When one ends badly the others are stopped, and the last line it wrote to standard error is shown.

    Returns:
        int, the exit code of the one that ended badly, or 0.
    """
    cluster = _cluster(count)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # in order, so that none is left behind
    with contextlib.ExitStack() as stack:
        errors = [stack.enter_context(tempfile.TemporaryFile("w+", errors="replace")) for _ in range(count)]
        processes = []
        for index in range(count):
            task = {"cluster": cluster, "task": {"type": "worker", "index": index}}
            threads = str(max(1, (os.cpu_count() or 1) // count))
            own = {"TF_CONFIG": json.dumps(task), "TF_NUM_INTRAOP_THREADS": threads, _LAUNCHER: str(os.getpid())}
            heard = {"stdout": subprocess.DEVNULL, "stderr": errors[index]} if index else {}
            processes.append(subprocess.Popen(command, env={**os.environ, **own}, **heard))
            stack.callback(_end, processes[-1])
        return _watch(processes, errors)


def _cluster(count):
    """A free port of this machine for each worker."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return {"worker": [f"127.0.0.1:{each.getsockname()[1]}" for each in sockets]}


def _end(process):
    process.kill()  # which loses no more than the steps since the last backup
    process.wait()


def _watch(processes, errors):
    """Wait until the first process has ended well, or any one badly; the exit code."""
    with contextlib.suppress(KeyboardInterrupt):
        while processes[0].poll() != 0:
            for index, process in enumerate(processes):
                if process.poll():
                    code = process.returncode
                    why = signal.Signals(-code).name if code < 0 else f"exit code {code}{_last_line(errors[index])}"
                    print(f"worker {index} ended with {why}: all are stopped; go on with --resume", file=sys.stderr)
                    return 1
            time.sleep(_POLL_SECONDS)
        return 0
    print("stopped; go on with --resume", file=sys.stderr)
    return 130


def _last_line(file):
    file.seek(0)
    lines = [line.strip() for line in file if line.strip()]
    return f" ({lines[-1]})" if lines else ""
