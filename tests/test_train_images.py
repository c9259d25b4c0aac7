"""`train.py` over models of images: the whole road on little data, and what it says of bad input."""

import json
import pathlib
import runpy
import sys

import numpy as np
import pytest
from PIL import Image

from kerasformer.config.presets import IMAGE_RECIPES
from kerasformer.evaluation import drawing as drawing_scores
from kerasformer.inference.opening import open_artefact
from kerasformer.jobs import drawing

SCRIPT = pathlib.Path(__file__).parents[1] / "train.py"


@pytest.fixture
def start(monkeypatch):
    """Run `train.py` with arguments and return its exit code."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["train.py", *map(str, arguments)])
        try:
            runpy.run_path(str(SCRIPT), run_name="__main__")
        except SystemExit as stop:
            return stop.code
        return 0

    return run


@pytest.fixture
def folder(tmp_path):
    """A folder of two classes, images that are dark and images that are bright."""
    rng = np.random.default_rng(0)
    for name, low in (("bright", 128), ("dark", 0)):
        (tmp_path / "images" / name).mkdir(parents=True)
        for i in range(20):
            pixels = rng.integers(low, low + 128, size=(8, 8, 3), dtype="uint8")
            Image.fromarray(pixels).save(tmp_path / "images" / name / f"{i}.png")
    return tmp_path / "images"


@pytest.mark.usefixtures("light_exports")
def test_a_run_of_a_classifier_trains_saves_and_exports(start, folder, tmp_path, capfd):
    out = tmp_path / "run"
    assert start("--model", "vit", "--preset", "test", "--epochs", 2, "--data", folder, "--out", out) == 0
    printed = capfd.readouterr().out
    assert "test: accuracy" in printed
    assert "same labels" in printed
    report = json.loads((out / "export" / "report.json").read_text(encoding="utf-8"))
    assert [row["name"] for row in report["artefacts"]] == ["bundle", "saved_model", "litert-fp32", "litert-int8"]
    assert all(row["identical_share"] == 1.0 for row in report["artefacts"][:3])
    classifier = open_artefact(out / "bundle")
    assert (classifier.labels, classifier.shape) == (("bright", "dark"), (8, 8, 3))
    assert classifier.bundle.metrics["test"]["images"] == 8
    assert set(classifier.bundle.metrics["test"]["recall"]) == {"bright", "dark"}


@pytest.mark.usefixtures("light_exports")
def test_a_run_of_a_dalle_trains_saves_and_exports(start, tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(drawing, "SCENES", {"train": 64, "validation": 16})
    monkeypatch.setattr(drawing, "TESTED", 6)
    monkeypatch.setattr(drawing_scores, "_CAPTIONS", 6)
    monkeypatch.setitem(IMAGE_RECIPES["image_tokenizer"], "epochs", 1)
    out = tmp_path / "run"
    assert start("--model", "dalle", "--preset", "test", "--epochs", 1, "--out", out) == 0
    printed = capfd.readouterr().out
    assert "stage 1 of 2: image_tokenizer of " in printed
    assert "stage 2 of 2: dalle of " in printed
    assert "bits per image (128 without the model)" in printed
    report = json.loads((out / "export" / "report.json").read_text(encoding="utf-8"))
    assert all(row["identical_share"] == row["identical_drawn_share"] == 1.0 for row in report["artefacts"][:3])
    illustrator = open_artefact(out / "bundle")
    assert illustrator.bundle.metrics["test"]["images"] == 12
    assert illustrator.unknown_words("a three to the left of a zebra") == ["zebra"]
    assert illustrator.draw("a three").shape == (1, 16, 16, 1)


def test_folders_that_cannot_train(start, folder, tmp_path, capfd):
    def said(*arguments):
        assert start("--model", "vit", "--preset", "test", "--out", tmp_path / "run", *arguments) == 2
        [line] = capfd.readouterr().err.strip().splitlines()
        assert not (tmp_path / "run").exists()
        return line

    (tmp_path / "empty").mkdir()
    assert "empty is empty: it needs one folder of PNG or JPEG images per class" in said("--data", tmp_path / "empty")
    assert "'nowhere' is neither an image data set (digits) nor an existing folder" in said("--data", "nowhere")
    assert "patch_size must be a divisor of the image's 10 x 8 pixels" in said(
        "--data", folder, "--image-size", 10, 8, "--patch-size", 4
    )
    Image.new("RGB", (9, 9)).save(folder / "dark" / "odd.png")
    assert "odd.png is 9 high and 9 wide, but 40 of 41 images are 8 high and 8 wide" in said("--data", folder)
    torn = folder / "dark" / "odd.png"
    torn.write_bytes((folder / "dark" / "0.png").read_bytes()[:-40])
    assert "odd.png is a damaged image" in said("--data", folder)
    for path in (folder / "dark").iterdir():
        path.unlink()
    (folder / "dark").rmdir()
    assert "images has only one class, bright" in said("--data", folder)
