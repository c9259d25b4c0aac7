"""Pictures of images show each where it belongs, with labels in any language, and refuse what does not fit."""

import warnings

import numpy as np
import pytest
from matplotlib.text import Text

from kerasformer import plotting
from kerasformer.config import ImageTokenizerConfig
from kerasformer.errors import InputError
from kerasformer.models import build_model
from kerasformer.plotting import fonts
from kerasformer.plotting.images import _wrapped

CAPTIONS = ["a two to the left of an eight", "un zéro écrit à la main", "칠의 왼쪽에 있는 이", "칠"]


@pytest.fixture(autouse=True)
def _warnings_are_errors():
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        yield


def images(count=4, channels=1):
    return np.random.default_rng(0).integers(256, size=(count, 5, 7, channels)).astype("uint8")


def shown(figure):
    """The images of a figure, row by row, as arrays; the overlays and colour bars that lie on others left out."""
    return [np.asarray(axes.images[0].get_array()) for axes in figure.axes if axes.images]


def titles(figure):
    return [axes.get_title() for axes in figure.axes]


def is_png(path):
    return path.read_bytes().startswith(b"\x89PNG")


def test_each_image_stands_under_its_caption(tmp_path):
    pixels = images()
    figure = plotting.image_grid(pixels, CAPTIONS, tmp_path / "grid.png")
    for found, image in zip(shown(figure), pixels, strict=True):
        np.testing.assert_allclose(found, image[..., 0] / 255)
    assert [" ".join(title.split()) for title in titles(figure)] == CAPTIONS
    assert is_png(tmp_path / "grid.png")
    figure.draw_without_rendering()  # in which a missing glyph would warn
    assert not any(fonts.MISSING_GLYPH in text.get_text() for text in figure.findobj(Text))


def test_black_is_0_white_is_1_and_other_values_are_clipped():
    grey = np.full((1, 5, 7, 1), 0.5)
    [axes] = plotting.image_grid(grey).axes
    assert axes.images[0].get_clim() == (0, 1)
    np.testing.assert_allclose(shown(plotting.image_grid(np.array([[[[300.0]]], [[[-1.0]]]]))), [[[1]], [[0]]])


def test_colours_stay_colours():
    pixels = images(channels=3)
    found = shown(plotting.image_grid(pixels))
    assert found[0].shape == (5, 7, 3)
    np.testing.assert_allclose(found, pixels / 255)


@pytest.mark.parametrize(("count", "columns", "places"), [(4, None, 4), (5, None, 6), (5, 5, 5), (5, 2, 6), (1, 1, 1)])
def test_images_fill_rows_of_so_many_columns(count, columns, places):
    figure = plotting.image_grid(images(count), columns=columns)
    assert len(figure.axes) == places
    assert len(shown(figure)) == count


@pytest.mark.parametrize(
    ("caption", "lines"),
    [
        ("", 0),
        ("a seven", 1),
        ("a seven to the left of a three", 2),
        ("칠의 왼쪽에 있는 삼", 2),  # 10 letters and spaces, of which 7 are twice as wide
        ("칠의 왼쪽에", 1),
    ],
)
def test_captions_are_wrapped_by_how_wide_they_are(caption, lines):
    assert len(_wrapped(caption).splitlines()) == lines


def test_captions_of_neighbours_do_not_touch():
    texts = [caption for caption in CAPTIONS[:3] for _ in range(3)]
    figure = plotting.image_grid(images(9), texts, columns=9)
    figure.draw_without_rendering()
    boxes = [axes.title.get_window_extent() for axes in figure.axes]
    assert not any(one.overlaps(other) for one, other in zip(boxes, boxes[1:], strict=False))


def test_a_rollout_lies_over_its_image_in_the_same_colours_for_all(tmp_path):
    pixels, maps = images(3), np.random.default_rng(0).random((3, 2, 3))
    figure = plotting.rollout_maps(pixels, maps, ["7", "4 → 9", "이"], tmp_path / "rollout.png")
    above, below, (bar,) = figure.axes[:3], figure.axes[3:6], figure.axes[6:]
    assert [axes.get_title() for axes in above] == ["7", "4 → 9", "이"]
    for image, weights, first, second in zip(pixels, maps, above, below, strict=True):
        [plain], [under, over] = first.images, second.images
        np.testing.assert_allclose(plain.get_array(), image[..., 0] / 255)
        np.testing.assert_array_equal(under.get_array(), plain.get_array())
        np.testing.assert_array_equal(over.get_array(), weights)
        assert over.get_clim() == (maps.mean(), maps.max())
        assert list(over.get_extent()) == list(under.get_extent())
    assert bar.get_ylabel() == "share of the patch"
    assert is_png(tmp_path / "rollout.png")


def test_maps_share_their_colours_and_name_their_tokens(tmp_path):
    maps = np.random.default_rng(0).random((3, 2, 5))
    figure = plotting.map_grid(maps, ["▁sept", "▁왼쪽에", "</s>"], tmp_path / "maps.png", columns=3, label="look")
    *places, bar = figure.axes
    assert [axes.get_title() for axes in places] == ["sept", "왼쪽에", "⟨end⟩"]
    np.testing.assert_array_equal([axes.images[0].get_array() for axes in places], maps)
    assert {axes.images[0].get_clim() for axes in places} == {(0, maps.max())}
    assert bar.get_ylabel() == "look"
    assert is_png(tmp_path / "maps.png")
    similar = np.array([[[1.0, -0.5]]])
    assert plotting.map_grid(similar, ["a"]).axes[0].images[0].get_clim() == (-0.5, 1)


def test_a_confusion_matrix_has_true_classes_in_rows_and_predicted_ones_in_columns(tmp_path):
    counts = np.array([[6, 2, 0], [0, 5, 0], [0, 0, 0]])
    figure = plotting.confusion_matrix(counts, ["one", "zwei", "삼"], tmp_path / "confusion.png")
    axes = figure.axes[0]
    np.testing.assert_allclose(axes.images[0].get_array(), [[0.75, 0.25, 0], [0, 1, 0], [0, 0, 0]])
    written = {text.get_position(): text.get_text() for text in axes.texts}  # (column, row)
    assert written == {(0, 0): "6", (1, 0): "2", (1, 1): "5"}
    assert [label.get_text() for label in axes.get_yticklabels()] == ["one", "zwei", "삼"]
    assert (axes.get_ylabel(), axes.get_xlabel()) == ("true", "predicted")
    assert is_png(tmp_path / "confusion.png")


@pytest.fixture(scope="module")
def image_tokenizer():
    config = ImageTokenizerConfig(
        height=20, width=28, patch_size=4, num_codes=6, code_dim=3, hidden_dim=5, num_layers=1
    )
    return build_model(config)


def test_a_code_is_drawn_as_the_middle_of_an_image_full_of_it(image_tokenizer, tmp_path):
    figure = plotting.codebook(image_tokenizer, tmp_path / "codes.png", columns=4)
    found = shown(figure)
    assert (len(found), len(figure.axes)) == (6, 8)
    for code, patch in enumerate(found):
        image = np.asarray(image_tokenizer.decode(np.full((1, 5, 7), code, "int32"), training=False))
        np.testing.assert_allclose(patch, image[0, 8:12, 12:16, 0], atol=1e-6)
    assert is_png(tmp_path / "codes.png")


def test_codes_of_images_are_drawn_as_they_paint_there_the_most_used_first(image_tokenizer):
    codes = np.full((2, 5, 7), 4)
    codes[0, :2], codes[1, 3, 2] = 2, 5  # 14 of 2, 1 of 5, the rest 4
    first, second, last = shown(plotting.codebook(image_tokenizer, codes=codes))
    images = np.asarray(image_tokenizer.decode(codes.astype("int32"), training=False))[..., 0]
    np.testing.assert_allclose(last, images[1, 12:16, 8:12], atol=1e-6)
    twos = [images[0, row : row + 4, column : column + 4] for row in (0, 4) for column in range(0, 28, 4)]
    np.testing.assert_allclose(second, np.mean(twos, axis=0), atol=1e-6)
    total = images.reshape(2, 5, 4, 7, 4).sum(axis=(0, 1, 3))
    np.testing.assert_allclose(first, (total - np.sum(twos, axis=0) - last) / (70 - 15), atol=1e-5)


def test_errors_name_the_expected_shape(image_tokenizer):
    with pytest.raises(InputError, match=r"images must have the shape \(image, height, width, 1 or 3\), got \(5, 7\)"):
        plotting.image_grid(np.ones((5, 7)))
    with pytest.raises(InputError, match=r"got \(4, 5, 7, 2\)"):
        plotting.image_grid(images(channels=2))
    with pytest.raises(InputError, match="captions must be as many as images, 4, got 1"):
        plotting.image_grid(images(), ["a"])
    with pytest.raises(InputError, match="columns must be at least 1, got 0"):
        plotting.image_grid(images(), columns=0)
    with pytest.raises(InputError, match=r"maps must have the shape \(image 4, row, column\), .* got \(3, 2, 2\)"):
        plotting.rollout_maps(images(), np.ones((3, 2, 2)), ["a"] * 4)
    with pytest.raises(InputError, match="labels must be as many as images, 4, got 2"):
        plotting.rollout_maps(images(), np.ones((4, 2, 2)), ["a"] * 2)
    with pytest.raises(InputError, match=r"maps must have the shape \(map 2, row, column\)"):
        plotting.map_grid(np.ones((3, 2, 2)), ["a", "b"])
    with pytest.raises(InputError, match=r"counts must have the shape \(true 2, predicted 2\)"):
        plotting.confusion_matrix(np.ones((2, 3)), ["a", "b"])
    with pytest.raises(InputError, match=r"codes must have the shape \(image, row 5, column 7\), .* got \(5, 7\)"):
        plotting.codebook(image_tokenizer, codes=np.zeros((5, 7), int))
    with pytest.raises(InputError, match="codes must be 0 to 5, got 0 to 6"):
        plotting.codebook(image_tokenizer, codes=np.arange(70).reshape(2, 5, 7) % 7)


DRAWN = np.random.default_rng(0).integers(256, size=(2, 5, 7, 7, 1), dtype="uint8")


def test_a_row_of_images_under_each_caption(tmp_path):
    figure = plotting.gallery(["a three", "숫자 칠"], DRAWN, tmp_path / "grid.png")
    assert [block._suptitle.get_text() for block in figure.subfigs] == ["a three", "숫자 칠"]
    np.testing.assert_allclose(np.stack(shown(figure)), DRAWN.reshape(10, 7, 7) / 255)
    assert [block.axes[0].get_gridspec().get_geometry() for block in figure.subfigs] == [(1, 5)] * 2
    assert is_png(tmp_path / "grid.png")


def test_images_of_one_caption_are_about_as_many_rows_as_columns():
    figure = plotting.gallery(["a three"], DRAWN[:1])
    assert figure.subfigs[0].axes[0].get_gridspec().get_geometry() == (2, 3)
    assert len(shown(figure)) == 5
    assert not any(axes.axison for axes in figure.axes)


def test_a_gallery_of_one_image_in_colour():
    [image] = shown(plotting.gallery(["a three"], np.zeros((1, 1, 4, 4, 3), "uint8")))
    assert image.shape == (4, 4, 3)


@pytest.mark.parametrize("drawn", [DRAWN[0], DRAWN[:1], DRAWN[:, :0], np.zeros((2, 1, 4, 4, 2), "uint8")])
def test_a_gallery_of_another_shape_is_refused(drawn):
    with pytest.raises(InputError, match=r"images must have the shape \(2, images, height, width, 1 or 3\)"):
        plotting.gallery(["a", "b"], drawn)
