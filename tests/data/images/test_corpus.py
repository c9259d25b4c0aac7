"""Data sets and folders of images are split by class; unusable folders are refused in one line."""

import sys

import numpy as np
import pytest

from kerasformer.data.images.corpora import available_images
from kerasformer.data.images.corpus import load_images
from kerasformer.errors import InputError

RNG = np.random.default_rng(0)
GREY = RNG.integers(256, size=(5, 7, 1), dtype="uint8")
COLOUR = RNG.integers(256, size=(5, 7, 3), dtype="uint8")


def test_digits():
    pytest.importorskip("sklearn")
    corpus = load_images("digits")
    parts = corpus.train, corpus.validation, corpus.test
    assert sum(map(len, parts)) == 1797
    assert corpus.classes == tuple("0123456789")
    for part, share in zip(parts, (0.7, 0.1, 0.2), strict=True):
        assert part.pixels.shape == (len(part), 8, 8, 1)
        assert (part.pixels.dtype, part.labels.dtype) == ("uint8", "int32")
        assert np.abs(np.bincount(part.labels) - share * 179.7).max() < 4
    assert {corpus.train.pixels.min(), corpus.train.pixels.max()} == {0, 255}
    assert len(np.unique(corpus.train.pixels)) == 17
    other = load_images("digits", seed=1, size=(16, 12))
    assert other.sha256 == corpus.sha256
    assert other.test.pixels.shape[1:] == (16, 12, 1)
    assert other.test.labels.tolist() != corpus.test.labels.tolist()
    assert corpus.describe()[0].startswith("digits, 8 high and 8 wide, greyscale: 1,2")
    assert "UCI" in corpus.describe()[-1]


def test_digits_without_scikit_learn(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(InputError, match=r'the digits need scikit-learn: pip install "kerasformer\[images\]"'):
        load_images("digits")
    assert available_images() == ["digits"]


def test_folder(classes, write):
    folder = classes(cat=10, dog=20)
    write("own/dog/notes.txt", b"x")
    write("own/readme.md", b"x")
    write("own/dog/.hidden.png", b"x")
    write("own/.cache/any.png", b"x")
    (folder / "cat" / "00.png").rename(folder / "cat" / "00.PNG")
    corpus = load_images(str(folder))
    assert (corpus.name, corpus.classes, corpus.attribution) == ("own", ("cat", "dog"), "")
    counts = [np.bincount(part.labels).tolist() for part in (corpus.train, corpus.validation, corpus.test)]
    assert counts == [[7, 14], [1, 2], [2, 4]]
    for part in (corpus.train, corpus.validation, corpus.test):
        assert (part.pixels[:, 0, 0, 0] // 40 == part.labels).all()
    assert corpus.describe() == [
        "own, 5 high and 7 wide, greyscale: 21 training images, 3 validation, 6 test",
        "2 classes with 10 to 20 images each",
        "left out 2 files that are not PNG or JPEG images in a class folder",
    ]


def test_the_hash_is_of_the_images_before_resizing(classes, write):
    folder = classes(cat=3, dog=3)
    first = load_images(folder)
    assert load_images(folder, seed=5, size=(2, 3)).sha256 == first.sha256
    write("own/dog/00.png", GREY)
    assert load_images(folder).sha256 != first.sha256


def test_greyscale_among_colour(classes, write):
    folder = classes(cat=3, dog=3)
    write("own/dog/02.png", COLOUR)
    corpus = load_images(folder)
    assert corpus.train.pixels.shape[1:] == (5, 7, 3)
    assert corpus.notes == ["converted 5 of 6 images to RGB, like the others"]


def test_resizing(classes, write):
    folder = classes(cat=3, dog=3)
    write("own/cat/01.png", COLOUR[:3])
    corpus = load_images(folder, size=(5, 7))
    assert corpus.train.pixels.shape == (2, 5, 7, 3)
    assert corpus.notes[0] == "resized 1 of 6 images"


def test_held_out_images_that_are_in_training_are_counted(classes, write):
    folder = classes(cat=3, dog=3)
    for i in range(3):
        write(f"own/dog/{i:02}.png", GREY)
    notes = ["1 validation images are also training images", "1 test images are also training images"]
    assert load_images(folder).notes == notes


def test_images_of_different_sizes(classes, write):
    folder = classes(cat=3, dog=4)
    write("own/cat/00.png", GREY[:, :6])
    message = (
        "cat/00.png is 5 high and 6 wide, but 6 of 7 images are 5 high and 7 wide, such as .*cat/01.png: give images "
        "of one size, or resize all: train.py with --image-size, kerasformer with --resize"
    )
    with pytest.raises(InputError, match=message):
        load_images(folder)


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ({}, "own is empty: it needs one folder of PNG or JPEG images per class"),
        ({"cat": 9}, "own has only one class, cat: .* at least two classes"),
        ({"cat": 9, "dog": 0}, "dog has no PNG or JPEG images: add some or remove the folder"),
        ({"cat": 9, "dog": 2}, "dog has only 2 images: a class needs at least 3, one each for train, validation"),
    ],
)
def test_unusable_folders_are_refused(classes, tmp_path, counts, message):
    (tmp_path / "own").mkdir(exist_ok=True)
    with pytest.raises(InputError, match=message):
        load_images(classes(**counts))


def test_images_without_class_folders_are_refused(write):
    folder = write("own/cat.png", GREY).parent
    with pytest.raises(InputError, match="own has files but no folders: it needs one folder of PNG or JPEG"):
        load_images(folder)


def test_missing_folder(tmp_path):
    with pytest.raises(InputError, match=r"'.*none' is neither an image data set \(digits\) nor an existing folder"):
        load_images(tmp_path / "none")


def test_a_damaged_image_in_a_folder_is_named(classes):
    folder = classes(cat=3, dog=3)
    path = folder / "dog" / "01.png"
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(InputError, match="dog/01.png is a damaged image"):
        load_images(folder)


@pytest.mark.parametrize("size", [(0, 8), (8, -1)])
def test_sizes_below_1_are_refused(classes, size):
    with pytest.raises(InputError, match="height and width must be at least 1"):
        load_images(classes(cat=3, dog=3), size=size)
