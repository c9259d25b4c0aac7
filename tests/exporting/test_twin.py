"""A LiteRT twin is made at the first use or with an export, and kept only if it answers as its bundle."""

import argparse
import dataclasses

import keras
import pytest

from kerasformer.bundle import load_bundle, save_bundle
from kerasformer.cli import translation, twins
from kerasformer.cli.main import main
from kerasformer.exporting import twin
from kerasformer.formats import describe
from kerasformer.inference.translator import Translator
from kerasformer.inference.twin import find_twin, twin_lock
from kerasformer.inference.twin_translator import TwinTranslator
from kerasformer.models import build_model
from kerasformer.system.processes import locked

TEXT = "Il est trois heures."
SAID = "kerasformer: making a copy of golden that answers in less than a second (once; Ctrl-C skips it)\n"


@pytest.fixture
def path(bundle, reference, phrases, tmp_path):
    """A bundle with golden pairs."""
    pairs = phrases[:10]
    answers = reference([source for source, _ in pairs])
    golden = [(source, answer, target) for (source, target), answer in zip(pairs, answers, strict=True)]
    save_bundle(dataclasses.replace(bundle, golden=tuple(golden)), tmp_path / "golden")
    return tmp_path / "golden"


@pytest.fixture
def exported(monkeypatch):
    """Let a file stand for what is exported, because converting takes seconds: function of the file."""

    def use(file):
        monkeypatch.setattr(twin, "export_litert", lambda bundle, path: path.write_bytes(file.read_bytes()))

    return use


@pytest.fixture
def translate(monkeypatch, no_twins, capsys):
    """Translate with a bundle as outside the tests: the answer, what stands on stderr, and the translator."""
    monkeypatch.setattr(twins, "add_missing", no_twins)
    opened, original = [], translation.open_artefact
    monkeypatch.setattr(
        translation, "open_artefact", lambda *given, **options: opened.append(original(*given, **options)) or opened[-1]
    )

    def run(path, *options):
        assert main(["translate", "--model", str(path), *options, TEXT]) == 0
        return *capsys.readouterr(), opened[-1]

    return run


def test_the_first_translation_makes_it_and_the_next_one_uses_it(path, translate, exported, tflite_path):
    exported(tflite_path)
    first, said, translator = translate(path)
    assert (said, type(translator)) == (SAID, Translator)
    assert find_twin(describe(path)).read_bytes() == tflite_path.read_bytes()
    again, said, translator = translate(path)
    assert (again, said, type(translator)) == (first, "", TwinTranslator)


def test_nothing_is_made_where_xla_is_asked_for_or_another_process_makes_it(path, translate, exported, tflite_path):
    exported(tflite_path)
    translate(path, "--engine", "xla")
    with locked(twin_lock()):
        assert translate(path)[1] == ""
    assert find_twin(describe(path)) is None


def test_a_bundle_without_golden_pairs_gets_none_because_nothing_proves_it(bundle_path, translate):
    assert translate(bundle_path)[1] == ""


def test_one_that_answers_differently_is_not_kept(path, bundle, translate, exported, tflite_path):
    golden = load_bundle(path).golden
    keras.utils.set_random_seed(7)
    other = dataclasses.replace(bundle, model=build_model(bundle.model.config), golden=golden)
    save_bundle(other, path)
    exported(tflite_path)
    said = translate(path)[1]
    assert "there is no copy, so the next command takes as long: the LiteRT twin of" in said
    assert said.endswith("different answers\n")
    assert find_twin(describe(path)) is None


def test_an_export_keeps_its_exact_file_as_the_twin(path, tflite_path, tmp_path):
    (tmp_path / "translator.fp32.tflite").write_bytes(tflite_path.read_bytes())
    rows = [{"name": "bundle", "file": ""}, {"name": "litert-int8", "file": "translator.int8.tflite"}]
    twin.keep_exported(describe(path), tmp_path, {"artefacts": rows})
    assert find_twin(describe(path)) is None
    rows.append({"name": "litert-fp32", "file": "translator.fp32.tflite"})
    twin.keep_exported(describe(path), tmp_path, {"artefacts": rows})
    assert find_twin(describe(path)).parent == path


def test_a_tflite_gets_none(tflite_path, no_twins, capsys):
    description = describe(tflite_path)
    description.metadata["golden"] = [["Oui.", "Yes.", "Yes."]]
    no_twins(argparse.Namespace(engine="auto"), description, None)
    assert capsys.readouterr().err == ""
