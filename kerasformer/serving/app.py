"""The application: the interfaces of LibreTranslate and TensorFlow Serving over one service."""

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect

from kerasformer import __version__
from kerasformer.serving import description, files, frontend, libretranslate, operations, tensorflow_serving
from kerasformer.serving.access import Keys, Limiter
from kerasformer.serving.envelope import Envelope, refused
from kerasformer.serving.metrics import Metrics
from kerasformer.serving.refusals import FAULT, GONE, Refusal

_BYTES_OF_CHARACTER = 12  # as JSON may write it
_MORE_BYTES = 100_000  # of a body beside its texts


def create_app(service, settings, metrics=None):
    """The ASGI application.

    Args:
        service: `Service`, which is started and stopped by the caller.
        settings: `Settings`.
        metrics: the `Metrics` that the service's engine reports to; None for new ones.

    Returns:
        `Envelope`, whose `app` is the `FastAPI` application; its `state` has the service, the settings, the keys, the
        limiter, the metrics and the shelf of files.

    Raises:
        InputError: if the API keys are wrong.
    """
    app = FastAPI(title="kerasformer", version=__version__, docs_url=None, redoc_url=None)
    app.state.service, app.state.settings = service, settings
    app.state.keys, app.state.limiter = Keys(settings.keys), Limiter(settings.per_minute)
    app.state.metrics, app.state.shelf = metrics or Metrics(), files.Shelf()
    for room in (libretranslate, tensorflow_serving, operations, description):
        app.include_router(room.router)
    if settings.files:
        app.include_router(files.router)
    if settings.page:
        frontend.add_page(app)
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(HTTPException, _not_found)
    app.add_exception_handler(ClientDisconnect, _left)
    app.add_exception_handler(Exception, _failed)
    if settings.cors:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=[settings.cors],
            allow_methods=["GET", "POST"],
            allow_headers=["content-type", "authorization", "x-request-id"],
        )
    most = max(_BYTES_OF_CHARACTER * settings.max_characters, settings.max_file_bytes) + _MORE_BYTES
    return Envelope(app, app.state.metrics, settings.log, most)


async def _refused(request, refusal):
    return refused(refusal)


async def _not_found(request, error):
    return refused(Refusal(error.status_code, str(error.detail)))


async def _left(request, error):
    return refused(Refusal(*GONE))


async def _failed(request, error):
    return refused(Refusal(*FAULT))
