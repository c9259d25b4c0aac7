"""What the service answers to its page."""

import json
import pathlib
import re

import kerasformer
from kerasformer.serving.frontend import by_words, join_tokens

PAGE = pathlib.Path(kerasformer.__file__).parent / "serving" / "page"
WORDS = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in (PAGE / "i18n").iterdir()}


def test_tokens_are_joined_to_words_and_punctuation_stays_apart():
    tokens = ["▁Le", "▁chi", "en", "▁d", "'", "Anna", ",", "▁", "dort", "!", "</s>"]
    assert join_tokens(tokens) == [
        *[("Le", [0]), ("chien", [1, 2]), ("d'Anna", [3, 4, 5]), (",", [6])],
        *[("dort", [8]), ("!", [9])],
    ]


def test_words_get_the_sum_of_their_tokens_and_give_the_mean():
    weights = [[0.5, 0.25, 0.25], [0.25, 0.25, 0.5], [0.0, 0.0, 1.0]]
    found = by_words(
        {"weights": weights, "source_tokens": ["▁rou", "ge", "</s>"], "target_tokens": ["▁re", "d", "</s>"]}
    )
    assert found == {"source": ["rouge"], "target": ["red"], "weights": [[0.625]]}


def test_attention_is_asked_for_one_sentence(client):
    asked = {"q": "Il pleut.", "translation": "IL PLEUT.", "source": "fr", "target": "en"}
    answer = client.post("/attention", json=asked).json()
    assert (answer["source"], answer["target"]) == (["Il", "pleut."], ["IL", "PLEUT."])
    assert answer["weights"] == [[1.0, 0.0], [0.0, 1.0]]
    wrong = client.post("/attention", json={**asked, "source": "de"})
    assert (wrong.status_code, wrong.json()) == (400, {"error": "de is not supported"})
    assert client.post("/attention", json={"q": "Oui."}).json() == {
        "error": "Invalid request: missing translation parameter"
    }


def test_the_page_and_its_files_are_served_unless_it_is_not_wanted(make_client):
    client = make_client()
    assert "text/html" in client.get("/").headers["content-type"]
    assert "text/javascript" in client.get("/page/main.js").headers["content-type"]
    without = make_client(page=False)
    assert [without.get(path).status_code for path in ("/", "/page/main.js")] == [404, 404]
    assert without.post("/attention", json={}).status_code == 404


def test_nothing_of_the_page_is_inline_or_from_elsewhere(client):
    policy = client.get("/").headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    html = (PAGE / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"<style|<script(?![^>]* src=)|\sstyle=|\son\w+=", html)
    for path in PAGE.iterdir():
        if path.is_file():
            text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
            assert not re.search(r"https?://|\beval\(|innerHTML", text), path.name


def test_the_page_says_the_same_in_each_of_its_languages():
    assert set(WORDS) == {"en", "fr", "ko"}
    used = set(
        re.findall(r'data-(?:text|label|placeholder)="(\w+)"', (PAGE / "index.html").read_text(encoding="utf-8"))
    )
    for path in PAGE.glob("*.js"):
        used |= set(re.findall(r'\bt\("(\w+)"', path.read_text(encoding="utf-8")))
    used |= {"lookedAt", "lookedAtBy"}  # one of the two, by the side
    for code, texts in WORDS.items():
        assert set(texts) == used, code
        for key, text in texts.items():
            assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", WORDS["en"][key])), (code, key)
