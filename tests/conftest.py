"""One small model of each task with random weights in each form it ships in, made once; and the command line."""

import functools
import itertools
import os

import pytest

from kerasformer.cli import artefacts, classification, drawing, translation
from kerasformer.cli.main import main
from kerasformer.formats import describe
from kerasformer.inference.opening import open_artefact

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
PAIRS = 200
LONG = ("test_notebooks.py", "test_workers.py", "test_killed.py", "test_train.py")  # of few tests that take minutes


@functools.cache
def _open_once(path, options):
    return open_artefact(path, **dict(options))


def open_once(path, task=None, **options):
    """`open_artefact`, once for each artefact and its options: compiling takes longer than most tests."""
    return _open_once(str(describe(path, task).path), tuple(sorted(options.items())))


def pytest_collection_modifyitems(items):
    """Begin with the files that take longest, so that at the end no process waits for another."""
    items.sort(key=lambda item: LONG.index(item.path.name) if item.path.name in LONG else len(LONG))


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
    from kerasformer.config.presets import preset
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
    from kerasformer.exporting.saved_model import export_saved_model

    path = tmp_path_factory.mktemp("artefacts") / "saved_model"
    export_saved_model(bundle, path)
    return path


@pytest.fixture(scope="session")
def tflite_path(bundle, tmp_path_factory):
    """The bundle as a `.tflite` of full precision."""
    from kerasformer.exporting.litert import export_litert

    path = tmp_path_factory.mktemp("artefacts") / "translator.tflite"
    export_litert(bundle, path)
    return path


def _lively(model):
    """The weights of a model threefold, so that different inputs give different answers."""
    for graph in model.parts.values():
        graph.set_weights([3 * weight if weight.ndim > 1 else weight for weight in graph.get_weights()])
    return model


def _exports(bundle, folder):
    """A bundle in every form: dict of form to path."""
    from kerasformer.bundle import save_bundle
    from kerasformer.exporting.litert import export_litert
    from kerasformer.exporting.saved_model import export_saved_model

    names = {"bundle": "bundle", "saved_model": "saved_model", "tflite": "fp32.tflite", "int8": "int8.tflite"}
    paths = {form: folder / name for form, name in names.items()}
    save_bundle(bundle, paths["bundle"])
    export_saved_model(bundle, paths["saved_model"])
    export_litert(bundle, paths["tflite"])
    export_litert(bundle, paths["int8"], "int8")
    return paths


@pytest.fixture(scope="session")
def digits():
    """The `ImageCorpus` of handwritten digits."""
    from kerasformer.data.images.corpus import load_images

    return load_images("digits")


@pytest.fixture(scope="session")
def classifier_bundle(digits):
    """A `Bundle` of a Vision Transformer that nobody trained."""
    import keras

    from kerasformer.bundle import Bundle
    from kerasformer.config.presets import preset
    from kerasformer.models import build_model

    keras.utils.set_random_seed(0)
    model = _lively(build_model(preset("test", kind="vit", hidden_dim=32, intermediate_dim=64)))
    corpus = {"name": "digits", "sha256": "0" * 64, "attribution": "made for the tests"}
    return Bundle(model, None, "image", "label", labels=digits.classes, corpus=corpus)


@pytest.fixture(scope="session")
def classifier_paths(classifier_bundle, tmp_path_factory):
    """The classifier in every form: "bundle", "saved_model", "tflite" and "int8"."""
    return _exports(classifier_bundle, tmp_path_factory.mktemp("classifier"))


@pytest.fixture(scope="session")
def drawing_bundle():
    """A `Bundle` of a DALL-E that nobody trained; an image has 16 codes of 16."""
    import keras

    from kerasformer.bundle import Bundle
    from kerasformer.config import ImageTokenizerConfig
    from kerasformer.config.presets import preset
    from kerasformer.data.images.captions import LANGUAGES, all_captions
    from kerasformer.models import build_model
    from kerasformer.tokenizer import train_tokenizer

    said = [text for language in LANGUAGES for _, text in all_captions(language)]
    tokenizer = train_tokenizer(said, 200, exact=False)
    image = ImageTokenizerConfig(num_codes=16, code_dim=4, hidden_dim=8, num_layers=1, patch_size=4)
    keras.utils.set_random_seed(0)
    config = preset("test", kind="dalle", vocab_size=tokenizer.vocab_size, image_tokenizer=image)
    words = sorted({word for text in said for word in text.replace(",", "").split()})
    corpus = {"name": "digits", "sha256": "0" * 64, "attribution": "made for the tests", "words": words}
    return Bundle(_lively(build_model(config)), tokenizer, "caption", "image", corpus=corpus)


@pytest.fixture(scope="session")
def drawing_paths(drawing_bundle, tmp_path_factory):
    """The DALL-E in every form: "bundle", "saved_model", "tflite" and "int8"."""
    return _exports(drawing_bundle, tmp_path_factory.mktemp("drawing"))


@pytest.fixture(scope="module")
def without_xla():
    """XLA compiles for longer than the smallest runs last; those of test_killed.py and test_train.py it compiles."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kerasformer.training.fit.is_compiled_whole", lambda model: False)
        yield


@pytest.fixture
def opened_once(monkeypatch):
    """Let commands open an artefact once for all tests; gives the function that opens."""
    for module in (artefacts, classification, drawing, translation):
        monkeypatch.setattr(module, "open_artefact", open_once)
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
