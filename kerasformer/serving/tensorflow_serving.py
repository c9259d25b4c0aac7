"""The REST interface of TensorFlow Serving, so that its clients work with this service.

Reference: https://www.tensorflow.org/tfx/serving/api_rest
"""

import base64

from fastapi import APIRouter, Request

from kerasformer.serving import reading
from kerasformer.serving.refusals import Refusal
from kerasformer.tokenizer import PAD_ID

router = APIRouter(prefix="/v1/models", tags=["TensorFlow Serving"])
INPUT, DEFAULT = "texts", "serving_default"
# For each signature its outputs: the type in TensorFlow, and whether there is a list of them for each text.
SIGNATURES = {
    DEFAULT: {"translations": ("DT_STRING", False)},
    "serving_fast": {
        "translations": ("DT_STRING", False),
        "scores": ("DT_FLOAT", False),
        "token_ids": ("DT_INT32", True),
    },
}
_EXAMPLES = {
    "rows": {"value": {"instances": ["Il pleut.", "J'ai froid."]}},
    "columns": {"value": {"signature_name": "serving_fast", "inputs": {INPUT: ["Il pleut."]}}},
}
_BODY = {"requestBody": {"content": {"application/json": {"schema": {"type": "object"}, "examples": _EXAMPLES}}}}


@router.post("/{name}/versions/{version}:predict", summary="Translate with one version", openapi_extra=_BODY)
async def predict_version(request: Request, name: str, version: str):
    """As for the newest version."""
    return await _predict(request, find(request.app.state.service, name, version))


@router.post("/{name}:predict", summary="Translate with the newest version", openapi_extra=_BODY)
async def predict(request: Request, name: str):
    """`instances` (rows) are answered by `predictions`, `inputs` (columns) by `outputs`."""
    return await _predict(request, find(request.app.state.service, name))


@router.get("/{name}/versions/{version}/metadata", summary="The signatures of one version")
async def version_metadata(request: Request, name: str, version: str):
    """As for the newest version."""
    return metadata_of(find(request.app.state.service, name, version))


@router.get("/{name}/metadata", summary="The signatures of the newest version")
async def metadata(request: Request, name: str):
    """Inputs and outputs of each signature."""
    return metadata_of(find(request.app.state.service, name))


@router.get("/{name}/versions/{version}", summary="The status of one version")
async def version_status(request: Request, name: str, version: str):
    """As for all versions."""
    return status_of([find(request.app.state.service, name, version)])


@router.get("/{name}", summary="The status of all versions, the newest first")
async def status(request: Request, name: str):
    """`model_version_status`."""
    return status_of(request.app.state.service.versions(name)[::-1])


def find(service, name, version=None):
    """The `Model` of a name and a version (str or int), None for the newest.

    Raises:
        Refusal: if there is none.
    """
    for model in reversed(service.versions(name)):
        if version is None or str(version) == str(model.version):
            return model
    raise Refusal(404, f"Servable not found for request: Specific({name[:100]}, {str(version)[:20]})")


async def answers(service, model, texts, signature, client=""):
    """The outputs of a signature for texts.

    Args:
        service: `Service`.
        model: `Model`.
        texts: list of str.
        signature: name of a signature; "" for "serving_default".
        client: str, who asks.

    Returns:
        dict of the name of an output to a list with one value for each text.

    Raises:
        Refusal: if there is no such signature, or as `Service.translate`.
    """
    outputs = SIGNATURES.get(signature or DEFAULT)
    if outputs is None:
        raise Refusal(404, f"Serving signature name: {str(signature)[:100]!r} not found in signature def")
    async with service.admitted(texts) as request:
        found = await service.in_time(service.hypotheses(model, texts, client, request))
    best = [hypotheses[0] for hypotheses in found]
    longest = max((len(one.token_ids) for one in best), default=0)
    values = {
        "translations": [one.text for one in best],
        "scores": [one.score for one in best],
        "token_ids": [[*one.token_ids, *[PAD_ID] * (longest - len(one.token_ids))] for one in best],
    }
    return {name: values[name] for name in outputs}


async def _predict(request, model):
    state = request.app.state
    client = reading.admitted_client(request)
    body = await reading.read_json(request)
    if not isinstance(body, dict) or ("instances" in body) == ("inputs" in body):
        raise Refusal(400, 'JSON Value: must be an object with either "instances" or "inputs"')
    is_rows = "instances" in body
    texts = _texts(body["instances"], True) if is_rows else _texts(body["inputs"], False)
    reading.check_texts(texts)
    signature = body.get("signature_name", "")
    work = answers(state.service, model, texts, signature if isinstance(signature, str) else "?", client)
    found = await reading.while_connected(request, work)
    if len(found) == 1:
        (values,) = found.values()
        return {"predictions" if is_rows else "outputs": values}
    if not is_rows:
        return {"outputs": found}
    return {"predictions": [dict(zip(found, row, strict=True)) for row in zip(*found.values(), strict=True)]}


def _texts(value, is_rows):
    """The texts of `instances` or `inputs`: list of str."""
    if isinstance(value, dict) and not is_rows:
        if set(value) != {INPUT}:
            raise Refusal(400, f"inputs must have exactly the key {INPUT!r}")
        value = value[INPUT]
    rows = value if isinstance(value, list) else [value]
    if is_rows and not isinstance(value, list):
        raise Refusal(400, "instances must be a list")
    return [_text(row, is_rows) for row in rows]


def _text(row, is_rows):
    if is_rows and isinstance(row, dict) and set(row) == {INPUT}:
        row = row[INPUT]
    if isinstance(row, dict) and set(row) == {"b64"}:
        try:
            row = base64.b64decode(row["b64"], validate=True).decode()
        except (ValueError, TypeError):
            raise Refusal(400, "a b64 value is not base64 of UTF-8") from None
    if not isinstance(row, str):
        raise Refusal(400, f"a text must be a string, or an object with {INPUT!r}")
    return row


def status_of(models):
    """The status of models, as JSON of `GetModelStatusResponse`."""
    state = {"state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}
    return {"model_version_status": [{"version": str(model.version), **state} for model in models]}


def metadata_of(model):
    """The signatures of a model, as JSON of `GetModelMetadataResponse`."""
    signatures = {
        name: {
            "inputs": {INPUT: _tensor(f"{name}_{INPUT}:0", "DT_STRING", False)},
            "outputs": {
                output: _tensor(f"{name}_{output}:0", dtype, is_list) for output, (dtype, is_list) in outputs.items()
            },
            "method_name": "tensorflow/serving/predict",
        }
        for name, outputs in SIGNATURES.items()
    }
    spec = {"name": model.name, "signature_name": "", "version": str(model.version)}
    return {"model_spec": spec, "metadata": {"signature_def": {"signature_def": signatures}}}


def _tensor(name, dtype, is_list):
    shape = {"dim": [{"size": "-1", "name": ""}] * (2 if is_list else 1), "unknown_rank": False}
    return {"dtype": dtype, "tensor_shape": shape, "name": name}
