"""Decode HTML entities, such as "&amp;" and "&#39;", which text from web pages has."""

import html
import re

_ENTITY = re.compile(r"&(#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")


def decode_entities(text):
    """Return text with the characters that its HTML entities stand for; an entity ends with a semicolon."""
    return _ENTITY.sub(lambda match: html.unescape(match[0]), text)


def decode_splits(splits, names):
    """Decode the entities in some splits.

    Args:
        splits: dict of split name to list of (source, target).
        names: list of str, the splits that are decoded.

    Returns:
        `(splits, count, example)`: the number of lines changed, and the first one, [before, after], or None.
    """
    changed = []

    def decoded(text):
        after = decode_entities(text)
        if after != text:
            changed.append([text, after])
        return after

    def decode(pairs):
        return [tuple(map(decoded, pair)) if "&" in pair[0] + pair[1] else pair for pair in pairs]

    splits = {name: decode(pairs) if name in names else pairs for name, pairs in splits.items()}
    return splits, len(changed), changed[0] if changed else None
