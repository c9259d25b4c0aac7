"""A bundle comes back as it was saved, or one line says why not."""

import dataclasses
import errno
import hashlib
import itertools
import json
import os
import pathlib
import shutil
import unittest.mock

import numpy as np
import pytest
from keras import ops

from kerasformer.bundle import load_bundle, save_bundle
from kerasformer.config import TRANSLATORS
from kerasformer.config.presets import preset
from kerasformer.errors import InputError
from kerasformer.inference.translator import Translator
from kerasformer.manifest import FORMAT_VERSION, METADATA_FILE, TOKENIZER_FILE, read_metadata, sha256
from kerasformer.models import build_model

WEIGHTS_FILE = "model.weights.h5"
FILES = [METADATA_FILE, WEIGHTS_FILE, TOKENIZER_FILE]
INPUTS = {
    "source_ids": np.array([[4, 9, 16, 25, 3], [5, 3, 0, 0, 0]], "int32"),
    "target_ids": np.array([[2, 8, 27, 64], [2, 100, 199, 150]], "int32"),
}


@pytest.fixture
def copy(bundle_path, tmp_path):
    """A copy of the bundle that a test may damage."""
    return shutil.copytree(bundle_path, tmp_path / "copy")


def change(copy, **changes):
    """Rewrite entries of the metadata; None removes one."""
    metadata = {**json.loads((copy / METADATA_FILE).read_text(encoding="utf-8")), **changes}
    metadata = {name: value for name, value in metadata.items() if value is not None}
    (copy / METADATA_FILE).write_text(json.dumps(metadata), encoding="utf-8")


def tree(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def logits(bundle):
    return ops.convert_to_numpy(bundle.model.training(INPUTS, training=False))


@pytest.fixture(scope="module")
def small(bundle, made_once):
    """Function of options: the folder of a bundle of a small model, as wide as any other of these."""

    def make(**options):
        config = preset("test", vocab_size=bundle.tokenizer.vocab_size, hidden_dim=20, **options)
        name = "-".join(f"{name}={value}" for name, value in sorted(options.items()))
        return made_once(f"small/{name}", lambda path: save_bundle(of_model(bundle, build_model(config)), path))

    return make


def of_model(bundle, model):
    return dataclasses.replace(bundle, model=model)


def refusal(path):
    """The message with which a bundle is refused."""
    with pytest.raises(InputError) as error:
        load_bundle(path)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_it_comes_back_as_it_was_saved(bundle, bundle_path):
    again = load_bundle(bundle_path)
    np.testing.assert_array_equal(logits(again), logits(bundle))
    assert again.model.config == bundle.model.config
    assert again.tokenizer.model == bundle.tokenizer.model
    for name in ("source", "target", "decoding", "corpus", "metrics"):
        assert getattr(again, name) == getattr(bundle, name)
    assert again.created.endswith("+00:00")


def test_what_is_written_can_be_read_without_us(bundle, bundle_path):
    assert sorted(os.listdir(bundle_path)) == FILES
    metadata = json.loads((bundle_path / METADATA_FILE).read_text(encoding="utf-8"))
    assert metadata == read_metadata(bundle_path)
    assert (metadata["format"], metadata["format_version"]) == ("kerasformer-bundle", 4)
    assert metadata["model"] == dataclasses.asdict(bundle.model.config)
    for name, digest in metadata["files"].items():
        assert digest == hashlib.sha256((bundle_path / name).read_bytes()).hexdigest() == sha256(bundle_path / name)
    # Every number is there, four bytes each.
    assert (bundle_path / WEIGHTS_FILE).stat().st_size > 4 * bundle.model.training.count_params()


def test_options_and_metrics_of_its_own_come_back(bundle, tmp_path):
    golden = (["Oui.", "Yes", "Yes."],)
    own = {"decoding": {"beam_size": 4}, "metrics": {"test": {"bleu": 31.5}}, "source": "ko", "golden": golden}
    save_bundle(dataclasses.replace(bundle, **own), tmp_path / "bundle")
    again = load_bundle(tmp_path / "bundle")
    assert {name: getattr(again, name) for name in own} == own


@pytest.mark.parametrize("name", [TOKENIZER_FILE, WEIGHTS_FILE])
@pytest.mark.parametrize("place", [0, 1000, -1])
def test_one_flipped_bit(name, place, copy):
    of_saved = sha256(copy / name)
    data = bytearray((copy / name).read_bytes())
    data[place] ^= 1
    (copy / name).write_bytes(data)
    hashes = f"its SHA-256 is {sha256(copy / name)[:16]} and not {of_saved[:16]}"
    said = f"bundle {copy} is damaged: {name} is not the file that was saved ({hashes}); copy it again"
    assert refusal(copy) == said


@pytest.mark.parametrize("name", [TOKENIZER_FILE, WEIGHTS_FILE])
def test_a_file_cut_short_or_missing(name, copy):
    (copy / name).write_bytes((copy / name).read_bytes()[:-1])
    assert "is damaged" in refusal(copy)
    (copy / name).unlink()
    assert refusal(copy) == f"bundle {copy} is incomplete: {name} is missing; copy or train it again"


def test_a_newer_one(copy):
    change(copy, format_version=FORMAT_VERSION + 1)
    message = refusal(copy)
    assert f"has format version {FORMAT_VERSION + 1}, this kerasformer reads up to {FORMAT_VERSION}" in message
    assert "pip install -U kerasformer" in message


def test_what_is_no_bundle(tmp_path):
    assert "is not a folder, so it is not a bundle" in refusal(tmp_path / "nothing")
    assert refusal(tmp_path) == f"{tmp_path} is not a bundle: it has no {METADATA_FILE}"
    (tmp_path / "file").write_bytes(b"x")
    assert "is not a folder, so it is not a bundle" in refusal(tmp_path / "file")


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b"null", b"3", b"{}", b"\xff\xfe", b'{"format": "kerasformer-bundle"}', b'{"format": 1}']
)
def test_metadata_that_is_none(text, copy):
    (copy / METADATA_FILE).write_bytes(text)
    what = f"{copy / METADATA_FILE} is damaged or not the metadata of a kerasformer bundle"
    assert refusal(copy) == f"{what}; copy the bundle again"


def test_metadata_cut_short(copy):
    text = (copy / METADATA_FILE).read_bytes()
    for length in range(0, len(text) - 2, 97):
        (copy / METADATA_FILE).write_bytes(text[:length])
        assert "is damaged" in refusal(copy)


@pytest.mark.parametrize(
    "name",
    ["source", "target", "model", "decoding", "corpus", "metrics", "created", "files", "format", "format_version"],
)
def test_metadata_that_lack_an_entry(name, copy):
    change(copy, **{name: None})
    assert "is damaged" in refusal(copy)


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "something else"},
        {"format_version": "1"},
        {"files": []},
        {"files": {}},
        {"files": {WEIGHTS_FILE: 3}},
        {"model": ["transformer"]},
        {"model": 7},
    ],
)
def test_metadata_with_a_wrong_entry(changes, copy):
    change(copy, **changes)
    assert "is damaged" in refusal(copy)


def test_a_model_this_version_does_not_know(copy):
    model = read_metadata(copy)["model"]
    change(copy, model={**model, "kind": "rnn"})
    assert "must be one of transformer, seq2seq, attention, vit, image_tokenizer, dalle, got 'rnn'" in refusal(copy)
    change(copy, model={**model, "experts": 8})
    assert "ModelConfig has no experts" in refusal(copy)


@pytest.mark.parametrize("field", ["num_layers", "hidden_dim", "intermediate_dim", "vocab_size"])
def test_a_model_of_another_size_than_its_weights(field, copy):
    model = read_metadata(copy)["model"]
    change(copy, model={**model, field: 2 * model[field]})
    assert "is damaged" in refusal(copy)


@pytest.mark.parametrize(("kind", "other"), [*itertools.permutations(TRANSLATORS, 2)])
def test_a_model_of_one_kind_is_not_loaded_as_another(kind, other, small, tmp_path, monkeypatch):
    shutil.copytree(small(kind=kind), tmp_path / "bundle")
    change(tmp_path / "bundle", model={**read_metadata(tmp_path / "bundle")["model"], "kind": other})
    assert f"is damaged: {WEIGHTS_FILE} does not belong to the model" in refusal(tmp_path / "bundle")
    monkeypatch.setattr("kerasformer.bundle._number_of_weights", lambda path: unittest.mock.ANY)  # as if of one size
    assert f"is damaged: {WEIGHTS_FILE} does not belong to the model" in refusal(tmp_path / "bundle")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"num_layers": 2}, {"num_layers": 1}),  # each of the wanted weights is there, and others too
        ({"norm": "pre"}, {"norm": "post"}),
        ({"kind": "seq2seq", "num_layers": 2}, {"num_layers": 1}),
        ({"kind": "seq2seq", "cell": "lstm"}, {"cell": "gru"}),
        ({"kind": "seq2seq", "bidirectional": True}, {"bidirectional": False}),
        ({"kind": "attention", "score": "general"}, {"score": "dot"}),
        ({"kind": "attention", "score": "additive"}, {"score": "general"}),
    ],
)
def test_weights_that_the_model_would_pass_over_are_noticed(options, said, small, tmp_path):
    shutil.copytree(small(**options), tmp_path / "bundle")
    change(tmp_path / "bundle", model={**read_metadata(tmp_path / "bundle")["model"], **said})
    assert f"is damaged: {WEIGHTS_FILE} does not belong to the model" in refusal(tmp_path / "bundle")


def test_a_tokenizer_of_another_size_than_the_model(copy, phrases):
    from kerasformer.tokenizer import train_tokenizer

    smaller = train_tokenizer([french for french, _ in phrases], 120)
    (copy / TOKENIZER_FILE).write_bytes(smaller.model)
    files = {name: sha256(copy / name) for name in (WEIGHTS_FILE, TOKENIZER_FILE)}
    change(copy, files=files)
    assert "is damaged" in refusal(copy)


@pytest.mark.parametrize("name", ["fsync", "rename"])
def test_a_failing_disk_leaves_the_old_one(name, bundle, copy, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    before = tree(copy.parent)
    monkeypatch.setattr(os, name, full)
    with pytest.raises(OSError, match="No space left"):
        save_bundle(dataclasses.replace(bundle, source="ko"), copy)
    monkeypatch.undo()
    assert tree(copy.parent) == before
    assert load_bundle(copy).source == "fr"


def test_what_only_training_needs_is_left_out(bundle_path, tmp_path):
    again = load_bundle(bundle_path)
    model = again.model.training
    model.compile(optimizer="adam", loss="mse")
    model.optimizer.build(model.trainable_variables)
    save_bundle(again, tmp_path / "bundle")
    assert (tmp_path / "bundle" / WEIGHTS_FILE).stat().st_size == (bundle_path / WEIGHTS_FILE).stat().st_size
    np.testing.assert_array_equal(logits(load_bundle(tmp_path / "bundle")), logits(again))


def test_a_model_that_cannot_be_saved_leaves_the_old_one(bundle, copy):
    before = tree(copy.parent)
    with pytest.raises(TypeError):
        save_bundle(dataclasses.replace(bundle, metrics={"bleu": np.float32(1)}), copy)
    assert tree(copy.parent) == before


def test_a_place_that_cannot_be_written(bundle, tmp_path):
    (tmp_path / "file").write_bytes(b"mine")
    for place in (tmp_path / "file", tmp_path / "file" / "bundle"):
        with pytest.raises(OSError, match="file"):
            save_bundle(bundle, place)
    assert tree(tmp_path) == {"file": b"mine"}


def test_an_old_one_is_replaced_whole(bundle, copy):
    (copy / "stray").write_bytes(b"x")
    save_bundle(dataclasses.replace(bundle, source="ko"), copy)
    assert sorted(os.listdir(copy)) == FILES
    assert load_bundle(copy).source == "ko"


def test_a_bundle_of_the_first_format_still_answers_as_it_did():
    folder = pathlib.Path(__file__).parent / "bundles"
    answers = json.loads((folder / "format-1.answers.json").read_text(encoding="utf-8"))
    translator = Translator.load(folder / "format-1")
    for answer, found in zip(answers, translator.hypotheses([a["source"] for a in answers]), strict=True):
        assert found[0].text == answer["translation"]
        assert found[0].score == pytest.approx(answer["score"], abs=1e-4)


def test_8_bit_rows_take_a_third_of_the_bytes_and_load_as_float32(bundle, tmp_path):
    model = build_model(preset("test", vocab_size=bundle.tokenizer.vocab_size, hidden_dim=64, intermediate_dim=512))
    exact = dataclasses.replace(bundle, model=model)
    save_bundle(exact, tmp_path / "fp32")
    save_bundle(exact, tmp_path / "int8", precision="int8")
    assert sorted(os.listdir(tmp_path / "int8")) == [METADATA_FILE, "model.rows.npz", TOKENIZER_FILE]
    sizes = [(tmp_path / name).stat().st_size for name in ("int8/model.rows.npz", f"fp32/{WEIGHTS_FILE}")]
    assert sizes[0] < sizes[1] / 3
    again = load_bundle(tmp_path / "int8")
    for weight, found in zip(model.training.get_weights(), again.model.training.get_weights(), strict=True):
        assert found.dtype == "float32"
        assert np.abs(found - weight).max() <= np.abs(weight).max() / 127 / 2 * 1.001


@pytest.fixture
def rows(bundle, tmp_path):
    """A bundle with weights as 8-bit rows that a test may damage."""
    save_bundle(bundle, tmp_path / "rows", precision="int8")
    return tmp_path / "rows"


def test_8_bit_rows_that_are_damaged_or_of_another_model(rows):
    path = rows / "model.rows.npz"
    whole = path.read_bytes()
    path.write_bytes(whole[:1000] + bytes([whole[1000] ^ 1]) + whole[1001:])
    assert f"bundle {rows} is damaged: model.rows.npz is not the file that was saved (its SHA-256" in refusal(rows)
    path.write_bytes(whole)
    model = read_metadata(rows)["model"]
    for changes in ({"norm": "post"}, {"intermediate_dim": 64}):
        change(rows, model={**model, **changes})
        assert refusal(rows).endswith(f"is damaged: model.rows.npz does not belong to the model in {METADATA_FILE}")


def test_another_precision(bundle, tmp_path):
    with pytest.raises(InputError, match="precision must be one of fp32, int8, got 'fp16'"):
        save_bundle(bundle, tmp_path / "bundle", precision="fp16")
    assert not (tmp_path / "bundle").exists()
