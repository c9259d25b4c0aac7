"""The page /docs: what OpenAPI says of the interface, as HTML without scripts, with commands to copy."""

import html
import json
import shlex

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from kerasformer.serving.catalogue import Model

router = APIRouter()
_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<h1>{title}</h1>
<p>The same for programs: <a href="openapi.json">openapi.json</a></p>
{rooms}
</html>
"""


@router.get("/docs", include_in_schema=False)
async def docs(request: Request):
    """The page."""
    schema = request.app.openapi()
    base, models, rooms = str(request.base_url).rstrip("/"), request.app.state.service.models, {}
    model = models[0] if models else Model("fr-en", 1, None)
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            said = _operation(base, path, method.upper(), operation, model)
            rooms.setdefault(operation["tags"][0], []).append(said)
    parts = [f"<h2>{html.escape(room)}</h2>\n" + "\n".join(said) for room, said in rooms.items()]
    title = f"{schema['info']['title']} {schema['info']['version']}"
    return HTMLResponse(_PAGE.format(title=html.escape(title), rooms="\n".join(parts)))


def _operation(base, path, method, operation, model):
    """One address as HTML; the commands ask a model."""
    parts = [f"<h3><code>{html.escape(f'{method} {path}')}</code></h3>"]
    parts += [f"<p>{html.escape(operation[name])}</p>" for name in ("summary", "description") if operation.get(name)]
    content = operation.get("requestBody", {}).get("content", {})
    properties = next(iter(content.values()), {}).get("schema", {}).get("properties", {})
    if properties:
        rows = [
            f"<dt><code>{html.escape(name)}</code></dt><dd>{html.escape(_said(about))}</dd>"
            for name, about in properties.items()
        ]
        parts.append(f"<dl>{''.join(rows)}</dl>")
    for example in content.get("application/json", {}).get("examples", {}).values():
        body = json.dumps(example["value"], ensure_ascii=False)
        address = base + path.format(name=model.name, version=model.version)
        command = ["curl", "-H", "content-type: application/json", "-d", body, address]
        parts.append(f"<pre>{html.escape(shlex.join(command))}</pre>")
    return "\n".join(parts)


def _said(about):
    """A field in words."""
    kinds = [one.get("type", "") for one in about.get("anyOf", [about])]
    default = f"default: {json.dumps(about['default'])}" if "default" in about else ""
    return ", ".join(filter(None, [" or ".join(filter(None, kinds)), about.get("description"), default]))
