"""Cleaning of training text and a watch on overlap: no validation or test sentence may stand in training.

Only training pairs are cleaned or dropped. Validation and test text is never touched, because scores are
compared on the raw references.
"""

import unicodedata
from itertools import combinations

from kerasformer.errors import InputError

MAX_CHARACTERS = 1000
MAX_LENGTH_RATIO = 5.0
SIDES = ("source", "target")
RATIO_FREE_CHARACTERS = 20  # short sides vary freely: "Va !" may well be "Off you go now!"


def remove_invisible(text):
    """Remove control and format characters (Unicode Cc and Cf) other than white space."""
    if text.isprintable():
        return text
    return "".join(c for c in text if c.isspace() or unicodedata.category(c) not in ("Cc", "Cf"))


def normalise(text):
    """Return text without invisible characters, in NFKC, every run of white space as one space."""
    return " ".join(unicodedata.normalize("NFKC", remove_invisible(text)).split())


def overlap_key(text):
    """Return what two sentences share when they count as the same: normalised and case-folded."""
    return normalise(text).casefold()


def clean(pairs, max_characters=MAX_CHARACTERS, max_length_ratio=MAX_LENGTH_RATIO):
    """Normalise training pairs and drop the unusable ones.

    Args:
        pairs: List of (source, target).
        max_characters: Pairs with a longer side are dropped.
        max_length_ratio: Pairs with one side more than this many times longer than the other are dropped, if
            that side has more than `RATIO_FREE_CHARACTERS` characters.

    Returns:
        `(pairs, counts)`; counts hold the pairs "before" and "after", the lines changed ("invisible_removed",
        "normalised", "whitespace_joined") and the pairs dropped ("empty", "too_long", "length_ratio",
        "duplicate").
    """
    if max_characters < 1:
        raise InputError(f"max_characters is {max_characters}: it must be at least 1")
    if max_length_ratio < 1:
        raise InputError(f"max_length_ratio is {max_length_ratio}: it must be at least 1")
    counts = dict.fromkeys(("before", "invisible_removed", "normalised", "whitespace_joined"), 0)
    counts |= dict.fromkeys(("empty", "too_long", "length_ratio", "duplicate", "after"), 0)
    kept = {}  # a dict keeps order and finds duplicates
    for pair in pairs:
        changed = tuple(_count_changes(text, counts) for text in pair)
        pair = pair if pair == changed else changed  # of millions of pairs nothing should be there twice
        reason = _reason_to_drop(pair, max_characters, max_length_ratio)
        if reason is None and pair in kept:
            reason = "duplicate"
        if reason is None:
            kept[pair] = None
        else:
            counts[reason] += 1
    counts["before"], counts["after"] = len(pairs), len(kept)
    return list(kept), counts


def _count_changes(text, counts):
    """Return `normalise(text)`, counting the line under every step that changed it."""
    visible = remove_invisible(text)
    normal = unicodedata.normalize("NFKC", visible)
    joined = " ".join(normal.split())
    counts["invisible_removed"] += visible != text
    counts["normalised"] += normal != visible
    counts["whitespace_joined"] += joined != normal
    return joined


def _reason_to_drop(pair, max_characters, max_length_ratio):
    shorter, longer = sorted(map(len, pair))
    if shorter == 0:
        return "empty"
    if longer > max_characters:
        return "too_long"
    if longer > RATIO_FREE_CHARACTERS and longer > max_length_ratio * shorter:
        return "length_ratio"
    return None


def remove_overlap(train, held_out, sides=SIDES):
    """Remove every training pair whose source or target stands in a validation or test split.

    Args:
        train: List of (source, target).
        held_out: Dict of split name to list of (source, target); only looked at.
        sides: Which sides must not stand there, of `SIDES`.

    Returns:
        `(train, overlap, removed)`: the training pairs left; for each pair of splits "A/B" the number of A's
        pairs whose "source" and whose "target" stands in B, counted before removal; and the number removed.
    """
    keys = {name: _side_keys(pairs) for name, pairs in held_out.items()}
    held = {name: {side: set(found) for side, found in of_name.items()} for name, of_name in keys.items()}
    overlap = {f"train/{name}": dict.fromkeys(SIDES, 0) for name in held_out}
    left = []
    for pair in train:
        is_shared = False
        for side, text in zip(SIDES, pair, strict=True):
            key = overlap_key(text)
            for name in held_out:
                if key in held[name][side]:
                    overlap[f"train/{name}"][side] += 1
                    is_shared |= side in sides
        if not is_shared:
            left.append(pair)
    for a, b in combinations(held_out, 2):
        overlap[f"{a}/{b}"] = {side: sum(key in held[b][side] for key in keys[a][side]) for side in SIDES}
    return left, overlap, len(train) - len(left)


def _side_keys(pairs):
    return {side: [overlap_key(pair[index]) for pair in pairs] for index, side in enumerate(SIDES)}
