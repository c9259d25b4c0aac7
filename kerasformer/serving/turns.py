"""The texts that wait: clients take turns, then the requests of a client, and a batch is what fits at once."""

import asyncio
import collections
import dataclasses
import math
import time

BATCH_CHARACTERS = 8192  # of one batch, which bounds how long a worker computes


@dataclasses.dataclass(eq=False)
class Job:
    """One thing that a worker does.

    Args:
        key: tuple, what the jobs of one batch have in common: the model, the operation and its options.
        content: what the worker gets.
        client: whose job it is.
        request: what identifies the request that it belongs to.
        size: int, characters of its text.
        future: `asyncio.Future` of the answer.
        begun: time of submission in seconds, `time.monotonic`.
        deaths: int, how many workers have died with it.
    """

    key: tuple
    content: object
    client: str
    request: object
    size: int
    future: asyncio.Future
    begun: float = dataclasses.field(default_factory=time.monotonic)
    deaths: int = 0


class Turns:
    """Items in groups that take turns; the groups may hold groups."""

    def __init__(self):
        self._groups = collections.OrderedDict()

    def add(self, names, item):
        """Add an item as the last one of the group with these names, from the outermost to the innermost."""
        name, *inner = names
        if inner:
            self._groups.setdefault(name, Turns()).add(inner, item)
        else:
            self._groups.setdefault(name, collections.deque()).append(item)

    def take(self):
        """Remove and return the next item; its group has its next turn after all others."""
        name, group = self._groups.popitem(last=False)
        item = group.take() if isinstance(group, Turns) else group.popleft()
        if group:
            self._groups[name] = group
        return item

    def __bool__(self):
        return bool(self._groups)


class Backlog:
    """Jobs that wait for a worker. All of it runs in one event loop."""

    def __init__(self):
        self._of_key = collections.OrderedDict()  # key -> Turns
        self._waiters, self._idle, self.waiting = [], 0, 0

    def add(self, job):
        """Let a job wait."""
        self._of_key.setdefault(job.key, Turns()).add((job.client, job.request), job)
        self.waiting += 1
        if self._waiters:
            self._wake_last()

    def wake(self):
        """Let all that wait in `take` look again whether they are to stop."""
        while self._waiters:
            self._wake_last()

    def _wake_last(self):
        """Wake the worker that was the last to work: the processor's caches still hold its model."""
        waiter = self._waiters.pop()
        if not waiter.done():
            waiter.set_result(None)

    async def take(self, most, is_stopped):
        """The next batch, as soon as there is one.

        Args:
            most: function of a key that returns how many of its jobs a worker does at once.
            is_stopped: function without arguments; `take` returns an empty list when it is true.

        Returns:
            list of `Job` with the same key, in turn. If several workers are idle, they share what waits.
        """
        self._idle += 1
        try:
            while not is_stopped():
                if batch := self._batch(most):
                    return batch
                self._waiters.append(asyncio.get_running_loop().create_future())
                await self._waiters[-1]
            return []
        finally:
            self._idle -= 1

    def _batch(self, most):
        while self._of_key:
            key, turns = self._of_key.popitem(last=False)
            left, size, batch = min(most(key), math.ceil(self.waiting / self._idle)), 0, []
            while turns and len(batch) < left and (not batch or size < BATCH_CHARACTERS):
                job = turns.take()
                self.waiting -= 1
                if not job.future.done():  # else its client has left
                    batch.append(job)
                    size += job.size
            if turns:
                self._of_key[key] = turns
            if batch:
                return batch
        return []
