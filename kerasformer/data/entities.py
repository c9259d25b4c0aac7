"""Decode HTML entities, such as "&amp;" and "&#39;", which text from web pages has."""

import html
import re

_ENTITY = re.compile(r"&(#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")


def decode_entities(text):
    """Return text with the characters that its HTML entities stand for; an entity ends with a semicolon."""
    return _ENTITY.sub(lambda match: html.unescape(match[0]), text)


def decode_pairs(pairs):
    """Decode the entities in pairs.

    Args:
        pairs: list of (source, target).

    Returns:
        `(pairs, count, example)`: the number of lines changed, and the first one, [before, after], or None.
    """
    decoded, count, example = [], 0, None
    for pair in pairs:
        if "&" in pair[0] or "&" in pair[1]:
            changed = tuple(map(decode_entities, pair))
            for before, after in zip(pair, changed, strict=True):
                if before != after:
                    count, example = count + 1, example or [before, after]
            pair = changed
        decoded.append(pair)
    return decoded, count, example
