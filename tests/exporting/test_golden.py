"""A .tflite tests itself: its digest, its golden pairs, its operations and the runtime that they need."""

import json
import subprocess
import sys

import keras
import pytest
import tensorflow as tf
from ai_edge_litert import schema_py_generated as schema
from exports import change_metadata

from kerasformer.cli.main import main
from kerasformer.formats import describe
from kerasformer.runtime import LiteRTTranslator
from kerasformer.runtime.golden import ODD, self_test
from kerasformer.runtime.metadata import read_flatbuffer
from kerasformer.runtime.operations import foreign, least_runtime, operations, read_model

ON_A_DEVICE = """
import sys
sys.modules["tensorflow"] = sys.modules["keras"] = sys.modules["tensorflow_text"] = None  # cannot be imported
from kerasformer.cli.main import main
sys.exit(main(["verify", sys.argv[1]]))
"""


def test_a_file_has_golden_pairs_with_odd_texts_and_gives_their_answers(tflite_path, int8_path):
    for path in (tflite_path, int8_path):
        golden = describe(path).metadata["golden"]
        assert len(golden) == len(ODD) >= 16
        assert self_test(path) == (len(ODD), [])
    translator, [first, *_] = LiteRTTranslator(int8_path), golden
    assert first["source_ids"] == translator.tokenizer.encode(first["text"])
    [[found]] = translator.decode([first["text"]])
    assert (first["answer"], first["token_ids"]) == (found.text, list(found.token_ids))
    assert first["score"] == pytest.approx(found.score, abs=1e-4)


def test_a_file_says_how_to_read_its_tokenizer(int8_path, classifier_paths, bundle):
    found = describe(int8_path).metadata["tokenizer"]
    assert (found["model_type"], found["byte_fallback"], found["add_dummy_prefix"]) == ("unigram", False, True)
    assert found["vocab_size"] == bundle.tokenizer.vocab_size
    assert describe(classifier_paths["int8"]).metadata["tokenizer"] is None


def test_verify_needs_nothing_but_the_file(int8_path):
    run = subprocess.run([sys.executable, "-c", ON_A_DEVICE, int8_path], capture_output=True)
    assert (run.returncode, run.stderr) == (0, b"")
    assert f"{len(ODD)} of {len(ODD)} golden pairs have the same answer" in run.stdout.decode()


@pytest.mark.parametrize(("name", "value"), [("token_ids", [5]), ("source_ids", [5]), ("score", 1.0)])
def test_verify_shows_what_changed_and_fails(name, value, int8_path, tmp_path, capsys):
    def change(metadata):
        metadata["golden"][0] |= {name: value, "answer": "as it was"}

    assert main(["verify", str(change_metadata(int8_path, tmp_path / "changed.tflite", change))]) == 1
    out = capsys.readouterr().out
    assert f"{len(ODD) - 1} of {len(ODD)} golden pairs" in out
    assert "12\n" in out
    assert "in place of as it was" in out


def test_a_changed_weight_is_noticed(int8_path, tmp_path, complaint):
    path = change_metadata(int8_path, tmp_path / "flipped.tflite", flip=len(read_flatbuffer(int8_path)) // 2)
    assert "its flatbuffer is not the one that was exported; export it again" in complaint("verify", path)


def test_an_older_file_is_asked_to_be_exported_again(int8_path, tmp_path, complaint):
    for name, said in (("flatbuffer_sha256", "does not record its digest"), ("golden", "has no golden pairs")):
        path = change_metadata(int8_path, tmp_path / f"{name}.tflite", lambda metadata, name=name: metadata.pop(name))
        assert said in complaint("verify", path)
        assert LiteRTTranslator(path)("Bonjour.")


def test_a_file_says_which_runtime_it_needs(tflite_path, int8_path, classifier_paths, drawing_paths):
    for paths, runtime in (
        ((tflite_path, classifier_paths["tflite"], drawing_paths["tflite"]), "2.9"),
        ((int8_path, classifier_paths["int8"], drawing_paths["int8"]), "2.17"),
    ):
        for path in paths:
            model, metadata = read_model(read_flatbuffer(path)), describe(path).metadata
            assert foreign(operations(model)) == []
            least = least_runtime(model)
            assert metadata["least_runtime"] == least
            assert tuple(map(int, least.split("."))) <= tuple(map(int, runtime.split(".")))
            [stated] = [model.buffers[found.buffer].data.tobytes() for found in model.metadata or ()]
            assert stated.rstrip(b"\0").decode() == least
    assert describe(tflite_path).metadata["least_runtime"] == "2.9"
    assert describe(int8_path).metadata["least_runtime"] == "2.17"


def test_a_file_says_when_its_bundle_was_made(tflite_path):
    assert describe(tflite_path).metadata["created"].endswith("+00:00")


def test_audit_lists_the_operations_of_each_signature(int8_path, answer):
    found = json.loads(answer("audit", int8_path, "--json"))
    assert (found["least_runtime"], found["foreign"]) == ("2.17", [])
    assert set(found["signatures"]) == set(LiteRTTranslator(int8_path)._interpreter.signatures)
    rows = {row["name"]: row for row in found["signatures"]["translate"] if row["name"] != "GATHER"}
    assert rows["WHILE"]["count"] == 1
    assert rows["DYNAMIC_UPDATE_SLICE"]["count"] >= 2  # inside the loop
    shown = answer("audit", "--model", int8_path)
    assert f"{int8_path} needs TensorFlow Lite or LiteRT 2.17" in shown


def test_audit_fails_for_an_operation_of_another_runtime(monkeypatch, int8_path, capsys):
    def with_another(flatbuffer):
        model = read_model(flatbuffer)
        model.operatorCodes[0] = schema.OperatorCodeT(builtinCode=32, customCode=b"FlexSvd")
        return model

    monkeypatch.setattr("kerasformer.runtime.operations.read_model", with_another)
    assert main(["audit", str(int8_path)]) == 1
    assert "are not built into LiteRT, or not known here: FlexSvd" in capsys.readouterr().out


class Foreign(keras.layers.Layer):
    def call(self, x):
        return tf.math.bessel_i0(x)


def test_audit_names_the_layers_of_a_bundle_that_does_not_convert(bundle_path, monkeypatch, capsys):
    first, second = Foreign(name="first"), Foreign(name="second")

    def signatures(module):
        ids = tf.TensorSpec((1, 4), tf.int32)
        search = tf.function(lambda source_ids: {"y": second(first(tf.cast(source_ids, "float32")))})
        return {"translate": search.get_concrete_function(ids)}

    monkeypatch.setattr("kerasformer.exporting.graphs.translation.DeviceModule.named_signatures", signatures)
    assert main(["audit", str(bundle_path), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["foreign"] == ["BesselI0"]
    assert [(one["operation"], one["layer"].split("/")[0]) for one in found["layers"]] == [
        ("BesselI0", "first_1"),
        ("BesselI0", "second_1"),
    ]


def test_audit_lists_the_operations_that_a_bundle_becomes(bundle_path, tflite_path, monkeypatch, answer):
    monkeypatch.setattr("kerasformer.exporting.litert._convert", lambda *_: read_flatbuffer(tflite_path))
    monkeypatch.setattr("tensorflow.saved_model.save", lambda *_, **__: None)
    monkeypatch.setattr(
        "kerasformer.exporting.graphs.translation.DeviceModule.named_signatures", lambda self: {"translate": None}
    )
    shown = answer("audit", bundle_path)
    assert f"{bundle_path} needs TensorFlow Lite or LiteRT 2.9" in shown
    assert shown.startswith("translate: ")


def test_audit_reads_no_saved_model(saved_model_path, complaint):
    assert "is a SavedModel folder: give a .tflite file or a bundle" in complaint("audit", saved_model_path)


def test_one_artefact_is_named_in_one_way(int8_path, complaint):
    assert "name one artefact" in complaint("audit", int8_path, "--model", int8_path)
    assert "name one artefact" in complaint("verify")
