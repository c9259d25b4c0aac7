"""Images are read without loss; bad files are refused in one line."""

import struct
import warnings
import zlib

import numpy as np
import pytest
from PIL import Image

from kerasformer.data.images.files import read_image, resize
from kerasformer.errors import InputError

RNG = np.random.default_rng(0)
GREY = RNG.integers(256, size=(5, 7, 1), dtype="uint8")
COLOUR = RNG.integers(256, size=(5, 7, 3), dtype="uint8")
OPAQUE, CLEAR = np.full_like(GREY, 255), np.where(np.arange(7)[:, None] == 3, 0, np.full_like(GREY, 255))


def join(*parts):
    return np.concatenate(parts, axis=-1)


def picture(pixels):
    return Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)


def png(width, height, depth, colour, data):
    """A PNG file, chunk by chunk."""
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)),
        (b"IDAT", zlib.compress(data)),
        (b"IEND", b""),
    ]
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize("pixels", [GREY, COLOUR, join(GREY, CLEAR), join(COLOUR, CLEAR)])
def test_pixels_are_read_as_they_were_written(write, pixels):
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
def test_exif_orientation_is_applied(write, orientation, turn):
    exif = Image.Exif()
    exif[0x0112] = orientation
    upright = turn(turn(COLOUR)) if orientation == 3 else turn(COLOUR)
    assert (read_image(write("any.png", COLOUR, exif=exif)) == upright).all()


def test_damaged_exif_data_does_not_harm_the_image(write):
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
def test_conversions_without_loss(write, stored, channels, pixels):
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
def test_conversions_with_loss_are_refused(write, stored, channels, message):
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
def test_other_files_are_refused(write, content):
    with pytest.raises(InputError, match="any.png is not a PNG or JPEG image: convert it"):
        read_image(write("any.png", content))


def test_a_damaged_byte_is_noticed(write):
    data = write("any.png", COLOUR).read_bytes()
    with pytest.raises(InputError, match="any.png is a damaged image"):
        read_image(write("any.png", data[:60] + bytes([data[60] ^ 255]) + data[61:]))


@pytest.mark.parametrize("side", [10_000, 60_000])
def test_a_decompression_bomb_is_refused(write, side):
    bomb = write("bomb.png", png(side, side, 8, 0, bytes(99)))
    with pytest.raises(InputError, match="bomb.png has more than [0-9,]+ pixels"):
        read_image(bomb)


def test_missing_file(tmp_path):
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
