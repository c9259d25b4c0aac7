"""`/translate_file` of LibreTranslate: a file comes in, and the translated one is fetched from an address."""

import pathlib
import re
import secrets
import shutil
import tempfile
import time

from fastapi import APIRouter, Request
from starlette.responses import FileResponse

from kerasformer.data.languages import base_of
from kerasformer.documents.formats import format_of
from kerasformer.documents.whole_file import TEXTS_AT_ONCE
from kerasformer.errors import InputError
from kerasformer.serving import reading
from kerasformer.serving.log import say
from kerasformer.serving.refusals import Refusal

router = APIRouter(tags=["LibreTranslate"])
_KEPT_SECONDS = 600
_MOST_FILES = 100
_STEM = re.compile(r"[^\w.-]+")
_FIELDS = {"file": {"type": "string", "format": "binary"}, "source": {"type": "string"}, "target": {"type": "string"}}
_SCHEMA = {"type": "object", "properties": _FIELDS, "required": list(_FIELDS)}
_BODY = {"requestBody": {"content": {"multipart/form-data": {"schema": _SCHEMA}}, "required": True}}


class Shelf:
    """Translated files, each kept for ten minutes, in a folder that ends with the service."""

    def __init__(self):
        self._folder, self._files = tempfile.TemporaryDirectory(prefix="kerasformer-"), {}

    def place(self):
        """A new folder for one file: its id (str) and its path. The oldest are deleted where there are too many."""
        now = time.monotonic()
        for name, begun in list(self._files.items()):
            if now - begun > _KEPT_SECONDS or len(self._files) >= _MOST_FILES:
                self.remove(name)
        name = secrets.token_urlsafe(16)
        self._files[name] = now
        path = pathlib.Path(self._folder.name) / name
        path.mkdir()
        return name, path

    def remove(self, name):
        """Delete a file."""
        if self._files.pop(name, None) is not None:
            shutil.rmtree(pathlib.Path(self._folder.name) / name, ignore_errors=True)

    def find(self, name):
        """The path of a translated file.

        Raises:
            Refusal: if there is none.
        """
        found = list((pathlib.Path(self._folder.name) / name / "out").iterdir()) if name in self._files else []
        if not found:
            raise Refusal(404, "There is no such file, or it is older than ten minutes")
        return found[0]


@router.post("/translate_file", summary="Translate a file", openapi_extra=_BODY)
async def translate_whole_file(request: Request):
    """Everything but the text of the file stays. Answers `{"translatedFileUrl": ...}`."""
    fields, client = await reading.admitted_fields(request)
    for name in ("file", "source", "target"):
        if not fields.get(name):
            raise Refusal(400, f"Invalid request: missing {name} parameter")
    file, source, target = (fields[name] for name in ("file", "source", "target"))
    if not (isinstance(file, tuple) and isinstance(source, str) and isinstance(target, str)):
        raise Refusal(400, "Invalid request: file must be a file, source and target codes of languages")
    name, data = pathlib.PurePosixPath(file[0].replace("\\", "/")).name, file[1]
    state = request.app.state
    _check(name, data, state.settings.max_file_bytes)
    if source == "auto":
        source, _ = state.service.guess_source(data[:4000].decode("utf-8", "ignore"))
    work = _translated(state, name, data, base_of(source), base_of(target), client)
    found = await reading.while_connected(request, work)
    return {"translatedFileUrl": str(request.url_for("download_file", key=found[0], name=found[1]))}


@router.get("/download_file/{key}/{name}", summary="Fetch a translated file", response_class=FileResponse)
async def download_file(request: Request, key: str, name: str):
    """The file, for ten minutes."""
    path = request.app.state.shelf.find(key)
    return FileResponse(path, media_type="application/octet-stream", filename=path.name)


def _check(name, data, most):
    if len(data) > most:
        raise Refusal(413, f"The file is longer than {most} bytes")
    try:
        format_of(name)
    except InputError:
        raise Refusal(400, "Invalid request: file format not supported") from None


async def _translated(state, name, data, source, target, client):
    """Translate a file onto the shelf; its id and its name."""
    service = state.service
    model = service.model_between(source, target)
    if model is None:
        raise Refusal(400, "Invalid request: source and target are the same language")
    key, folder = state.shelf.place()
    stem, suffix = _STEM.sub("_", pathlib.PurePath(name).stem)[:100] or "file", pathlib.PurePath(name).suffix
    written = folder / "out" / f"{stem}.{target}{suffix}"
    content = [str(folder / f"in{suffix}"), str(written), source, target]
    try:
        written.parent.mkdir()
        (folder / f"in{suffix}").write_bytes(data)
        async with service.admitted([]) as request:
            texts = await service.in_time(service.submit(model, "file_texts", content, client, request))
            found = {}
            for begin in range(0, len(texts), TEXTS_AT_ONCE):
                batch = texts[begin : begin + TEXTS_AT_ONCE]
                hypotheses = await service.in_time(service.hypotheses(model, batch, client, request))
                found.update(zip(batch, (of_text[0].text for of_text in hypotheses), strict=True))
            await service.in_time(service.submit(model, "file_written", [*content, found], client, request))
    except OSError as error:  # such as a full disk
        state.shelf.remove(key)
        say(f"kerasformer: a file cannot be kept: {error}")
        raise Refusal(507, "There is no room for the file") from None
    except BaseException:
        state.shelf.remove(key)
        raise
    return key, written.name
