"""The built-in corpus: 30,000 French sentences with their English translations, from a small grammar.

Every sentence has keys: the combinations in it ("pomme+rouge", "manger+pomme", a number, a time). A seeded hash
reserves some keys for the test split and others for validation. Training has every word of these combinations but none
of the combinations, so a good score shows that the model composes and does not only recall.
"""

import hashlib
import random
from collections import Counter
from functools import cache

from kerasformer.errors import InputError

from .patterns import PATTERNS

VALIDATION_PAIRS, TEST_PAIRS = 500, 1000
MAXIMUM_SIZE = 30000
# A word of the test split occurs at least this often in training.
SEEN = 10
_TEST_PERCENT, _VALIDATION_PERCENT = 5, 3


def split_of(seed, keys):
    """Return the split of a sentence with these keys, None if they belong to both held-out splits."""
    owners = {_owner(seed, key) for key in keys} - {"train"}
    if len(owners) > 1:
        return None
    return owners.pop() if owners else "train"


@cache
def _owner(seed, key):
    share = int.from_bytes(hashlib.sha256(f"{seed}|{key}".encode()).digest()[:4], "big") % 100
    if share < _TEST_PERCENT:
        return "test"
    return "validation" if share < _TEST_PERCENT + _VALIDATION_PERCENT else "train"


def words(text):
    """Return the words of a sentence without punctuation, in lower case."""
    return [word.strip(".,?!") for word in text.lower().split() if word.strip(".,?!")]


def sentences(seed):
    """Yield sentences of the grammar without end; they repeat, because some patterns have few sentences."""
    rng = random.Random(seed)
    patterns, weights = zip(*PATTERNS, strict=True)
    while True:
        for pattern in rng.choices(patterns, weights, k=1000):
            made = pattern(rng)
            if made is not None:
                yield made


def generate(seed=0, size=30000):
    """Compose the corpus.

    Args:
        seed: int; the same seed gives the same pairs in the same order.
        size: int, number of pairs; 500 are for validation and 1,000 for test.

    Returns:
        Dict of "train", "validation" and "test" to lists of (french, english); no French or English sentence repeats.

    Raises:
        InputError: if `size` is too small to learn from, or larger than the grammar allows.
    """
    if not 10000 <= size <= MAXIMUM_SIZE:
        raise InputError(f"size must be between 10000 and {MAXIMUM_SIZE}, got {size}")
    wanted = {
        "train": size - VALIDATION_PAIRS - TEST_PAIRS,
        "validation": VALIDATION_PAIRS,
        "test": TEST_PAIRS,
    }
    splits = {"train": [], "validation": [], "test": []}
    french, english, seen = set(), set(), Counter()
    for made in sentences(seed):
        name = split_of(seed, made.keys)
        known = made.french in french or made.english in english
        if name is None or known or len(splits[name]) == wanted[name]:
            continue
        pair_words = {*words(made.french), *words(made.english)}
        if name == "train":
            seen.update(pair_words)
        elif any(seen[word] < SEEN for word in pair_words):
            continue
        french.add(made.french)
        english.add(made.english)
        splits[name].append((made.french, made.english))
        if len(french) == size:
            break
    return splits
