"""Normalise typography: one form of apostrophes, quotation marks, dashes and spaces.

Some sources of French text have "« Où ? »" with no-break spaces, others have quotation marks and no spaces as in
English. A model that has to learn both forms learns each from only half of the text. The rules are a dict of strings,
so that the tokenizer can apply them too (`charsmap`): then they hold for every text that is translated, on a device as
well.

The rules are NFKC without invisible characters, and these: ' for apostrophes, " for quotation marks, - for dashes,
... for an ellipsis, no space before ? ! ; : and none inside quotation marks, as in English and in Canadian French.
"""

import functools
import re
import unicodedata

from kerasformer.interface.cleaning import APOSTROPHES, CLEANINGS, DASHES, HYPHENS, QUOTES, clean

_SPACES = " \u00a0\u202f\u2009"
_OPENING, _CLOSING = "\u00ab", "\u00bb"
_LATIN = (*range(0xC0, 0x250), *range(0x1E00, 0x1F00))

# In these places French has a ligature, which some sources write as two letters.
_LIGATURES = re.compile(r"oe(?=u|il|d[eè]m|soph|str)|(?<=f)oe(?=t)", re.IGNORECASE)


@functools.cache
def rules():
    """The rules: dict of str to its replacement; where several match, the longest one applies."""
    found = {}
    for code in (*range(0x80, 0x3000), *range(0xFB00, 0xFB07), *range(0xFF01, 0xFF5F)):
        character = chr(code)
        if unicodedata.category(character) in ("Cf", "Cc"):
            found[character] = ""
        elif character.isspace():
            found[character] = " "
        elif unicodedata.combining(character) == 0:
            normal = unicodedata.normalize("NFKC", character)
            if normal != character:
                found[character] = normal
    for code in _LATIN:
        spelt = unicodedata.normalize("NFD", chr(code))
        if len(spelt) == 2:
            found[spelt] = chr(code)
    found |= dict.fromkeys(APOSTROPHES + "\u00b4", "'")
    found |= dict.fromkeys(QUOTES + "\u2033", '"')
    found |= dict.fromkeys(HYPHENS, "-")
    found |= dict.fromkeys(DASHES, " - ")
    for space in _SPACES:
        found |= {space + mark: mark for mark in "?!;:"}
        found[_OPENING + space] = found[space + _CLOSING] = '"'
    return found


def alike(text):
    """The text after the cleaning "typography", which does what the rules do."""
    return clean(text, CLEANINGS["typography"].source)


def with_ligatures(text):
    """French text with "œ" where French has it: "sœur" for "soeur"."""
    return _LIGATURES.sub(lambda match: "œ" if match[0][0] == "o" else "Œ", text)


def charsmap():
    """The rules as SentencePiece reads them (`normalization_rule_tsv`): lines of code points, a tab, code points."""
    spelt = ["\t".join(" ".join(f"{ord(c):X}" for c in side) for side in rule) for rule in sorted(rules().items())]
    return "".join(f"{line}\n" for line in spelt)
