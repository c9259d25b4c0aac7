import gzip
import hashlib
import io
import sys
import types
import zipfile

import pytest

from kerasformer.data import named
from kerasformer.data.corpora import load_corpus
from kerasformer.errors import InputError

SPLITS = ("train", "val", "test_2016_flickr", "test_2017_flickr")
LANGUAGES = ("de", "en", "fr")


def text(split, language):
    return "".join(f"{split} {language} {i}\n" for i in range(7)).encode()


@pytest.fixture
def multi30k(file_server, monkeypatch, tmp_path):
    """A small multi30k on a local server, and an empty cache."""
    names = {f"{split}.{language}": text(split, language) for split in SPLITS for language in ("de", "en", "fr")}
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in names.items()}
    monkeypatch.setattr(named, "MULTI30K_SHA256", digests)
    monkeypatch.setattr(named, "MULTI30K_URL", f"{file_server.url}/raw")
    monkeypatch.setenv("KERASFORMER_CACHE", str(tmp_path / "cache"))
    file_server.files |= {f"raw/{name}.gz": gzip.compress(data) for name, data in names.items()}
    return file_server


def test_multi30k_is_downloaded_once(multi30k, tmp_path):
    corpus = load_corpus(["multi30k"])
    assert (corpus.source, corpus.target, len(corpus.train)) == ("fr", "en", 7)
    assert list(corpus.tests) == ["test_2016_flickr", "test_2017_flickr"]
    assert corpus.train[0] == ("train fr 0", "train en 0")
    assert len(multi30k.requests) == 8
    assert not list((tmp_path / "cache/multi30k").glob("*.part*"))
    multi30k.files.clear()
    assert load_corpus(["multi30k"]) == corpus
    assert load_corpus(["multi30k"], data_dir=tmp_path / "cache") == corpus
    assert len(multi30k.requests) == 8


def test_another_direction_fetches_only_what_is_missing(multi30k, tmp_path):
    load_corpus(["multi30k"], cache_dir=tmp_path / "elsewhere")
    assert load_corpus(["multi30k"], "en", "de", cache_dir=tmp_path / "elsewhere").train[0][1] == "train de 0"
    assert len(multi30k.requests) == 12
    assert not (tmp_path / "cache").exists()


def test_damaged_cache_is_mended(multi30k, tmp_path):
    corpus = load_corpus(["multi30k"])
    (tmp_path / "cache/multi30k/val.fr.gz").write_bytes(b"")
    assert load_corpus(["multi30k"]) == corpus
    assert len(multi30k.requests) == 9


def test_changed_text_on_the_server_is_refused(multi30k):
    multi30k.files["raw/val.fr.gz"] = gzip.compress(b"changed\n")
    with pytest.raises(InputError, match=r"val\.fr\.gz is not the expected file: expected SHA-256"):
        load_corpus(["multi30k"])


def test_own_copy_that_differs_is_used_but_told(multi30k, tmp_path):
    load_corpus(["multi30k"])
    (tmp_path / "cache/multi30k/val.fr.gz").write_bytes(text("other", "fr"))
    corpus = load_corpus(["multi30k"], data_dir=tmp_path / "cache")
    assert corpus.report["notes"] == ["val.fr differs from the published file: scores on it are not comparable"]
    assert corpus.report["notes"][0] in corpus.describe()


def test_own_copy_that_is_incomplete(multi30k, tmp_path):
    load_corpus(["multi30k"])
    (tmp_path / "cache/multi30k/val.fr.gz").unlink()
    with pytest.raises(InputError, match=r"lacks val\.fr \(as they are"):
        load_corpus(["multi30k"], data_dir=tmp_path / "cache/multi30k")
    with pytest.raises(InputError, match="none does not exist"):
        load_corpus(["multi30k"], data_dir=tmp_path / "none")


def archive(rows, name="fra.txt"):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr(name, "".join(f"{row}\n" for row in rows))
    return buffer.getvalue()


@pytest.fixture
def tatoeba(file_server, monkeypatch, tmp_path):
    monkeypatch.setattr(named, "TATOEBA_URL", f"{file_server.url}/fra-eng.zip")
    monkeypatch.setenv("KERASFORMER_CACHE", str(tmp_path))
    rows = [f"Sentence {i // 2}.\tPhrase {i}.\tCC-BY 2.0 (France) #{i}" for i in range(2000)]
    file_server.files["fra-eng.zip"] = archive(rows)
    return file_server


def test_tatoeba_is_downloaded_split_and_credited(tatoeba, tmp_path):
    corpus = load_corpus(["tatoeba-fra-eng"])
    assert corpus.train[0] == ("Phrase 0.", "Sentence 0.")
    assert corpus.tests == {}
    assert len(corpus.train) + len(corpus.validation) == 2000
    assert 6 <= len(corpus.validation) <= 60  # 30 expected, in pairs of equal English
    assert not {english for _, english in corpus.train} & {english for _, english in corpus.validation}
    assert "tatoeba.org, CC-BY 2.0 FR" in corpus.attribution
    assert b"CC-BY 2.0 (France) #7" in named._unzip_tatoeba((tmp_path / "tatoeba-fra-eng/fra-eng.zip").read_bytes())


def test_tatoeba_turned_round_and_from_a_folder_has_the_same_split(tatoeba, tmp_path):
    corpus = load_corpus(["tatoeba-fra-eng"])
    turned = load_corpus(["tatoeba-fra-eng"], "en", "fr", data_dir=tmp_path)
    assert turned.validation == [(english, french) for french, english in corpus.validation]
    with zipfile.ZipFile(tmp_path / "tatoeba-fra-eng/fra-eng.zip") as cached:
        cached.extract("fra.txt", tmp_path / "text")
    assert load_corpus(["tatoeba-fra-eng"], data_dir=tmp_path / "text") == corpus
    assert len(tatoeba.requests) == 1


@pytest.mark.parametrize("data", [b"<html>no archive</html>", archive(["a\tb"], "deu.txt")])
def test_tatoeba_archive_that_is_none(tatoeba, data, tmp_path):
    tatoeba.files["fra-eng.zip"] = data
    with pytest.raises(InputError, match="is not the expected file: it is damaged"):
        load_corpus(["tatoeba-fra-eng"])
    (tmp_path / "tatoeba-fra-eng").rmdir()
    (tmp_path / "fra-eng.zip").write_bytes(data)
    with pytest.raises(InputError, match=r"is not manythings\.org's archive"):
        load_corpus(["tatoeba-fra-eng"], data_dir=tmp_path)


def test_tatoeba_folder_without_anything(tmp_path):
    with pytest.raises(InputError, match=r"lacks train\.fr, train\.en, dev\.fr, dev\.en"):
        load_corpus(["tatoeba-fra-eng"], data_dir=tmp_path)


@pytest.fixture
def korean_chat(file_server, monkeypatch, tmp_path):
    """A small korean-chat on a local server, and an empty cache."""
    data = ("Q,A,label\r\n" + "".join(f"질문 {i},대답 {i % 3},{i % 2}\r\n" for i in range(100))).encode()
    monkeypatch.setattr(named, "KOREAN_CHAT_SHA256", hashlib.sha256(data).hexdigest())
    monkeypatch.setattr(named, "KOREAN_CHAT_URL", file_server.url)
    monkeypatch.setenv("KERASFORMER_CACHE", str(tmp_path / "cache"))
    file_server.files["ChatbotData.csv"] = data
    return file_server


def test_korean_chat_is_downloaded_once_and_is_the_same_for_every_seed(korean_chat, tmp_path):
    corpus = load_corpus(["korean-chat"])
    assert (corpus.source, corpus.target, corpus.report["carved"]) == ("question", "answer", ["validation", "test"])
    assert (len(corpus.train), len(corpus.validation), len(corpus.tests["test"])) == (90, 5, 5)
    assert ("질문 7", "대답 1") in corpus.train + corpus.validation + corpus.tests["test"]
    assert corpus.describe()[-1].endswith("MIT licence")
    assert load_corpus(["korean-chat"], seed=5) == corpus
    assert load_corpus(["korean-chat"], data_dir=tmp_path / "cache") == corpus
    assert load_corpus(["korean-chat"], data_dir=tmp_path / "cache/korean-chat") == corpus
    assert len(korean_chat.requests) == 1


def test_korean_chat_turned_round_keeps_answers_apart(korean_chat, monkeypatch):
    korean_chat.files["ChatbotData.csv"] = data = b"Q,A\n" + b"".join(b"%d,%d\n" % (i, i // 2) for i in range(100))
    monkeypatch.setattr(named, "KOREAN_CHAT_SHA256", hashlib.sha256(data).hexdigest())
    corpus = load_corpus(["korean-chat"], "answer")
    assert (corpus.source, corpus.target) == ("answer", "question")
    held_out = corpus.validation + corpus.tests["test"]
    assert not {answer for answer, _ in corpus.train} & {answer for answer, _ in held_out}
    assert "shared the answer with a held-out split" in corpus.describe()[2]


def test_own_copy_of_korean_chat_that_differs_is_used_but_told(korean_chat, tmp_path):
    (tmp_path / "ChatbotData.csv").write_bytes(korean_chat.files["ChatbotData.csv"].replace(b"\r", b""))
    corpus = load_corpus(["korean-chat"], data_dir=tmp_path)
    told = "ChatbotData.csv differs from the published file: scores on it are not comparable"
    assert corpus.report["notes"] == [told]
    assert told in corpus.describe()


def test_korean_chat_that_is_not_there_or_another(korean_chat, tmp_path):
    with pytest.raises(InputError, match=r"lacks ChatbotData\.csv: put it there, or leave --data-dir out"):
        load_corpus(["korean-chat"], data_dir=tmp_path)
    korean_chat.files["ChatbotData.csv"] += b"more,more,0\n"
    with pytest.raises(InputError, match=r"ChatbotData\.csv is not the expected file: expected SHA-256"):
        load_corpus(["korean-chat"])


@pytest.mark.parametrize(("source", "first"), [(None, ("bon", "good")), ("en", ("good", "bon"))])
def test_phrasebook_turns_round(monkeypatch, source, first):
    splits = {"train": [("bon", "good")], "validation": [("un", "one")], "test": [("deux", "two")]}
    module = types.SimpleNamespace(generate=lambda: splits)
    monkeypatch.setitem(sys.modules, "kerasformer.data.phrasebook", module)
    corpus = load_corpus(["phrasebook"], source)
    assert corpus.train == [first]
    assert list(corpus.tests) == ["test"]
    assert "kerasformer" in corpus.attribution


@pytest.mark.parametrize("name", list(named.LANGUAGES))
def test_unknown_language_lists_what_there_is(name):
    listed = ", ".join(named.LANGUAGES[name])
    with pytest.raises(InputError, match=f"no language 'it' here: choose from {listed}"):
        load_corpus([name], "it")
