"""A SavedModel of each task answers in a process that has no kerasformer; one process loads all three."""

import json
import subprocess
import sys

import numpy as np
import pytest

from kerasformer.inference.classifier import Classifier
from kerasformer.inference.illustrator import Illustrator

CAPTIONS = ["a three", "숫자 팔", "a three to the left of a seven"]
IMAGES = 20
PROGRAM = """
import json, sys
for name in ("kerasformer", "sentencepiece", "tensorflow_text"):
    sys.modules[name] = None  # cannot be imported
import numpy as np, tensorflow as tf
paths, pixels, captions, texts = json.loads(sys.argv[1])
classify = tf.saved_model.load(paths["classifier"]).signatures["serving_default"]
labels = [label.decode() for label in classify(images=tf.constant(np.load(pixels)))["labels"].numpy()]
del sys.modules["tensorflow_text"]  # a classifier does not need it, the others do
import tensorflow_text
draw = tf.saved_model.load(paths["drawing"]).signatures["serving_default"]
images = draw(captions=tf.constant(captions))["images"].numpy()
translate = tf.saved_model.load(paths["translator"]).signatures
translations = {
    name: [text.decode() for text in translate[name](texts=tf.constant(texts))["translations"].numpy()]
    for name in ("serving_default", "serving_fast")
}
print(json.dumps({"labels": labels, "images": images.tolist(), "translations": translations}))
"""


@pytest.fixture(scope="module")
def texts(phrases):
    return [source for source, _ in phrases[:3]]


@pytest.fixture(scope="module")
def found(compiled_saved_model_path, classifier_paths, drawing_paths, digits, texts, tmp_path_factory):
    """What the program prints: dict."""
    paths = {"classifier": classifier_paths["saved_model"], "drawing": drawing_paths["saved_model"]}
    paths = {task: str(path) for task, path in {**paths, "translator": compiled_saved_model_path}.items()}
    pixels = tmp_path_factory.mktemp("elsewhere") / "images.npy"
    np.save(pixels, digits.test.pixels[:IMAGES])
    asked = json.dumps([paths, str(pixels), CAPTIONS, texts])
    done = subprocess.run([sys.executable, "-c", PROGRAM, asked], capture_output=True, check=True, cwd="/", timeout=240)
    return json.loads(done.stdout)


def test_a_classifier_gives_the_same_labels(found, classifier_bundle, digits):
    expected = Classifier(classifier_bundle)(digits.test.pixels[:IMAGES])
    assert found["labels"] == [answer.label for answer in expected]


def test_a_model_that_draws_gives_the_same_images(found, drawing_bundle):
    expected = Illustrator(drawing_bundle).draw(CAPTIONS, temperature=0.0)[:, 0]
    assert np.abs(np.array(found["images"]) - expected).max() <= 1


def test_a_translator_gives_the_same_translations(found, reference, texts):
    assert set(found["translations"]) == {"serving_default", "serving_fast"}
    for translations in found["translations"].values():
        assert translations == reference(texts)
