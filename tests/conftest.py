"""One small translator with random weights in each form it ships in, made once; and the command line."""

import functools
import itertools
import os

import pytest

from kerasformer import artefacts, commands
from kerasformer.cli import main

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
PAIRS = 200

open_once = functools.cache(artefacts.open_translator)  # compiling takes longer than most tests


@pytest.fixture(scope="session")
def phrases():
    """Distinct (French, English) sentences of the built-in corpus."""
    from kerasformer.data.phrasebook import sentences

    found = {made.french: made.english for made in itertools.islice(sentences(0), PAIRS)}
    return list(found.items())


@pytest.fixture(scope="session")
def bundle(phrases):
    """A `Bundle` of the preset "test" that nobody trained."""
    import keras

    from kerasformer.bundle import Bundle
    from kerasformer.models import build_model
    from kerasformer.presets import preset
    from kerasformer.tokenizer import train_tokenizer

    tokenizer = train_tokenizer([text for pair in phrases for text in pair], preset("test").vocab_size)
    keras.utils.set_random_seed(0)
    model = build_model(preset("test", vocab_size=tokenizer.vocab_size))
    corpus = {"name": "phrasebook", "sha256": "0" * 64, "attribution": "made for the tests"}
    return Bundle(model, tokenizer, "fr", "en", corpus=corpus, metrics={"test": {"bleu": 0.0}})


@pytest.fixture(scope="session")
def bundle_path(bundle, tmp_path_factory):
    """Folder of the bundle; tests that damage it work on a copy."""
    from kerasformer.bundle import save_bundle

    path = tmp_path_factory.mktemp("artefacts") / "bundle"
    save_bundle(bundle, path)
    return path


@pytest.fixture(scope="session")
def saved_model_path(bundle, tmp_path_factory):
    """Folder of the bundle's SavedModel."""
    from kerasformer.export.saved_model import export_saved_model

    path = tmp_path_factory.mktemp("artefacts") / "saved_model"
    export_saved_model(bundle, path)
    return path


@pytest.fixture(scope="session")
def tflite_path(bundle, tmp_path_factory):
    """The bundle as a `.tflite` of full precision."""
    from kerasformer.export.litert import export_litert

    path = tmp_path_factory.mktemp("artefacts") / "translator.tflite"
    export_litert(bundle, path)
    return path


@pytest.fixture
def opened_once(monkeypatch):
    """Let commands open an artefact once for all tests; gives the function that opens."""
    monkeypatch.setattr(commands, "open_artefact", open_once)
    monkeypatch.setattr(commands.translation, "open_translator", open_once)
    return open_once


@pytest.fixture
def answer(capsys):
    """Run a command that succeeds; returns what it printed."""

    def run(*arguments):
        assert main(list(map(str, arguments))) == 0
        return capsys.readouterr().out

    return run


@pytest.fixture
def complaint(capsys):
    """Run a command that must fail with one line on stderr and exit code 2; returns the line."""

    def run(*arguments):
        with pytest.raises(SystemExit) as stopped:
            main(list(map(str, arguments)))
        out, err = capsys.readouterr()
        assert (stopped.value.code, out, err.count("\n")) == (2, "", 1)
        assert err.startswith("kerasformer: ")
        return err.removeprefix("kerasformer: ")

    return run
