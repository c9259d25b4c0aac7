"""JSON: every string is a text, except keys; what stands between the strings stays as it is."""

import json
import re

from kerasformer.documents.spans import has_words, plain_span
from kerasformer.errors import InputError

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"(?P<colon>\s*:)?')


def find_spans(text, source, target):
    """Yield the `Span`s of a JSON file; for the arguments see `formats.DocumentFormat`.

    Strings are written with `\\u` escapes if the file has such and no other characters beyond ASCII.
    """
    try:
        json.loads(text)
    except ValueError as error:
        raise InputError(f"it is not JSON: {error}") from None
    is_escaped = text.isascii() and "\\u" in text
    for string in _STRING.finditer(text):
        if not string["colon"] and has_words(value := json.loads(string[0])):
            yield plain_span(
                string.start(), string.end(), value, lambda found: json.dumps(found, ensure_ascii=is_escaped)
            )
