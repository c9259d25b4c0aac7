"""Scripts in processes forked from one that has imported Keras: importing takes longer than most of what they do.

`python forks.py` reads a job per line, forks a process for it, and prints its process id and then its exit code.
"""

import gc
import json
import os
import runpy
import select
import signal
import subprocess
import sys
import traceback


class Forked:
    """A script in a process forked from this one, with what is needed of the interface of `subprocess.Popen`."""

    def __init__(self, command, env, stdout=None, stderr=None):
        self.returncode = None
        self.pid = os.fork()
        if not self.pid:
            _become(command[1:], env, stdout, stderr)

    def poll(self):
        return self._wait(os.WNOHANG)

    def wait(self):
        return self._wait(0)

    def kill(self):
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)

    def _wait(self, options):
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, options)
            self.returncode = os.waitstatus_to_exitcode(status) if pid else None
        return self.returncode


def _become(arguments, env, stdout, stderr):
    """Run a script in this process, and end it."""
    code = 1
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.environ.clear()
        os.environ.update(env)
        for number, file in ((1, stdout), (2, stderr)):
            if file is not None:
                os.dup2(os.open(os.devnull, os.O_WRONLY) if file == subprocess.DEVNULL else file.fileno(), number)
        sys.argv = arguments
        runpy.run_path(arguments[0], run_name="__main__")
        code = 0
    except SystemExit as stop:
        if isinstance(stop.code, str):
            print(stop.code, file=sys.stderr)
        else:
            code = stop.code or 0
    except BaseException:  # as the interpreter does at the end of a script
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


class Server:
    """A process that has imported Keras on a backend; one process at a time is forked from it."""

    def __init__(self, backend, folder):
        self.folder, self._newest = folder, None
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        own = {"KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3", "JAX_COMPILATION_CACHE_DIR": str(folder)}
        self.process = subprocess.Popen([sys.executable, __file__], env={**os.environ, **own}, text=True, **pipes)

    def start(self, *arguments):
        """Run a script; kills the one before it if that runs still."""
        if self._newest and self._newest.poll() is None:
            self._newest.kill()
            self._newest.wait()
        self._newest = Started(self, [str(argument) for argument in arguments])
        return self._newest

    def close(self):
        self.process.communicate()


class Started:
    """A process forked from a `Server`; `wait` gives what it printed."""

    def __init__(self, server, arguments):
        self.returncode, self._server = None, server
        self._out, self._err = (server.folder / name for name in ("out", "err"))
        print(json.dumps([arguments, str(self._out), str(self._err)]), file=server.process.stdin, flush=True)
        self.pid = int(server.process.stdout.readline())

    def poll(self):
        if self.returncode is None and select.select([self._server.process.stdout], [], [], 0)[0]:
            self.returncode = int(self._server.process.stdout.readline())
        return self.returncode

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)

    def wait(self, timeout=None):
        """Wait for its end: what it printed, and its standard error."""
        if self.returncode is None and not select.select([self._server.process.stdout], [], [], timeout)[0]:
            raise TimeoutError(f"process {self.pid} still runs after {timeout} seconds")
        self.poll()
        return self._out.read_text(), self.err()

    def err(self):
        return self._err.read_text()


def main():
    import kerasformer.models
    import kerasformer.training  # noqa: F401 - for the processes to come

    if os.environ["KERAS_BACKEND"] == "tensorflow":
        from tensorflow.python.util import tf_stack

        stack = tf_stack.extract_stack()
        tf_stack.extract_stack = lambda stacklevel=1: stack
    gc.freeze()
    gc.set_threshold(100_000)  # both as in tests/conftest.py
    for line in sys.stdin:
        arguments, *files = json.loads(line)
        with open(files[0], "w") as out, open(files[1], "w") as err:
            process = Forked([sys.executable, *arguments], os.environ.copy(), out, err)
        print(process.pid, flush=True)
        print(process.wait(), flush=True)


if __name__ == "__main__":
    main()
