"""Start processes on this machine that train together; this needs neither Keras nor TensorFlow."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

LAUNCHER = "KERASFORMER_LAUNCHER"  # environment variable of the processes that `launch` starts: its process id
INPUT_ERROR = 2  # exit code of a process that has told the user what to fix
_POLL_SECONDS = 0.2
_GRACE_SECONDS = 30  # for the first worker to find the error that another one has found


def launch(count, command):
    """Run a command in `count` processes on this machine that train together; only the output of the first is shown.

    When one of them fails, the others are stopped and the last line of its standard error is shown. An `InputError`
    that all of them have, such as bad data, is one line.

    Args:
        count: int, the number of processes.
        command: list of str.

    Returns:
        int, the exit code: 0, `INPUT_ERROR`, 130 after Ctrl-C, or 1.
    """
    cluster = _cluster(count)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # run the callbacks below
    with contextlib.ExitStack() as stack:
        errors = [stack.enter_context(tempfile.TemporaryFile("w+", errors="replace")) for _ in range(count)]
        processes = []
        for index in range(count):
            task = {"cluster": cluster, "task": {"type": "worker", "index": index}}
            threads = str(max(1, (os.cpu_count() or 1) // count))
            own = {"TF_CONFIG": json.dumps(task), "TF_NUM_INTRAOP_THREADS": threads, LAUNCHER: str(os.getpid())}
            streams = {"stdout": subprocess.DEVNULL, "stderr": errors[index]} if index else {}
            processes.append(subprocess.Popen(command, env={**os.environ, **own}, **streams))
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
    process.kill()  # only the steps since the last backup are lost
    process.wait()


def _watch(processes, errors):
    """Wait until the first process has succeeded or any one has failed; the exit code."""
    with contextlib.suppress(KeyboardInterrupt):
        while processes[0].poll() != 0:
            for index, process in enumerate(processes):
                if process.poll():
                    return _report(index, processes, errors[index])
            time.sleep(_POLL_SECONDS)
        return 0
    print("stopped; continue with --resume", file=sys.stderr)
    return 130


def _report(index, processes, error):
    """Say why a worker failed, unless it is an input error that the first worker has reported too; the exit code."""
    code = processes[index].returncode
    if code == INPUT_ERROR:
        with contextlib.suppress(subprocess.TimeoutExpired):
            processes[0].wait(_GRACE_SECONDS)
        if processes[0].returncode != INPUT_ERROR:
            print(_last_line(error), file=sys.stderr)
        return INPUT_ERROR
    said = f" ({_last_line(error)})" if index and _last_line(error) else ""  # the first has shown its own
    why = signal.Signals(-code).name if code < 0 else f"exit code {code}{said}"
    print(f"worker {index} ended with {why}: all workers are stopped; continue with --resume", file=sys.stderr)
    return 1


def _last_line(file):
    file.seek(0)
    return ([line.strip() for line in file if line.strip()] or [""])[-1]
