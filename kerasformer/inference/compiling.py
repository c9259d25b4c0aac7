"""Compile what an engine computes, once for each of a few shapes; a SavedModel answers while it is compiled."""

import atexit
import contextlib
import contextvars
import functools
import queue
import threading

BATCHES = (1, 8, 64)  # to which batches of texts or images are padded
LENGTHS = (32, 48, 64, 96, 128, 256)  # to which sources are padded; each is compiled once

_waits = contextvars.ContextVar("waits", default=False)


@contextlib.contextmanager
def compiled_first():
    """Within this context, calls wait until what they call is compiled: for measurements, and to warm up."""
    token = _waits.set(True)
    try:
        yield
    finally:
        _waits.reset(token)


class Beside:
    """Answers by a plain function while another one is being compiled, and then by that.

    The first call of a shape compiles nothing, because many processes end after it. The second one starts a background
    thread, which compiles one shape after the other; the process ends when the one that it has begun is compiled.

    Args:
        plain: function that answers at once.
        compiled: function of the same arguments with the same answers, whose first call of each shape compiles.
    """

    def __init__(self, plain, compiled):
        self._plain, self._compiled = plain, compiled
        self._seen, self._begun, self._ready, self._lock = set(), set(), set(), threading.Lock()

    def __call__(self, shape, *arguments):
        """The answer for arguments of a shape, which is anything with a hash."""
        if _waits.get() or shape in self._ready:
            found = self._compiled(*arguments)
            self._ready.add(shape)
            return found
        with self._lock:
            is_next = shape in self._seen - self._begun
            self._seen.add(shape)
            if is_next:
                self._begun.add(shape)
                _background().add(functools.partial(self._compile, shape, arguments))
        return self._plain(*arguments)

    def _compile(self, shape, arguments):
        with contextlib.suppress(Exception):  # the next call raises it
            self._compiled(*arguments)
        self._ready.add(shape)


class _Background:
    """A thread that calls functions one after the other; at the end of the process it finishes the one it has begun."""

    def __init__(self):
        self._functions, self._ends = queue.SimpleQueue(), False
        self.add = self._functions.put
        self._thread = threading.Thread(target=self._work, name="compiling", daemon=True)
        self._thread.start()
        atexit.register(self._end)

    def _work(self):
        while not self._ends:
            self._functions.get()()

    def _end(self):
        self._ends = True
        self.add(lambda: None)  # if the thread waits
        self._thread.join()


_background = functools.cache(_Background)


def compile_function(function):
    """Compile a function of tensors or nests of them, once for each shape of its arguments."""
    import keras

    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        return for_each_shape(tf.function(function, jit_compile=True, autograph=False))
    if backend == "jax":
        import jax

        return jax.jit(function)
    import torch

    return torch.no_grad()(function)  # otherwise it keeps the caches of every step for a gradient


def for_each_shape(traced):
    """A `tf.function` that is traced for each shape of its arguments, without TensorFlow's warnings that it is.

    They are for functions that are traced more often than was meant, and engines pad to a few shapes.
    """
    import keras

    concrete = {}

    def call(*tensors):
        shapes = tuple((tuple(tensor.shape), tensor.dtype) for tensor in keras.tree.flatten(tensors))
        if shapes not in concrete:
            concrete[shapes] = traced.get_concrete_function(*tensors)
        return concrete[shapes](*tensors)

    return call


def sizes_up_to(sizes, most):
    """Those of the ascending `sizes` that are smaller than the most, and the most."""
    return [size for size in sizes if size < most] + [most]


def fitting(sizes, needed):
    """The smallest of the ascending `sizes` that holds `needed`, or the largest."""
    return next((size for size in sizes if size >= needed), sizes[-1])


def padded_length(max_length, needed):
    """The one of `LENGTHS`, or the most tokens of a model, to which as many tokens as are needed are padded."""
    return fitting(sizes_up_to(LENGTHS, max_length), needed)
