"""A service whose workers are in this process and translate by capitals: most tests need no model."""

import asyncio
import json

import pytest
from fastapi.testclient import TestClient

from kerasformer.interface.answers import Attention, Hypothesis
from kerasformer.interface.text import BaseTranslator
from kerasformer.serving import worker
from kerasformer.serving.app import create_app
from kerasformer.serving.engine import Engine
from kerasformer.serving.metrics import Metrics
from kerasformer.serving.process import WorkerDied
from kerasformer.serving.service import Service
from kerasformer.serving.settings import Settings


class Capitals(BaseTranslator):
    """Translates into capitals; the alternatives end in marks."""

    def count(self, texts):
        return [len(text.split()) for text in texts]

    def knows(self, texts):
        return [True] * len(texts)

    def decode(self, pieces, num_hypotheses=1, **options):
        if any("fault" in piece for piece in pieces):
            raise RuntimeError("a fault of the engine")
        return [
            [Hypothesis(piece.upper() + "+" * rank, -0.5 - rank, (5, 6)) for rank in range(num_hypotheses)]
            for piece in pieces
        ]

    def attend(self, source, target):
        import numpy as np

        tokens = [[*(f"▁{word}" for word in text.split()), "</s>"] for text in (source, target)]
        return Attention(np.eye(len(tokens[1]), len(tokens[0]))[None, None], *tokens)


class InProcess:
    """A worker without a process. It dies of a text with "die" in it, and takes long for one with "slow"."""

    def __init__(self, log):
        self.translators, self.log, self.is_dead = {}, log, False

    async def ask(self, message, seconds):
        if message["do"] == "load":
            if self.log.broken:
                return {"error": f"{message['path']} is damaged"}
            source, target = message["name"].partition("/")[0].split("-")[:2]
            self.translators[message["name"]] = Capitals(source, target, 50)
            return {"found": {"source": source, "target": target, "form": "litert", "at_once": 4, "max_tokens": 50}}
        said = json.dumps(message["items"])
        self.log.batches.append([item[0] if isinstance(item, list) else item for item in message["items"]])
        await asyncio.sleep(0.05 if "slow" in said else 0)
        while "stuck" in said and not self.log.is_free:
            await asyncio.sleep(0.01)
        if "die" in said and self.log.deaths_left:
            self.log.deaths_left -= 1
            raise WorkerDied("for the test")
        return json.loads(json.dumps(worker.answer(self.translators, message)))

    def kill(self):
        self.is_dead = True

    async def stop(self):
        self.is_dead = True


class Log:
    """What the workers of a test did, and what is to happen to them."""

    def __init__(self):
        self.batches, self.workers, self.broken, self.deaths_left, self.is_free = [], [], False, 0, False

    async def start_worker(self, threads):
        self.workers.append(InProcess(self))
        return self.workers[-1]


@pytest.fixture
def log():
    return Log()


@pytest.fixture
def make_service(log):
    """Function of settings that makes a `Service` with workers in this process."""

    def make(workers=1, metrics=None, **settings):
        settings = Settings(**{"models": ("fr-en", "en-fr"), "log": "none", **settings})
        engine = Engine(workers, deadline=settings.deadline, watch=metrics, start_worker=log.start_worker)
        return Service(settings, engine)

    return make


@pytest.fixture(scope="session")
def start_in_process():
    """Function of a number of workers that makes an application, its `Service` and the `Log` of its workers."""

    def start(workers):
        log, settings = Log(), Settings(models=("fr-en", "en-fr"), log="none")
        service = Service(settings, Engine(workers, start_worker=log.start_worker))
        return create_app(service, settings), service, log

    return start


@pytest.fixture
def in_service(make_service):
    """Run a coroutine function of a `Service` that has started; returns what it returns."""

    def run(function, **settings):
        async def all_of_it():
            service = make_service(**settings)
            await service.start()
            try:
                return await asyncio.wait_for(function(service), 20)
            finally:
                await service.stop()

        return asyncio.run(all_of_it())

    return run


@pytest.fixture
def make_client(make_service):
    """Function of settings that makes a client of an application whose service has started."""
    opened = []

    def make(**settings):
        metrics = Metrics()
        service = make_service(metrics=metrics, **settings)
        client = TestClient(create_app(service, service.settings, metrics), raise_server_exceptions=False)
        client.__enter__()
        opened.append((client, service))
        client.portal.call(service.start)
        client.service = service
        return client

    yield make
    for client, service in opened:
        client.portal.call(service.stop)
        client.__exit__(None, None, None)


@pytest.fixture
def client(make_client):
    return make_client()
