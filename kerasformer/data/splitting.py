"""Splits drawn by a hash of a sentence: the same on every machine, and equal sentences stay on one side."""

import hashlib

from kerasformer.data.cleaning import overlap_key
from kerasformer.errors import InputError

MIN_PAIRS = 20
MAX_HELD_OUT = 1000
HELD_OUT_PERCENT = 5


def sentence_hash(sentence, seed=0):
    """Return a 64-bit number that depends on the normalised, case-folded sentence and the seed only."""
    data = f"{seed}\n{overlap_key(sentence)}".encode()
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "big")


def split_by_target(pairs, per_mille, seed=0):
    """Put about `per_mille` thousandths of the target sentences into validation, the rest into train."""
    splits = {"train": [], "validation": []}
    for pair in pairs:
        held_out = sentence_hash(pair[1], seed) % 1000 < per_mille
        splits["validation" if held_out else "train"].append(pair)
    return splits


def carve(pairs, names, seed=0):
    """Take small held-out splits out of the pairs of a corpus that comes without.

    Each gets 5 % of the pairs, at most 1,000 and at least 1; equal source sentences stay together. Pairs with
    an empty side are never held out.

    Args:
        pairs: List of (source, target).
        names: Names of the splits to take out, such as ("validation", "test").
        seed: Integer that decides which sentences are taken.

    Returns:
        Dict of "train" and each name to its pairs, in the order of `pairs`.
    """
    groups = {}
    for index, (source, target) in enumerate(pairs):
        if overlap_key(source) and overlap_key(target):
            groups.setdefault(sentence_hash(source, seed), []).append(index)
    usable = sum(map(len, groups.values()))
    if usable < MIN_PAIRS:
        raise InputError(
            f"only {usable} usable sentence pairs: at least {MIN_PAIRS} are needed to set some aside for "
            f"{' and '.join(names)}"
        )
    split_of = _draw(groups, names, max(1, min(MAX_HELD_OUT, usable * HELD_OUT_PERCENT // 100)))
    splits = {"train": [], **{name: [] for name in names}}
    for index, pair in enumerate(pairs):
        splits[split_of.get(index, "train")].append(pair)
    return splits


def _draw(groups, names, wanted):
    """Return a dict of pair index to split name with at least `wanted` indices for every name."""
    # In hash order, but a source that recurs more often than a whole split should be large comes last.
    ordered = iter(sorted(groups.items(), key=lambda item: (max(len(item[1]), wanted), item[0])))
    split_of = {}
    for name in names:
        taken = 0
        while taken < wanted:
            _, group = next(ordered, (None, None))
            if group is None:
                raise InputError(f"too few different source sentences to set some aside for {name}")
            split_of.update(dict.fromkeys(group, name))
            taken += len(group)
    return split_of
