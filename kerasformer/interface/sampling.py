"""How tokens are drawn: the options, their ranges and the random numbers, the same for every engine."""

import dataclasses
import math
import zlib

import numpy as np

from kerasformer.errors import check_types, require, require_at_least


@dataclasses.dataclass(frozen=True)
class Sampling:
    """How to draw tokens instead of taking the most likely one.

    Args:
        temperature: divides the logits: below 1 favours likely tokens, above 1 unlikely ones; 0 draws nothing and
            takes the most likely token.
        top_k: draw among the k most likely tokens only; 0 for all.
        top_p: of these, draw only among the fewest most likely whose probabilities reach this sum.
        seed: of the random numbers; the same seed gives the same text the same answer.

    Raises:
        InputError: for a value of another type or out of range.

    Reference: Holtzman et al. 2020, "The Curious Case of Neural Text Degeneration", sections 3.1 (top-p), 3.2
    (top-k) and 3.3 (temperature).
    """

    temperature: float = 0.0
    top_k: int = 0
    top_p: float = 1.0
    seed: int = 0

    def __post_init__(self):
        check_types(self)
        require(0 <= self.temperature < math.inf, "temperature", self.temperature, "a number of at least 0")
        require_at_least(0, self, "top_k", "seed")
        require(0 < self.top_p <= 1, "top_p", self.top_p, "above 0 and at most 1")

    def inputs(self, keys, length):
        """The inputs of a graph that samples, in the order in which every function takes them.

        Args:
            keys: list of str, what is answered; equal ones get the same random numbers.
            length: int, the most tokens of an answer.

        Returns:
            dict of "noise" float32 (keys, length), "temperature" float32 (), "top_k" int32 () and "top_p" float32
            (); None at temperature 0.
        """
        if not self.temperature:
            return None
        return {
            "noise": uniform_noise(keys, self.seed, length),
            "temperature": np.float32(self.temperature),
            "top_k": np.int32(min(self.top_k, np.iinfo("int32").max)),
            "top_p": np.float32(self.top_p),
        }


SAMPLING_OPTIONS = tuple(field.name for field in dataclasses.fields(Sampling))


def split_sampling(options):
    """Split a dict of options into a `Sampling` and a dict of the other options."""
    sampling = Sampling(**{name: options[name] for name in SAMPLING_OPTIONS if name in options})
    return sampling, {name: value for name, value in options.items() if name not in SAMPLING_OPTIONS}


def uniform_noise(keys, seed, length):
    """Random numbers to sample with, the same on every machine; those of a key do not depend on the other keys.

    Args:
        keys: list of str.
        seed: int, 0 or more.
        length: int, how many numbers each key gets.

    Returns:
        float32 (keys, length), uniform, at least 0 and below 1.
    """
    seeds = [(seed, zlib.crc32(key.encode("utf-8"))) for key in keys]
    rows = [np.random.default_rng(pair).random(length, "float32") for pair in seeds]
    return np.array(rows, "float32").reshape(-1, length)
