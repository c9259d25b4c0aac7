"""Worker processes that translate what waits: they are replaced when they end, and exchanged for new models."""

import asyncio
import contextlib
import dataclasses
import itertools
import time

from kerasformer.errors import InputError
from kerasformer.serving.log import say
from kerasformer.serving.process import WorkerDied, WorkerProcess
from kerasformer.serving.refusals import FAULT, Refusal
from kerasformer.serving.turns import Backlog, Job

_LOAD_SECONDS = 300
_PATIENCE_SECONDS = 10  # with a batch beyond the deadline of its requests, after which its worker is ended
_MOST_DEATHS = 2  # of workers that had the same job
_WAITS = (0.1, 0.5, 2, 5, 10)  # seconds before a worker is started again that has ended while it loaded


class Watch:
    """What the engine reports; `metrics.Metrics` counts it."""

    def batch(self, jobs, seconds):
        """A batch was translated."""

    def waited(self, seconds):
        """A job waited so long for a worker."""

    def died(self):
        """A worker has ended that was not stopped."""


@dataclasses.dataclass(eq=False)
class Crew:
    """Workers that have loaded the same models.

    Args:
        models: list of `catalogue.Model`.
        about: dict of `Model.key` to what `worker.load` returns.
        tasks: set of `asyncio.Task`, one for each worker.
        is_retired: bool, whether its workers are to end after their batch.
    """

    models: list
    about: dict = dataclasses.field(default_factory=dict)
    tasks: set = dataclasses.field(default_factory=set)
    is_retired: bool = False


class Engine:
    """Translates jobs in worker processes.

    Args:
        workers: int, the number of processes.
        threads: int, threads of each.
        deadline: float, seconds after which requests are given up.
        watch: `Watch`.
        start_worker: coroutine function of the number of threads that returns a worker, see `WorkerProcess`.
    """

    def __init__(self, workers, threads=1, deadline=30.0, watch=None, start_worker=WorkerProcess.start):
        self.workers, self.threads, self.deadline = workers, threads, deadline
        self.watch, self._start_worker = watch or Watch(), start_worker
        self.backlog, self.crew = Backlog(), Crew([])
        self.working = set()  # workers that have their models
        self._exchange = asyncio.Lock()

    @property
    def about(self):
        """dict of `Model.key` to what `worker.load` returns, for the models that are served."""
        return self.crew.about

    def submit(self, key, content, client, request, size):
        """Let a job wait for a worker; returns the `asyncio.Future` of its answer. See `turns.Job`."""
        future = asyncio.get_running_loop().create_future()
        self.backlog.add(Job(key, content, client, request, size, future))
        return future

    async def load(self, models):
        """Serve these models, in place of those that are served, which go on until the new ones are loaded.

        Raises:
            InputError: if one cannot be loaded; nothing has changed then.
        """
        async with self._exchange:
            crew = Crew(models)
            first = await self._open(crew)
            for worker in [first, *[None] * (self.workers - 1)]:
                task = asyncio.create_task(self._work(crew, worker))
                crew.tasks.add(task)
                task.add_done_callback(crew.tasks.discard)
            old, self.crew = self.crew, crew
            await self._retire(old)

    async def stop(self):
        """Let the workers finish their batches, and end them."""
        async with self._exchange:
            await self._retire(self.crew)

    async def _retire(self, crew):
        crew.is_retired = True
        self.backlog.wake()
        await asyncio.gather(*crew.tasks)

    async def _open(self, crew):
        """A worker with the models of a crew."""
        worker = await self._start_worker(self.threads)
        try:
            about = {}
            for model in crew.models:
                values = {"name": model.key, "path": str(model.path), "threads": self.threads}
                answer = await worker.ask({"do": "load", **values}, _LOAD_SECONDS)
                if "error" in answer:
                    raise InputError(answer["error"])
                about[model.key] = answer["found"]
        except WorkerDied:
            raise InputError(f"the model {model.name} cannot be loaded: its process has ended") from None
        except BaseException:
            worker.kill()
            raise
        crew.about = crew.about or about
        self.working.add(worker)
        return worker

    async def _work(self, crew, worker):
        """Translate batch after batch with one worker, or with another one when it has died, until the crew retires."""
        while True:
            worker = worker or await self._replacement(crew)
            if worker is None:
                return
            batch = await self.backlog.take(self._at_once, lambda: crew.is_retired)
            if not batch:
                break
            worker = await self._translate(batch, worker)
        self.working.discard(worker)
        await worker.stop()

    def _at_once(self, key):
        return self.about.get(key[0], {}).get("at_once", 1)

    async def _replacement(self, crew):
        """A new worker, as soon as one has its models; None if the crew retires first."""
        for wait in itertools.chain([0], _WAITS, itertools.repeat(_WAITS[-1])):
            await asyncio.sleep(wait)
            if crew.is_retired:
                return None
            try:
                return await self._open(crew)
            except (InputError, OSError) as error:
                say(f"kerasformer: a worker cannot be started: {error}")

    async def _translate(self, batch, worker):
        """Answer a batch; returns the worker, or None if it died."""
        begun = time.monotonic()
        for job in batch:
            self.watch.waited(begun - job.begun)
        name, operation, options = batch[0].key[:3]
        message = {"do": operation, "name": name, "items": [job.content for job in batch], **dict(options)}
        try:
            answer = await worker.ask(message, self.deadline + _PATIENCE_SECONDS)
        except WorkerDied:
            self.working.discard(worker)
            self.watch.died()
            self._again(batch)
            return None
        answers = answer.get("found") or [answer] * len(batch)
        self.watch.batch(batch, time.monotonic() - begun)
        for job, found in zip(batch, answers, strict=True):
            _resolve(job.future, found)
        return worker

    def _again(self, batch):
        """Let the jobs wait again that a worker had when it died, each alone, because one of them may be the reason."""
        for job in batch:
            job.deaths += 1
            if job.deaths >= _MOST_DEATHS:
                with contextlib.suppress(asyncio.InvalidStateError):
                    job.future.set_exception(Refusal(*FAULT))
            else:
                job.key = (*job.key[:3], id(job))
                self.backlog.add(job)


def _resolve(future, answer):
    if future.done():  # the client has left
        return
    if "found" in answer:
        future.set_result(answer["found"])
    elif "error" in answer:
        future.set_exception(Refusal(400, f"Invalid request: {answer['error']}"))
    elif "system" in answer:
        future.set_exception(OSError(answer["system"]))
    else:
        future.set_exception(Refusal(*FAULT))
