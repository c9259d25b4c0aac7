"""Read what a request asks and who asks: fields of JSON, of a form and of the query are alike."""

import asyncio
import json
import logging
from urllib.parse import parse_qsl

import pydantic

from kerasformer.serving.refusals import GONE, Refusal

_MOST_FIELDS = 1000
logging.getLogger("python_multipart").setLevel(logging.ERROR)  # a form that is wrong is answered, not logged


async def read_json(request):
    """The JSON of a body.

    Raises:
        Refusal: if it is none.
    """
    try:
        return json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        wrong = "it is nested too deeply" if isinstance(error, RecursionError) else "it is not JSON in UTF-8"
        raise Refusal(400, f"Invalid request: the body cannot be read: {wrong}") from None


async def read_fields(request):
    """The fields of the query and the body: dict of name to value; a name that is given several times has a list.

    Raises:
        Refusal: if the body cannot be read.
    """
    fields = _form(request.scope.get("query_string", b""))
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        return {**fields, **_form(await request.body())}
    if kind == "multipart/form-data":
        try:
            async with request.form(max_files=1, max_fields=_MOST_FIELDS) as form:
                return {**fields, **_merged([(name, await _value(value)) for name, value in form.multi_items()])}
        except (ValueError, KeyError, AssertionError, pydantic.ValidationError) as error:
            raise Refusal(400, "Invalid request: the form cannot be read") from error
    if not await request.body():
        return fields
    found = await read_json(request)
    if not isinstance(found, dict):
        raise Refusal(400, "Invalid request: the body must be a JSON object")
    return {**fields, **found}


def _form(data):
    """The fields of a query or of a form; texts may stand in it as they are, as `curl -d` sends them."""
    try:
        pairs = parse_qsl(data.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError:
        wrong = f"it is not UTF-8, or has more than {_MOST_FIELDS} fields"
        raise Refusal(400, f"Invalid request: the form or the query cannot be read: {wrong}") from None
    return _merged(pairs)


async def _value(value):
    """A value of a form: str, or (name, bytes) of a file."""
    return value if isinstance(value, str) else (value.filename or "", await value.read())


def _merged(items):
    found = {}
    for name, value in items:
        found.setdefault(name, []).append(value)
    return {name: values if len(values) > 1 else values[0] for name, values in found.items()}


async def admitted_fields(request, model=None):
    """The fields of a request and who asks.

    Args:
        request: the request.
        model: pydantic model of the fields; None for a dict that is not checked.

    Raises:
        Refusal: if a field is wrong, the API key is, or the client asks too often.
    """
    found = await read_fields(request)
    client = admitted_client(request, found.get("api_key"))
    return checked(model, found) if model else found, client


def admitted_client(request, key=None):
    """Who asks, str; `key` is the API key of the body, if it has one.

    Raises:
        Refusal: if the API key is wrong, or the client asks too often.
    """
    state = request.app.state
    client = state.keys.client(str(key or bearer(request)), request.client.host if request.client else "")
    state.limiter.count(client)
    return client


def bearer(request):
    """The key of the header `Authorization: Bearer KEY`, str."""
    return request.headers.get("authorization", "").removeprefix("Bearer ").strip()


def checked(model, fields):
    """The fields as a pydantic model.

    Raises:
        Refusal: if one is missing, or of a wrong type.
    """
    try:
        return model.model_validate(fields)
    except pydantic.ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False)[0]
        name = str(wrong["loc"][0]) if wrong["loc"] else "a field"
        if wrong["type"] == "missing":
            raise Refusal(400, f"Invalid request: missing {name} parameter") from None
        raise Refusal(400, f"Invalid request: {name}: {wrong['msg']}") from None


def check_texts(texts):
    """Raise `Refusal` for a text that is not Unicode: half of a surrogate pair, which JSON can hold."""
    for text in texts:
        try:
            text.encode()
        except UnicodeEncodeError:
            raise Refusal(400, "Invalid request: q: half of a surrogate pair is no character") from None


async def while_connected(request, awaitable):
    """The result of an awaitable, which is cancelled if the client leaves.

    Raises:
        Refusal: if it does.
    """
    work, gone = asyncio.ensure_future(awaitable), asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            raise Refusal(*GONE)
        return work.result()
    finally:
        work.cancel()
        gone.cancel()


async def _left(request):
    while (await request.receive())["type"] != "http.disconnect":
        pass
