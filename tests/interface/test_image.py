"""What all engines over images share: order, repeatable noise, and errors."""

import numpy as np
import pytest

from kerasformer.errors import InputError
from kerasformer.interface.image import BaseClassifier, BaseIllustrator, words_of


class Reader(BaseClassifier):
    """Says of an image of one pixel that it is bright with that probability."""

    def probabilities(self, images):
        bright = images.reshape(-1) / 255
        return np.stack([1 - bright, bright], axis=1)


class Recorder(BaseIllustrator):
    """Records what it is asked to draw."""

    def count_tokens(self, captions):
        return [len(caption.split()) for caption in captions]

    def render(self, captions, noise=None, temperature=1.0, top_k=0, top_p=1.0):
        self.asked = captions, noise, temperature, top_k, top_p
        return np.zeros((len(captions), 3), "int32"), np.zeros((len(captions), *self.shape), "uint8")


@pytest.fixture
def reader():
    return Reader(["dark", "bright"], [1, 1, 1])


@pytest.fixture
def illustrator():
    return Recorder(5, 3, [2, 4, 1], ["a", "three"])


def test_labels_come_likeliest_first(reader):
    found = reader([np.full((1, 1, 1), value, "uint8") for value in (255, 51, 0)])
    assert [labelled.label for labelled in found] == ["bright", "dark", "dark"]
    assert list(found[1].probabilities.items()) == [("dark", pytest.approx(0.8)), ("bright", pytest.approx(0.2))]
    assert reader([]) == []


@pytest.mark.parametrize("images", [np.zeros((2, 1, 1), "uint8"), np.zeros((2, 1, 1, 3), "uint8"), np.zeros((1,) * 4)])
def test_images_of_another_shape_or_dtype_are_refused(images, reader):
    with pytest.raises(InputError, match=r"images must be uint8 \(batch, 1, 1, 1\), got (uint8|float64) \("):
        reader(images)


def test_each_caption_is_drawn_count_times_with_its_own_noise(illustrator):
    assert illustrator.draw(["a three", "three a"], 0.5, 7, 0.9, seed=1, count=2).shape == (2, 2, 2, 4, 1)
    captions, noise, *values = illustrator.asked
    assert captions == ["a three", "a three", "three a", "three a"]
    assert values == [np.float32(0.5), 7, np.float32(0.9)]
    assert noise.shape == (4, 3)
    assert len({row.tobytes() for row in noise}) == 4
    assert illustrator.draw("three a", seed=1).shape == (1, 2, 4, 1)
    np.testing.assert_array_equal(illustrator.asked[1][0], noise[2])  # the other captions do not matter
    illustrator.draw("three a", seed=2)
    assert (illustrator.asked[1][0] != noise[2]).any()


def test_captions_are_cleaned(illustrator):
    illustrator.draw("thr\u00adee\u00a0 a")
    assert illustrator.asked[0] == ["three a"]
    assert illustrator.unknown_words("thr\u00adee\u00a0a") == []


def test_temperature_0_draws_without_noise(illustrator):
    illustrator.draw("three", temperature=0)
    assert illustrator.asked[1:3] == (None, 1.0)


WRONG = [("temperature", -1), ("temperature", np.inf), ("top_p", 0), ("top_p", 1.1), ("top_k", -1), ("seed", -1)]


@pytest.mark.parametrize(("option", "value"), [*WRONG, ("count", 0)])
def test_options_out_of_range_are_refused(option, value, illustrator):
    with pytest.raises(InputError, match=f"^{option} must be .*, got {value}$"):
        illustrator.draw("three", **{option: value})


def test_captions_that_cannot_be_drawn_are_refused(illustrator):
    with pytest.raises(InputError, match="a caption is empty: say what to draw"):
        illustrator.draw(["three", " "])
    with pytest.raises(
        InputError, match=r"caption 'three three .*…' has 20 tokens, the model reads 4: shorten it"
    ) as e:
        illustrator.draw("three " * 20)
    assert len(str(e.value)) < 120
    assert illustrator.draw([], count=3).shape == (0, 3, 2, 4, 1)


def test_unknown_words(illustrator):
    assert illustrator.unknown_words('a "three", a zebra; three?') == ["zebra"]
    assert words_of("un, deux : d'un") == ["un", "deux", "d'un"]
    assert Recorder(5, 3, [2, 4, 1]).unknown_words("what nobody wrote down cannot be missed") == []
