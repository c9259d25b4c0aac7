"""Several processes train one model, each on its share of every batch, with TensorFlow's MultiWorkerMirroredStrategy.

TF_CONFIG tells each of them about the others; `kerasformer.system.launch` sets it for processes on this machine.
"""

import contextlib
import json
import os
import zlib

from kerasformer.errors import InputError
from kerasformer.layers.dropout import Dropout
from kerasformer.system.launch import LAUNCHER
from kerasformer.system.processes import exit_with_parent


class Alone:
    """A process that trains by itself: the interface of `Workers` for one worker."""

    count, index = 1, 0
    scope = staticmethod(contextlib.nullcontext)

    def share(self, rows):
        """This worker's part of the rows of an array (batch, ...)."""
        return rows

    def run(self, step, *batch):
        """Run a step of all workers on a part of the batch each; to be called within a `tf.function`."""
        return step(*batch)

    def all_reduce(self, x):
        """The sum of a tensor, or of each of a list, over all workers; to be called within a step."""
        return x

    def broadcast(self, value):
        """The first worker's value of an int."""
        return value

    def check_same(self, value):
        """Raise `InputError` unless all workers have the same bytes."""


class Workers(Alone):
    """One of several processes that train together.

    Args:
        count: int, how many there are.
        index: int, the number of this one; 0 writes the files.
    """

    def __init__(self, count, index):
        import tensorflow as tf

        self.count = count
        self.index = index
        self.strategy = tf.distribute.MultiWorkerMirroredStrategy()
        self.scope = self.strategy.scope
        Dropout.rows = index, count

    def share(self, rows):
        return rows[self.index :: self.count]

    def run(self, step, *batch):
        return self.strategy.run(step, batch)

    def all_reduce(self, x):
        import tensorflow as tf

        return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, x)

    def broadcast(self, value):
        return self._sum(0 if self.index else int(value))

    def check_same(self, value):
        own = zlib.crc32(value)
        if self._sum(own) != own * self.count:
            raise InputError(
                "the workers have different options, data or tokens: give all of them the same options and files, and "
                "the same versions of all libraries"
            )

    def _sum(self, value):
        import tensorflow as tf

        return int(tf.function(lambda: self.run(lambda: self.all_reduce(tf.constant(value, "int64"))))())


def join(count):
    """Connect to the other workers; call this before TensorFlow runs anything else.

    Args:
        count: int, the number of workers.

    Returns:
        `Alone`, or the `Workers` of this process.

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
    if LAUNCHER in os.environ:
        exit_with_parent(int(os.environ[LAUNCHER]))
    return Workers(count, index)
