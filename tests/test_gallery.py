"""The picture that `kerasformer draw` writes."""

import numpy as np
import pytest

from kerasformer.errors import InputError
from kerasformer.gallery import gallery

IMAGES = np.random.default_rng(0).integers(256, size=(2, 5, 7, 7, 1), dtype="uint8")


def shown(figure):
    return [axes.images[0].get_array() for axes in figure.get_axes() if axes.images]


def test_a_row_of_images_under_each_caption(tmp_path):
    figure = gallery(["a three", "숫자 칠"], IMAGES, tmp_path / "grid.png")
    assert [block._suptitle.get_text() for block in figure.subfigs] == ["a three", "숫자 칠"]
    np.testing.assert_array_equal(np.stack(shown(figure)), IMAGES.reshape(10, 7, 7))
    assert [block.axes[0].get_gridspec().get_geometry() for block in figure.subfigs] == [(1, 5)] * 2
    assert (tmp_path / "grid.png").read_bytes().startswith(b"\x89PNG")


def test_images_of_one_caption_are_about_as_many_rows_as_columns():
    figure = gallery(["a three"], IMAGES[:1])
    assert figure.subfigs[0].axes[0].get_gridspec().get_geometry() == (2, 3)
    assert len(shown(figure)) == 5


def test_colour_and_a_single_image():
    [image] = shown(gallery(["a three"], np.zeros((1, 1, 4, 4, 3), "uint8")))
    assert image.shape == (4, 4, 3)


@pytest.mark.parametrize("images", [IMAGES[0], IMAGES[:1], IMAGES[:, :0], np.zeros((2, 1, 4, 4, 2), "uint8")])
def test_images_of_another_shape_are_refused(images):
    with pytest.raises(InputError, match=r"images must have the shape \(2, images, height, width, 1 or 3\)"):
        gallery(["a", "b"], images)
