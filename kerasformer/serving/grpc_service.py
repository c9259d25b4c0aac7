"""The gRPC interface of TensorFlow Serving, and the standard health service, over the same service as HTTP.

References: https://github.com/tensorflow/serving/tree/master/tensorflow_serving/apis,
https://grpc.io/docs/guides/health-checking
"""

import asyncio
import itertools
import time
import traceback
import urllib.parse

import grpc
from google.protobuf.json_format import ParseDict
from google.protobuf.message import DecodeError
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from kerasformer.errors import InputError
from kerasformer.serving import messages, tensorflow_serving
from kerasformer.serving.envelope import identify, write_line
from kerasformer.serving.refusals import FAULT, GONE, LOADING, Refusal
from kerasformer.serving.tensorflow_serving import DEFAULT, INPUT, SIGNATURES, find

PREDICTION, MODELS = "tensorflow.serving.PredictionService", "tensorflow.serving.ModelService"
_BYTES_OF_CHARACTER = 4  # in UTF-8
_MORE_BYTES = 100_000  # of a message beside its texts
_LOOK_SECONDS = 0.25  # between two looks at whether the service is ready
_NOTICE_SECONDS = 0.2  # in which those who watch the health hear that the service ends
_SIGNATURES = "signature_def"
_CODES = {
    400: grpc.StatusCode.INVALID_ARGUMENT,
    403: grpc.StatusCode.UNAUTHENTICATED,
    404: grpc.StatusCode.NOT_FOUND,
    429: grpc.StatusCode.RESOURCE_EXHAUSTED,
    503: grpc.StatusCode.UNAVAILABLE,
    504: grpc.StatusCode.DEADLINE_EXCEEDED,
}
_VALUES = {"DT_STRING": "string_val", "DT_FLOAT": "float_val", "DT_INT32": "int_val"}


class GrpcServer:
    """A server in the running event loop.

    Args:
        state: the `state` of the application, see `app.create_app`: its service, keys, limits and counters are shared.
        host: str, the address to listen at.
        port: int; 0 for a free one.

    Raises:
        InputError: if the address cannot be used.
    """

    def __init__(self, state, host, port):
        self._service, self._calls = state.service, _Calls(state)
        most = _BYTES_OF_CHARACTER * state.settings.max_characters + _MORE_BYTES
        options = [("grpc.max_receive_message_length", most), ("grpc.so_reuseport", 0)]
        self._server = grpc.aio.server(handlers=self._calls.handlers(), options=options)
        self._health, self._looking = health.aio.HealthServicer(), None
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        place = f"[{host}]" if ":" in host else host
        try:
            self.address = f"{place}:{self._server.add_insecure_port(f'{place}:{port}')}"
        except RuntimeError:
            raise InputError(f"{host}, port {port}, cannot be used: give another --host or --grpc-port") from None

    async def start(self):
        """Answer from now on."""
        await self._set_health()
        await self._server.start()
        self._looking = asyncio.create_task(self._look())

    async def stop(self, seconds):
        """Take no new requests, and wait so many seconds at most for those in work."""
        if self._looking:
            self._looking.cancel()
        await self._health.enter_graceful_shutdown()
        draining = asyncio.create_task(self._server.stop(seconds))
        if self._calls.in_work:
            await asyncio.wait(self._calls.in_work, timeout=seconds)
        await self._server.stop(_NOTICE_SECONDS)  # then it ends those who watch the health
        await draining

    async def _look(self):
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            await self._set_health()

    async def _set_health(self):
        answer = health_pb2.HealthCheckResponse
        status = answer.SERVING if self._service.is_ready else answer.NOT_SERVING
        for name in (health.OVERALL_HEALTH, PREDICTION, MODELS):
            await self._health.set(name, status)


class _Calls:
    """The methods of the interface; `in_work` has the tasks of those that are answered."""

    def __init__(self, state):
        self._state, self.in_work = state, set()

    def handlers(self):
        """list of the handlers of both services; gRPC answers UNIMPLEMENTED to other methods."""
        methods = {
            PREDICTION: {
                "Predict": (messages.PredictRequest, self._predict),
                "GetModelMetadata": (messages.GetModelMetadataRequest, self._metadata),
            },
            MODELS: {"GetModelStatus": (messages.GetModelStatusRequest, self._status)},
        }
        return [
            grpc.method_handlers_generic_handler(
                service, {name: self._handler(f"/{service}/{name}", *method) for name, method in found.items()}
            )
            for service, found in methods.items()
        ]

    def _handler(self, path, kind, answer):
        """The handler of one method; `answer` is a coroutine function of a request of a kind, and of who asks."""

        async def handle(body, context):
            begun, status, sent = time.monotonic(), GONE[0], dict(context.invocation_metadata())
            request_id, peer, task = (
                identify(sent.get("x-request-id", "")),
                _host(context.peer()),
                asyncio.current_task(),
            )
            self.in_work.add(task)
            try:
                client = self._admitted(sent.get("authorization", ""), peer)
                found = await answer(_parsed(kind, body), client)
                status = 200
                return found
            except Exception as error:  # whatever it is, the client gets one line
                refusal = error if isinstance(error, Refusal) else _fault()
                status = refusal.status
                await _refuse(context, refusal, request_id)
            finally:
                self.in_work.discard(task)
                seconds = time.monotonic() - begun
                self._state.metrics.request(path, status, seconds)
                write_line(self._state.settings.log, peer, "gRPC", path, status, seconds, request_id)

        return grpc.unary_unary_rpc_method_handler(handle, None, lambda message: message.SerializeToString())

    def _admitted(self, authorization, peer):
        """Who asks, str; raises `Refusal` as `reading.admitted_client`, and while no model is loaded."""
        client = self._state.keys.client(authorization.removeprefix("Bearer ").strip(), peer)
        self._state.limiter.count(client)
        if not self._state.service.models:
            raise Refusal(*LOADING)
        return client

    async def _predict(self, request, client):
        model = self._model(request.model_spec)
        texts = _texts(request.inputs, self._state.settings.max_texts)
        signature = request.model_spec.signature_name or DEFAULT
        found = await tensorflow_serving.answers(self._state.service, model, texts, signature, client)
        wanted = list(request.output_filter) or list(found)
        if unknown := set(wanted) - set(found):
            raise Refusal(400, f"the signature {signature} has no output {min(unknown)[:100]!r}")
        outputs = {name: _tensor(found[name], *SIGNATURES[signature][name]) for name in wanted}
        return messages.PredictResponse(model_spec=_spec(model, signature_name=signature), outputs=outputs)

    async def _metadata(self, request, client):
        if set(request.metadata_field) != {_SIGNATURES}:
            raise Refusal(400, f"metadata_field must be {_SIGNATURES!r}, and nothing else")
        model = self._model(request.model_spec)
        answer = messages.GetModelMetadataResponse(model_spec=_spec(model))
        found = tensorflow_serving.metadata_of(model)["metadata"][_SIGNATURES]
        answer.metadata[_SIGNATURES].Pack(ParseDict(found, messages.SignatureDefMap()))
        return answer

    async def _status(self, request, client):
        spec = request.model_spec
        has_version = spec.WhichOneof("version_choice")
        models = [self._model(spec)] if has_version else self._state.service.versions(spec.name)[::-1]
        return ParseDict(tensorflow_serving.status_of(models), messages.GetModelStatusResponse())

    def _model(self, spec):
        """The `Model` that a `ModelSpec` names."""
        if spec.WhichOneof("version_choice") == "version_label":
            raise Refusal(400, f"Unrecognized servable version label: {spec.version_label[:100]}")
        return find(self._state.service, spec.name, spec.version.value if spec.HasField("version") else None)


def _parsed(kind, body):
    """The message of a kind that bytes hold."""
    try:
        return kind.FromString(body)
    except DecodeError:
        raise Refusal(400, f"Invalid request: the body is no {kind.DESCRIPTOR.name}") from None


def _spec(model, **values):
    return messages.ModelSpec(name=model.name, version={"value": model.version}, **values)


def _texts(inputs, most):
    """The texts of the inputs of a signature: list of str."""
    if set(inputs) != {INPUT}:
        raise Refusal(400, f"inputs must have exactly the key {INPUT!r}")
    tensor = inputs[INPUT]
    sizes, values = [dim.size for dim in tensor.tensor_shape.dim], tensor.string_val
    if tensor.dtype != messages.DT_STRING or len(sizes) != 1:
        raise Refusal(400, f"{INPUT} must be a tensor of DT_STRING with one axis")
    if not 0 <= sizes[0] <= most:
        raise Refusal(400, f"Invalid request: request ({sizes[0]}) exceeds batch limit ({most})")
    if len(values) != sizes[0]:
        raise Refusal(400, f"{INPUT} has {len(values)} values in string_val, but its shape says {sizes[0]}")
    try:
        return [value.decode() for value in values]
    except UnicodeDecodeError:
        raise Refusal(400, f"{INPUT} must be UTF-8") from None


def _tensor(values, dtype, is_list):
    """The `TensorProto` of values, one for each text, or one list of the same length for each text."""
    sizes = [len(values), *([len(values[0]) if values else 0] if is_list else [])]
    flat = itertools.chain.from_iterable(values) if is_list else values
    content = [value.encode() if isinstance(value, str) else value for value in flat]
    shape = {"dim": [{"size": size} for size in sizes]}
    return messages.TensorProto(dtype=dtype, tensor_shape=shape, **{_VALUES[dtype]: content})


def _host(peer):
    """The address of a peer without its port: "ipv4:127.0.0.1:5000" -> "127.0.0.1"."""
    return urllib.parse.unquote(peer).partition(":")[2].rpartition(":")[0].strip("[]")


def _fault():
    traceback.print_exc()  # holds no text of a request
    return Refusal(*FAULT)


async def _refuse(context, refusal, request_id):
    """End a call with the code of a refusal, and with when to ask again, which clients with a retry policy obey."""
    again = [("grpc-retry-pushback-ms", str(1000 * refusal.retry_after))] if refusal.retry_after else []
    code = _CODES.get(refusal.status, grpc.StatusCode.INTERNAL)
    await context.abort(code, " ".join(refusal.message.split()), (("x-request-id", request_id), *again))
