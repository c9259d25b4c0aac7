"""Messages of programs, as JSON and PO files have them: plain texts, in which each branch of a choice is a text.

A choice is the plural or selection of ICU, such as `{n, plural, one {# cat} other {# cats}}`.

Reference: Unicode Technical Standard 35, part 9 (MessageFormat); ICU user guide, "Formatting Messages".
"""

import dataclasses
import re

from kerasformer.documents import plain
from kerasformer.documents.spans import Span, replace

_OPENING = re.compile(r"\{\s*[\w.]+\s*,\s*(?:plural|select|selectordinal)\s*,")
_BRANCH = re.compile(r"\s*(?:offset:\d+\s+)?(?:=\d+|\w+)\s*\{")
_BRACE = re.compile(r"[{}]")


def message_span(start, end, message, encode, is_text=True):
    """The `Span` of a message.

    Args:
        start, end: int, its place in the file.
        message: str, what stands there, decoded.
        encode: function of a text that returns it as the file writes it.
        is_text: see `Span`.
    """
    spans = [
        dataclasses.replace(span, start=begin + span.start, end=begin + span.end)
        for begin, stop in _prose_places(message) or [(0, len(message))]
        for span in plain.find_spans(message[begin:stop], "", "")
    ]
    texts = tuple(text for span in spans for text in span.texts)
    return Span(start, end, texts, lambda lookup: encode(replace(message, spans, lookup)), is_text)


def _prose_places(message):
    """Where the prose of a message stands: what is outside of its choices, and each branch of them.

    Returns:
        list of (start, end) in order; None if a brace has no other.
    """
    places, begin = [], 0
    for opening in _OPENING.finditer(message):
        if opening.start() < begin:
            continue  # within the one before
        places.append((begin, opening.start()))
        begin = opening.end()
        while branch := _BRANCH.match(message, begin):
            end = _closing(message, branch.end())
            inner = _prose_places(message[branch.end() : end - 1]) if end else None
            if inner is None:
                return None
            places += [(branch.end() + one, branch.end() + other) for one, other in inner]
            begin = end
        if not (begin := _closing(message, begin)):
            return None
    return [*places, (begin, len(message))]


def _closing(message, place):
    """The place after the brace that closes the one which is open at a place; 0 if there is none."""
    depth = 1
    for brace in _BRACE.finditer(message, place):
        depth += 1 if brace[0] == "{" else -1
        if depth == 0:
            return brace.end()
    return 0
