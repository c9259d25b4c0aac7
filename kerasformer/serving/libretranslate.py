"""The HTTP interface of LibreTranslate, so that its clients work with this service."""

import json
from typing import Literal

import pydantic
from fastapi import APIRouter, Request
from starlette.responses import StreamingResponse

from kerasformer.data.languages import NAMES, base_of
from kerasformer.documents.formats import FORMATS
from kerasformer.serving import reading
from kerasformer.serving.refusals import Refusal
from kerasformer.serving.service import MOST_ALTERNATIVES

router = APIRouter(tags=["LibreTranslate"])
_LIKELY = 0.01  # the least probability of a language that /detect names
_BODY = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data")


class TranslateFields(pydantic.BaseModel):
    """The fields of `/translate`."""

    q: str | list[str] = pydantic.Field(description="a text, or a list of texts")
    source: str = pydantic.Field(description='code of the language of the text, or "auto"')
    target: str = pydantic.Field(description="code of the language to translate into")
    format: Literal["text", "html"] = pydantic.Field("text", description="html: tags stay")
    alternatives: int = pydantic.Field(0, ge=0, le=MOST_ALTERNATIVES, description="how many other translations at most")
    stream: bool = pydantic.Field(False, description="send each sentence as a server-sent event")
    api_key: str = ""


class DetectFields(pydantic.BaseModel):
    """The fields of `/detect`."""

    q: str = pydantic.Field(description="a text")
    api_key: str = ""


def documented(fields, **examples):
    """What OpenAPI says about a body with the fields of a pydantic model; the examples are JSON bodies."""
    content = {kind: {"schema": fields.model_json_schema()} for kind in _BODY}
    content["application/json"]["examples"] = {name: {"value": value} for name, value in examples.items()}
    return {"requestBody": {"content": content, "required": True}}


@router.post(
    "/translate",
    summary="Translate a text, or a list of texts",
    responses={200: {"content": {"text/event-stream": {}}}},
    openapi_extra=documented(
        TranslateFields,
        text={"q": "Il pleut.", "source": "fr", "target": "en"},
        texts={"q": ["Il pleut.", "J'ai froid."], "source": "auto", "target": "en", "alternatives": 2},
        html={"q": "<p>Il <b>pleut</b>.</p>", "source": "fr", "target": "en", "format": "html"},
        stream={"q": "Il pleut. J'ai froid.", "source": "fr", "target": "en", "stream": True},
    ),
)
async def translate(request: Request):
    """Answers `{"translatedText": ...}`, with a list for a list, `detectedLanguage` for the source "auto", and
    `alternatives` if they are asked for, with `scores`, the mean log-probability of a token in the translation and in
    each alternative. With `stream`, each sentence is an event `{"source", "text", "score", "separator"}`, and the last
    event is `{"translatedText"}`."""
    fields, client = await reading.admitted_fields(request, TranslateFields)
    service, texts = request.app.state.service, fields.q if isinstance(fields.q, list) else [fields.q]
    reading.check_texts([*texts, fields.source, fields.target])
    detected = [service.guess_source(text) for text in texts] if fields.source == "auto" else None
    if fields.stream:
        if isinstance(fields.q, list) or fields.format != "text" or fields.alternatives:
            raise Refusal(400, "Invalid request: stream: only one text without alternatives can be streamed")
        return await _stream(service, fields, detected, client)
    work = _translated(service, fields, texts, detected, client)
    found = await reading.while_connected(request, work)
    answer = {"translatedText": [translation.text for translation in found]}
    if detected:
        answer["detectedLanguage"] = [_confidence(*one) for one in detected]
    if fields.alternatives:
        answer["alternatives"] = [[one.text for one in translation.hypotheses[1:]] for translation in found]
        answer["scores"] = [[one.score for one in translation.hypotheses] for translation in found]
    return answer if isinstance(fields.q, list) else {name: values[0] for name, values in answer.items()}


async def _translated(service, fields, texts, detected, client):
    """The `Translation` of each text; those in different languages are translated one language after the other."""
    sources = [code for code, _ in detected] if detected else [fields.source] * len(texts)
    found = {}
    for source in dict.fromkeys(sources):
        places = [place for place, code in enumerate(sources) if code == source]
        asked = [texts[place] for place in places]
        options = {"alternatives": fields.alternatives, "is_html": fields.format == "html"}
        translations = await service.translate(asked, source, fields.target, client, **options)
        found.update(zip(places, translations, strict=True))
    return [found[place] for place in range(len(texts))]


async def _stream(service, fields, detected, client):
    source = detected[0][0] if detected else fields.source
    sentences = service.stream(fields.q, source, fields.target, client)
    first = await anext(sentences, None)  # what cannot be translated is refused before the answer begins
    detection = {"detectedLanguage": _confidence(*detected[0])} if detected else {}

    async def events():
        whole, sentence = "", first
        try:
            while sentence is not None:
                whole += sentence["text"] + sentence["separator"]
                yield _event({**sentence, **detection})
                sentence = await anext(sentences, None)
            yield _event({"translatedText": whole, **detection})
        except Refusal as refusal:
            yield _event({"error": refusal.message})
        finally:
            await sentences.aclose()

    return StreamingResponse(events(), media_type="text/event-stream")


def _event(value):
    return f"data: {json.dumps(value, ensure_ascii=False)}\n\n"


def _confidence(code, probability):
    return {"confidence": round(100 * probability), "language": code}


@router.post(
    "/detect", summary="Guess the language of a text", openapi_extra=documented(DetectFields, text={"q": "Il pleut."})
)
async def detect(request: Request):
    """Answers a list of `{"confidence", "language"}`, the most likely language first."""
    fields, _ = await reading.admitted_fields(request, DetectFields)
    reading.check_texts([fields.q])
    first, *others = request.app.state.service.detect(fields.q)
    return [_confidence(*first), *(_confidence(*one) for one in others if one[1] >= _LIKELY)]


@router.post("/languages", include_in_schema=False)
@router.get("/languages", summary="List the languages and what each can become")
async def languages(request: Request):
    """Answers a list of `{"code", "name", "targets"}`."""
    directions = request.app.state.service.directions()
    codes = sorted({code for pair in directions for code in pair})
    return [
        {"code": code, "name": NAMES.get(code, code), "targets": [to for to in codes if (code, to) in directions]}
        for code in codes
    ]


@router.get("/frontend/settings", summary="What a page needs to know of the service")
async def frontend_settings(request: Request):
    """Answers the settings, as LibreTranslate names them."""
    state = request.app.state
    directions = state.service.directions()
    targets = sorted({base_of(target) for _, target in directions})
    target = "en" if "en" in targets else next(iter(targets), "en")
    return {
        "apiKeys": bool(state.keys),
        "keyRequired": bool(state.keys),
        "charLimit": state.settings.max_characters,
        "frontendTimeout": 500,
        "suggestions": False,
        "filesTranslation": state.settings.files,
        "supportedFilesFormat": [suffix for known in FORMATS for suffix in known.suffixes],
        "language": {
            "source": {"code": "auto", "name": "Auto Detect"},
            "target": {"code": target, "name": NAMES.get(target, target)},
        },
    }
