"""The .tflite: integers to integers, builtin operations, its tokenizer aboard; and a runtime without TensorFlow."""

import configparser
import dataclasses
import functools
import pathlib
import subprocess
import sys
import zipfile

import keras
import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter

from kerasformer.errors import InputError
from kerasformer.exporting import litert
from kerasformer.exporting.litert import export_litert, keeping_graphs
from kerasformer.exporting.slimming import slim
from kerasformer.formats import describe
from kerasformer.runtime import LiteRTTranslator
from kerasformer.runtime.metadata import FORMAT_VERSION, METADATA_FILE
from kerasformer.runtime.operations import operations, read_model

ON_A_DEVICE = """
import sys
sys.modules["tensorflow"] = sys.modules["keras"] = sys.modules["tensorflow_text"] = None  # cannot be imported
from kerasformer.runtime import LiteRTTranslator
sys.stdout.buffer.write(LiteRTTranslator(sys.argv[1])(sys.argv[2]).encode())
"""


def test_it_answers_as_the_bundle_does(tflite_path, reference, phrases):
    texts = [source for source, _ in phrases[:20]]
    for ours, theirs in zip(LiteRTTranslator(tflite_path).hypotheses(texts), reference.hypotheses(texts), strict=True):
        assert ours[0].token_ids == theirs[0].token_ids
        assert ours[0].text == theirs[0].text
        assert ours[0].score == pytest.approx(theirs[0].score, abs=1e-4)


@pytest.mark.parametrize("options", [{"temperature": 1.0}, {"temperature": 1.5, "top_k": 20, "top_p": 0.9, "seed": 3}])
def test_it_draws_what_the_bundle_draws(tflite_path, reference, phrases, options):
    texts = ["", *(source for source, _ in phrases[:40])]
    ours, theirs = (t.hypotheses(texts, **options) for t in (LiteRTTranslator(tflite_path), reference))
    assert [found[0].token_ids for found in ours] == [found[0].token_ids for found in theirs]
    assert [found[0].score for found in ours] == pytest.approx([found[0].score for found in theirs], abs=1e-4)
    assert len({found[0].token_ids for found in ours}) > 35


def test_a_short_source_runs_a_short_signature_and_gives_the_same(tflite_path, monkeypatch):
    translator, older = LiteRTTranslator(tflite_path), describe(tflite_path)
    older = LiteRTTranslator(dataclasses.replace(older, metadata={**older.metadata, "buckets": []}))
    ran, run = [], older._interpreter.run
    for found in (translator, older):
        monkeypatch.setattr(found._interpreter, "run", lambda name, **inputs: ran.append(name) or run(name, **inputs))
    for length in (1, 5, 15, 16, 31):
        ran.clear()
        token_ids = [5 + i % 100 for i in range(length)]
        [ours], [theirs] = (
            found._decode(token_ids, functools.partial(found._translate, "translate")) for found in (translator, older)
        )
        assert ran == ["translate_16" if length < 16 else "translate", "translate"]
        assert ours.token_ids == theirs.token_ids
        assert ours.score == pytest.approx(theirs.score, abs=1e-4)


def test_what_runs_without_the_names_of_signatures_translates(tflite_path):
    from ai_edge_litert.interpreter import Interpreter

    [source] = Interpreter(model_path=str(tflite_path)).get_input_details()  # of subgraph 0
    assert source["shape"].tolist() == [1, 32]


def test_an_older_one_that_cannot_sample_says_so(tflite_path, monkeypatch):
    translator = LiteRTTranslator(tflite_path)
    monkeypatch.setattr(translator._interpreter, "signatures", {"translate": {}})
    with pytest.raises(InputError, match="older kerasformer and cannot sample: export it again"):
        translator("Bonjour.", temperature=1.0)


def test_it_runs_where_there_is_no_tensorflow(tflite_path, reference, phrases):
    source = phrases[0][0]
    run = subprocess.run([sys.executable, "-c", ON_A_DEVICE, tflite_path, source], capture_output=True, check=True)
    assert run.stdout.decode() == reference(source)


def test_formats_that_are_written_together_are_converted_once(bundle, classifier_bundle, tmp_path, monkeypatch):
    converted = []

    def export(*bundles):
        for each in bundles:
            for name in ("litert-fp32", "litert-int8"):
                export_litert(each, tmp_path / name, name)

    monkeypatch.setattr(litert.tf.saved_model, "save", lambda module, folder, signatures: None)
    monkeypatch.setattr(litert, "_convert", lambda folder, *_: converted.append(folder) or bytes(10**6))
    for name, instead in (
        ("slim", lambda flatbuffer, *_: flatbuffer),
        ("_metadata", lambda *_: {}),
        ("_golden", lambda *_: ()),
    ):
        monkeypatch.setattr(litert, name, instead)
    for task in ("translation", "classification"):
        device = f"kerasformer.exporting.graphs.{task}.DeviceModule.named_signatures"
        monkeypatch.setattr(device, lambda self: {"first": None})
    with keeping_graphs():
        export(classifier_bundle, bundle)
    assert len(converted) == 2
    export(bundle)  # its weights may have changed, also between both
    assert len(set(converted)) == 4
    assert not any(pathlib.Path(folder).exists() for folder in converted)


def test_a_bundle_gives_the_same_bytes_at_any_time(tflite_path):
    with zipfile.ZipFile(tflite_path) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_attention_is_the_bundles(tflite_path, reference):
    ours, theirs = (t.attention("Bonjour le monde.", "A cat.") for t in (LiteRTTranslator(tflite_path), reference))
    assert (ours.source_tokens, ours.target_tokens) == (theirs.source_tokens, theirs.target_tokens)
    np.testing.assert_allclose(ours.weights, theirs.weights, atol=1e-5)


def test_long_texts_are_split_and_empty_ones_stay_empty(tflite_path, reference):
    texts = ["", "Le chat dort. " * 30, "\n", "Bonjour."]
    assert LiteRTTranslator(tflite_path)(texts) == reference(texts)


def test_only_builtin_operations_and_integers_in(tflite_path):
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=str(tflite_path))
    assert set(interpreter.get_signature_list()) == {
        *("translate", "translate_16", "sample", "translate_with_options", "score", "attention")
    }
    [details] = interpreter.get_signature_runner("translate").get_input_details().values()
    assert details["dtype"] is np.int32
    names = {operation["op_name"] for operation in interpreter._get_ops_details()}
    assert not [name for name in names if name.startswith("Flex") or name == "CUSTOM"]


def test_the_file_holds_all_weights(tflite_path, bundle):
    assert tflite_path.stat().st_size > 4 * bundle.model.training.count_params()


def test_an_unknown_format_lists_what_there_is(bundle, tmp_path):
    with pytest.raises(InputError, match="litert-fp32, litert-int8, litert-int8-compat, got.*litert-fp16"):
        export_litert(bundle, tmp_path / "x.tflite", "litert-fp16")
    assert not list(tmp_path.iterdir())


class Foreign(keras.layers.Layer):
    def call(self, x):
        return tf.math.bessel_i0(x)


def test_a_model_that_does_not_convert_names_the_layer(tmp_path):
    module = tf.Module()
    module.model = keras.Sequential([keras.Input((3,)), Foreign(name="first"), Foreign(name="second")], name="model")
    signature = tf.function(lambda x: {"y": module.model(x)}).get_concrete_function(x=tf.TensorSpec((1, 3)))
    tf.saved_model.save(module, str(tmp_path), signatures={"signature": signature})
    with pytest.raises(InputError, match="operations: BesselI0 in model_1/first_1/bessel_i0, BesselI0 in .*second"):
        litert._convert(str(tmp_path), ["signature"], "")


def test_it_converts_as_the_converter_of_tensorflow_does(tmp_path):
    module = tf.Module()
    module.table = tf.Variable(np.arange(640, dtype="float32").reshape(20, 32))
    signatures = {
        name: tf.function(lambda x: {"y": tf.matmul(x, module.table)}).get_concrete_function(
            x=tf.TensorSpec((size, 20))
        )
        for name, size in (("one", 1), ("two", 2))
    }
    tf.saved_model.save(module, str(tmp_path), signatures=signatures)
    theirs = tf.lite.TFLiteConverter.from_saved_model(str(tmp_path), ["one", "two"]).convert()
    ours = slim(litert._convert(str(tmp_path), ["one", "two"], ""), "one")
    assert operations(read_model(ours)) == operations(read_model(theirs))
    assert len(ours) < len(theirs) + 500
    x = np.linspace(-1, 1, 20, dtype="float32")[None]
    runners = [Interpreter(model_content=content).get_signature_runner("one") for content in (ours, theirs)]
    np.testing.assert_array_equal(*(runner(x=x)["y"] for runner in runners))


def test_another_tensorflow_than_the_required_one_is_refused(monkeypatch):
    setup = configparser.ConfigParser()
    setup.read(pathlib.Path(__file__).parents[2] / "setup.cfg")
    assert f"tensorflow>={litert.TENSORFLOW},<" in setup["options"]["install_requires"]
    monkeypatch.setattr(tf, "__version__", "2.22.0")
    with pytest.raises(InputError, match=r"with TensorFlow 2\.21, not 2\.22\.0: pip install"):
        litert._convert("", [], "")


def test_files_that_are_not_ours_are_refused(tflite_path, tmp_path):
    path = tmp_path / "x.tflite"
    with pytest.raises(InputError, match="does not exist"):
        LiteRTTranslator(path)
    path.write_bytes(b"TFL3 not a model")
    with pytest.raises(InputError, match="not a .tflite of kerasformer"):
        LiteRTTranslator(path)
    with zipfile.ZipFile(path, "w") as other:
        other.writestr("readme.txt", "hello")
    with pytest.raises(InputError, match="not a .tflite of kerasformer"):
        LiteRTTranslator(path)


def test_a_newer_file_asks_for_an_upgrade(tflite_path, tmp_path):
    path = tmp_path / "new.tflite"
    with zipfile.ZipFile(tflite_path) as rider:
        metadata = rider.read(METADATA_FILE).decode().replace(
            f'"format_version": {FORMAT_VERSION}', f'"format_version": {FORMAT_VERSION + 1}'
        )  # fmt: skip
    with zipfile.ZipFile(path, "w") as rider:
        rider.writestr(METADATA_FILE, metadata)
        rider.writestr("tokenizer.model", b"")
    with pytest.raises(InputError, match="upgrade"):
        LiteRTTranslator(path)


def test_a_flatbuffer_cut_short_is_refused(tflite_path, tmp_path):
    data = tflite_path.read_bytes()
    with zipfile.ZipFile(tflite_path) as rider:
        start = min(entry.header_offset for entry in rider.infolist())
    path = tmp_path / "short.tflite"
    path.write_bytes(data[:64] + data[start:])
    with pytest.raises(InputError):
        LiteRTTranslator(path)
