"""Each named image data set reads its own images; a new one is added with one record."""

import dataclasses
import pathlib
import runpy

import numpy as np
import pytest

from kerasformer.cli.main import build_parser
from kerasformer.data.images import corpora
from kerasformer.data.images.corpora import NamedImages, available_images, register_images
from kerasformer.data.images.corpus import load_images
from kerasformer.errors import InputError
from kerasformer.jobs import open_job

TRAIN = pathlib.Path(__file__).parents[3] / "train.py"


@pytest.fixture
def stripes(monkeypatch):
    """A data set that is registered from outside the package."""
    monkeypatch.setattr(corpora, "_DATA_SETS", dict(corpora._DATA_SETS))

    def read():
        images = (np.full((6, 4, 3), 20 * count, "uint8") for count in range(12))
        items = [(count % 2, f"image {count}", image) for count, image in enumerate(images)]
        return ("dark", "light"), items, ["a note"]

    images = NamedImages(name="stripes", attribution="Stripes, public domain", read=read)
    register_images(images)
    return images


def test_one_record_adds_a_data_set_for_everything(stripes, capsys):
    assert available_images() == ["digits", "stripes"]
    corpus = load_images("stripes")
    assert (corpus.name, corpus.classes, corpus.train.pixels.shape[1:]) == ("stripes", ("dark", "light"), (6, 4, 3))
    pixels = np.concatenate([part.pixels for part in (corpus.train, corpus.validation, corpus.test)])
    assert sorted(pixels[:, 0, 0, 0].tolist()) == [20 * count for count in range(12)]
    assert corpus.describe()[-2:] == ["a note", "Stripes, public domain"]
    assert load_images("stripes", size=(3, 2)).train.pixels.shape[1:] == (3, 2, 3)

    train = runpy.run_path(str(TRAIN))
    arguments = train["build_parser"]().parse_args(["--model", "vit", "--preset", "test", "--data", "stripes"])
    model, _ = train["configs"](arguments)
    job = open_job(model, {"data": arguments.data})
    assert (job.name, job.sha256) == ("stripes-labels", corpus.sha256)
    assert "for images: digits, stripes, or" in " ".join(train["build_parser"]().format_help().split())
    with pytest.raises(SystemExit):
        build_parser().parse_args(["evaluate", "--help"])
    assert "digits, stripes, or a FOLDER" in " ".join(capsys.readouterr().out.split())


def test_a_drawing_model_refuses_images_that_are_not_digits(stripes):
    from kerasformer.data.images.scenes import make_scenes

    with pytest.raises(InputError, match=r"digits must be \(8, 8, 1\), not \(6, 4, 3\)"):
        make_scenes(load_images("stripes").train, 3, 0)


def test_a_name_is_taken_once(stripes):
    register_images(stripes)
    with pytest.raises(ValueError, match="there is an image data set named 'stripes' already"):
        register_images(dataclasses.replace(stripes, attribution=""))
