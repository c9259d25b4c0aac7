"""One small model of each task with random weights in each form it ships in, made once; and the command line."""

import collections
import contextlib
import functools
import gc
import importlib
import os
import sys

import pytest
from exports import copy_without_xla, remove_xla, write_each, write_litert
from filelock import FileLock
from xdist.scheduler import LoadScopeScheduling

from kerasformer.cli import artefacts, classification, distillation, drawing, scoring, translation, twins, verification
from kerasformer.cli.main import main
from kerasformer.formats import describe
from kerasformer.inference import opening, twin
from kerasformer.inference.opening import open_artefact
from kerasformer.tasks import resolve

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0")  # compiling takes longer than what is run
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")  # where JAX_COMPILATION_CACHE_DIR is set
PAIRS = 200
ENGINES = ("segments", "translator", "classifier", "illustrator")
# Files of few tests that take long, the longest first; those of `APART` share no fixture that takes long.
LONG = (
    "test_fit.py",
    "test_notebooks.py",
    "test_killed.py",
    "test_workers.py",
    "test_train.py",
    "test_train_images.py",
    "test_precision.py",
    "test_plain.py",
    "test_backends.py",
    "test_recurrent_kinds.py",
    "test_gate.py",
)
APART = ("test_notebooks.py", "test_train_images.py")


@functools.cache
def _open_once(path, options):
    return open_artefact(path, **dict(options))


def open_once(path, task=None, glossary=None, **options):
    """`open_artefact`, once for each artefact and its options: compiling takes longer than most tests."""
    engine = _open_once(str(describe(path, task).path), tuple(sorted(options.items())))
    engine.glossary = glossary
    return engine


@functools.cache
def load_once(path):
    """The bundle in a folder; building its model takes longer than most tests."""
    from kerasformer.bundle import load_bundle

    return load_bundle(path)


def _open_bundle(description, **options):
    return resolve(description.task.engines["bundle"])(load_once(str(description.path)), **options)


def pytest_collection_modifyitems(items):
    """Begin with the files that take longest, so that at the end no process waits for another."""
    items.sort(key=lambda item: LONG.index(item.path.name) if item.path.name in LONG else len(LONG))


def pytest_collection_finish():
    """Look for garbage less often: tracing makes many objects that stay, and looking took an eighth of the time."""
    gc.freeze()
    gc.set_threshold(100_000)


class _ByFile(LoadScopeScheduling):
    """Keeps the tests of a file in one process, except those that share nothing and take long."""

    def _split_scope(self, nodeid):
        file = nodeid.split("::")[0]
        return nodeid if file.endswith(APART) else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return _ByFile(config, log)


@pytest.fixture(scope="session", autouse=True)
def one_stack():
    """Give all operations one Python stack: TensorFlow reads it for each, a tenth of the time of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        if notes := sys.modules.get("tensorflow.python.util.tf_stack"):
            stack = notes.extract_stack()
            patch.setattr(notes, "extract_stack", lambda stacklevel=1: stack)
        yield


@pytest.fixture(scope="session", autouse=True)
def no_twins(tmp_path_factory):
    """Keep LiteRT twins out of the user's cache, and make none after a translation; gives what makes them."""
    add_missing = twins.add_missing
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(twin, "cache_folder", lambda: tmp_path_factory.getbasetemp() / "cache")
        patch.setattr(twins, "add_missing", lambda *_: None)
        yield add_missing


@pytest.fixture(scope="session", autouse=True)
def traced_engines():
    """Trace the searches of bundles without compiling them by XLA, which takes four times as long.

    tests/inference/test_compiled.py shows that the compiled ones answer alike; the fixture `compiled` is for others.
    """
    if "keras" in sys.modules:  # a notebook imports them when it runs
        for name in ENGINES:
            importlib.import_module(f"kerasformer.inference.{name}")
    whole = getattr(sys.modules.get("kerasformer.inference.translator"), "compile_function", None)
    with pytest.MonkeyPatch.context() as patch:
        if os.environ.get("KERAS_BACKEND", "tensorflow") == "tensorflow":
            _compile_with(_trace, patch)
            _share_searches(patch)
            if segments := sys.modules.get("kerasformer.inference.segments"):  # once for all sizes of their batches
                patch.setattr(segments, "compile_function", functools.partial(_trace, reduce_retracing=True))
        yield whole


def _trace(function, **options):
    return sys.modules["tensorflow"].function(function, autograph=False, **options)


def _share_searches(patch):
    """Let the translators of one model share the searches that they traced alike: tracing takes longer than a test."""
    if module := sys.modules.get("kerasformer.inference.translator"):
        shared = collections.defaultdict(dict)
        of_model = property(
            lambda translator: shared[id(translator.bundle.model), module.compile_function], lambda *_: None
        )
        patch.setattr(module.Translator, "_searches", of_model, raising=False)


def _compile_with(compile_function, patch):
    for module in (sys.modules.get(f"kerasformer.inference.{name}") for name in ENGINES):
        if module:
            patch.setattr(module, "compile_function", compile_function)


@pytest.fixture
def compiled(traced_engines, monkeypatch):
    """Compile searches as they are compiled outside the tests, before the first answer."""
    from kerasformer.inference.compiling import compiled_first

    _compile_with(traced_engines, monkeypatch)
    with compiled_first():
        yield


@pytest.fixture(scope="session")
def made_once(tmp_path_factory):
    """Function of a name and a function that writes to a path: the path, written by one worker for all."""
    base = tmp_path_factory.getbasetemp()
    folder = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def make_once(name, write):
        path = folder / "artefacts" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{path}.lock"):
            if not path.exists():
                write(path)
        return path

    return make_once


@pytest.fixture(scope="session")
def everyday():
    """The built-in corpus, which takes a second to read."""
    from kerasformer.data.corpus import load_corpus

    return load_corpus("everyday")


@pytest.fixture(scope="session")
def phrases(everyday):
    """Distinct (French, English) sentences of the built-in corpus."""
    return everyday.train[:PAIRS]


@pytest.fixture(scope="session")
def bundle(phrases):
    """A `Bundle` of the preset "test" that nobody trained."""
    import keras

    from kerasformer.bundle import Bundle
    from kerasformer.config.presets import preset
    from kerasformer.interface.cleaning import LATEST
    from kerasformer.interface.rules import TextRules
    from kerasformer.models import build_model
    from kerasformer.tokenizer import train_tokenizer

    tokenizer = train_tokenizer([text for pair in phrases for text in pair], preset("test").vocab_size)
    keras.utils.set_random_seed(0)
    model = build_model(preset("test", vocab_size=tokenizer.vocab_size))
    corpus = {"name": "everyday", "sha256": "0" * 64, "attribution": "made for the tests"}
    about = {"corpus": corpus, "metrics": {"test": {"bleu": 0.0}}, "decoding": {"max_repeats": 4}}
    return Bundle(model, tokenizer, "fr", "en", text_rules=TextRules(cleaning=LATEST), **about)


@pytest.fixture(scope="session")
def bundle_path(bundle, made_once):
    """Folder of the bundle; tests that damage it work on a copy."""
    from kerasformer.bundle import save_bundle

    return made_once("bundle", functools.partial(save_bundle, bundle))


@pytest.fixture(scope="session")
def compiled_saved_model_path(bundle, made_once):
    """Folder of the bundle's SavedModel."""
    from kerasformer.exporting.saved_model import export_saved_model

    return made_once("compiled_saved_model", functools.partial(export_saved_model, bundle))


@pytest.fixture(scope="session")
def saved_model_path(compiled_saved_model_path, made_once):
    """Folder of a copy of the SavedModel that XLA does not compile, because that takes longer than most tests."""
    return made_once("saved_model", functools.partial(copy_without_xla, compiled_saved_model_path))


@pytest.fixture(scope="session")
def tflite_path(bundle, made_once):
    """The bundle as a `.tflite` of full precision."""
    return made_once("litert", functools.partial(write_litert, bundle)) / "fp32.tflite"


@pytest.fixture(scope="session")
def int8_path(tflite_path):
    """The bundle as a `.tflite` with 8-bit weights."""
    return tflite_path.with_name("int8.tflite")


@pytest.fixture(scope="session")
def only_signatures():
    """Context manager in which a translator's `.tflite` has only the signatures that a test uses.

    Converting takes as long again for each of the three.
    """
    from kerasformer.exporting.graphs.translation import DeviceModule

    original = DeviceModule.named_signatures

    @contextlib.contextmanager
    def keep(*names):
        def chosen(module):
            return {name: function for name, function in original(module).items() if name in names}

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(DeviceModule, "named_signatures", chosen)
            yield

    return keep


@pytest.fixture
def light_exports(monkeypatch):
    """Let the gate time few items, and export SavedModels that XLA does not compile: its own tests show that it can."""
    from kerasformer.exporting import saved_model

    write = saved_model.write

    def write_without_xla(bundle, path, format):
        write(bundle, path, format)
        remove_xla(path)

    monkeypatch.setattr(saved_model, "write", write_without_xla)
    monkeypatch.setattr("kerasformer.exporting.proofs.proof.TIMED", 3)


@pytest.fixture(scope="session")
def beam_path(bundle, made_once, only_signatures):
    """The bundle as a `.tflite` of full precision with a beam of 3, batches of 8 and 2, and streaming; no attention."""

    def write(path):
        from kerasformer.exporting.graphs import batches
        from kerasformer.exporting.litert import export_litert

        sizes = "batch_8", "batch_2", "batch_beam_2", "batch_beam_1"
        together = [f"{size}_{step}" for size in sizes for step in (8, 32)]
        names = "translate", "translate_beam", "translate_beam_16", "encode", "decode_step", *together
        with only_signatures(*names), pytest.MonkeyPatch.context() as patch:
            patch.setattr(batches, "STEPS", (8,))
            export_litert(bundle, path, beam_size=3, batch=8, streaming=True)

    return made_once("beam.tflite", write)


def _lively(model):
    """The weights of a model threefold, so that different inputs give different answers."""
    for graph in model.parts.values():
        graph.set_weights([3 * weight if weight.ndim > 1 else weight for weight in graph.get_weights()])
    return model


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
def classifier_paths(classifier_bundle, made_once):
    """The classifier in every form: "bundle", "saved_model", "tflite" and "int8"."""
    return write_each(classifier_bundle, "classifier", made_once)


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
def drawing_paths(drawing_bundle, made_once):
    """The DALL-E in every form: "bundle", "saved_model", "tflite" and "int8"."""
    return write_each(drawing_bundle, "drawing", made_once)


@pytest.fixture(scope="module")
def without_xla():
    """XLA compiles for longer than the smallest runs last; those of test_killed.py and test_train.py it compiles."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kerasformer.training.step.is_compiled_whole", lambda model: False)
        yield


@pytest.fixture(scope="session")
def loaded_once():
    """`Functions` of SavedModels, once for each folder."""
    from kerasformer.inference.functions import Functions

    return functools.cache(Functions)


@pytest.fixture
def opened_once(monkeypatch, loaded_once):
    """Let commands open an artefact once for all tests; gives the function that opens."""
    for module in (artefacts, classification, distillation, drawing, scoring, translation, verification):
        monkeypatch.setattr(module, "open_artefact", open_once)
    monkeypatch.setattr(opening, "open_bundle", _open_bundle)
    monkeypatch.setattr("kerasformer.inference.saved_model.Functions", loaded_once)
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
