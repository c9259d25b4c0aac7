"""The interpreters of a `.tflite`: one for each thread that runs it at the same time, and new ones in a forked process.

LiteRT lets other threads run while an interpreter works, but an interpreter serves one thread at a time.
On two cores a second interpreter nearly doubles the speed of several threads, and takes as much memory as the first
(docs/device.md).
"""

import contextlib
import math
import os
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor

from ai_edge_litert.interpreter import Interpreter

from kerasformer.errors import InputError
from kerasformer.runtime.compiled import CompiledModel
from kerasformer.system.quiet import quiet_loading

_OPEN = weakref.WeakSet()
_FIRST = 50  # runs of a model of floats by the compiled model
_ALONE = 1000  # tokens of lists that one thread runs in less time than it takes to open interpreters for several


class SharedInterpreter:
    """Runs a `.tflite` from any number of threads.

    The thread that opens this has a compiled model, where LiteRT can share weights between signatures, until another
    thread runs this too, or there are long lists, or it is not `lasting` and has had its first runs. Then interpreters
    take its place: a run that finds all in use opens another one, with working memory of its own, until there are
    `most`; then it waits for one.

    Args:
        path: the file; it stays as it is as long as this is used.
        num_threads: int, threads of each interpreter.
        most: int, the most interpreters; None for the number of cores divided by `num_threads`.

    Attributes:
        most: int, the most interpreters.

    Raises:
        InputError: if LiteRT cannot read the file.
    """

    def __init__(self, path, num_threads=1, most=None, lasting=True):
        self._path, self._num_threads, self._left = path, num_threads, math.inf if lasting else _FIRST
        self.most = most or max(1, (os.cpu_count() or 1) // num_threads)
        self._turns, self._of_parent = threading.Semaphore(self.most), []
        self.signatures = self._read().get_signature_list()  # checks the file, which a compiled model does not do
        self._owner, self._alone, self._compiled, self._free = threading.get_ident(), 0, self._compile(), []
        self._threads = ThreadPoolExecutor(self.most)  # they start when `each` needs them
        _OPEN.add(self)

    def _compile(self):
        """The compiled model; None if this LiteRT or this system has none, or the file needs an interpreter."""
        with contextlib.suppress(ImportError, RuntimeError, ValueError), quiet_loading():
            return CompiledModel(self._path, self._num_threads)

    def _read(self):
        """An interpreter that is not ready to run."""
        try:
            with quiet_loading():
                return Interpreter(model_path=str(self._path), num_threads=self._num_threads)
        except (ValueError, RuntimeError) as error:
            message = f"{self._path} is damaged: LiteRT cannot read it ({error}); export it again"
            raise InputError(message) from None

    def _open(self):
        interpreter = self._read()
        with quiet_loading():
            interpreter.allocate_tensors()
        return interpreter

    @contextlib.contextmanager
    def _borrowed(self):
        with self._turns:
            try:
                interpreter = self._free.pop()
            except IndexError:
                interpreter = self._open()
            try:
                yield interpreter
            finally:
                self._free.append(interpreter)

    def run(self, signature, **inputs):
        """The outputs of a signature: dict of name to array."""
        self._left -= 1
        if self._left >= 0 and (compiled := self._of_this_thread()):
            return compiled.run(signature, **inputs)
        self._compiled = None
        with self._borrowed() as interpreter:
            return interpreter.get_signature_runner(signature)(**inputs)

    def _of_this_thread(self):
        """The compiled model, in the thread that opened it; None in others, and without one."""
        return self._compiled if threading.get_ident() == self._owner else None

    def each(self, function, arguments, sizes):
        """Call a function for each of several arguments, in as many threads as there may be interpreters.

        Args:
            function: function of one argument, which runs this.
            arguments: list.
            sizes: list of int, how much each argument is; the largest begin, so that no thread is left with one.

        Returns:
            list of the results, in the order of the arguments.
        """
        if self.most == 1 or len(arguments) == 1 or self._goes_alone(sum(sizes)):
            return list(map(function, arguments))
        order = sorted(range(len(arguments)), key=sizes.__getitem__, reverse=True)
        results = self._threads.map(function, [arguments[i] for i in order])
        found = dict(zip(order, results, strict=True))
        return [found[i] for i in range(len(arguments))]

    def _goes_alone(self, size):
        """Whether this thread runs a list alone, because lists have been short so far."""
        self._alone += size
        return self._alone <= _ALONE and self._of_this_thread() is not None

    def details(self, signature):
        """What LiteRT says of the tensors of a signature: dict of "inputs" and "outputs" to dict of name to dict."""
        runner = self._read().get_signature_runner(signature)
        return {"inputs": runner.get_input_details(), "outputs": runner.get_output_details()}

    def begin_again(self):
        """In a forked process: leave the parent's interpreters, which other threads of the parent may have been using.

        They are not released, because that may wait for threads that are not in this process.
        """
        self._of_parent += [self._compiled, *self._free, self._threads]
        self._compiled = None
        self._turns, self._free = threading.Semaphore(self.most), []
        self._threads = ThreadPoolExecutor(self.most)


def _begin_again_after_fork():
    for interpreter in list(_OPEN):
        interpreter.begin_again()


if hasattr(os, "register_at_fork"):  # not on Windows, where no process forks
    os.register_at_fork(after_in_child=_begin_again_after_fork)
