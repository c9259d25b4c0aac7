"""What every request gets: an id, limits on its body, security headers, a line in the log, and it is counted."""

import asyncio
import json
import re
import time
import uuid

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse

from kerasformer.serving.log import say
from kerasformer.serving.refusals import Refusal

_ID = re.compile(r"[\w.-]{1,64}", re.ASCII)
_BODY_SECONDS = 30
_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}


class Envelope:
    """ASGI middleware.

    Args:
        app: the ASGI application.
        metrics: `Metrics`.
        log: "plain", "json" or "none".
        max_bytes: int, the most bytes of a body.
    """

    def __init__(self, app, metrics, log, max_bytes):
        self.app, self.metrics, self._log, self._max_bytes = app, metrics, log, max_bytes

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = identify(Headers(scope=scope).get("x-request-id", ""))
        begun, status = time.monotonic(), [499]

        async def send_with_headers(message):
            if message["type"] == "http.response.start":
                status[0] = message["status"]
                headers = MutableHeaders(scope=message)
                headers["x-request-id"] = request_id
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self.app(scope, self._limited(scope, receive), send_with_headers)
        except Refusal as refusal:  # of the body, before the application has answered
            await refused(refusal)(scope, receive, send_with_headers)
        finally:
            seconds, route = time.monotonic() - begun, getattr(scope.get("route"), "path", "other")
            self.metrics.request(route, status[0], seconds)
            client = (scope.get("client") or ["-"])[0]
            write_line(self._log, client, scope["method"], scope["path"][:200], status[0], seconds, request_id)

    def _limited(self, scope, receive):
        """`receive` for bodies that are neither too long nor sent too slowly."""
        length, left, is_whole = Headers(scope=scope).get("content-length", ""), self._max_bytes, False

        async def receive_within_limits():
            nonlocal left, is_whole
            if is_whole:
                return await receive()
            if length.isdecimal() and int(length[:20]) > self._max_bytes:
                raise Refusal(413, f"The body of the request is longer than {self._max_bytes} bytes")
            try:
                message = await asyncio.wait_for(receive(), _BODY_SECONDS)
            except asyncio.TimeoutError:
                raise Refusal(408, f"The body of the request did not arrive within {_BODY_SECONDS} seconds") from None
            left -= len(message.get("body", b""))
            is_whole = not message.get("more_body", False)
            if left < 0:
                raise Refusal(413, f"The body of the request is longer than {self._max_bytes} bytes")
            return message

        return receive_within_limits


def identify(asked):
    """The id of a request, str: the one that its client asked for, if it is one."""
    return asked if _ID.fullmatch(asked) else uuid.uuid4().hex


def write_line(form, client, method, path, status, seconds, request_id):
    """Write the line of a request; no text is in it, and nothing of the query.

    Args:
        form: "plain", "json" or "none".
        client, method, path, request_id: str.
        status: int.
        seconds: float.
    """
    if form == "none":
        return
    line = {
        "time": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "client": client,
        "method": method,
        "path": path,
        "status": status,
        "milliseconds": round(1000 * seconds, 1),
        "id": request_id,
    }
    if form == "json":
        say(json.dumps(line))
    else:
        line["path"] = json.dumps(path)[1:-1]  # no line breaks, nor control characters
        say(" ".join(map(str, line.values())))


def refused(refusal):
    """The response to a request that is refused."""
    headers = {"retry-after": str(refusal.retry_after)} if refusal.retry_after else None
    return JSONResponse({"error": refusal.message}, refusal.status, headers)
