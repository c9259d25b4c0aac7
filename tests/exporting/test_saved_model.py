"""The SavedModel: strings to strings, in any process that has tensorflow and tensorflow_text."""

import shutil
import sys

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

from kerasformer.errors import InputError
from kerasformer.exporting.graphs.translation import DeviceModule
from kerasformer.exporting.saved_model import export_saved_model
from kerasformer.formats import describe
from kerasformer.inference import saved_model
from kerasformer.inference.functions import Functions
from kerasformer.inference.saved_model import SavedModelTranslator
from tests.odd_texts import TEXTS


@pytest.fixture(scope="module")
def translator(compiled_saved_model_path):
    return SavedModelTranslator(compiled_saved_model_path)


@pytest.mark.parametrize("count", [0, 1, 2, 65, 130])
def test_any_batch_comes_back_in_order(translator, reference, phrases, count):
    texts = [phrases[i % 7][0] for i in range(count)]
    expected = [found[0].text for found in reference.hypotheses(texts)]
    assert translator.plain(texts) == expected
    found = translator._functions["serving_fast"](texts=tf.constant(texts, tf.string))
    assert [text.decode() for text in found["translations"].numpy()] == expected


def test_empty_texts_stay_empty(translator):
    texts = tf.constant(["", "   ", "Bonjour.", "\u200b"])
    for name in ("serving_default", "serving_fast", "translate"):
        found = translator._functions[name](texts=texts)["translations"].numpy().reshape(4, -1)
        assert found[0, 0] == found[1, 0] == found[3, 0] == b""
        assert found[2, 0] != b""


def test_its_signatures_take_a_string_as_one_sentence_and_its_class_does_not(translator, reference, saved_model_path):
    text = "Le chat dort. Il pleut."
    [[whole]] = reference.decode([text])
    for name in ("serving_default", "serving_fast"):
        found = translator._functions[name](texts=tf.constant([text]))["translations"].numpy()
        assert found[0].decode() == whole.text
    assert translator(text) == reference(text) == " ".join(reference(["Le chat dort.", "Il pleut."])) != whole.text
    assert describe(saved_model_path).metadata["texts"] == "one sentence each: no signature splits texts"


def test_its_signatures_clean_texts_as_the_class_does(translator, reference):
    texts = [*TEXTS.values(), "L’œuf\u00ad\u202f?", "\u0645\u06cc\u200c\u062e\u0648"]
    texts = [text for text, count in zip(texts, reference.count_tokens(texts), strict=True) if count < 31]
    assert len(texts) > 15
    expected = [found[0].text for found in reference.translate_pieces(texts, reference.protection(protect=False))]
    assert translator.plain(texts) == expected
    found = translator._functions["serving_fast"](texts=tf.constant(texts, tf.string))
    assert [text.decode() for text in found["translations"].numpy()] == expected


def test_it_says_what_it_was_trained_on(compiled_saved_model_path, bundle):
    assert describe(compiled_saved_model_path).corpus == bundle.corpus != {}


def test_a_beam_gives_the_bundles_hypotheses(translator, reference, phrases, monkeypatch):
    monkeypatch.setattr("kerasformer.inference.saved_model._BATCH", 3)  # so that five texts go in two parts
    texts = [source for source, _ in phrases[:5]]
    options = {"beam_size": translator.beam_size, "num_hypotheses": 3}
    for ours, theirs in zip(*(t.hypotheses(texts, **options) for t in (translator, reference)), strict=True):
        assert [found.token_ids for found in ours] == [found.token_ids for found in theirs]
        np.testing.assert_allclose([f.score for f in ours], [f.score for f in theirs], atol=1e-4)


@pytest.mark.parametrize("options", [{"temperature": 1.0}, {"temperature": 1.5, "top_k": 20, "top_p": 0.9, "seed": 3}])
def test_it_draws_what_the_bundle_draws(translator, reference, phrases, options):
    texts = ["", *(source for source, _ in phrases[:70])]
    ours, theirs = (t.hypotheses(texts, **options) for t in (translator, reference))
    assert [found[0].token_ids for found in ours] == [found[0].token_ids for found in theirs]
    assert [found[0].text for found in ours] == [found[0].text for found in theirs]
    np.testing.assert_allclose([f[0].score for f in ours], [f[0].score for f in theirs], atol=1e-4)
    assert len({found[0].token_ids for found in ours}) > 60


def test_an_older_one_that_cannot_sample_says_so(translator, monkeypatch):
    monkeypatch.setattr(type(translator), "_functions", {"count_tokens": translator._functions["count_tokens"]})
    with pytest.raises(InputError, match="older kerasformer and cannot sample: export it again"):
        translator.hypotheses(["Bonjour."], temperature=1.0)


def test_attention_is_the_bundles(translator, reference):
    ours, theirs = (t.attention("Bonjour le monde.", "A cat.") for t in (translator, reference))
    assert (ours.source_tokens, ours.target_tokens) == (theirs.source_tokens, theirs.target_tokens)
    np.testing.assert_allclose(ours.weights, theirs.weights, atol=1e-5)
    np.testing.assert_allclose(ours.weights.sum(-1), 1.0, atol=1e-5)


def test_too_long_a_text_is_cut_in_the_graph_and_does_not_break_it(translator):
    texts = ["Le chat dort. " * 500, "Bonjour."]
    for name in ("serving_default", "serving_fast", "translate"):
        assert translator._functions[name](texts=tf.constant(texts))["translations"].shape[0] == 2


def test_other_options_are_refused(translator):
    with pytest.raises(InputError, match="beam_size 4"):
        translator.hypotheses(["Bonjour."], beam_size=3)
    with pytest.raises(InputError, match="use the bundle"):
        translator.hypotheses(["Bonjour."], min_length=3)
    with pytest.raises(InputError, match="or samples; use the bundle"):
        translator.hypotheses(["Bonjour."], beam_size=4, temperature=1.0)


def test_another_saved_model_is_refused(tmp_path):
    with pytest.raises(InputError, match="no saved_model.pb"):
        SavedModelTranslator(tmp_path)
    tf.saved_model.save(tf.Module(), str(tmp_path))
    with pytest.raises(InputError, match="not of kerasformer"):
        SavedModelTranslator(tmp_path)


def test_a_damaged_graph_is_named(compiled_saved_model_path, tmp_path):
    copy = shutil.copytree(compiled_saved_model_path, tmp_path / "copy")
    (copy / "saved_model.pb").write_bytes(b"\x00garbage")
    with pytest.raises(InputError, match="damaged"):
        SavedModelTranslator(copy)


class _Scales(tf.Module):
    def __init__(self):
        super().__init__()
        self.scale = tf.Variable(2.0)

    @tf.function(input_signature=[tf.TensorSpec((), tf.float32)])
    def times(self, x):
        return {"found": self.scale * x}

    @tf.function(input_signature=[tf.TensorSpec((), tf.float32)])
    def plus(self, x):
        return self.scale + x


@pytest.fixture
def scales_path(tmp_path):
    module = _Scales()
    tf.saved_model.save(module, str(tmp_path), signatures={"serving_default": module.times})
    return tmp_path


def test_a_function_is_loaded_when_it_is_first_asked_for_and_shares_the_variables(scales_path):
    functions = Functions(scales_path, ["plus", "none"])
    assert set(functions._found) == {"plus"}
    assert "none" not in functions
    assert functions["plus"](3.0).numpy() == 5
    functions._variables["root.scale"].assign(4.0)
    assert functions["serving_default"](x=tf.constant(3.0))["found"].numpy() == 12
    assert set(functions._found) == {"plus", "serving_default"}
    assert functions["plus"](3.0).numpy() == 7


def test_what_cannot_be_loaded_in_part_is_loaded_whole(scales_path, monkeypatch):
    monkeypatch.delattr("tensorflow.__internal__.saved_model.load_partial")
    functions = Functions(scales_path, ["plus"])
    assert functions["plus"](3.0).numpy() == 5
    assert functions["serving_default"](x=tf.constant(3.0))["found"].numpy() == 6


@pytest.mark.parametrize("graph", ["start", "attention"])
def test_a_large_graph_is_stored_once_for_all_functions_that_call_it(compiled_saved_model_path, graph):
    stored = SavedModel.FromString((compiled_saved_model_path / "saved_model.pb").read_bytes())
    functions = stored.meta_graphs[0].graph_def.library.function
    names = [{node.name.removeprefix("while/").split("/")[0] for node in function.node_def} for function in functions]
    assert sum(f"{graph}_1" in of_function for of_function in names) == 1


def test_another_version_of_tensorflow_text_is_imported_whole(monkeypatch):
    monkeypatch.setattr(saved_model, "_LIBRARIES", ("_none",))
    monkeypatch.delitem(sys.modules, "tensorflow_text", raising=False)
    saved_model._register_operations.__wrapped__()
    assert "tensorflow_text" in sys.modules


def test_without_tensorflow_text_a_text_model_is_not_exported_as_a_saved_model(bundle, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow_text", None)  # cannot be imported, as on Windows
    with pytest.raises(InputError, match="needs tensorflow-text, which is not installed here .*: leave the SavedModel"):
        export_saved_model(bundle, tmp_path / "saved_model")
    assert list(tmp_path.iterdir()) == []
    DeviceModule(bundle)  # a .tflite needs none


def test_without_tensorflow_text_a_text_model_does_not_open(saved_model_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow_text", None)
    saved_model._register_operations.__wrapped__()

    def load(path, first):
        raise FileNotFoundError("Op type not registered 'SentencepieceOp' in binary running on a computer.")

    monkeypatch.setattr(saved_model, "Functions", load)  # this process has registered it
    with pytest.raises(InputError, match="needs tensorflow-text 2.21, which is not installed here .*: use the bundle"):
        SavedModelTranslator(saved_model_path)
