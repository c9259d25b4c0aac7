r"""One cleaning of text, for training and for use: what a model is trained on is what it gets in every engine.

A cleaning is a tuple of steps, each NFKC or a pattern and its replacement. The patterns mean the same in Python and in
RE2, so that the graph of a SavedModel applies the same steps. Cleaning twice is cleaning once.

Invisible characters are removed, except where they spell: the joiners U+200C and U+200D after a letter of a script
that joins letters (Arabic, the scripts of India, Mongolian) or an emoji, and tags after the emoji of a flag.
"""

import dataclasses
import functools
import re
import unicodedata

NFKC = "NFKC"

# Of Unicode's Cc and Cf, what is not white space: controls, what is never seen, and the signs of Arabic numbers,
# Egyptian hieroglyphs and so on, which are.
_CONTROLS = r"\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"
_UNSEEN = (
    "\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001"
)
_SIGNS = "\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd\U00013430-\U00013438"
_JOINERS = "\u180e\u200c\u200d"
_TAGS = "\U000e0020-\U000e007f"
_FLAG = "\U0001f3f4"
_JOINING = (
    "\u0620-\u0dff\u1000-\u109f\u1780-\u18af\u1cd0-\u1cff\ua800-\uabff\ufb50-\ufdff\ufe70-\ufefc"
    "\U00010a00-\U00011fff\U0001e900-\U0001e95f"
    "©®\u203c\u2049\u20e3\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u24c2\u25a0-\u27bf\u2934\u2935\u2b00-\u2bff"
    "\u3030\u303d\u3297\u3299\ufe0f\U0001f000-\U0001faff"
)
_WHITE = "\\t-\\r\\x1c-\\x20\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"

APOSTROPHES = "\u2018\u2019\u201a\u201b\u2039\u203a\u02bc\u0060\u2032"
QUOTES = "\u00ab\u00bb\u201c\u201d\u201e\u201f"
HYPHENS = "\u2010\u2011\u2012\u2013\u2212"
DASHES = "\u2014\u2015"

_REMOVED = ((f"[{_CONTROLS}{_UNSEEN}]+", ""),)
_KEPT_WHERE_THEY_SPELL = (
    (f"(^|[^{_JOINING}])[{_JOINERS}]+", r"\1"),
    (f"(^|[^{_FLAG}{_TAGS}])[{_TAGS}]+", r"\1"),
)
_JOINED = ((f"[{_WHITE}]+", " "), ("^ | $", ""))
# What NFKC would take apart: the acute accent as an apostrophe, the double prime as a quotation mark.
_ACCENTS = (("\u00b4", "'"), ("\u2033", '"'))
_TYPOGRAPHY = (
    (f"[{_WHITE}]{{2,}}", " "),  # so that the patterns below need not look through long runs again and again
    (f"(^|[{_WHITE}(])«[{_WHITE}]+", r'\1"'),
    (f"[{_WHITE}]+»([{_WHITE}).,;:?!]|$)", r'"\1'),
    (f"[{QUOTES}]", '"'),
    (f"[{APOSTROPHES}]", "'"),
    (f"[{HYPHENS}]", "-"),
    (f"[{DASHES}]", " - "),
)
_OE = (("œ", "oe"), ("Œ([A-ZÀ-Þ])", r"OE\1"), ("Œ", "Oe"))
_MARKS = ((" +([?!;:])", r"\1"),)  # French has a space before these, English has none

VISIBLE = (*_REMOVED, *_KEPT_WHERE_THEY_SPELL)
WRITTEN = (*_REMOVED, NFKC, *_KEPT_WHERE_THEY_SPELL, NFKC, *_JOINED)
_ALIKE = (*_REMOVED, *_ACCENTS, NFKC, *_KEPT_WHERE_THEY_SPELL, *_TYPOGRAPHY)
_FIRST = ((f"[{_CONTROLS}{_UNSEEN}{_SIGNS}{_JOINERS}{_TAGS}]+", ""), NFKC, *_JOINED)


@dataclasses.dataclass(frozen=True)
class Cleaning:
    """The steps for each side of a translator.

    Args:
        source: the steps for text that it reads.
        target: the steps for text that it learns to write.
    """

    source: tuple
    target: tuple


# By the name that an artefact records; those without a name were trained with "nfkc".
CLEANINGS = {
    "nfkc": Cleaning(_FIRST, _FIRST),
    "typography": Cleaning((*_ALIKE, *_JOINED, *_MARKS, NFKC), (*_ALIKE, *_JOINED, *_MARKS, NFKC)),
    "typography-oe": Cleaning((*_ALIKE, *_OE, *_JOINED, *_MARKS, NFKC), WRITTEN),
}
LATEST = "typography-oe"


# Words which no step changes, as most are: of ASCII, of western Europe, Cyrillic, Chinese characters and Hangul.
_WORD = "[!-_a-~À-ÿА-я一-鿿가-힣]+"
_ORDINARY = re.compile(f"(?:{_WORD}(?: (?![?!;:]){_WORD})*)?")
_UNPRINTABLE = frozenset(VISIBLE)  # steps that change nothing in text that Python calls printable
_compiled = functools.cache(re.compile)


def clean(text, steps):
    """A text after the steps of a cleaning.

    Args:
        text: str.
        steps: as `CLEANINGS` has them for each side; `VISIBLE` to remove invisible characters only; or `WRITTEN`.

    Returns:
        str, without the halves of surrogate pairs, which are no characters.
    """
    if _ORDINARY.fullmatch(text):
        return text
    if text.isprintable():
        steps = [step for step in steps if step not in _UNPRINTABLE]
    else:  # there may be halves of surrogate pairs
        text = text.encode("utf-8", "ignore").decode("utf-8")
    for step in steps:
        text = unicodedata.normalize(NFKC, text) if step is NFKC else _compiled(step[0]).sub(step[1], text)
    return text
