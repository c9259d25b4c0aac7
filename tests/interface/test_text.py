"""The numbers that sampling draws with, and what an export is asked when it is to sample."""

import zlib

import numpy as np
import pytest

from kerasformer.errors import InputError
from kerasformer.interface.text import take_sampling, uniform_noise


def test_noise_is_of_a_text_and_a_seed_alone():
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


def test_sampling_is_taken_out_of_the_options():
    options = {"beam_size": 1, "temperature": 0.5, "top_p": 0.75, "seed": 2}
    inputs = take_sampling(options, ["a", "b"], 4)
    assert options == {"beam_size": 1}
    np.testing.assert_array_equal(inputs.pop("noise"), uniform_noise(["a", "b"], 2, 4))
    assert inputs == {"temperature": 0.5, "top_k": 0, "top_p": 0.75}
    assert [value.dtype.name for value in inputs.values()] == ["float32", "int32", "float32"]
    assert take_sampling({"seed": 2, "temperature": 0}, ["a"], 4) is None
    assert take_sampling({"temperature": 1.0, "top_k": 2**40}, ["a"], 4)["top_k"] == 2**31 - 1  # all the same


@pytest.mark.parametrize(
    "wrong", [{"temperature": -1}, {"temperature": np.inf}, {"top_k": -1}, {"top_p": 0}, {"seed": -1}]
)
def test_what_cannot_be_sampled_is_refused(wrong):
    with pytest.raises(InputError, match="must be 0 or more, top_p above 0 and at most 1"):
        take_sampling({"temperature": 1.0, **wrong}, ["a"], 4)
