"""Code outside the package adds a form of artefact and two formats of export: one record each, and no other edit."""

import dataclasses
import json

import numpy as np
import pytest

import kerasformer
from kerasformer.bundle import Bundle
from kerasformer.config import config_of
from kerasformer.formats import FORMATS, FORMS, Description, Form, Format
from kerasformer.inference.translator import Translator
from kerasformer.models import build_model
from kerasformer.tasks import find_task
from kerasformer.tokenizer import Tokenizer

NPZ = Form(
    name="npz",
    noun="a .npz file",
    describe=f"{__name__}:describe_npz",
    open=f"{__name__}:open_npz",
    suffix=".npz",
    is_compiled=True,
)
NPZ_FORMAT = Format(name="npz", form="npz", file="{stem}.npz", write=f"{__name__}:write_npz")
HALF_PRECISION = Format(
    name="litert-fp16",
    form="litert",
    file="{stem}.fp16.tflite",
    write="kerasformer.exporting.litert:write",
    precision="fp16",
    is_exact=False,
    quantize=f"{__name__}:half_precision",
    bytes_per_weight=2,
)


def write_npz(bundle, path, format):
    """Write a translator's weights, tokenizer and metadata as arrays."""
    config = dataclasses.asdict(bundle.model.config)
    says = {name: getattr(bundle, name) for name in ("source", "target", "corpus", "decoding")} | {"model": config}
    arrays = {f"weight{i}": weight for i, weight in enumerate(bundle.model.training.get_weights())}
    tokenizer = np.frombuffer(bundle.tokenizer.model, "uint8")
    np.savez(path, says=json.dumps(says), tokenizer=tokenizer, **arrays)


def describe_npz(path):
    says = json.loads(str(np.load(path)["says"]))
    task = find_task(config_of(says["model"]).task, path)
    return Description(path, NPZ, task, says["source"], says["target"], corpus=says["corpus"], metadata=says)


def open_npz(description, **options):
    arrays = np.load(description.path)
    model = build_model(config_of(description.metadata["model"]))
    model.training.set_weights([arrays[f"weight{i}"] for i in range(len(arrays.files) - 2)])
    tokenizer = Tokenizer(arrays["tokenizer"].tobytes())
    decoding = description.metadata["decoding"]
    bundle = Bundle(model, tokenizer, description.source, description.target, decoding=decoding)
    return Translator(bundle, **options)


def half_precision(converter):
    import tensorflow as tf

    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_types = [tf.float16]


@pytest.fixture
def registered(monkeypatch):
    monkeypatch.setitem(FORMS, "npz", NPZ)
    monkeypatch.setitem(FORMATS, "npz", NPZ_FORMAT)
    monkeypatch.setitem(FORMATS, "litert-fp16", HALF_PRECISION)


@pytest.mark.usefixtures("light_exports")
def test_a_new_form_and_a_new_precision_are_exported_proved_and_opened(
    registered, bundle_path, phrases, tmp_path, answer, opened_once, only_signatures
):
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("".join(f"{source}\t{target}\n" for source, target in phrases[:40]), encoding="utf-8")
    out = tmp_path / "exported"
    with only_signatures("translate"):
        asked = "--model", bundle_path, "--out", out, "--format", "npz", "litert-fp16", "--data", pairs
        shown = answer("export", *asked)
    assert "litert-fp16" in shown
    for name in ("translator.npz", "translator.fp16.tflite"):
        translator = kerasformer.open_translator(out / name)
        assert answer("translate", "--model", out / name, "Il pleut.") == translator("Il pleut.") + "\n"
    assert opened_once(out / "translator.npz")("Il pleut.") == opened_once(bundle_path)("Il pleut.")
    assert kerasformer.describe(out / "translator.npz").is_exact
    assert not kerasformer.describe(out / "translator.fp16.tflite").is_exact
    about = json.loads(answer("inspect", "--model", out / "translator.npz", "--json"))
    assert (about["form"], about["corpus"]["name"]) == ("npz", "everyday")
    answer("verify", "--model", out / "translator.npz", "--bundle", bundle_path, "--data", pairs, "--limit", 9)


@pytest.mark.usefixtures("light_exports")
def test_the_public_function_exports_a_bundle_by_its_path(registered, bundle_path, phrases, tmp_path, opened_once):
    reference = opened_once(bundle_path)
    report = kerasformer.export(
        bundle_path, tmp_path / "out", phrases[:5], formats=["npz"], say=lambda line: None, reference=reference
    )
    assert [row["name"] for row in report["artefacts"]] == ["bundle", "npz"]
    assert report["artefacts"][1]["identical_share"] == 1.0


def test_help_lists_what_was_added(registered, capsys):
    from kerasformer.cli.main import main

    with pytest.raises(SystemExit):
        main(["export", "--help"])
    assert "npz" in (help := capsys.readouterr().out)
    assert "litert-fp16" in help
