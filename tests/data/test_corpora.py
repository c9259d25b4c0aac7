"""Named corpora are downloaded, checked and read; a new one is added with one record."""

import dataclasses
import gzip
import hashlib
import io
import pathlib
import runpy
import zipfile

import pytest

from kerasformer.cli.main import build_parser
from kerasformer.config import ModelConfig, TrainingConfig
from kerasformer.config.presets import IMAGE_RECIPES, choose
from kerasformer.data import corpora
from kerasformer.data.corpora import available, find_corpus, find_recipe, register
from kerasformer.data.corpus import load_corpus
from kerasformer.data.corpus_record import CorpusFile, NamedCorpus
from kerasformer.data.file_formats import read_table
from kerasformer.errors import InputError
from kerasformer.jobs import open_job

TRAIN = pathlib.Path(__file__).parents[2] / "train.py"
SPLITS = ("train", "val", "test_2016_flickr", "test_2017_flickr")
LANGUAGES = ("de", "en", "fr")


def text(split, language):
    return "".join(f"{split} {language} {i}\n" for i in range(7)).encode()


@pytest.fixture
def replace(monkeypatch):
    """A function that gives a named corpus other files."""

    def replace_files(name, files):
        corpus = dataclasses.replace(find_corpus(name), files=tuple(files))
        monkeypatch.setitem(corpora._CORPORA, name, corpus)

    return replace_files


@pytest.fixture
def multi30k(file_server, monkeypatch, tmp_path, replace):
    """A small multi30k on a local server, and an empty cache."""
    names = {f"{split}.{language}": text(split, language) for split in SPLITS for language in ("de", "en", "fr")}
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in names.items()}
    replace(
        "multi30k",
        [CorpusFile(f"{file_server.url}/raw/{name}.gz", name, digest, name[-2:]) for name, digest in digests.items()],
    )
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
    with pytest.raises(InputError, match=r"lacks val\.fr \(with or without"):
        load_corpus(["multi30k"], data_dir=tmp_path / "cache/multi30k")
    with pytest.raises(InputError, match="none does not exist"):
        load_corpus(["multi30k"], data_dir=tmp_path / "none")


def archive(rows, name="fra.txt"):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr(name, "".join(f"{row}\n" for row in rows))
    return buffer.getvalue()


@pytest.fixture
def tatoeba(file_server, monkeypatch, tmp_path, replace):
    replace("tatoeba-fra-eng", [CorpusFile(f"{file_server.url}/fra-eng.zip", unpack=corpora._unzip_tatoeba)])
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
    assert b"CC-BY 2.0 (France) #7" in corpora._unzip_tatoeba((tmp_path / "tatoeba-fra-eng/fra-eng.zip").read_bytes())


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
    with pytest.raises(InputError, match=r"is not the archive of manythings\.org"):
        load_corpus(["tatoeba-fra-eng"], data_dir=tmp_path)


def test_tatoeba_folder_without_anything(tmp_path):
    with pytest.raises(InputError, match=r"lacks train\.fr, train\.en, dev\.fr, dev\.en"):
        load_corpus(["tatoeba-fra-eng"], data_dir=tmp_path)


@pytest.fixture
def korean_chat(file_server, monkeypatch, tmp_path, replace):
    """A small korean-chat on a local server, and an empty cache."""
    data = ("Q,A,label\r\n" + "".join(f"질문 {i},대답 {i % 3},{i % 2}\r\n" for i in range(100))).encode()
    url = f"{file_server.url}/ChatbotData.csv"
    replace("korean-chat", [CorpusFile(url, sha256=hashlib.sha256(data).hexdigest())])
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


def test_korean_chat_turned_round_keeps_answers_apart(korean_chat, replace):
    korean_chat.files["ChatbotData.csv"] = data = b"Q,A\n" + b"".join(b"%d,%d\n" % (i, i // 2) for i in range(100))
    url = f"{korean_chat.url}/ChatbotData.csv"
    replace("korean-chat", [CorpusFile(url, sha256=hashlib.sha256(data).hexdigest())])
    corpus = load_corpus(["korean-chat"], "answer")
    assert (corpus.source, corpus.target) == ("answer", "question")
    held_out = corpus.validation + corpus.tests["test"]
    assert not {answer for answer, _ in corpus.train} & {answer for answer, _ in held_out}
    assert "dropped, they share their answer with a held-out split" in "\n".join(corpus.describe())


def test_own_copy_of_korean_chat_that_differs_is_used_but_told(korean_chat, tmp_path):
    (tmp_path / "ChatbotData.csv").write_bytes(korean_chat.files["ChatbotData.csv"].replace(b"\r", b""))
    corpus = load_corpus(["korean-chat"], data_dir=tmp_path)
    told = "ChatbotData.csv differs from the published file: scores on it are not comparable"
    assert corpus.report["notes"] == [told]
    assert told in corpus.describe()


def test_korean_chat_that_is_not_there_or_another(korean_chat, tmp_path):
    with pytest.raises(InputError, match=r"lacks ChatbotData\.csv \(with .*\): put .* there, or leave --data-dir out"):
        load_corpus(["korean-chat"], data_dir=tmp_path)
    korean_chat.files["ChatbotData.csv"] += b"more,more,0\n"
    with pytest.raises(InputError, match=r"ChatbotData\.csv is not the expected file: expected SHA-256"):
        load_corpus(["korean-chat"])


def test_everyday_turns_round(everyday):
    turned = load_corpus(["everyday"], "en")
    assert [(french, english) for english, french in turned.tests["test"]] == everyday.tests["test"]
    assert (everyday.source, everyday.target, turned.source, turned.target) == ("fr", "en", "en", "fr")


def test_everyday_shows_where_it_is_from_and_its_licence(everyday):
    assert everyday.describe()[-1] == everyday.attribution == find_corpus("everyday").attribution
    assert "tatoeba.org, CC-BY 2.0 FR" in everyday.attribution


@pytest.mark.parametrize("name", available())
def test_unknown_language_lists_what_there_is(name):
    listed = ", ".join(find_corpus(name).languages)
    with pytest.raises(InputError, match=f"the data has no language 'it': choose from {listed}"):
        load_corpus([name], "it")


def test_the_names_and_recipes_of_the_corpora():
    assert available() == ["everyday", "multi30k", "tatoeba-fra-eng", "korean-chat", "general-fra-eng"]
    for name in available():
        assert find_recipe("transformer", name) == find_corpus(name).recipe != {}
        assert find_recipe("seq2seq", "own.tsv", name) == find_corpus(name).recipe
    assert find_recipe("transformer", "own.tsv") == find_recipe("transformer", "everyday", "none") == {}
    assert find_recipe("vit", "everyday") == IMAGE_RECIPES["vit"]
    with pytest.raises(InputError, match="^recipe 'wmt' is unknown; there are everyday, .*, general-fra-eng and none$"):
        find_recipe("transformer", "x", "wmt")
    with pytest.raises(InputError, match="a vit has only one recipe and always takes it: leave out --recipe"):
        find_recipe("vit", "digits", "none")


@pytest.mark.parametrize("name", available())
def test_a_recipe_uses_fields_of_the_configs(name):
    recipe = dict(find_corpus(name).recipe)
    preset = recipe.pop("preset", "tiny")
    known = {field.name for config in (ModelConfig, TrainingConfig) for field in dataclasses.fields(config)}
    assert set(recipe) <= known
    model, training = choose("transformer", preset, {}, recipe)
    assert {**vars(model), **vars(training)} == {**vars(model), **vars(training), **recipe}


def test_a_recipe_may_name_its_sizes_unless_others_are_asked_for():
    train = runpy.run_path(str(TRAIN))

    def model(*options):
        config, training = train["configs"](train["build_parser"]().parse_args([*options]))
        assert training.learning_rate == find_corpus("general-fra-eng").recipe["learning_rate"]
        return config

    deep = model("--data", "general-fra-eng")
    assert (deep.num_layers, deep.num_decoder_layers, deep.hidden_dim) == (6, 2, 256)
    assert (deep.vocab_size, deep.max_length, deep.dropout) == (8000, 128, 0.05)
    assert model("--data", "general-fra-eng", "--preset", "test").hidden_dim == 16
    assert model("--data", "own.tsv", "--recipe", "general-fra-eng") == deep


@pytest.fixture
def proverbs(file_server, monkeypatch, tmp_path):
    """A corpus that is registered from outside the package."""
    text = "".join(f"dicton {i}\tproverb {i}\n" for i in range(50)).encode()
    file_server.files["proverbs.tsv.gz"] = gzip.compress(text)
    monkeypatch.setenv("KERASFORMER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(corpora, "_CORPORA", dict(corpora._CORPORA))
    url, digest = f"{file_server.url}/proverbs.tsv.gz", hashlib.sha256(text).hexdigest()
    corpus = NamedCorpus(
        name="proverbs",
        languages=("fr", "en"),
        attribution="Proverbs, public domain",
        files=(CorpusFile(url, "proverbs.tsv", digest),),
        read=lambda folder, source, target: ({"train": read_table(folder / "proverbs.tsv.gz").pairs(0, 1)}, ["a note"]),
        recipe={"epochs": 7, "dropout": 0.3},
    )
    register(corpus)
    return corpus


def test_one_record_adds_a_corpus_for_everything(proverbs, tmp_path, capsys):
    corpus = load_corpus("proverbs")
    assert (corpus.source, corpus.target, corpus.report["carved"]) == ("fr", "en", ["validation", "test"])
    assert (len(corpus.train), len(corpus.validation), len(corpus.tests["test"])) == (46, 2, 2)
    assert (corpus.describe()[1], corpus.describe()[-1]) == ("a note", "Proverbs, public domain")
    assert load_corpus("proverbs", data_dir=tmp_path / "cache", seed=3) == corpus

    train = runpy.run_path(str(TRAIN))
    arguments = train["build_parser"]().parse_args(["--data", "proverbs", "--preset", "test"])
    model, training = train["configs"](arguments)
    assert (model.dropout, training.epochs) == (0.3, 7)
    job = open_job(model, {"data": arguments.data})
    assert (job.name, job.sha256) == ("proverbs-fr-en", corpus.sha256)
    assert "everyday, multi30k, tatoeba-fra-eng, korean-chat, general-fra-eng, proverbs" in " ".join(
        train["build_parser"]().format_help().split()
    )
    with pytest.raises(SystemExit):
        build_parser().parse_args(["evaluate", "--help"])
    assert "general-fra-eng, proverbs" in " ".join(capsys.readouterr().out.split())


def test_a_name_is_taken_once(proverbs):
    register(proverbs)
    with pytest.raises(ValueError, match="there is a corpus named 'proverbs' already"):
        register(dataclasses.replace(proverbs, languages=("en", "fr")))
