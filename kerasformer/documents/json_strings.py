"""JSON: every string of prose is a text, but no key; what stands between the strings stays as it is."""

import functools
import json
import re

from kerasformer.documents.messages import message_span
from kerasformer.documents.spans import has_words
from kerasformer.errors import InputError

_STRING = re.compile(r'(?P<string>"(?:[^"\\]|\\.)*")(?P<colon>\s*:)?')
_SLOT = r"\{[^{}\s]*\}|%(?:\(\w+\))?\w"  # of a placeholder
# What is no prose, by name: a string stays if these match all of it, or each of its parts between white space.
CODES = {
    "address": r"[A-Za-z][\w+.-]*://\S+|(?:mailto|tel|data|urn|sms):\S+|www\.\S+|\S[^\s@]*@\S+\.\w+",
    "path": r"(?:[~.]{0,2}|[A-Za-z]:)[/\\]\S*|[A-Za-z]:\\[^\n]*"
    r"|\S*[^\s.!?…]\.[a-z][a-z\d]{1,4}|[\w.-]+(?:/[\w.-]+){2,}|[\w./-]+/",
    "media type": r"(?:application|audio|font|image|message|model|multipart|text|video)/[\w.+*-]+",
    "locale": r"[a-z]{2,3}(?:[-_][A-Z][a-z]{3}|[-_](?:[A-Z]{2}|\d{3})){1,2}(?:[.@][\w-]+)?",
    "colour": r"#[\dA-Fa-f]{3,8}|(?:rgb|hsl)a?\([^)]*\)",
    "identifier": r"[@#$.]?[A-Za-z_][\w-]*(?:\.[\w-]+)+|[@#$.][A-Za-z_][\w-]*|(?=\w*[A-Za-z\d]_\w)\w+|--[\w-]+"
    r"|[a-z]+[A-Z]\w*|(?:[A-Z][a-z\d]+){2,}",
    "number, version or key": r"(?=\S*\d)(?!\d+[A-Za-z]{1,3}\Z)[\w+/=.,:%~^-]+",
    "date": r"(?:(?P<part>[yYMDdHhmsS])(?P=part)*[-/.:,T]+)+(?P<last>[yYMDdHhmsSaA])(?P=last)*",
    "placeholder": rf"(?=\$?\{{*\{{[^{{}}\s]*\}}|%(?:\(\w+\))?\w)(?:{_SLOT}|(?!{_SLOT})[^\w\s])+",
}
_CODE = re.compile("|".join(f"(?:{pattern})" for pattern in CODES.values()), re.ASCII)
# Patterns of a key and of the strings with it that stay: codes of languages, and names with hyphens.
_BY_KEY = (
    (re.compile("lang|locale", re.IGNORECASE), re.compile("[a-z]{2,3}")),
    (
        re.compile("(?:id|key|class|class_?name|icon|slug|type)$", re.IGNORECASE),
        re.compile("(?=[a-z -]*[a-z]-[a-z])[a-z -]+"),
    ),
)


def find_spans(text, source, target):
    """Yield the `Span`s of a JSON file; for the arguments see `formats.DocumentFormat`.

    Strings are written with `\\u` escapes if the file has such and no other characters beyond ASCII.
    """
    try:
        json.loads(text)
    except ValueError as error:
        raise InputError(f"it is not JSON: {error}") from None
    is_escaped, key = text.isascii() and "\\u" in text, ""
    for string in _STRING.finditer(text):
        value = json.loads(string["string"])
        if string["colon"]:
            key = value
        elif is_prose(value) and not any(keys.search(key) and values.fullmatch(value) for keys, values in _BY_KEY):
            yield message_span(*string.span(), value, functools.partial(json.dumps, ensure_ascii=is_escaped))


def is_prose(text):
    """Whether a text has words that are none of `CODES`."""
    if _CODE.fullmatch(text):
        return False
    return any(has_words(part) and not _CODE.fullmatch(part.rstrip(",;")) for part in text.split())
