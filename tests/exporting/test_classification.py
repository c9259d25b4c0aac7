"""A classifier in every form it ships in: the same labels and probabilities, and a gate that stops other ones."""

import json
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from kerasformer.errors import InputError
from kerasformer.exporting import gate
from kerasformer.exporting.proofs import classification as classification_proof
from kerasformer.exporting.proofs.classification import compare
from kerasformer.exporting.report import markdown, table
from kerasformer.formats import FORMATS, default_formats
from kerasformer.inference.classifier import Classifier
from kerasformer.inference.saved_model import SavedModelClassifier, SavedModelTranslator
from kerasformer.runtime import LiteRTClassifier, LiteRTTranslator

ON_A_DEVICE = """
import sys
sys.modules["tensorflow"] = sys.modules["keras"] = sys.modules["tensorflow_text"] = None  # cannot be imported
import numpy as np
from kerasformer.runtime import LiteRTClassifier
print(*(found.label for found in LiteRTClassifier(sys.argv[1])(np.load(sys.argv[2]))))
"""


@pytest.fixture(scope="module")
def classifier(classifier_bundle):
    return Classifier(classifier_bundle)


@pytest.fixture(scope="module")
def engines(classifier_paths):
    tflite = LiteRTClassifier(classifier_paths["tflite"])
    return {"saved_model": SavedModelClassifier(classifier_paths["saved_model"]), "tflite": tflite}


@pytest.fixture
def file(digits, tmp_path):
    """A file of the first 20 held-out images."""
    np.save(tmp_path / "images.npy", digits.test.pixels[:20])
    return tmp_path / "images.npy"


@pytest.mark.parametrize("form", ["saved_model", "tflite"])
def test_it_answers_as_the_bundle_does(form, engines, classifier, digits):
    engine, images = engines[form], digits.test.pixels
    assert (engine.labels, engine.shape) == (classifier.labels, classifier.shape)
    np.testing.assert_allclose(engine.probabilities(images), classifier.probabilities(images), atol=1e-5)
    labels = [found.label for found in classifier(images)]
    assert [found.label for found in engine(images)] == labels
    assert len(set(labels)) > 3


@pytest.mark.parametrize("form", ["saved_model", "tflite"])
def test_no_images_no_answers(form, engines):
    assert engines[form]([]) == []


def test_8_bits_answer_nearly_so(classifier_paths, classifier, digits):
    found = LiteRTClassifier(classifier_paths["int8"]).probabilities(digits.test.pixels)
    assert np.abs(found - classifier.probabilities(digits.test.pixels)).mean() < 0.02
    assert classifier_paths["int8"].stat().st_size < classifier_paths["tflite"].stat().st_size


def test_it_runs_where_there_is_no_tensorflow(classifier_paths, classifier, digits, file):
    command = [sys.executable, "-c", ON_A_DEVICE, classifier_paths["tflite"], file]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.split() == [found.label for found in classifier(digits.test.pixels[:20])]


def test_the_saved_model_names_what_it_finds_likeliest(engines, digits):
    found = engines["saved_model"].answers(digits.test.pixels)
    expected = [digits.classes[place] for place in found["probabilities"].argmax(axis=-1)]
    assert [label.decode() for label in found["labels"]] == expected


def test_pixels_in_and_builtin_operations_only(classifier_paths):
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=str(classifier_paths["tflite"]))
    assert set(interpreter.get_signature_list()) == {"classify"}
    [details] = interpreter.get_signature_runner("classify").get_input_details().values()
    assert (details["dtype"], details["shape"].tolist()) == (np.uint8, [1, 8, 8, 1])
    names = {operation["op_name"] for operation in interpreter._get_ops_details()}
    assert not [name for name in names if name.startswith("Flex") or name == "CUSTOM"]


def test_labels_ride_along_and_no_tokenizer(classifier_paths, classifier_bundle):
    with zipfile.ZipFile(classifier_paths["tflite"]) as rider:
        metadata = json.loads(rider.read("kerasformer.json"))
        assert rider.namelist() == ["kerasformer.json"]
    assert (metadata["task"], metadata["labels"]) == ("classification", list("0123456789"))
    assert classifier_paths["tflite"].stat().st_size > 4 * classifier_bundle.model.training.count_params()


def test_it_is_no_translator_and_a_translator_no_classifier(classifier_paths, saved_model_path, tflite_path):
    for engine, form in ((SavedModelTranslator, "saved_model"), (LiteRTTranslator, "tflite")):
        with pytest.raises(InputError, match="a classifier of images, not a translator: use it with `kerasformer cl"):
            engine(classifier_paths[form])
    for engine, path in ((SavedModelClassifier, saved_model_path), (LiteRTClassifier, tflite_path)):
        with pytest.raises(InputError, match="is a translator, not a classifier of images: use it with `kerasformer t"):
            engine(path)


def test_every_format_passes_and_is_reported(classifier_bundle, classifier_paths, digits, tmp_path, exported_already):
    exported_already(classifier_paths)
    lines = []
    images = digits.test.take(slice(150))
    report = gate.export(classifier_bundle, tmp_path / "out", images, say=lines.append)
    rows = report["artefacts"]
    assert [row["name"] for row in rows] == ["bundle", *default_formats()]
    assert [row["file"] for row in rows[1:]] == ["saved_model", "classifier.fp32.tflite", "classifier.int8.tflite"]
    assert json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8")) == report
    assert [row["identical_share"] for row in rows[:3]] == [1.0, 1.0, 1.0]
    assert rows[0]["accuracy"] == rows[1]["accuracy"] == rows[2]["accuracy"]
    assert all(row["ms_per_image"] > 0 for row in rows)
    assert lines[0] == "note: only 150 held-out images to compare the exports on; 200 are recommended"
    assert table(report).row_count == 4
    headings, _, *lines = markdown(report).splitlines()
    assert headings == "| artefact | size, MB | ms an image | accuracy, % | same labels | largest difference |"
    assert lines[1].split(" | ")[4] == "100.0 %"


def test_a_failed_gate_leaves_nothing(
    classifier_bundle, classifier_paths, digits, tmp_path, monkeypatch, exported_already
):
    original = LiteRTClassifier.probabilities
    monkeypatch.setattr(LiteRTClassifier, "probabilities", lambda self, images: original(self, images)[:, ::-1])
    exported_already(classifier_paths)
    expected = r"litert-fp32 does not answer.* images have the same label.*nothing was exported.* differences: image 0"
    with pytest.raises(InputError, match=expected):
        gate.export(classifier_bundle, tmp_path / "out", digits.test, formats=["litert-fp32"])
    assert not list(tmp_path.iterdir())


def test_a_saved_model_that_names_otherwise_than_it_finds_fails(classifier_bundle, classifier_paths, digits):
    proof = classification_proof.ClassificationProof(classifier_bundle, digits.test, print)
    engine = SavedModelClassifier(classifier_paths["saved_model"])
    answers = engine.answers
    engine.answers = lambda images: {**answers(images), "labels": answers(images)["labels"][::-1]}
    assert not proof.row(FORMATS["saved_model"], engine)["passed"]


def test_a_saved_model_takes_images_a_few_at_a_time(classifier_paths, digits, monkeypatch):
    engine = SavedModelClassifier(classifier_paths["saved_model"])
    whole = engine.probabilities(digits.test.pixels[:9])
    monkeypatch.setattr("kerasformer.inference.saved_model._BATCH", 4)
    np.testing.assert_allclose(engine.probabilities(digits.test.pixels[:9]), whole, atol=1e-6)


def test_no_image_is_no_proof(classifier_bundle, digits, tmp_path):
    with pytest.raises(InputError, match="no held-out image"):
        gate.export(classifier_bundle, tmp_path / "out", digits.test.take(slice(0)))


EXPECTED = np.array([[0.5, 0.3, 0.2], [0.4, 0.4, 0.2], [0.1, 0.1, 0.8], [0.2, 0.7, 0.1]])
LABELS, CLASSES = np.array([0, 1, 2, 1]), ("a", "b", "c")


def test_a_tie_is_a_difference_but_no_failure():
    found = EXPECTED.copy()
    found[1] += (-1e-5, 1e-5, 0)
    row = compare(EXPECTED, found, LABELS, CLASSES)
    assert row["differences"] == [{"image": 1, "reference": "a", "other": "b", "tie": True}]
    assert (row["passed"], row["identical_share"], row["accuracy"], row["accuracy_reference"]) == (True, 0.75, 100, 75)


@pytest.mark.parametrize("row", [(0.3, 0.5, 0.2), (0.5, 0.29, 0.21)])
def test_another_label_or_probability_fails(row):
    found = EXPECTED.copy()
    found[0] = row
    assert not compare(EXPECTED, found, LABELS, CLASSES)["passed"]


def test_int8_may_lose_half_a_point_of_accuracy_only():
    expected = np.tile([0.9, 0.1], (400, 1))

    def passes(wrong):
        found = expected.copy()
        found[:wrong] = (0.1, 0.9)
        return compare(expected, found, np.zeros(400, int), CLASSES, exact=False)["passed"]

    assert [passes(wrong) for wrong in (0, 2, 3)] == [True, True, False]
