"""Whole files through `/translate_file`."""

import pathlib

import pytest

PAIR = {"source": "fr", "target": "en"}
SUBTITLE = "1\n00:00:01,000 --> 00:00:03,000\n<i>Il pleut.</i>\n"


def send(client, name="film.fr.srt", data=None, **fields):
    return client.post(
        "/translate_file", files={"file": (name, SUBTITLE.encode() if data is None else data)}, data={**PAIR, **fields}
    )


def test_a_file_is_translated_and_fetched(client):
    answer = send(client)
    assert answer.status_code == 200
    address = answer.json()["translatedFileUrl"]
    assert address.endswith("/film.fr.en.srt")
    fetched = client.get(address)
    assert fetched.text == SUBTITLE.replace("Il pleut.", "IL PLEUT.")
    assert 'filename="film.fr.en.srt"' in fetched.headers["content-disposition"]


def test_the_language_of_a_file_is_guessed(client):
    answer = send(client, "a.txt", "Où est la gare ?\n".encode(), source="auto")
    assert client.get(answer.json()["translatedFileUrl"]).text == "OÙ EST LA GARE ?\n"


@pytest.mark.parametrize(
    "name", ["../../etc/passwd.txt", "..\\x.txt", "a\r\nx-evil: 1.txt", "\u202egpj.txt", ".txt.txt"]
)
def test_odd_names_stay_in_their_folder_and_out_of_headers(client, name):
    answer = send(client, name, b"Oui.\n")
    if answer.status_code == 200:
        fetched = client.get(answer.json()["translatedFileUrl"])
        assert fetched.text == "OUI.\n"
        assert "x-evil" not in fetched.headers
    else:
        assert answer.status_code == 400


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"name": "a.exe"}, 400),
        ({"name": "bomb.docx", "data": b"PK\x03\x04" + bytes(99)}, 400),
        ({"name": "a.txt", "data": b"\xff\xfe\xfd"}, 400),
        ({"name": "a.json", "data": b"{"}, 400),
        ({"target": "de"}, 400),
        ({"target": "en-../../x"}, 200),
        ({"name": "a.txt", "data": b""}, 200),
    ],
)
def test_files_that_cannot_be_translated_get_one_line_without_a_path(client, given, code):
    answer = send(client, **given)
    assert answer.status_code == code, answer.text
    assert "/tmp" not in answer.text
    assert "\n" not in answer.text
    assert "/x" not in answer.text


def test_a_file_that_is_too_long(make_client):
    assert send(make_client(max_file_bytes=10)).status_code == 413


@pytest.mark.parametrize("writes", ["pathlib.Path.write_bytes", "kerasformer.serving.markup.translate_file"])
def test_a_disk_that_is_full_is_an_error_of_one_line_and_leaves_nothing(client, monkeypatch, writes):
    def full(path, *_):
        raise OSError(28, "No space left on device", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(writes, full)
        answer = send(client)
    assert (answer.status_code, answer.json()) == (507, {"error": "There is no room for the file"})
    shelf = client.app.app.state.shelf
    assert list(pathlib.Path(shelf._folder.name).iterdir()) == []
    assert send(client).status_code == 200


def test_a_service_without_files_says_so(make_client):
    client = make_client(files=False)
    assert send(client).status_code == 404
    assert not client.get("/frontend/settings").json()["filesTranslation"]


def test_without_a_file(client):
    answer = client.post("/translate_file", data=PAIR)
    assert (answer.status_code, answer.json()) == (400, {"error": "Invalid request: missing file parameter"})


def test_files_that_are_not_there(client):
    assert client.get("/download_file/nothing/a.txt").status_code == 404
    assert client.get("/download_file/..%2f..%2fetc/passwd").status_code == 404
