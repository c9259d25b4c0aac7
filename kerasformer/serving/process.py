"""The service's side of one worker process."""

import asyncio
import contextlib
import os
import sys

from kerasformer.serving import frames

_GRACE_SECONDS = 5


def thread_environment(threads):
    """The environment of a process whose engines use so many threads: dict."""
    return {"TF_NUM_INTRAOP_THREADS": str(threads), "TF_NUM_INTEROP_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}


class WorkerDied(Exception):
    """The process has ended, or was stopped because it did not answer in time."""


class WorkerProcess:
    """A process that runs `kerasformer.serving.worker`.

    Args:
        process: `asyncio.subprocess.Process`.
    """

    def __init__(self, process):
        self._process = process

    @classmethod
    async def start(cls, threads):
        """Start a process whose engines use so many threads."""
        return cls(
            await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "kerasformer.serving.worker"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                env={**os.environ, **thread_environment(threads)},
            )
        )

    @property
    def pid(self):
        """The id of the process."""
        return self._process.pid

    async def ask(self, message, seconds):
        """The worker's answer to a message; for both see `worker.answer`.

        Raises:
            WorkerDied: if there is none within so many seconds.
        """
        try:
            return await asyncio.wait_for(self._exchange(message), seconds)
        except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError) as error:
            self.kill()
            raise WorkerDied(type(error).__name__) from None

    async def _exchange(self, message):
        self._process.stdin.write(frames.pack(message))
        await self._process.stdin.drain()
        head = await self._process.stdout.readexactly(frames.HEAD_BYTES)
        return frames.unpack(await self._process.stdout.readexactly(frames.body_length(head)))

    def kill(self):
        """End the process at once."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def stop(self):
        """Let the process end, and wait until it has."""
        self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), _GRACE_SECONDS)
        except asyncio.TimeoutError:
            self.kill()
            await self._process.wait()
