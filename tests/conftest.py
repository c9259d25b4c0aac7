"""One small translator with random weights in each of the forms it ships in, made once for all tests."""

import itertools
import os

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
PAIRS = 200


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
    from kerasformer.config import preset
    from kerasformer.models import build_model
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
