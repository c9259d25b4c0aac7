"""Splits of pairs, drawn by a hash of a sentence: the same on every machine; equal sentences are in one split."""

import hashlib

import numpy as np

from kerasformer.data.cleaning import split_key
from kerasformer.errors import InputError

MIN_PAIRS = 20
MAX_HELD_OUT = 1000
HELD_OUT_PERCENT = 5


def sentence_hash(sentence, seed=0):
    """Return a 64-bit int that depends only on the normalised, case-folded sentence and the seed."""
    data = f"{seed}\n{split_key(sentence)}".encode()
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "big")


def split_by_target(pairs, per_mille, seed=0):
    """Put about `per_mille` thousandths of the target sentences into "validation", the others into "train"."""
    splits = {"train": [], "validation": []}
    for pair in pairs:
        held_out = sentence_hash(pair[1], seed) % 1000 < per_mille
        splits["validation" if held_out else "train"].append(pair)
    return splits


def carve(pairs, names, seed=0):
    """Set small held-out splits aside from the pairs of a corpus that has none.

    Each split gets 5 % of the pairs, at most 1,000 and at least 1. Pairs with the same source sentence are in the same
    split. Pairs with an empty side stay in training.

    Args:
        pairs: List of (source, target).
        names: Names of the splits to set aside, such as ("validation", "test").
        seed: int, decides which sentences are set aside.

    Returns:
        Dict of split name, "train" and `names`, to its pairs, in the order of `pairs`.
    """
    is_usable = np.fromiter((bool(split_key(a) and split_key(b)) for a, b in pairs), bool, len(pairs))
    hashes = np.fromiter((sentence_hash(source, seed) for source, _ in pairs), "uint64", len(pairs))
    usable = int(is_usable.sum())
    if usable < MIN_PAIRS:
        raise InputError(
            f"only {usable} usable sentence pairs: at least {MIN_PAIRS} are needed to set some aside for "
            f"{' and '.join(names)}"
        )
    drawn = _draw(hashes[is_usable], names, max(1, min(MAX_HELD_OUT, usable * HELD_OUT_PERCENT // 100)))
    splits = {"train": [], **{name: [] for name in names}}
    for pair, can_be_held_out, value in zip(pairs, is_usable, hashes, strict=True):
        splits[drawn.get(int(value), "train") if can_be_held_out else "train"].append(pair)
    return splits


def _draw(hashes, names, wanted):
    """Draw at least `wanted` pairs for every name; return a dict of hash to name."""
    values, counts = np.unique(hashes, return_counts=True)
    # In hash order, but sources with more pairs than a split should have come last.
    ordered = iter(np.lexsort((values, np.maximum(counts, wanted))))
    drawn = {}
    for name in names:
        taken = 0
        while taken < wanted:
            place = next(ordered, None)
            if place is None:
                raise InputError(f"too few different source sentences to set some aside for {name}")
            drawn[int(values[place])] = name
            taken += counts[place]
    return drawn
