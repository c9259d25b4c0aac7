"""The options of sampling, their ranges, and the random numbers."""

import zlib

import numpy as np
import pytest

from kerasformer.errors import InputError
from kerasformer.interface.sampling import Sampling, split_sampling, uniform_noise


def test_noise_depends_on_the_text_and_the_seed_only():
    noise = uniform_noise(["안녕", "bonjour", "안녕"], 3, 50)
    assert (noise.shape, noise.dtype) == ((3, 50), np.float32)
    np.testing.assert_array_equal(noise[0], noise[2])
    np.testing.assert_array_equal(uniform_noise(["bonjour"], 3, 50), noise[1:2])
    np.testing.assert_array_equal(uniform_noise(["bonjour"], 3, 20), noise[1:2, :20])
    generator = np.random.default_rng((3, zlib.crc32("안녕".encode())))
    np.testing.assert_array_equal(noise[0], generator.random(50, np.float32))
    rows = [*noise[:2], *uniform_noise(["안녕", "bonjour"], 4, 50)]
    assert len({row.tobytes() for row in rows}) == 4
    assert uniform_noise([], 0, 7).shape == (0, 7)


def test_noise_is_uniform():
    noise = uniform_noise([str(i) for i in range(200)], 0, 100)
    assert (noise.min() >= 0, noise.max() < 1) == (True, True)
    counts = np.histogram(noise, bins=10, range=(0, 1))[0]
    assert np.sum((counts - 2000) ** 2 / 2000) < 27.9  # chi-square with 9 degrees of freedom: once in a thousand


def test_sampling_is_split_from_the_other_options():
    options = {"beam_size": 1, "temperature": 0.5, "top_p": 0.75, "seed": 2}
    assert split_sampling(options) == (Sampling(0.5, 0, 0.75, 2), {"beam_size": 1})
    assert len(options) == 4


def test_the_inputs_of_a_graph_have_one_order_and_its_dtypes():
    inputs = Sampling(0.5, 0, 0.75, 2).inputs(["a", "b"], 4)
    assert list(inputs) == ["noise", "temperature", "top_k", "top_p"]
    np.testing.assert_array_equal(inputs.pop("noise"), uniform_noise(["a", "b"], 2, 4))
    assert inputs == {"temperature": 0.5, "top_k": 0, "top_p": 0.75}
    assert [value.dtype.name for value in inputs.values()] == ["float32", "int32", "float32"]
    assert Sampling(temperature=0, seed=2).inputs(["a"], 4) is None
    assert Sampling(1.0, top_k=2**40).inputs(["a"], 4)["top_k"] == 2**31 - 1  # still all tokens


@pytest.mark.parametrize(
    ("name", "value", "right"),
    [
        ("temperature", -0.5, "must be a number of at least 0, got -0.5"),
        ("temperature", np.nan, "must be a number of at least 0, got nan"),
        ("temperature", np.inf, "must be a number of at least 0, got inf"),
        ("temperature", "hot", "must be of type float, got 'hot'"),
        ("top_k", -1, "must be at least 0, got -1"),
        ("top_k", 1.5, "must be of type int, got 1.5"),
        ("top_p", 0.0, "must be above 0 and at most 1, got 0.0"),
        ("top_p", 1.5, "must be above 0 and at most 1, got 1.5"),
        ("seed", -1, "must be at least 0, got -1"),
    ],
)
def test_wrong_values_are_named(name, value, right):
    with pytest.raises(InputError, match=f"^{name} {right}$"):
        Sampling(**{"temperature": 1.0, name: value})
