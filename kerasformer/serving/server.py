"""Run the service: it listens at once, says so when it can answer, reloads on SIGHUP and drains on SIGTERM."""

import asyncio
import contextlib
import signal
import socket

import uvicorn

from kerasformer.errors import InputError
from kerasformer.serving import twins
from kerasformer.serving.app import create_app
from kerasformer.serving.catalogue import find_models
from kerasformer.serving.log import say
from kerasformer.serving.metrics import Metrics
from kerasformer.serving.refusals import Refusal
from kerasformer.serving.service import Service

_MORE_SECONDS = 5  # beyond the deadline, for requests to end


def run(settings, host, port, grpc_port=None):
    """Serve until a signal ends the process.

    Args:
        settings: `Settings`.
        host: str, the address to listen at.
        port: int; 0 for a free one.
        grpc_port: int, the port of gRPC, as `port`; None for no gRPC.

    Raises:
        InputError: if a model cannot be loaded, or the address cannot be used.
    """
    if grpc_port is not None:
        import kerasformer.serving.grpc_service  # noqa: F401 raises at once if its packages are not installed
    find_models(settings.models)  # raises for models that are not there
    metrics = Metrics()
    service = Service(settings, watch=metrics)
    app = create_app(service, settings, metrics)
    with listening(host, port) as listener, _signals_that_only_drain():
        asyncio.run(_serve(app, listener, grpc_port))


@contextlib.contextmanager
def _signals_that_only_drain():
    """The server drains at these signals and raises them again when it has: then nothing is left to do."""
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def listening(host, port):
    """A socket that listens at an address, of IPv4 or IPv6."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listener = socket.create_server(address[:2], family=family, backlog=2048)
        # asyncio does it only for sockets that name their protocol; without it every answer may wait 40 ms.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError as error:
        reason = error.strerror or error
        raise InputError(f"{host}, port {port}, cannot be used: {reason}: give another --host or --port") from None
    with listener:
        yield listener


class _Server(uvicorn.Server):
    """Drains the server of gRPC, if there is one, at the same time as itself."""

    def __init__(self, config, grpc_server):
        super().__init__(config)
        self._grpc_server = grpc_server

    async def shutdown(self, sockets=None):
        others = [self._grpc_server.stop(self.config.timeout_graceful_shutdown)] if self._grpc_server else []
        await asyncio.gather(super().shutdown(sockets), *others)


async def _serve(app, listener, grpc_port):
    state = app.app.state
    deadline = state.settings.deadline + _MORE_SECONDS
    grpc_server = await _grpc_server(state, listener.getsockname()[0], grpc_port)
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=int(deadline),
    )
    server, service = _Server(config, grpc_server), state.service
    starting = asyncio.create_task(_start(service, listener, server, grpc_server))
    if hasattr(signal, "SIGHUP"):
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, lambda: asyncio.ensure_future(_reload(service)))
    await server.serve(sockets=[listener])
    if not starting.done():
        starting.cancel()
    await service.stop()
    with contextlib.suppress(asyncio.CancelledError):
        await starting


async def _grpc_server(state, host, port):
    """The server of gRPC; None if it has no port."""
    if port is None:
        return None
    from kerasformer.serving.grpc_service import GrpcServer

    server = GrpcServer(state, host, port)
    await server.start()
    return server


async def _start(service, listener, server, grpc_server):
    try:
        await asyncio.gather(service.start(), asyncio.to_thread(service.detect, ""))  # whose first call takes long
    except BaseException:
        server.should_exit = True
        raise
    host, port = listener.getsockname()[:2]
    names = ", ".join(dict.fromkeys(model.name for model in service.models))
    more = f" and over gRPC at {grpc_server.address}" if grpc_server else ""
    print(f"kerasformer serves {names} at http://{f'[{host}]' if ':' in host else host}:{port}{more}", flush=True)
    await _improve(service)


async def _improve(service):
    """Make the twins that are missing, and use them: they answer sooner, and need less memory."""
    slow = [model for model in service.models if service.engine.about[model.key].get("may_have_twin")]
    if not slow:
        return
    names = ", ".join(model.name for model in slow)
    say(f"kerasformer: a faster copy of {names} is being made, once, while it serves")
    if await twins.make([model.path for model in slow]):
        await _reload(service)


async def _reload(service):
    with contextlib.suppress(Refusal):  # the reason is printed
        await service.reload()
        say("kerasformer has loaded its models again")
