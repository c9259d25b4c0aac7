"""The interface of LibreTranslate: JSON, forms and queries, its answers and its errors."""

import json

import pytest

PAIR = {"source": "fr", "target": "en"}


@pytest.mark.parametrize("how", ["json", "data", "params", "files"])
def test_fields_come_as_json_form_query_or_multipart(client, how):
    fields = {"q": "Il pleut.", **PAIR}
    given = {"files": {name: (None, value) for name, value in fields.items()}} if how == "files" else {how: fields}
    answer = client.post("/translate", **given)
    assert (answer.status_code, answer.json()) == (200, {"translatedText": "IL PLEUT."})


@pytest.mark.parametrize("text", ["Où ?", "O%C3%B9+?"], ids=["as it is", "encoded"])
def test_accents_in_forms_are_read_as_they_are_or_encoded(client, text):
    fields, headers = f"q={text}&source=fr&target=en", {"content-type": "application/x-www-form-urlencoded"}
    assert client.post("/translate", content=fields.encode(), headers=headers).json() == {"translatedText": "OÙ ?"}


@pytest.mark.parametrize("body", [b"q=\xff", b"q=%ff", b"a=1&" * 2000])
def test_forms_that_cannot_be_read_get_one_line(client, body):
    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = client.post("/translate", content=body, headers=headers)
    assert answer.status_code == 400
    assert "cannot be read" in answer.json()["error"]


def test_a_query_with_an_empty_body_of_json(client):
    headers = {"content-type": "application/json"}
    answer = client.post("/translate", params={"q": "Oui.", **PAIR}, content=b"", headers=headers)
    assert answer.json() == {"translatedText": "OUI."}


def test_a_list_is_answered_by_a_list(client):
    expected = {"translatedText": ["OUI.", "NON."]}
    assert client.post("/translate", json={"q": ["Oui.", "Non."], **PAIR}).json() == expected
    assert client.post("/translate", data={"q": ["Oui.", "Non."], **PAIR}).json() == expected
    assert client.post("/translate", json={"q": [], **PAIR}).json() == {"translatedText": []}


def test_source_auto_tells_what_was_detected(client):
    asked = {"q": ["Où est la gare ?", "Where is the station?"], "source": "auto", "target": "fr"}
    found = client.post("/translate", json=asked).json()
    assert [one["language"] for one in found["detectedLanguage"]] == ["fr", "en"]
    assert found["translatedText"] == ["Où est la gare ?", "WHERE IS THE STATION?"]
    single = client.post("/translate", json={**asked, "q": "Where is the station?"}).json()
    assert single["detectedLanguage"]["language"] == "en"
    assert 50 < single["detectedLanguage"]["confidence"] <= 100


def test_alternatives_are_listed(client):
    asked = {"q": "Oui.", **PAIR, "alternatives": 2}
    expected = {"translatedText": "OUI.", "alternatives": ["OUI.+", "OUI.++"], "scores": [-0.5, -1.5, -2.5]}
    assert client.post("/translate", json=asked).json() == expected
    assert client.post("/translate", data=asked).json() == expected


def test_tags_of_html_stay(client):
    page = '<p class="a">Il <b>pleut</b> &amp; vente.<br>Oui.</p><script>var a = 1;</script>'
    found = client.post("/translate", json={"q": page, **PAIR, "format": "html"}).json()["translatedText"]
    assert found.startswith('<p class="a">')
    assert found.endswith("</p><script>var a = 1;</script>")
    assert "<b>PLEUT</b>" in found
    assert "&amp;" in found


def test_html_has_alternatives_and_fits_its_languages(client):
    page = '<p lang="fr">Il pleut.</p><p lang="de">Nein.</p>'
    found = client.post("/translate", json={"q": page, **PAIR, "format": "html", "alternatives": 1}).json()
    assert found["translatedText"] == '<p lang="en">IL PLEUT.</p><p lang="de">Nein.</p>'
    assert found["alternatives"] == ['<p lang="en">IL PLEUT.+</p><p lang="de">Nein.</p>']


def test_html_that_is_nested_too_deeply_gets_one_line(client):
    page = "<b>x " * 1500 + "</b>" * 1500
    answer = client.post("/translate", json={"q": page, **PAIR, "format": "html"})
    assert (answer.status_code, answer.json()) == (400, {"error": "Invalid request: the HTML is nested too deeply"})


def test_a_stream_of_sentences(client):
    asked = {"q": "Il pleut. J'ai froid.", **PAIR, "stream": True}
    answer = client.post("/translate", json=asked)
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = [json.loads(line.removeprefix("data: ")) for line in answer.text.splitlines() if line]
    assert events == [
        {"source": "Il pleut.", "text": "IL PLEUT.", "score": -0.5, "separator": " "},
        {"source": "J'ai froid.", "text": "J'AI FROID.", "score": -0.5, "separator": ""},
        {"translatedText": "IL PLEUT. J'AI FROID."},
    ]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"source": "fr", "target": "en"}, "missing q parameter"),
        ({"q": "Oui.", "target": "en"}, "missing source parameter"),
        ({"q": "Oui.", "source": "fr"}, "missing target parameter"),
        ({"q": {"a": 1}, **PAIR}, "q: "),
        ({"q": "Oui.", **PAIR, "format": "pdf"}, "format: "),
        ({"q": "Oui.", **PAIR, "alternatives": -1}, "alternatives: "),
        ({"q": "Oui.", "source": "de", "target": "en"}, "de is not supported"),
        ({"q": "Oui.", "source": "fr", "target": "../../etc"}, "../../etc is not supported"),
        ({"q": "a" * 60_000, **PAIR}, "exceeds text limit"),
        ({"q": ["a"] * 1001, **PAIR}, "exceeds batch limit"),
        ({"q": "\ud800", **PAIR}, "surrogate"),
        ({"q": ["Oui."], **PAIR, "stream": True}, "only one text"),
    ],
)
def test_wrong_fields_get_one_line(client, fields, error):
    answer = client.post("/translate", content=json.dumps(fields), headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert list(answer.json()) == ["error"]
    assert error in answer.json()["error"]
    assert "\n" not in answer.json()["error"]


@pytest.mark.parametrize(
    "body", [b"{", b"[1]", b"\xff\xfe", b"[" * 100_000, b'{"q": ' + b"[" * 50_000, b"null", b'"a"'], ids=range(7)
)
def test_bodies_that_are_no_object_get_one_line(client, body):
    answer = client.post("/translate", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert "\n" not in answer.json()["error"]


def test_a_broken_form_gets_one_line(client):
    headers = {"content-type": "multipart/form-data"}
    assert client.post("/translate", content=b"--x\r\n", headers=headers).status_code == 400


def test_a_fault_of_the_service_tells_nothing_of_its_inside(client):
    answer = client.post("/translate", json={"q": "a fault", **PAIR})
    assert answer.status_code == 500
    assert "RuntimeError" not in answer.text


def test_detection(client):
    found = client.post("/detect", data={"q": "Où est la gare de Lyon ?"}).json()
    assert found[0]["language"] == "fr"
    assert found[0]["confidence"] > 50


def test_languages_by_get_and_by_post(client):
    expected = [
        {"code": "en", "name": "English", "targets": ["fr"]},
        {"code": "fr", "name": "French", "targets": ["en"]},
    ]
    assert client.get("/languages").json() == client.post("/languages").json() == expected


def test_settings_of_a_page(client):
    found = client.get("/frontend/settings").json()
    assert (found["charLimit"], found["keyRequired"], found["language"]["source"]["code"]) == (50_000, False, "auto")
    assert ".srt" in found["supportedFilesFormat"]


def test_keys_are_asked_for_in_every_form(make_client):
    client = make_client(keys=("# of the office", "secret", "", "boss admin"))
    fields = {"q": "Oui.", **PAIR}
    answers = [
        client.post("/translate", json=fields),
        client.post("/translate", json={**fields, "api_key": "wrong"}),
        client.post("/translate", json={**fields, "api_key": "secret"}),
        client.post("/translate", data={**fields, "api_key": "boss"}),
        client.post("/translate", json=fields, headers={"authorization": "Bearer secret"}),
    ]
    assert [answer.status_code for answer in answers] == [403, 403, 200, 200, 200]
    assert answers[1].json() == {"error": "Invalid API key"}


def test_a_client_that_asks_too_often_is_told_when_to_come_back(make_client):
    client = make_client(per_minute=2)
    answers = [client.post("/translate", json={"q": "Oui.", **PAIR}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json() == {"error": "Slowdown: 2 per 1 minute"}
    assert 1 <= int(answers[2].headers["retry-after"]) <= 31
