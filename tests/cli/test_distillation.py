"""`kerasformer distill`: a line for each training pair, which train.py trains on in place of its target."""

import pathlib
import types

import pytest

from kerasformer.cli import distillation
from kerasformer.cli.main import main
from kerasformer.data.corpus import load_corpus
from kerasformer.documents.journal import Journal

PAIRS = [(f"Le chat {word} dort.", f"The cat {word} sleeps.") for word in ("a" * i for i in range(1, 41))]


@pytest.fixture
def files(tmp_path):
    paths = [str(tmp_path / f"mine.{language}") for language in ("fr", "en")]
    for side, path in enumerate(paths):
        pathlib.Path(path).write_text("".join(f"{pair[side]}\n" for pair in PAIRS), encoding="utf-8")
    return paths


@pytest.fixture
def teacher(monkeypatch, files):
    """A teacher in place of an artefact; gives the list of what it was asked to translate."""
    asked = []

    def translate(texts):
        asked.extend(texts)
        return [f"Teacher:\n{text}" for text in texts]

    description = types.SimpleNamespace(corpus={"name": "mine"}, source="fr", target="en", path=pathlib.Path(files[0]))
    monkeypatch.setattr(distillation, "describe", lambda *_: description)
    monkeypatch.setattr(distillation, "open_artefact", lambda *_, **options: translate)
    return asked


@pytest.mark.usefixtures("opened_once")
def test_it_writes_what_the_model_translates(tflite_path, opened_once, files, tmp_path, capsys):
    out = tmp_path / "translations.en"
    assert main(["distill", "--model", str(tflite_path), "--data", *files, "--out", str(out)]) == 0
    sources = [source for source, _ in load_corpus(files).train]
    wanted = [" ".join(text.split()) for text in opened_once(tflite_path)(sources)]
    assert out.read_text(encoding="utf-8").split("\n")[:-1] == wanted
    capsys.readouterr()


def test_there_is_a_line_for_each_training_source_to_train_on(teacher, files, tmp_path, capsys):
    out = tmp_path / "translations.en"
    assert main(["distill", "--model", "teacher", "--data", *files, "--out", str(out)]) == 0
    sources = [source for source, _ in load_corpus(files).train]
    assert teacher == sources
    assert capsys.readouterr().err == f"{len(sources)} of {len(sources)} sources\n"
    assert load_corpus(files, translations=out).train == [(source, f"Teacher: {source}") for source in sources]
    assert not out.with_name("translations.en.part").exists()


def test_an_interrupted_run_goes_on(teacher, files, tmp_path, monkeypatch):
    out = tmp_path / "translations.en"
    command = ["distill", "--model", "teacher", "--data", *files, "--out", str(out)]
    monkeypatch.setattr(distillation, "AT_ONCE", 10)
    add = Journal.add

    def add_once(journal, texts, translations):
        add(journal, texts, translations)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "add", add_once)
        with pytest.raises(SystemExit):
            main(command)
    assert not out.exists()
    assert main(command) == 0
    sources = [source for source, _ in load_corpus(files).train]
    assert teacher == sources  # none of them twice
    assert out.read_text(encoding="utf-8").splitlines() == [f"Teacher: {source}" for source in sources]


def test_a_source_that_is_too_long_gets_an_empty_line(capsys):
    def translate(texts):
        return [f"{text}\nand more" for text in texts]

    assert distillation._translations(translate, ["un", "x" * 100_000, "deux"]) == ["un and more", "", "deux and more"]
    assert "a single sentence of 100,000 characters" in capsys.readouterr().err


@pytest.mark.usefixtures("teacher")
def test_a_model_of_own_files_needs_to_be_told_what_they_are(complaint):
    said = complaint("distill", "--model", "teacher", "--out", "translations.en")
    assert "give what it was trained on with --data" in said
