"""Images out of files without loss, folders of classes into splits; and what is said of those that will not do."""

import struct
import sys
import warnings
import zlib

import numpy as np
import pytest
from PIL import Image

from kerasformer.data.images.corpora import available_images
from kerasformer.data.images.corpus import load_images
from kerasformer.data.images.files import read_image, resize
from kerasformer.data.images.splits import stratified
from kerasformer.errors import InputError

RNG = np.random.default_rng(0)
GREY = RNG.integers(256, size=(5, 7, 1), dtype="uint8")
COLOUR = RNG.integers(256, size=(5, 7, 3), dtype="uint8")
OPAQUE, CLEAR = np.full_like(GREY, 255), np.where(np.arange(7)[:, None] == 3, 0, np.full_like(GREY, 255))
SHARES = {"train": 70, "validation": 10, "test": 20}


def join(*parts):
    return np.concatenate(parts, axis=-1)


def picture(pixels):
    return Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)


def png(width, height, depth, colour, data):
    """A PNG file spelled out."""
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)),
        (b"IDAT", zlib.compress(data)),
        (b"IEND", b""),
    ]
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.fixture
def write(tmp_path):
    """Write bytes, pixels or a Pillow image under a name, folders and all; returns the path."""

    def write_file(name, content, **options):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            (picture(content) if isinstance(content, np.ndarray) else content).save(path, **options)
        return path

    return write_file


@pytest.fixture
def classes(write, tmp_path):
    """Write a folder of different greyscale images, as many as said for each class; returns its path."""

    def write_folder(**counts):
        for label, (name, count) in enumerate(counts.items()):
            (tmp_path / "own" / name).mkdir(parents=True)
            for i in range(count):
                write(f"own/{name}/{i:02}.png", np.full((5, 7, 1), 40 * label + i, "uint8"))
        return tmp_path / "own"

    return write_folder


@pytest.mark.parametrize("pixels", [GREY, COLOUR, join(GREY, CLEAR), join(COLOUR, CLEAR)])
def test_pixels_come_back_as_they_were_written(write, pixels):
    assert (read_image(write("any.png", pixels)) == pixels).all()
    found = read_image(write("any.png", pixels), height=5, width=7, channels=pixels.shape[-1])
    assert found.dtype == "uint8"
    assert (found == pixels).all()


def test_black_and_white_and_palettes(write):
    bits = GREY > 127
    assert (read_image(write("bits.png", Image.fromarray(bits[..., 0]))) == bits * np.uint8(255)).all()
    palette = picture(COLOUR).quantize(35)
    assert (read_image(write("p.png", palette)) == np.asarray(palette.convert("RGB"))).all()
    clear = read_image(write("clear.png", palette, transparency=palette.getpixel((0, 0))))
    assert clear.shape == (5, 7, 4)
    assert clear[0, 0, 3] == 0
    key = int(GREY[0, 0, 0])
    clear = read_image(write("clear.png", GREY, transparency=key))
    assert (clear == join(GREY, np.where(key == GREY, 0, OPAQUE))).all()


def test_jpeg(write):
    flat = np.full((5, 7, 1), 99, "uint8")
    assert (read_image(write("flat.JPG", flat, format="JPEG")) == flat).all()
    assert read_image(write("any.jpeg", COLOUR)).shape == (5, 7, 3)


@pytest.mark.parametrize(("orientation", "turn"), [(1, lambda p: p), (3, np.rot90), (6, lambda p: np.rot90(p, 3))])
def test_images_stand_upright(write, orientation, turn):
    exif = Image.Exif()
    exif[0x0112] = orientation
    upright = turn(turn(COLOUR)) if orientation == 3 else turn(COLOUR)
    assert (read_image(write("any.png", COLOUR, exif=exif)) == upright).all()


def test_damaged_exif_data_leaves_the_picture_whole(write):
    path = write("any.jpg", GREY, exif=b"Exif\0\0II*\0\x08\0\0\0\x05\0\x12\x01")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_image(path).shape == GREY.shape


@pytest.mark.parametrize(
    ("stored", "channels", "pixels"),
    [
        (GREY, 3, join(GREY, GREY, GREY)),
        (join(GREY, GREY, GREY), 1, GREY),
        (join(GREY, OPAQUE), None, GREY),
        (join(COLOUR, OPAQUE), None, COLOUR),
        (join(COLOUR, OPAQUE), 3, COLOUR),
        (join(GREY, GREY, GREY, OPAQUE), 1, GREY),
        (COLOUR, 4, join(COLOUR, OPAQUE)),
        (join(GREY, CLEAR), 4, join(GREY, GREY, GREY, CLEAR)),
    ],
)
def test_conversions_that_lose_nothing(write, stored, channels, pixels):
    found = read_image(write("any.png", stored), channels=channels)
    assert (found == pixels).all()
    assert found.shape == pixels.shape


@pytest.mark.parametrize(
    ("stored", "channels", "message"),
    [
        (COLOUR, 1, "any.png is RGB where greyscale is expected: convert it"),
        (join(GREY, CLEAR), 1, "any.png is greyscale with transparency where greyscale is expected"),
        (join(COLOUR, CLEAR), 3, "any.png is RGB with transparency where RGB is expected"),
        (join(COLOUR, CLEAR), 2, "any.png is RGB with transparency where greyscale with transparency is expected"),
    ],
)
def test_conversions_that_would_lose_something(write, stored, channels, message):
    with pytest.raises(InputError, match=message):
        read_image(write("any.png", stored), channels=channels)


@pytest.mark.parametrize(
    ("name", "stored", "message"),
    [
        (
            "deep.png",
            Image.new("I;16", (7, 5)),
            "deep.png has 16 bits per channel where greyscale or RGB with 8 bits is",
        ),
        ("deep.png", png(2, 1, 16, 2, bytes(13)), "deep.png has 16 bits per channel where .* expected: convert it"),
        (
            "print.jpg",
            Image.new("CMYK", (7, 5)),
            "print.jpg has mode CMYK where greyscale or RGB with 8 bits is expected",
        ),
    ],
)
def test_other_modes(write, name, stored, message):
    for channels in (None, 1, 3):
        with pytest.raises(InputError, match=message):
            read_image(write(name, stored), channels=channels)


@pytest.mark.parametrize("size", [(5, 8), (6, 7), (7, 5), (5, 6)])
def test_wrong_size(write, size):
    message = f"any.png is 5 high and 7 wide where {size[0]} high and {size[1]} wide is expected: resize or crop it"
    with pytest.raises(InputError, match=message):
        read_image(write("any.png", GREY), *size)


def test_wrong_number_of_channels_asked_for(write):
    with pytest.raises(ValueError, match="channels must be None, 1, 2, 3 or 4, not 5"):
        read_image(write("any.png", GREY), channels=5)


@pytest.mark.parametrize("name", ["any.png", "any.jpg"])
def test_a_file_cut_short_is_refused_or_whole(write, name):
    path = write(name, np.tile(COLOUR, (9, 9, 1)))
    data, pixels = path.read_bytes(), read_image(path)
    for length in range(1, len(data), 7):
        path.write_bytes(data[:length])
        try:
            found = read_image(path)
        except InputError as error:
            assert str(error).startswith(str(path))  # noqa: PT017
            assert "damaged" in str(error) or "not a PNG or JPEG" in str(error)  # noqa: PT017
        else:
            assert length > len(data) - 20
            assert (found == pixels).all()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(InputError, match=f"{name} is a damaged image .*: copy or download it again"):
        read_image(path)


@pytest.mark.parametrize("content", [b"", b"label,path\n", b"GIF89a" + bytes(99), b"\xff\xd8\xff"])
def test_what_is_no_image(write, content):
    with pytest.raises(InputError, match="any.png is not a PNG or JPEG image: convert it"):
        read_image(write("any.png", content))


def test_a_damaged_byte(write):
    data = write("any.png", COLOUR).read_bytes()
    with pytest.raises(InputError, match="any.png is a damaged image"):
        read_image(write("any.png", data[:60] + bytes([data[60] ^ 255]) + data[61:]))


@pytest.mark.parametrize("side", [10_000, 60_000])
def test_a_decompression_bomb(write, side):
    bomb = write("bomb.png", png(side, side, 8, 0, bytes(99)))
    with pytest.raises(InputError, match="bomb.png has more than [0-9,]+ pixels"):
        read_image(bomb)


def test_no_file(tmp_path):
    with pytest.raises(InputError, match="none.png does not exist: check the name"):
        read_image(tmp_path / "none.png")
    with pytest.raises(InputError, match="is a folder, but a file is needed"):
        read_image(tmp_path)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_resize(channels):
    flat = np.broadcast_to(np.array([9, 8, 7, 255], "uint8")[-channels:], (5, 7, channels))
    for size in ((3, 11), (13, 2), (5, 7)):
        assert (resize(flat, *size) == flat[0, 0]).all()
        assert resize(flat, *size).shape == (*size, channels)


def test_resize_blends_every_pixel_when_it_shrinks():
    board = np.where(np.indices((40, 40)).sum(0)[..., None] % 2, 255, 0).astype("uint8")
    assert np.abs(resize(board, 5, 5).astype(int) - 128).max() <= 8


@pytest.mark.parametrize(
    ("count", "shares", "sizes"),
    [
        (10, SHARES, (7, 1, 2)),
        (178, SHARES, (125, 18, 35)),
        (13, SHARES, (9, 1, 3)),
        (5, SHARES, (3, 1, 1)),
        (3, SHARES, (1, 1, 1)),
        (7, {"train": 2, "test": 1}, (5, 2)),
        (11, {"all": 1}, (11,)),
    ],
)
def test_stratified_shares(count, shares, sizes):
    labels = np.array([4] * count + [2] * count)
    rows = stratified(labels, shares, seed=0)
    assert list(rows) == list(shares)
    for part, size in zip(rows.values(), sizes, strict=True):
        assert np.bincount(labels[part]).tolist() == [0, 0, size, 0, size]
        assert (np.diff(part) > 0).all()
    assert sorted(np.concatenate([*rows.values()])) == [*range(2 * count)]


def test_stratified_is_decided_by_the_seed_only():
    labels = np.arange(60) % 3
    first, again, other = (stratified(labels, SHARES, seed) for seed in (1, 1, 2))
    assert all((first[name] == again[name]).all() for name in SHARES)
    assert first["test"].tolist() != other["test"].tolist()


def test_stratified_of_too_few():
    with pytest.raises(ValueError, match="label 1 has 2 rows: 3 splits need at least one each"):
        stratified(np.array([0, 0, 0, 1, 1]), SHARES, seed=0)


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


def test_hash_is_of_what_was_read(classes, write):
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


def test_a_held_out_image_that_is_in_training_too(classes, write):
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
def test_folders_that_will_not_do(classes, tmp_path, counts, message):
    (tmp_path / "own").mkdir(exist_ok=True)
    with pytest.raises(InputError, match=message):
        load_images(classes(**counts))


def test_images_without_class_folders(write):
    folder = write("own/cat.png", GREY).parent
    with pytest.raises(InputError, match="own has files but no folders: it needs one folder of PNG or JPEG"):
        load_images(folder)


def test_no_folder(tmp_path):
    with pytest.raises(InputError, match=r"'.*none' is neither an image data set \(digits\) nor an existing folder"):
        load_images(tmp_path / "none")


def test_a_damaged_image_in_a_folder_is_named(classes):
    folder = classes(cat=3, dog=3)
    path = folder / "dog" / "01.png"
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(InputError, match="dog/01.png is a damaged image"):
        load_images(folder)


@pytest.mark.parametrize("size", [(0, 8), (8, -1)])
def test_impossible_sizes(classes, size):
    with pytest.raises(InputError, match="height and width must be at least 1"):
        load_images(classes(cat=3, dog=3), size=size)
