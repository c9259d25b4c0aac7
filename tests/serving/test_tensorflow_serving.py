"""The REST interface of TensorFlow Serving."""

import base64

import pytest

PREDICT = "/v1/models/fr-en:predict"


def predict(client, body, path=PREDICT):
    answer = client.post(path, json=body)
    return answer.status_code, answer.json()


@pytest.mark.parametrize(
    "instances",
    [["Oui.", "Non."], [{"texts": "Oui."}, {"b64": base64.b64encode(b"Non.").decode()}]],
    ids=["plain", "named"],
)
def test_rows_of_one_output_are_a_list(client, instances):
    assert predict(client, {"instances": instances}) == (200, {"predictions": ["OUI.", "NON."]})


@pytest.mark.parametrize("inputs", [["Oui.", "Non."], {"texts": ["Oui.", "Non."]}], ids=["plain", "named"])
def test_columns_of_one_output_are_a_list(client, inputs):
    assert predict(client, {"inputs": inputs}) == (200, {"outputs": ["OUI.", "NON."]})


def test_several_outputs_have_names(client):
    row = {"translations": "OUI.", "scores": -0.5, "token_ids": [5, 6]}
    body = {"signature_name": "serving_fast", "instances": ["Oui."]}
    assert predict(client, body) == (200, {"predictions": [row]})
    body = {"signature_name": "serving_fast", "inputs": {"texts": ["Oui."]}}
    assert predict(client, body) == (200, {"outputs": {name: [value] for name, value in row.items()}})


def test_a_version_is_named(client):
    assert predict(client, {"instances": ["Oui."]}, "/v1/models/fr-en/versions/1:predict")[0] == 200
    assert predict(client, {"instances": ["Oui."]}, "/v1/models/fr-en/versions/2:predict")[0] == 404


def test_status_and_metadata(client):
    (version,) = client.get("/v1/models/fr-en").json()["model_version_status"]
    assert (version["version"], version["state"], version["status"]["error_code"]) == ("1", "AVAILABLE", "OK")
    assert client.get("/v1/models/fr-en/versions/1").json()["model_version_status"] == [version]
    found = client.get("/v1/models/fr-en/metadata").json()
    assert found == client.get("/v1/models/fr-en/versions/1/metadata").json()
    assert found["model_spec"] == {"name": "fr-en", "signature_name": "", "version": "1"}
    signature = found["metadata"]["signature_def"]["signature_def"]["serving_default"]
    assert signature["inputs"]["texts"]["dtype"] == "DT_STRING"
    assert signature["method_name"] == "tensorflow/serving/predict"


@pytest.mark.parametrize(
    ("path", "code"),
    [("/v1/models/de-en", 404), ("/v1/models/fr-en/versions/x", 404), ("/v1/models/..%2f..%2fetc", 404)],
)
def test_models_that_are_not_there(client, path, code):
    answer = client.get(path)
    assert answer.status_code == code
    assert list(answer.json()) == ["error"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, 400),
        ([], 400),
        ({"instances": ["a"], "inputs": ["a"]}, 400),
        ({"instances": "Oui."}, 400),
        ({"instances": [1]}, 400),
        ({"instances": [{"b64": "***"}]}, 400),
        ({"inputs": {"words": ["a"]}}, 400),
        ({"instances": ["a"] * 1001}, 400),
        ({"instances": ["Oui."], "signature_name": "none"}, 404),
        ({"instances": ["Oui."], "signature_name": 3}, 404),
    ],
)
def test_wrong_bodies_get_one_line(client, body, code):
    status, answer = predict(client, body)
    assert (status, list(answer)) == (code, ["error"])
    assert "\n" not in answer["error"]


def test_versions_are_the_folders_with_numbers(tmp_path):
    from kerasformer.serving.catalogue import find_models

    for number in (2, 10):
        (tmp_path / "mine" / str(number)).mkdir(parents=True)
        (tmp_path / "mine" / str(number) / "saved_model.pb").touch()
    found = find_models([str(tmp_path / "mine"), f"other={tmp_path / 'mine' / '2'}"])
    assert [model.key for model in found] == ["mine/2", "mine/10", "other/1"]


@pytest.mark.parametrize("arguments", [["fr-en", "fr-en"], ["no-such-model"], ["a/b=fr-en"]])
def test_wrong_models_of_the_command_line(arguments):
    from kerasformer.errors import InputError
    from kerasformer.serving.catalogue import find_models

    with pytest.raises(InputError):
        find_models(arguments)
