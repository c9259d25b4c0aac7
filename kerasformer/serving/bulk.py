"""Translate files in bulk with Ray: each worker translates shard after shard, and one that ends is replaced."""

import collections
import contextlib
import os
import pathlib
import sys

import filelock
import ray

from kerasformer.errors import InputError
from kerasformer.formats import describe
from kerasformer.pretrained import available
from kerasformer.serving import worker
from kerasformer.serving.shards import plan, translate_shard
from kerasformer.system.files import clear

_QUIET = {"logging_level": "ERROR", "log_to_driver": False}
_LOCAL = {"_node_ip_address": "127.0.0.1", "include_dashboard": False}  # nothing listens to the network
_AGAIN = 2  # times that a shard is translated again whose worker has ended


class _Worker:
    """Translates shards with one model; an actor of Ray."""

    def __init__(self, model, threads):
        self._model, self._threads, self._translators = model, threads, {}

    def translate(self, shard, field):
        """Returns how many lines it has, how many could not be translated, and the id of this process: three int."""
        if not self._translators:  # not in the constructor, whose errors Ray does not pass on
            worker.load(self._translators, "model", self._model, self._threads)
        return *translate_shard(shard, self._each, field), os.getpid()

    def _each(self, texts):
        try:
            return self._translators["model"](texts)
        except InputError:
            return [self._one(text) for text in texts]

    def _one(self, text):
        try:
            return self._translators["model"]([text])[0]
        except InputError:
            return None


def translate_files(paths, out, model, workers=1, threads=1, lines=1000, field="text", address=None, report=None):
    """Translate files into a folder; what is there already is not translated again.

    Args:
        paths: files that end in .txt, .jsonl or .parquet; on a cluster, all machines must see them and `out`.
        out: folder.
        model: path of a translator, or the name of a pretrained one.
        workers, threads: int, processes that translate, and processors of each.
        lines: int, lines of a shard.
        field: str, the field of JSON, or column of Parquet, that has the text.
        address: str, the Ray cluster; None for processes of this machine.
        report: function of a `Shard` and of what `_Worker.translate` returns; called for each shard.

    Returns:
        Counts of lines, of those that could not be translated, and of shards whose worker ended again and again: three
        int. These shards have no file.

    Raises:
        InputError: for files that cannot be read, or a folder that was begun with other settings.
    """
    model = model if model in available() else str(pathlib.Path(model).resolve())
    describe(model, "translation")  # raises if there is none
    with _alone(out):
        shards = plan(paths, out, lines, field, model=model)
        waiting = collections.deque(shard for shard in shards if not shard.is_done)
        if not waiting:
            return 0, 0, 0
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # Ray would report to its makers
        ray.init(**({"address": address} if address else {"num_cpus": workers * threads, **_LOCAL}), **_QUIET)
        try:
            actor = ray.remote(num_cpus=threads, max_restarts=-1, max_task_retries=_AGAIN)(_Worker)
            actors = [actor.remote(model, threads) for _ in range(min(workers, len(waiting)))]
            return _translate(waiting, actors, field, report or (lambda *_: None))
        finally:
            ray.shutdown()


@contextlib.contextmanager
def _alone(out):
    """A folder that no other run writes to, without what killed runs have left."""
    pathlib.Path(out).mkdir(parents=True, exist_ok=True)
    try:
        with filelock.FileLock(pathlib.Path(out) / ".lock", timeout=0):
            clear(out)
            yield
    except filelock.Timeout:
        raise InputError(f"another run writes to {out}: wait until it has ended") from None


def _translate(waiting, actors, field, report):
    """Let the actors translate the shards that wait; returns counts, see `translate_files`."""
    total = failed = lost = 0
    in_work = {}

    def give(actor):
        if waiting:
            shard = waiting.popleft()
            in_work[actor.translate.remote(shard, field)] = actor, shard

    for actor in actors:
        give(actor)
    while in_work:
        (done,), _ = ray.wait(list(in_work), num_returns=1)
        actor, shard = in_work.pop(done)
        try:
            found = ray.get(done)
        except ray.exceptions.RayTaskError as error:
            raise error.cause from None
        except ray.exceptions.RayActorError:
            print(f"kerasformer: {shard.out} cannot be made: its worker ended again and again", file=sys.stderr)
            lost += 1
        else:
            total, failed = total + found[0], failed + found[1]
            report(shard, found)
        give(actor)
    return total, failed, lost
