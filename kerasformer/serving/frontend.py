"""The page at "/", and what it asks beyond the two known interfaces: which words a word of a translation attends to."""

import mimetypes
import pathlib

import pydantic
from fastapi import APIRouter, Request
from starlette.responses import FileResponse
from starlette.staticfiles import StaticFiles

from kerasformer.serving import reading
from kerasformer.serving.libretranslate import documented

router = APIRouter(tags=["Page"])
_PAGE = pathlib.Path(__file__).parent / "page"
_START, _END = "▁", "</s>"  # of a word, of a sentence


class AttentionFields(pydantic.BaseModel):
    """The fields of `/attention`."""

    q: str = pydantic.Field(description="one sentence")
    translation: str = pydantic.Field(description="its translation")
    source: str = pydantic.Field(description="code of the language of the sentence")
    target: str = pydantic.Field(description="code of the language of the translation")
    api_key: str = ""


def add_page(app):
    """Let an application serve the page, and what it asks."""
    mimetypes.add_type("text/javascript", ".js")  # some systems say otherwise, and browsers then refuse to run it
    app.include_router(router)
    app.mount("/page", StaticFiles(directory=_PAGE), name="page")


@router.get("/", include_in_schema=False)
async def index():
    """The page."""
    return FileResponse(_PAGE / "index.html")


@router.post(
    "/attention",
    summary="Show which words a translation attends to",
    openapi_extra=documented(
        AttentionFields, sentence={"q": "Il pleut.", "translation": "It is raining.", "source": "fr", "target": "en"}
    ),
)
async def attention(request: Request):
    """Answers `{"source": [words], "target": [words], "weights": [of each target word, of each source word]}`: the
    attention of the last layer, the mean of its heads. What is missing to 1 goes to the end of the sentence."""
    fields, client = await reading.admitted_fields(request, AttentionFields)
    reading.check_texts([fields.q, fields.translation, fields.source, fields.target])
    service = request.app.state.service
    found = service.attention(fields.q, fields.translation, fields.source, fields.target, client)
    return by_words(await reading.while_connected(request, found))


def by_words(found):
    """The attention between words from the attention between tokens.

    A word of the source gets the sum of what its tokens get, a word of the target gives the mean of what its tokens
    give.

    Args:
        found: dict of "weights" (list of a list for each target token with a float for each source token),
            "source_tokens" and "target_tokens" (lists of str).

    Returns:
        dict of "source" and "target" (lists of str) and "weights" (list of lists of float).
    """
    sources, targets = (join_tokens(found[f"{side}_tokens"]) for side in ("source", "target"))
    weights = [
        [round(sum(found["weights"][i][j] for i in rows for j in columns) / len(rows), 3) for _, columns in sources]
        for _, rows in targets
    ]
    return {"source": [word for word, _ in sources], "target": [word for word, _ in targets], "weights": weights}


def join_tokens(tokens):
    """The words of tokens, punctuation apart from them: list of (word, indices of its tokens)."""
    words, is_new = [], True
    for index, token in enumerate(tokens):
        text = token.removeprefix(_START)
        is_new = is_new or token != text or _is_word(text[:1]) != _is_word(words[-1][0][-1])
        if not text or token == _END:
            continue  # the next token begins a word
        if is_new:
            words.append((text, [index]))
        else:
            words[-1] = words[-1][0] + text, [*words[-1][1], index]
        is_new = False
    return words


def _is_word(character):
    return character.isalnum() or character in "'’-"
