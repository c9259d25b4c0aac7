"""The places of a file that hold text, and the file with translations in these places."""

import dataclasses
from collections.abc import Callable


@dataclasses.dataclass(frozen=True)
class Span:
    """A place of a file that holds text to translate.

    Args:
        start, end: int, where it stands in the text of the file.
        texts: tuple of str, what to translate for it.
        write: function of a lookup (text -> translation) that returns what to put in its place.
        is_text: bool, whether its texts stand there, so that it stays as it is where none of them changes.
    """

    start: int
    end: int
    texts: tuple[str, ...]
    write: Callable[[Callable[[str], str]], str]
    is_text: bool = True


def has_words(text):
    """Whether a text has a letter: numbers and punctuation alone are not translated."""
    return any(character.isalpha() for character in text)


def plain_span(start, end, text, encode=str):
    """The `Span` of a text without marks.

    Args:
        start, end: int, its place in the file.
        text: str, what stands there, decoded.
        encode: function of a text that returns it as the file writes it.
    """
    return Span(start, end, (text,), lambda lookup: encode(lookup(text)))


def fixed_span(start, end, value):
    """The `Span` of a value that is the same for every translation."""
    return Span(start, end, (), lambda _: value, is_text=False)


def replace(text, spans, lookup, start=0):
    """A text with translations in its spans; a span whose translations are its texts stays as it is.

    Args:
        text: str.
        spans: list of `Span` in order, which do not overlap.
        lookup: function of a text that returns its translation.
        start: int, where the text begins in the file that the spans count from.
    """
    parts, cursor = [], start
    for span in spans:
        parts.append(text[cursor - start : span.start - start])
        is_same = span.is_text and all(lookup(part) == part for part in span.texts)
        parts.append(text[span.start - start : span.end - start] if is_same else span.write(lookup))
        cursor = span.end
    return "".join([*parts, text[cursor - start :]])
