"""Clean training pairs, and remove those that share a sentence with validation or test pairs.

Validation and test text is never changed, because scores are compared on the raw references; a translator cleans what
it reads. How text is cleaned is in `interface.cleaning`, because every engine does it too.
"""

import functools
from itertools import combinations, repeat

from kerasformer.errors import InputError
from kerasformer.interface.cleaning import CLEANINGS, LATEST, VISIBLE
from kerasformer.interface.cleaning import clean as clean_text

MAX_CHARACTERS = 1000
MAX_LENGTH_RATIO = 5.0
SIDES = ("source", "target")
RATIO_FREE_CHARACTERS = 20  # short sides may have any ratio: "Va !" can be "Off you go now!"
# A source that is its own target was not translated, unless it may be a name: with fewer words and fewer characters.
UNTRANSLATED_WORDS, UNTRANSLATED_CHARACTERS = 5, 40
CHANGES = ("invisible_removed", "whitespace_joined", "normalised")
DROPS = ("empty", "too_long", "length_ratio", "untranslated", "duplicate")


def clean_pair(pair, cleaning=LATEST):
    """A (source, target) pair as training text is cleaned, by the name of a cleaning in `CLEANINGS`."""
    return tuple(map(clean_text, pair, _steps(cleaning)))


@functools.cache
def _steps(cleaning):
    return tuple(getattr(CLEANINGS[cleaning], side) for side in SIDES)


def overlap_key(text):
    """Return the cleaned, case-folded sentence; two sentences overlap if theirs are equal."""
    return clean_text(text, CLEANINGS[LATEST].source).casefold()


def split_key(text):
    """Return what decides to which split a sentence belongs; it is the same in every version."""
    return clean_text(text, CLEANINGS["nfkc"].source).casefold()


def clean(pairs, max_characters=MAX_CHARACTERS, max_length_ratio=MAX_LENGTH_RATIO, cleaning=LATEST, weights=()):
    """Clean training pairs; drop those that are empty, too long, of unequal length, untranslated or duplicates.

    Args:
        pairs: List of (source, target).
        max_characters: Pairs with a side of more characters are dropped.
        max_length_ratio: Pairs are dropped if one side is more than this many times longer than the other and has more
            than `RATIO_FREE_CHARACTERS` characters.
        cleaning: Name of one of `CLEANINGS`.
        weights: List of the weight of each pair, see `Corpus`; empty if all are 1.

    Returns:
        `(pairs, counts, examples)`; pairs is a dict of the pairs that are left to their weights; counts has the pairs
        "before" and "after", the lines changed (`CHANGES`) and the pairs dropped (`DROPS`); examples has the first of
        each: [text before, text after] or [source, target].
    """
    if max_characters < 1:
        raise InputError(f"max_characters is {max_characters}: it must be at least 1")
    if max_length_ratio < 1:
        raise InputError(f"max_length_ratio is {max_length_ratio}: it must be at least 1")
    counts, examples = dict.fromkeys(("before", *CHANGES, *DROPS, "after"), 0), {}
    kept = {}  # a dict keeps order and finds duplicates
    for pair, weight in zip(pairs, weights or repeat(1.0, len(pairs)), strict=True):
        changed = clean_pair(pair, cleaning)
        for text, after in zip(pair, changed, strict=True):
            if text != after:
                _count_changes(text, after, counts, examples)
        pair = pair if pair == changed else changed  # share the strings: there may be millions of pairs
        reason = _reason_to_drop(pair, max_characters, max_length_ratio)
        if reason is None and pair in kept:
            reason = "duplicate"
        if reason is None:
            kept[pair] = weight
        else:
            counts[reason] += 1
            examples.setdefault(reason, list(pair))
    counts["before"], counts["after"] = len(pairs), len(kept)
    return kept, counts, examples


def _count_changes(text, after, counts, examples):
    """Count a line for everything that cleaning changes in it."""
    visible = clean_text(text, VISIBLE)
    steps = text, visible, " ".join(visible.split()), after
    for change, old, new in zip(CHANGES, steps, steps[1:], strict=False):
        if old != new:
            counts[change] += 1
            examples.setdefault(change, [old, new])


def _reason_to_drop(pair, max_characters, max_length_ratio):
    shorter, longer = sorted(map(len, pair))
    if shorter == 0:
        return "empty"
    if longer > max_characters:
        return "too_long"
    if longer > RATIO_FREE_CHARACTERS and longer > max_length_ratio * shorter:
        return "length_ratio"
    is_long = longer >= UNTRANSLATED_CHARACTERS or pair[0].count(" ") >= UNTRANSLATED_WORDS - 1
    if is_long and overlap_key(pair[0]) == overlap_key(pair[1]):
        return "untranslated"
    return None


def remove_overlap(train, held_out, sides=SIDES):
    """Remove training pairs whose source or target is in a validation or test split.

    Args:
        train: (source, target) pairs, which can be counted.
        held_out: Dict of split name to list of (source, target); it is not changed.
        sides: The sides that must not be shared, of `SIDES`.

    Returns:
        `(train, overlap, removed)`: the remaining training pairs; for each two splits "A/B" the number of pairs of A
        whose "source" is in B, and whose "target" is in B, before removal; and the number of removed pairs.
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
