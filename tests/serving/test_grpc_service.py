"""The gRPC interface of TensorFlow Serving, with its published stubs."""

import asyncio
import pathlib
import subprocess
import sys

import pytest

grpc = pytest.importorskip("grpc")
pytest.importorskip("tensorflow_serving", reason="tensorflow-serving-api is not installed")
pytest.importorskip("grpc_health", reason="grpcio-health-checking is not installed")

from grpc import StatusCode  # noqa: E402
from grpc_health.v1 import health_pb2, health_pb2_grpc  # noqa: E402

from kerasformer.serving import messages  # noqa: E402
from kerasformer.serving.app import create_app  # noqa: E402
from kerasformer.serving.grpc_service import MODELS, PREDICTION, GrpcServer  # noqa: E402

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "benchmarks"))
from fuzz import GRPC, bodies, complaint  # noqa: E402

SERVING, NOT_SERVING = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING


def tensor(*texts, **values):
    values = {"dtype": "DT_STRING", "tensor_shape": {"dim": [{"size": len(texts)}]}, **values}
    return messages.TensorProto(string_val=[text.encode() for text in texts], **values)


def request(*texts, name="fr-en", signature="", output_filter=(), **spec):
    spec = messages.ModelSpec(name=name, signature_name=signature, **spec)
    return messages.PredictRequest(model_spec=spec, inputs={"texts": tensor(*texts)}, output_filter=output_filter)


def texts_of(answer):
    return [text.decode() for text in answer.outputs["translations"].string_val]


class Client:
    """The stubs of TensorFlow Serving over one channel."""

    def __init__(self, channel, server, state):
        self.channel, self.server, self.service, self.metrics = channel, server, state.service, state.metrics
        self.predict = messages.PredictionServiceStub(channel).Predict
        self.metadata = messages.PredictionServiceStub(channel).GetModelMetadata
        self.status = messages.ModelServiceStub(channel).GetModelStatus
        self.health = health_pb2_grpc.HealthStub(channel)

    def counts(self):
        return self.metrics.text(self.service).decode()


@pytest.fixture
def over_grpc(make_service, log):
    """Run a coroutine function of a `Client`; returns what it returns."""

    def run(function, is_started=True, **settings):
        async def all_of_it():
            service = make_service(**settings)
            state = create_app(service, service.settings).app.state
            if is_started:
                await service.start()
            server = GrpcServer(state, "127.0.0.1", 0)
            await server.start()
            async with grpc.aio.insecure_channel(server.address) as channel:
                try:
                    return await asyncio.wait_for(function(Client(channel, server, state)), 20)
                finally:
                    log.is_free = True
                    await server.stop(1)
                    await service.stop()

        return asyncio.run(all_of_it())

    return run


@pytest.fixture
def refused(over_grpc):
    """The (code, text) that a request is refused with."""

    def ask(asked, method="predict", **settings):
        async def call(client):
            with pytest.raises(grpc.aio.AioRpcError) as error:
                await getattr(client, method)(asked)
            return error.value.code(), error.value.details()

        return over_grpc(call, **settings)

    return ask


def test_texts_are_translated_and_keep_their_order(over_grpc):
    answer = over_grpc(lambda client: client.predict(request("Oui.", "", "Non. Où ?")))
    assert texts_of(answer) == ["OUI.", "", "NON. OÙ ?"]
    assert [dim.size for dim in answer.outputs["translations"].tensor_shape.dim] == [3]
    spec = answer.model_spec
    assert (spec.name, spec.version.value, spec.signature_name) == ("fr-en", 1, "serving_default")


def test_no_texts_have_no_translations(over_grpc):
    assert texts_of(over_grpc(lambda client: client.predict(request()))) == []


def test_the_outputs_of_a_signature_have_its_types_and_shapes(over_grpc):
    asked = request("Oui.", "", signature="serving_fast")
    outputs = over_grpc(lambda client: client.predict(asked)).outputs
    assert set(outputs) == {"translations", "scores", "token_ids"}
    assert list(outputs["scores"].float_val) == [-0.5, 0.0]
    assert list(outputs["token_ids"].int_val) == [5, 6, 0, 0]
    assert [dim.size for dim in outputs["token_ids"].tensor_shape.dim] == [2, 2]


def test_an_output_filter_leaves_out_the_others(over_grpc):
    asked = request("Oui.", signature="serving_fast", output_filter=["scores"])
    assert list(over_grpc(lambda client: client.predict(asked)).outputs) == ["scores"]


def test_a_version_is_named(over_grpc):
    assert texts_of(over_grpc(lambda client: client.predict(request("Oui.", version={"value": 1})))) == ["OUI."]


WRONG = {
    "no inputs": messages.PredictRequest(model_spec={"name": "fr-en"}),
    "another input": messages.PredictRequest(model_spec={"name": "fr-en"}, inputs={"words": tensor("a")}),
    "numbers": messages.PredictRequest(model_spec={"name": "fr-en"}, inputs={"texts": tensor(dtype="DT_FLOAT")}),
    "no axis": messages.PredictRequest(model_spec={"name": "fr-en"}, inputs={"texts": tensor("a", tensor_shape={})}),
    "a huge shape": messages.PredictRequest(
        model_spec={"name": "fr-en"}, inputs={"texts": tensor("a", tensor_shape={"dim": [{"size": 2**60}]})}
    ),
    "a negative shape": messages.PredictRequest(
        model_spec={"name": "fr-en"}, inputs={"texts": tensor("a", tensor_shape={"dim": [{"size": -1}]})}
    ),
    "another shape": messages.PredictRequest(
        model_spec={"name": "fr-en"}, inputs={"texts": tensor("a", tensor_shape={"dim": [{"size": 2}]})}
    ),
    "no UTF-8": messages.PredictRequest(
        model_spec={"name": "fr-en"},
        inputs={
            "texts": messages.TensorProto(
                dtype="DT_STRING", tensor_shape={"dim": [{"size": 1}]}, string_val=[b"\xff\xfe"]
            )
        },
    ),
    "an unknown output": request("a", output_filter=["none"]),
    "a label": request("a", version_label="canary"),
    "a long text": request("a" * 60_000),
    "many texts": request(*"a" * 1001),
}


@pytest.mark.parametrize("asked", WRONG.values(), ids=WRONG)
def test_a_wrong_request_is_an_invalid_argument(refused, asked):
    code, text = refused(asked)
    assert code == StatusCode.INVALID_ARGUMENT
    assert text
    assert "\n" not in text


@pytest.mark.parametrize(
    "asked",
    [
        request("a", name="de-en"),
        request("a", name="../../etc\npasswd"),
        request("a", version={"value": 2}),
        request("a", signature="none"),
    ],
    ids=["model", "path", "version", "signature"],
)
def test_what_is_not_there_is_not_found(refused, asked):
    code, text = refused(asked)
    assert code == StatusCode.NOT_FOUND
    assert "\n" not in text


def test_a_message_beyond_the_limit_is_refused_before_it_is_read(refused):
    assert refused(request("a" * 200_000), max_characters=100)[0] == StatusCode.RESOURCE_EXHAUSTED


def test_a_fault_of_the_engine_is_internal(refused):
    assert refused(request("a fault"))[0] == StatusCode.INTERNAL


def test_a_fault_of_this_code_is_one_line_without_its_cause(refused, monkeypatch, capsys):
    monkeypatch.setattr("kerasformer.serving.tensorflow_serving.answers", lambda *_: 1 / 0)
    code, text = refused(request("Oui."))
    assert code == StatusCode.INTERNAL
    assert "division" not in text
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_the_deadline_of_the_service(refused):
    assert refused(request("stuck"), deadline=0.2)[0] == StatusCode.DEADLINE_EXCEEDED


@pytest.mark.parametrize("leaves", ["its deadline", "a cancellation"])
def test_the_texts_of_a_client_that_leaves_are_not_translated(over_grpc, log, leaves):
    async def ask(client):
        first = asyncio.ensure_future(client.predict(request("stuck")))
        await asyncio.sleep(0.1)
        call = client.predict(request("Oui."), timeout=0.2 if leaves == "its deadline" else None)
        if leaves == "a cancellation":
            asyncio.get_running_loop().call_later(0.2, call.cancel)
        code = await call.code()
        while client.service.waiting > 1:
            await asyncio.sleep(0.01)
        log.is_free = True
        return code, texts_of(await first), client.counts()

    code, first, counts = over_grpc(ask)
    assert code == (StatusCode.DEADLINE_EXCEEDED if leaves == "its deadline" else StatusCode.CANCELLED)
    assert first == ["STUCK"]
    assert ["Oui."] not in log.batches
    assert f'kerasformer_requests_total{{route="/{PREDICTION}/Predict",status="499"}} 1.0' in counts


def test_more_than_the_queue_holds_is_refused_with_a_time_to_ask_again(over_grpc, log):
    async def ask(client):
        first = asyncio.ensure_future(client.predict(request(*["stuck"] * 5)))
        await asyncio.sleep(0.1)
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await client.predict(request("Oui."))
        log.is_free = True
        return error.value, texts_of(await first)

    error, first = over_grpc(ask, queue=3)
    assert error.code() == StatusCode.RESOURCE_EXHAUSTED
    assert dict(error.trailing_metadata())["grpc-retry-pushback-ms"] == "1000"
    assert first == ["STUCK"] * 5


def test_a_key_is_asked_for(over_grpc):
    async def ask(client):
        found = []
        for sent in ((), (("authorization", "Bearer wrong"),), (("authorization", "Bearer secret"),)):
            call = client.predict(request("Oui."), metadata=sent)
            found.append(await call.code())
        return found

    assert over_grpc(ask, keys=("secret",)) == [StatusCode.UNAUTHENTICATED, StatusCode.UNAUTHENTICATED, StatusCode.OK]


def test_a_client_that_asks_too_often_is_refused(over_grpc):
    async def ask(client):
        return [await client.predict(request("Oui.")).code() for _ in range(2)]

    assert over_grpc(ask, per_minute=1) == [StatusCode.OK, StatusCode.RESOURCE_EXHAUSTED]


def test_the_status_and_the_signatures_of_a_model(over_grpc):
    async def ask(client):
        status = await client.status(messages.GetModelStatusRequest(model_spec={"name": "fr-en"}))
        asked = messages.GetModelMetadataRequest(model_spec={"name": "fr-en"}, metadata_field=["signature_def"])
        return status, await client.metadata(asked)

    status, metadata = over_grpc(ask)
    (version,) = status.model_version_status
    assert (version.version, version.State.Name(version.state), version.status.error_code) == (1, "AVAILABLE", 0)
    signatures = messages.SignatureDefMap()
    assert metadata.metadata["signature_def"].Unpack(signatures)
    signature = signatures.signature_def["serving_default"]
    assert signature.inputs["texts"].dtype == messages.DT_STRING
    assert signature.method_name == "tensorflow/serving/predict"


def test_the_status_of_a_version_that_is_not_there(refused):
    asked = messages.GetModelStatusRequest(model_spec={"name": "fr-en", "version": {"value": 3}})
    assert refused(asked, "status")[0] == StatusCode.NOT_FOUND


def test_metadata_that_is_not_kept_is_an_invalid_argument(refused):
    asked = messages.GetModelMetadataRequest(model_spec={"name": "fr-en"}, metadata_field=["weights"])
    assert refused(asked, "metadata")[0] == StatusCode.INVALID_ARGUMENT


def test_nothing_is_ready_before_the_models_are_loaded(over_grpc):
    async def ask(client):
        before = await client.health.Check(health_pb2.HealthCheckRequest())
        code = await client.predict(request("Oui.")).code()
        watch = client.health.Watch(health_pb2.HealthCheckRequest(service=PREDICTION))
        seen = [(await watch.read()).status]
        await client.service.start()
        seen.append((await watch.read()).status)
        stopping = asyncio.ensure_future(client.server.stop(10))  # does not wait for those who watch
        seen.append((await watch.read()).status)
        await stopping
        return before.status, code, seen

    before, code, seen = over_grpc(ask, is_started=False)
    assert (before, code) == (NOT_SERVING, StatusCode.UNAVAILABLE)
    assert seen == [NOT_SERVING, SERVING, NOT_SERVING]


def test_requests_in_work_are_answered_when_the_server_stops(over_grpc, log):
    async def ask(client):
        answer = asyncio.ensure_future(client.predict(request("stuck")))
        while not client.service.waiting:
            await asyncio.sleep(0.01)
        asyncio.get_running_loop().call_later(0.2, setattr, log, "is_free", True)
        await client.server.stop(10)
        return texts_of(await answer)

    assert over_grpc(ask) == ["STUCK"]


def test_a_port_that_is_taken_is_an_input_error(over_grpc):
    from kerasformer.errors import InputError

    async def ask(client):
        with pytest.raises(InputError, match="give another --host or --grpc-port"):
            GrpcServer(create_app(client.service, client.service.settings).app.state, "127.0.0.1", port(client))

    def port(client):
        return int(client.server.address.rpartition(":")[2])

    over_grpc(ask)


def test_wrong_bodies_get_one_line_and_do_not_stop_the_server(over_grpc):
    names = [f"/{PREDICTION}/Predict"] * 3 + [f"/{PREDICTION}/GetModelMetadata", f"/{MODELS}/GetModelStatus"]
    names += [f"/{PREDICTION}/Classify", "/none"]

    async def ask(client):
        calls = [
            client.channel.unary_unary(draw.choice(names))(body, timeout=10) for _, body, draw in bodies(GRPC, 210)
        ]
        found = [(await call.code(), await call.details()) for call in calls]
        return found, texts_of(await client.predict(request("Oui.")))

    found, after = over_grpc(ask)
    expected = {StatusCode.OK, StatusCode.INVALID_ARGUMENT, StatusCode.NOT_FOUND, StatusCode.UNIMPLEMENTED}
    assert {code for code, _ in found} == {*expected, StatusCode.RESOURCE_EXHAUSTED}
    assert not [details for _, details in found if complaint(details or "")]
    assert after == ["OUI."]


def test_the_server_does_not_import_tensorflow():
    program = (
        "import sys, kerasformer.serving.grpc_service, kerasformer.serving.server;"
        "print([name for name in ('tensorflow', 'keras', 'h5py', 'tensorflow.core') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.strip() == "['tensorflow.core']", done.stderr
