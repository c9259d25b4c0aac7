"""Health, counts, the log, the limits of a body and the headers."""

import asyncio
import io
import json

import pytest
from fastapi.testclient import TestClient

from kerasformer.serving.app import create_app

PAIR = {"source": "fr", "target": "en"}


def test_it_is_alive_before_it_is_ready(make_service):
    service = make_service()
    with TestClient(create_app(service, service.settings)) as client:
        assert client.get("/health").json() == {"status": "ok"}
        assert client.get("/ready").status_code == 503
        client.portal.call(service.start)
        assert client.get("/ready").json() == {"status": "ready"}
        client.portal.call(service.stop)
        assert client.get("/ready").status_code == 503


def test_requests_batches_models_and_errors_are_counted(client, log):
    log.deaths_left = 1
    client.post("/translate", json={"q": ["die", "Oui."], **PAIR})
    client.post("/translate", json={"q": "Oui.", "source": "de", "target": "en"})
    client.get("/no-such-page/secret")
    text = client.get("/metrics").text
    for line in (
        'kerasformer_requests_total{route="/translate",status="200"} 1.0',
        'kerasformer_requests_total{route="other",status="404"} 1.0',
        'kerasformer_errors_total{status="400"} 1.0',
        "kerasformer_workers_died_total 1.0",
        "kerasformer_workers 1.0",
        "kerasformer_characters_total 7.0",
        'kerasformer_stage_seconds_count{stage="queue"} 4.0',
        'kerasformer_model{form="litert",name="fr-en",version="1"} 1.0',
        "kerasformer_queue_sentences 0.0",
    ):
        assert line in text, text
    assert "secret" not in text


def test_answers_have_an_id_and_security_headers(client):
    headers = client.get("/health").headers
    assert len(headers["x-request-id"]) == 32
    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src 'self'" in headers["content-security-policy"]
    assert client.get("/health", headers={"x-request-id": "mine-1"}).headers["x-request-id"] == "mine-1"
    assert len(client.get("/health", headers={"x-request-id": "a b<script>"}).headers["x-request-id"]) == 32
    assert "x-request-id" in client.post("/translate", json={"q": "a fault", **PAIR}).headers


@pytest.mark.parametrize("form", ["plain", "json"])
def test_the_log_has_a_line_for_each_request_and_no_text(make_client, capsys, form):
    client = make_client(log=form)
    client.post("/translate", params={"q": "geheim"}, json={"q": "geheim", **PAIR})
    client.get("/a%0Ab")
    first, second = capsys.readouterr().err.splitlines()
    assert "geheim" not in first
    assert "/translate" in first
    assert "200" in first
    assert "404" in second
    if form == "json":
        line = json.loads(first)
        assert (line["method"], line["status"], line["path"]) == ("POST", 200, "/translate")


def test_a_log_on_a_full_disk_stops_no_answer(make_client, monkeypatch):
    class Full(io.StringIO):
        def write(self, text):
            raise OSError(28, "No space left on device")

    client = make_client(log="plain")
    client._transport.raise_server_exceptions = True
    monkeypatch.setattr("sys.stderr", Full())
    assert client.post("/translate", json={"q": "Oui.", "source": "fr", "target": "en"}).status_code == 200


def test_a_body_that_is_too_long_is_refused_before_it_is_read(make_client):
    client = make_client(max_characters=10, max_file_bytes=10)
    assert client.post("/translate", content=b"a" * 200_000).status_code == 413

    def pieces():
        for _ in range(20):
            yield b"a" * 10_000

    assert client.post("/translate", content=pieces()).status_code == 413


def test_pages_of_one_origin_may_use_it(make_client):
    client = make_client(cors="https://example.org")
    asked = {"origin": "https://example.org", "access-control-request-method": "POST"}
    assert client.options("/translate", headers=asked).headers["access-control-allow-origin"] == "https://example.org"
    asked["origin"] = "https://example.com"
    assert "access-control-allow-origin" not in client.options("/translate", headers=asked).headers


def test_no_page_of_elsewhere_may_use_it_by_default(client):
    answer = client.post("/translate", json={"q": "Oui.", **PAIR}, headers={"origin": "https://example.org"})
    assert "access-control-allow-origin" not in answer.headers


def test_only_an_administrator_reloads(make_client, log):
    client = make_client(keys=("secret", "boss admin"))
    codes = [
        client.post("/admin/reload", headers={"authorization": f"Bearer {key}"}).status_code
        for key in ("", "wrong", "secret", "boss")
    ]
    assert codes == [403, 403, 403, 200]
    log.broken = True
    answer = client.post("/admin/reload", headers={"authorization": "Bearer boss"})
    assert answer.status_code == 500
    assert "stay as they are" in answer.json()["error"]
    assert client.post("/translate", json={"q": "Oui.", **PAIR, "api_key": "secret"}).status_code == 200


def test_nobody_reloads_where_there_are_no_keys(client):
    assert client.post("/admin/reload").status_code == 403


def test_a_client_that_leaves_takes_its_texts_out_of_the_queue(make_service, log):
    async def leave():
        service = make_service()
        await service.start()
        app = create_app(service, service.settings)
        left = asyncio.Event()
        body = json.dumps({"q": ["stuck"] + ["Oui."] * 9, **PAIR}).encode()
        messages = [{"type": "http.request", "body": body}]

        async def receive():
            if messages:
                return messages.pop()
            await left.wait()
            return {"type": "http.disconnect"}

        async def send(message):
            pass

        scope = {"type": "http", "method": "POST", "path": "/translate", "raw_path": b"/translate", "query_string": b""}
        scope |= {"headers": [(b"content-type", b"application/json")], "client": ("1.2.3.4", 5), "http_version": "1.1"}
        task = asyncio.ensure_future(
            app({**scope, "server": ("a", 1), "scheme": "http", "root_path": ""}, receive, send)
        )
        await asyncio.sleep(0.05)
        waiting = service.waiting
        left.set()
        await task
        log.is_free = True
        await service.translate(["Non."], "fr", "en")
        await service.stop()
        return waiting, service.waiting, log.batches

    before, after, batches = asyncio.run(asyncio.wait_for(leave(), 20))
    assert (before, after, batches[-1]) == (10, 0, ["Non."])
    assert sum(map(len, batches)) < 10


def test_the_page_of_the_interface_has_every_address_and_commands(client):
    page = client.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    for path, operations in client.get("/openapi.json").json()["paths"].items():
        for method in operations:
            assert f"{method.upper()} {path}" in page.text
    assert "curl -H &#x27;content-type: application/json&#x27;" in page.text
    assert "<script" not in page.text
    assert "http://testserver/translate" in page.text
    assert "http://testserver/v1/models/fr-en/versions/1:predict" in page.text


def test_the_description_of_the_interface_has_examples(client):
    found = client.get("/openapi.json").json()
    body = found["paths"]["/translate"]["post"]["requestBody"]["content"]
    assert set(body) == {"application/json", "application/x-www-form-urlencoded", "multipart/form-data"}
    for example in body["application/json"]["examples"].values():
        assert client.post("/translate", json=example["value"]).status_code == 200
