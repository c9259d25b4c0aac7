"""The application of Ray Serve: by itself, and with two replicas of which one is killed while it is asked."""

import asyncio
import json
import socket
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

pytest.importorskip("ray", reason="ray is not installed: pip install 'kerasformer[ray]'")
pytest.importorskip("aiohttp", reason="Ray Serve is not installed: pip install 'kerasformer[ray]'")

import ray  # noqa: E402
from ray import serve  # noqa: E402

from kerasformer.errors import InputError  # noqa: E402
from kerasformer.serving.process import WorkerDied  # noqa: E402
from kerasformer.serving.ray import RayService, RaySettings, build  # noqa: E402
from kerasformer.serving.refusals import Refusal  # noqa: E402

TEXTS = ["Le chat dort.", "Il pleut.", "J'ai froid.", "Où est la gare ?", "Bonjour."]


def post(address, q, path="/translate"):
    """The status and the answer to a text."""
    body = json.dumps({"q": q, "source": "fr", "target": "en"}).encode()
    request = urllib.request.Request(address + path, body, {"content-type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


class Handle:
    """Stands for the replicas: a worker in this process, which may die."""

    def __init__(self, worker):
        self.answer, self._worker = self, worker

    async def remote(self, message):
        try:
            return await self._worker.ask(message, 1)
        except WorkerDied:
            raise ray.exceptions.ActorDiedError from None


def in_ray_service(log, function):
    """What a coroutine function of a `RayService` returns."""

    async def all_of_it():
        service = RayService(RaySettings(("fr-en",), replicas=2), Handle(await log.start_worker(1)))
        await service.start()
        try:
            return await function(service)
        finally:
            await service.stop()

    return asyncio.run(all_of_it())


def test_the_texts_of_a_replica_that_ends_are_translated_by_another_one(log):
    log.deaths_left = 1
    found = in_ray_service(log, lambda service: service.translate(["we die", "Oui."], "fr", "en"))
    assert [translation.text for translation in found] == ["WE DIE", "OUI."]
    assert log.deaths_left == 0


def test_its_models_are_loaded_again_by_ray(log):
    with pytest.raises(Refusal, match="serve run"):
        in_ray_service(log, lambda service: service.reload())


@pytest.fixture(scope="module")
def address(int8_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    local = {"_node_ip_address": "127.0.0.1", "include_dashboard": False, "log_to_driver": False}
    ray.init(num_cpus=2, logging_level="ERROR", **local)
    try:
        serve.start(http_options={"host": "127.0.0.1", "port": port})
        serve.run(build({"models": f"mine={int8_path}", "replicas": "2"}))
        yield f"http://127.0.0.1:{port}"
    finally:
        serve.shutdown()
        ray.shutdown()


def test_a_replica_that_is_killed_under_load_loses_no_answer(address, int8_path):
    from kerasformer.runtime import LiteRTTranslator

    expected = dict(zip(TEXTS, LiteRTTranslator(int8_path)(TEXTS), strict=True))
    texts = TEXTS * 40
    actors = [actor for actor in ray.util.list_named_actors(all_namespaces=True) if "#Translator#" in actor["name"]]
    assert len(actors) == 2
    with ThreadPoolExecutor(16) as pool:
        answers = [pool.submit(post, address, text) for text in texts]
        answers[20].result()
        assert not answers[-1].done()
        ray.kill(ray.get_actor(**actors[0]))
        found = [answer.result() for answer in answers]
    assert found == [(200, {"translatedText": expected[text]}) for text in texts]


def test_it_has_the_interfaces_of_the_service_except_files(address):
    with urllib.request.urlopen(f"{address}/v1/models/mine", timeout=60) as answer:
        assert json.load(answer)["model_version_status"][0]["state"] == "AVAILABLE"
    assert post(address, "Oui.", "/translate_file")[0] == 404
    assert post(address, ["Oui."] * 1001)[0] == 400


@pytest.mark.parametrize(
    ("wrong", "said"), [({"replicas": "many"}, "integer"), ({"replica": 1}, "replica"), ({"models": "none"}, "exist")]
)
def test_wrong_arguments_are_refused_before_a_replica_starts(wrong, said):
    with pytest.raises((InputError, ValueError), match=said):
        build(wrong)
