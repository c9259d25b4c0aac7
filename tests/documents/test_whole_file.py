"""A file is translated whole: resumed after an interruption, in its own encoding, and written at once or not at all."""

import json
import pathlib
import subprocess
import sys

import pytest

from kerasformer.documents.journal import Journal, model_key
from kerasformer.documents.whole_file import TEXTS_AT_ONCE, read_texts, translate_file
from kerasformer.errors import InputError

COUNT = 2 * TEXTS_AT_ONCE + 3
KILLED = """
import os, sys
from kerasformer.documents.whole_file import translate_file
class Translator:
    source, target, calls = "fr", "en", 0
    def __call__(self, texts):
        self.calls += 1
        if self.calls == 2:
            os.kill(os.getpid(), 9)
        return [text.upper() for text in texts]
translate_file(sys.argv[1], sys.argv[2], Translator(), "model")
"""


class Upper:
    """Translates to capitals, and counts what it translates."""

    source, target = "fr", "en"

    def __init__(self):
        self.seen = []

    def __call__(self, texts):
        self.seen += texts
        return [text.upper() for text in texts]


@pytest.fixture
def lines(tmp_path):
    """A file of `COUNT` texts, and the path of its translation."""
    path = tmp_path / "fr.txt"
    path.write_text("".join(f"phrase {number}\n" for number in range(COUNT)))
    return path, tmp_path / "new" / "en.txt"


def test_a_run_that_was_killed_goes_on_and_translates_nothing_twice(lines):
    source, target = lines
    killed = subprocess.run([sys.executable, "-c", KILLED, source, target], check=False, timeout=60)
    assert killed.returncode == -9
    assert not target.exists()
    part = target.with_name("en.txt.part")
    part.write_bytes(part.read_bytes() + b'["cut')
    translate, progress = Upper(), []
    translate_file(source, target, translate, "model", progress=lambda *numbers: progress.append(numbers))
    assert target.read_text() == source.read_text().upper()
    assert len(translate.seen) == COUNT - TEXTS_AT_ONCE
    assert progress == [(TEXTS_AT_ONCE, COUNT), (2 * TEXTS_AT_ONCE, COUNT), (COUNT, COUNT)]
    assert [path.name for path in target.parent.iterdir()] == ["en.txt"]


def test_translations_of_another_model_are_not_used(tmp_path):
    one, other = (Journal(tmp_path / "part", model) for model in ("one", "other"))
    one.add(["a"], ["A"])
    other.add(["a"], ["B"])
    assert (Journal(one.path, "one").get("a"), Journal(one.path, "other").get("a")) == ("A", "B")
    assert Journal(one.path, "third").get("a") is None


def test_a_model_is_another_when_its_files_or_options_change(tmp_path):
    path = tmp_path / "model"
    path.write_text("one")
    first = model_key(path, {})
    assert model_key(path, {}) == first
    assert model_key(path, {"beam_size": 4}) != first
    path.write_text("three")
    assert model_key(path, {}) != first


def test_an_equal_text_is_translated_once(tmp_path):
    (tmp_path / "a.json").write_text('["un", "deux", "un"]')
    translate = Upper()
    translate_file(tmp_path / "a.json", tmp_path / "b.json", translate)
    assert translate.seen == ["un", "deux"]
    assert (tmp_path / "b.json").read_text() == '["UN", "DEUX", "UN"]'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encoding_byte_order_mark_and_line_ends_stay(tmp_path, encoding):
    (tmp_path / "a.txt").write_bytes("été\r\nœuf\r\n".encode(encoding))
    named = encoding if encoding == "cp1252" else None
    translate_file(tmp_path / "a.txt", tmp_path / "b.txt", Upper(), encoding=named)
    assert (tmp_path / "b.txt").read_bytes() == "ÉTÉ\r\nŒUF\r\n".encode(encoding)


def test_a_page_is_read_in_the_encoding_that_it_names_and_characters_it_lacks_become_references(tmp_path):
    page = '<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1"><p>été'
    (tmp_path / "a.html").write_bytes(page.encode("latin-1"))
    translate_file(tmp_path / "a.html", tmp_path / "b.html", lambda_of("fr", "ru", lambda text: text + " да"))
    assert (tmp_path / "b.html").read_bytes() == page.encode("latin-1") + b" &#1076;&#1072;"


def lambda_of(source, target, function):
    translate = type("Translator", (), {"__call__": lambda self, texts: [function(text) for text in texts]})()
    translate.source, translate.target = source, target
    return translate


def test_texts_that_cannot_be_translated_stay_and_are_said(tmp_path):
    long = "mot " * 3000
    (tmp_path / "a.json").write_text(json.dumps(["un", long, "rien"]))
    said = []
    empty = lambda_of("fr", "en", lambda text: "" if text == "rien" else text.upper())
    assert translate_file(tmp_path / "a.json", tmp_path / "b.json", empty, complain=said.append) == 2
    assert json.loads((tmp_path / "b.json").read_text()) == ["UN", long, "rien"]
    assert said[0].startswith("a single sentence of 11,999 characters is longer than the limit")
    assert said[1] == "no translation for 'rien': left unchanged"


@pytest.mark.parametrize(
    ("name", "content", "target", "said"),
    [
        ("a.txt", b"un", "a.txt", "a.txt is the file to translate, which is not overwritten"),
        ("a.txt", b"un", "./link.txt", "link.txt is the file to translate"),
        ("a.docx", b"un", "b.docx", r"a.docx cannot be translated as a whole file; .* are .txt, .srt"),
        ("a.srt", b"un", "b.vtt", r"b.vtt must have the suffix of .*a.srt: a file is not converted"),
        (
            "a.txt",
            b"\xe9t\xe9",
            "b.txt",
            "a.txt is not utf-8: byte 0xe9 at position 0; give its encoding with --encoding",
        ),
        ("a.txt", b"u\0n\0", "b.txt", "a.txt holds NUL characters"),
        ("a.po", b'msgid ""\nmsgstr "charset=foo\\n"', "b.po", "there is no encoding foo"),
        ("a.json", b"{", "b.json", "a.json: it is not JSON"),
    ],
)
def test_misuse_is_refused_and_nothing_is_written(tmp_path, name, content, target, said):
    (tmp_path / name).write_bytes(content)
    (tmp_path / "link.txt").symlink_to(tmp_path / "a.txt")
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(InputError, match=said):
        translate_file(tmp_path / name, tmp_path / target, Upper())
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert (tmp_path / name).read_bytes() == content


def test_an_encoding_that_lacks_a_letter_of_the_translation_is_said_and_no_work_is_lost(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"un")
    with pytest.raises(InputError, match="a.txt is ascii, which has no 'д' of the translation: convert it to UTF-8"):
        translate_file(tmp_path / "a.txt", tmp_path / "b.txt", lambda_of("fr", "ru", lambda _: "да"), encoding="ascii")
    assert sorted(path.name for path in pathlib.Path(tmp_path).iterdir()) == ["a.txt", "b.txt.part"]


def test_the_texts_that_would_be_translated_are_read_in_any_language(tmp_path):
    page = tmp_path / "page.html"
    page.write_text('<html lang="fr"><pre>code</pre><p>Il dort.</p><p lang="de">Nein.</p></html>', encoding="utf-8")
    assert read_texts(page) == ["Il dort."]
    (tmp_path / "film.srt").write_bytes("1\n00:00:01,000 --> 00:00:02,000\nÀ demain.\n".encode("cp1252"))
    assert read_texts(tmp_path / "film.srt", "cp1252") == ["À demain."]
    with pytest.raises(InputError, match="film.srt is not utf-8"):
        read_texts(tmp_path / "film.srt")
