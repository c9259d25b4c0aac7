"""The service as an application of Ray Serve: replicas on many machines translate for the same service over HTTP.

serve run kerasformer.serving.ray:app
serve run kerasformer.serving.ray:build models=fr-en replicas=2 max_replicas=8
"""

import asyncio
import dataclasses
import os

import pydantic
import ray
from ray import serve

from kerasformer.serving import worker
from kerasformer.serving.app import create_app
from kerasformer.serving.catalogue import find_models
from kerasformer.serving.engine import Engine
from kerasformer.serving.metrics import Metrics
from kerasformer.serving.process import WorkerDied, thread_environment
from kerasformer.serving.refusals import Refusal
from kerasformer.serving.service import Service
from kerasformer.serving.settings import Settings

_MORE_SECONDS = 5  # beyond the deadline, for requests to end


@dataclasses.dataclass(frozen=True)
class RaySettings(Settings):
    """The arguments of `build`: those of `Settings`, and how many processes there are.

    Args:
        replicas: int, the fewest replicas that translate.
        max_replicas: int, the most, which are started under load; 0 for as many as `replicas`.
        fronts: int, replicas that answer over HTTP.
    """

    __pydantic_config__ = pydantic.ConfigDict(extra="forbid")
    files: bool = False
    replicas: int = 1
    max_replicas: int = 0
    fronts: int = 1


class Translator:
    """A replica that translates; Ray starts another one for each that ends.

    Args:
        settings: `RaySettings`.
    """

    def __init__(self, settings):
        os.environ.update(thread_environment(settings.threads))  # TensorFlow reads it when it is imported
        self._translators, self._about = {}, {}
        for model in find_models(settings.models):
            self._about[model.key] = worker.load(self._translators, model.key, str(model.path), settings.threads)

    def answer(self, message):
        """The answer to a message, see `worker.answer`; the models are loaded already."""
        if message["do"] == "load":
            return {"found": self._about[message["name"]]}
        return worker.answer(self._translators, message)


class _AnyReplica:
    """Stands for a worker process in the engine: its messages go to whichever replica is idle.

    Args:
        handle: `ray.serve.handle.DeploymentHandle` of `Translator`.
    """

    def __init__(self, handle):
        self._handle = handle

    async def ask(self, message, seconds):
        """The answer to a message.

        Raises:
            WorkerDied: if the replica has ended, or does not answer within so many seconds.
        """
        try:
            return await asyncio.wait_for(self._handle.answer.remote(message), seconds)
        except (ray.exceptions.RayActorError, asyncio.TimeoutError) as error:
            raise WorkerDied(type(error).__name__) from None

    def kill(self):
        """Nothing: Ray ends replicas."""

    async def stop(self):
        """Nothing: Ray ends replicas."""


class RayService(Service):
    """The service, whose workers are replicas of Ray.

    Args:
        settings: `RaySettings`.
        translators: `ray.serve.handle.DeploymentHandle` of `Translator`.
        watch: `engine.Watch`.
    """

    def __init__(self, settings, translators, watch=None):
        async def start_worker(threads):
            return _AnyReplica(translators)

        most = max(settings.replicas, settings.max_replicas)
        super().__init__(settings, Engine(most, settings.threads, settings.deadline, watch, start_worker))

    async def reload(self):
        """Refused: Ray exchanges the replicas one by one when the application is run again."""
        raise Refusal(400, "Run the application again with `serve run` or `serve deploy` to load the models again")


@serve.ingress()
class Front:
    """A replica that answers over HTTP as `kerasformer serve` does.

    Args:
        settings: `RaySettings`.
        translators: `ray.serve.handle.DeploymentHandle` of `Translator`.
    """

    async def __init__(self, settings, translators):
        metrics = Metrics()
        service = RayService(settings, translators, metrics)
        self._application = create_app(service, settings, metrics)
        await asyncio.gather(service.start(), asyncio.to_thread(service.detect, ""))  # whose first call takes long

    def __serve_build_asgi_app__(self):
        return self._application


def build(arguments):
    """The application of Ray Serve.

    Args:
        arguments: dict of the fields of `RaySettings`; `models` may be a str with commas. Values may be str.

    Returns:
        `ray.serve.Application`.

    Raises:
        pydantic.ValidationError: for a wrong argument.
        InputError: if there is no such model.
    """
    models = arguments.get("models", ())
    given = {**arguments, "models": models.split(",") if isinstance(models, str) else models}
    settings = pydantic.TypeAdapter(RaySettings).validate_python(given)
    find_models(settings.models)  # raises for models that are not there
    translators = serve.deployment(
        name="Translator",
        max_ongoing_requests=1,
        ray_actor_options={"num_cpus": settings.threads},
        autoscaling_config={
            "min_replicas": settings.replicas,
            "max_replicas": max(settings.replicas, settings.max_replicas),
            "target_ongoing_requests": 1,
        },
    )(Translator)
    front = serve.deployment(
        name="Front",
        num_replicas=settings.fronts,
        max_ongoing_requests=2 * settings.queue,  # so that the service itself refuses what is too much
        ray_actor_options={"num_cpus": 0},
        graceful_shutdown_timeout_s=settings.deadline + _MORE_SECONDS,
    )(Front)
    return front.bind(settings, translators.bind(settings))


app = build({})
