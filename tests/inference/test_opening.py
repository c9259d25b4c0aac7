"""Artefacts are told apart; of what is missing, damaged, foreign or too new, one clear line says so."""

import io
import json
import os
import shutil
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest

from kerasformer.errors import InputError
from kerasformer.formats import describe
from kerasformer.inference import opening as artefacts

COMMANDS = {"translate": ["Oui."], "inspect": [], "verify": [], "evaluate": ["--data", "everyday"]}


def with_metadata(source, target, **changes):
    """A copy of a `.tflite` of ours whose metadata says something else; what is None is left out."""
    with zipfile.ZipFile(source) as rider:
        begin = min(entry.header_offset for entry in rider.infolist())
        parts = {entry.filename: rider.read(entry) for entry in rider.infolist()}
    metadata = {**json.loads(parts["kerasformer.json"]), **changes}
    parts["kerasformer.json"] = json.dumps({name: value for name, value in metadata.items() if value is not None})
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as rider:
        for name, data in parts.items():
            rider.writestr(name, data)
    target.write_bytes(source.read_bytes()[:begin] + buffer.getvalue())
    return target


def test_forms(bundle_path, saved_model_path, tflite_path):
    paths = (bundle_path, saved_model_path, tflite_path)
    assert [describe(path).form.name for path in paths] == ["bundle", "saved_model", "litert"]


def test_an_older_tflite_names_no_task_and_is_a_translator(tflite_path, tmp_path):
    older = {"task": None, "has_tokenizer": None, "format_version": 1}
    path = with_metadata(tflite_path, tmp_path / "older.tflite", **older)
    assert describe(path).task.name == "translation"
    assert artefacts.open_translator(path)("Oui.") == artefacts.open_translator(tflite_path)("Oui.")


def test_an_older_saved_model_names_no_task_and_is_a_translator(bundle, tmp_path):
    import tensorflow as tf

    from kerasformer.exporting.graphs.translation import ServerModule

    module = ServerModule(bundle)
    for name in ("serving_fast", "translate", "sample", "attention"):  # tracing them takes most of the time
        setattr(module, name, None)
    module.source, module.target = tf.Variable("fr"), tf.Variable("en")
    tf.saved_model.save(module, str(tmp_path), signatures={"serving_default": module.serving_default})
    assert describe(tmp_path).task.name == "translation"
    assert artefacts.open_translator(tmp_path).source == "fr"


def test_a_newer_saved_model_asks_for_an_upgrade(saved_model_path, monkeypatch):
    monkeypatch.setattr("kerasformer.inference.checkpoint.FORMAT_VERSION", 0)
    with pytest.raises(InputError, match=r"format version 1, this kerasformer reads up to 0; upgrade with: pip"):
        describe(saved_model_path)


def test_only_the_bundle_of_a_translator_has_engines_to_choose_from(saved_model_path, tflite_path):
    for path in (saved_model_path, tflite_path):
        for engine in ("litert", "xla"):
            with pytest.raises(InputError, match=r"is not the bundle of a translator: leave it out$"):
                artefacts.open_artefact(path, engine=engine)
    assert artefacts.open_translator(tflite_path, engine="auto")("Oui.")


def test_a_bundle_of_a_part_is_nothing_to_open(bundle, tmp_path):
    import dataclasses

    from kerasformer.bundle import save_bundle
    from kerasformer.config.presets import preset
    from kerasformer.models import build_model

    model = build_model(preset("test", kind="image_tokenizer"))
    save_bundle(dataclasses.replace(bundle, model=model, tokenizer=None), tmp_path / "part")
    with pytest.raises(InputError, match="is for image tokenization, and no command uses that: give"):
        artefacts.open_artefact(tmp_path / "part")


def test_only_8_bit_weights_may_answer_differently(bundle_path, saved_model_path, tflite_path, tmp_path):
    int8 = with_metadata(tflite_path, tmp_path / "int8.tflite", precision="int8", is_exact=None)  # an older file
    assert not describe(int8).is_exact
    assert all(describe(path).is_exact for path in (bundle_path, saved_model_path, tflite_path))


def test_options_given_on_opening_hold_for_every_call(tflite_path):
    translator = artefacts.open_translator(tflite_path, beam_size=4)
    with pytest.raises(InputError, match="cannot do beam_size=4"):
        translator("Oui.")
    assert describe(tflite_path).corpus["name"] == "everyday"


def test_loading_is_quiet_and_errors_are_still_heard(capfd):
    with artefacts.quiet_loading():
        os.write(2, b"INFO: a delegate was created")
    os.write(2, b"heard")
    assert capfd.readouterr().err == "heard"


def test_threads_are_quiet_together_and_none_waits_for_another(capfd):
    def load():
        with artefacts.quiet_loading():
            os.write(2, b"INFO: a delegate was created")

    with artefacts.quiet_loading(), ThreadPoolExecutor(1) as pool:
        pool.submit(load).result(timeout=60)
        os.write(2, b"INFO: another one")
    os.write(2, b"heard")
    assert capfd.readouterr().err == "heard"


@pytest.mark.parametrize("command", COMMANDS)
def test_a_model_that_is_not_there(command, tmp_path, complaint):
    said = complaint(command, "--model", tmp_path / "gone", *COMMANDS[command])
    assert "gone does not exist: give a bundle folder" in said


def test_damaged_bundles(bundle_path, tmp_path, complaint):
    def damaged(name, change):
        copy = tmp_path / name
        shutil.copytree(bundle_path, copy)
        change(copy)
        return complaint("translate", "--model", copy, "Oui.")

    def flip(folder):
        data = bytearray((folder / "model.weights.h5").read_bytes())
        data[len(data) // 2] ^= 1
        (folder / "model.weights.h5").write_bytes(data)

    def renew(folder):
        metadata = json.loads((folder / "bundle.json").read_text(encoding="utf-8"))
        (folder / "bundle.json").write_text(json.dumps({**metadata, "format_version": 99}), encoding="utf-8")

    assert "is damaged: model.weights.h5" in damaged("flipped", flip)
    assert "tokenizer.model is missing" in damaged("torn", lambda folder: (folder / "tokenizer.model").unlink())
    assert "it has no bundle.json" in damaged("headless", lambda folder: (folder / "bundle.json").unlink())
    assert "format version 99" in damaged("newer", renew)


def test_files_that_are_no_tflite_of_ours(tflite_path, tmp_path, complaint):
    foreign = tmp_path / "foreign.tflite"
    whole = tflite_path.read_bytes()
    torn = bytearray(whole)
    torn[whole.rindex(b"PK\3\4") + 200] ^= 255  # in what is compressed
    for data in (b"", b"TFL3 by somebody else", whole[:-300], torn):
        foreign.write_bytes(data)
        for command in ("translate", "inspect"):
            said = complaint(command, "--model", foreign, *COMMANDS[command])
            assert "is damaged or not a .tflite of kerasformer" in said
    newer = with_metadata(tflite_path, tmp_path / "newer.tflite", format_version=99)
    assert "format version 99" in complaint("translate", "--model", newer, "Oui.")


def test_saved_models_that_are_damaged_or_foreign(saved_model_path, tmp_path, complaint):
    import tensorflow as tf

    torn = tmp_path / "torn"
    shutil.copytree(saved_model_path, torn)
    headless = tmp_path / "headless"
    shutil.copytree(saved_model_path, headless)
    (torn / "variables" / "variables.index").unlink()
    next((headless / "variables").glob("variables.data*")).unlink()
    foreign = tmp_path / "foreign"
    module = tf.Module()
    module.weight = tf.Variable(1.0)
    tf.saved_model.save(module, str(foreign))
    for command in ("translate", "inspect"):
        assert "is damaged" in complaint(command, "--model", torn, *COMMANDS[command])
        assert "is damaged" in complaint(command, "--model", headless, *COMMANDS[command])
        assert "not of kerasformer" in complaint(command, "--model", foreign, *COMMANDS[command])
    (torn / "saved_model.pb").write_bytes(b"\xff" * 99)
    assert "is damaged" in complaint("inspect", "--model", torn)


def test_an_export_may_replace_an_earlier_one_or_an_empty_folder(tmp_path):
    artefacts.check_replaceable(tmp_path / "new")
    artefacts.check_replaceable(tmp_path)
    report = {"artefacts": [{"name": "bundle", "file": ""}, {"name": "litert-int8", "file": "translator.int8.tflite"}]}
    for name in ("report.json", "translator.int8.tflite"):
        (tmp_path / name).write_text(json.dumps(report))
    artefacts.check_replaceable(tmp_path)
    with pytest.raises(InputError, match="report.json is a file"):
        artefacts.check_replaceable(tmp_path / "report.json")
    (tmp_path / "bundle").mkdir()  # a benchmark writes a report.json beside bundles
    with pytest.raises(InputError, match="holds bundle, which kerasformer did not write"):
        artefacts.check_replaceable(tmp_path)
    (tmp_path / "bundle").rmdir()
    (tmp_path / "mine.tflite").write_bytes(b"of another model")
    with pytest.raises(InputError, match="holds mine.tflite, which kerasformer did not write"):
        artefacts.check_replaceable(tmp_path)


def test_data_have_a_name_to_be_had_by_unless_they_were_somebodys_own():
    trained_on = {"name": "multi30k", "attribution": "Elliott et al."}
    assert artefacts.named_data(trained_on, ["everyday", "multi30k"]) == ["multi30k"]
    assert artefacts.named_data({**trained_on, "attribution": ""}, ["multi30k"]) == []  # from a folder of that name
    assert artefacts.named_data(trained_on, ["digits"]) == artefacts.named_data({}, ["digits"]) == []


def test_what_is_held_out_is_what_training_held_out_unless_asked_otherwise():
    assert artefacts.split_seed(None, {"seed": 3}) == 3
    assert artefacts.split_seed(0, {"seed": 3}) == 0
    assert artefacts.split_seed(None, {}) == 0
