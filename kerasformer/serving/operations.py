"""What those who run the service ask: whether it lives, whether it is ready, what it has counted; and new models."""

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from kerasformer.serving import reading
from kerasformer.serving.refusals import Refusal

router = APIRouter(tags=["Operation"])


@router.get("/health", summary="Whether the service lives")
async def health():
    """Answers `{"status": "ok"}`."""
    return {"status": "ok"}


@router.get("/ready", summary="Whether a worker has its models loaded and warmed up")
async def ready(request: Request):
    """Answers `{"status": "ready"}`, or code 503."""
    if request.app.state.service.is_ready:
        return {"status": "ready"}
    return JSONResponse({"status": "loading"}, 503, {"retry-after": "1"})


@router.get("/metrics", summary="Counts for Prometheus", response_class=PlainTextResponse)
async def metrics(request: Request):
    """Answers in the text format of Prometheus."""
    state = request.app.state
    return Response(state.metrics.text(state.service), media_type="text/plain; version=0.0.4; charset=utf-8")


@router.post("/admin/reload", summary="Load the models again, without a pause")
async def reload(request: Request):
    """Needs the key of an administrator, as `Authorization: Bearer KEY`. The old models serve until the new ones are
    loaded, and go on if that fails."""
    state = request.app.state
    if not state.keys:
        raise Refusal(403, "Start the service with API keys to use this, or send it SIGHUP")
    state.keys.check_admin(reading.bearer(request))
    await state.service.reload()
    return {"models": [model.key for model in state.service.models]}
