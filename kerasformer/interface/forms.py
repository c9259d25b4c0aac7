"""The forms in which a model gets a sentence, and how its spans are found in a translation. Standard library only."""

import dataclasses
import functools
import re

from kerasformer.interface.currencies import with_right_signs
from kerasformer.interface.glossary import capitalised
from kerasformer.interface.patterns import CURRENCIES, UNITS

# Marks for models without symbols: of the forms that were tried, the pretrained translators copy this one best.
STAND_INS = tuple(f"www.x{number}.com" for number in range(1, 10))
OUTER = ("tag", "markdown", "emoji")  # at the ends of a sentence they need no model: their place is known

_FIRST_SLOT = 0xF0000  # private characters, which hold the places of spans in a translation
_SLOT = re.compile("[\U000f0000-\U000ffffd]")
_AMOUNT = re.compile(rf"(?P<before>{CURRENCIES}?)\s*(?P<value>[^%]*?\d)\s*(?P<unit>(?:{UNITS})?)")
_LOOSE = " .,'\u2019"  # what separates the digits of a number, in one language or the other
_SEPARATOR = f"[{_LOOSE}]?"
_TIME = re.compile(r"\d+|[hH]|[^\d\s]+")
_PERCENT = "(?:%|percent|per cent|pour cent|Prozent)"


@dataclasses.dataclass(frozen=True)
class Span:
    """A part of a text that must not change.

    Args:
        start: int, where it begins.
        end: int, where it ends.
        name: of its pattern; "term" for a term of a glossary, "unknown" for a word with unknown characters.
        text: what the translation has in its place.
        inside: str, the same within a sentence, for a term with a capital because it begins its sentence; else None.
    """

    start: int
    end: int
    name: str
    text: str
    inside: str | None = None

    def written(self, is_first, has_capital):
        """The text as it stands in a translation.

        Args:
            is_first: bool, whether the translation begins with it.
            has_capital: bool, whether the sentence begins with a capital.
        """
        if not is_first:
            return self.text if self.inside is None else self.inside
        return capitalised(self.text) if self.name == "term" and has_capital else self.text


@dataclasses.dataclass(frozen=True)
class Needle:
    """What to look for in a translation, in place of a span.

    Args:
        pattern: a compiled pattern.
        span: the `Span`; its text is put there.
        follows, is_followed: whether the span stands directly after other text, and directly before it.
    """

    pattern: re.Pattern
    span: Span
    follows: bool = False
    is_followed: bool = False


@dataclasses.dataclass(frozen=True)
class Form:
    """A sentence as the model gets it.

    Args:
        text: str.
        needles: list of `Needle`, in the order in which to look for them.
        has_capital: bool, whether the sentence begins with a capital.
        priced: str, the sentence, whose translation has no other currencies; "" if it may have any.
        strays: pattern of what no translation may have besides; None for nothing.
        in_capitals: bool, whether the sentence is in capitals, and so its translation.
        end: str, repeated marks that end the sentence, and so its translation; "" for none.
        loose: tuple of (share, `Span`), emoji that stood between words, with the share of the words before them.
    """

    text: str
    needles: list
    has_capital: bool = False
    priced: str = ""
    strays: re.Pattern | None = None
    in_capitals: bool = False
    end: str = ""
    loose: tuple = ()

    def restore(self, translation):
        """Put the spans into a translation.

        Returns:
            The text, the list of the spans that it lacks, and how many faults it has.
        """
        found, missing = [], []
        for needle in self.needles:
            match = needle.pattern.search(translation)
            if not match:
                missing.append(needle.span)
                continue
            before, after = translation[: match.start()], translation[match.end() :]
            before = before.rstrip() if needle.follows else before
            after = after.lstrip() if needle.is_followed else after
            translation = f"{before}{chr(_FIRST_SLOT + len(found))}{after}"
            found.append(needle.span)
        missing = [span.text for span in sorted(missing, key=lambda span: span.start)]
        faults = len(missing)
        if self.strays and self.strays.search(translation):
            translation = " ".join(self.strays.sub("", translation).split())
            faults += 1
        if self.priced:
            translation, is_wrong = with_right_signs(self.priced, translation)
            faults += is_wrong
        if self.end:
            translation = translation.rstrip(".!?… ") + self.end
        translation = self._with_loose(translation, found)
        if self.in_capitals:
            translation = translation.upper()
            found = [
                dataclasses.replace(span, text=span.text.upper()) if span.name == "term" else span for span in found
            ]
        return self._filled(translation, found), missing, faults

    def _with_loose(self, translation, found):
        """A translation with slots for the emoji at about their places, which are added to the spans found."""
        words = translation.split(" ")
        count = len(words)
        for share, span in reversed(self.loose):
            words.insert(max(1, min(count - 1, int(share * count + 0.5))), chr(_FIRST_SLOT + len(found)))
            found.append(span)
        return " ".join(words)

    def _filled(self, translation, spans):
        """A translation with the spans in their places."""
        of_slot = {chr(_FIRST_SLOT + number): span for number, span in enumerate(spans)}
        words = (i for i, c in enumerate(translation) if c.isalnum() or c in of_slot and of_slot[c].name not in OUTER)
        first = next(words, None)
        return _SLOT.sub(lambda slot: of_slot[slot[0]].written(slot.start() == first, self.has_capital), translation)


def plain_needles(spans, clean):
    """How the spans are found in a translation whose source had them; the longest first, which may contain others."""
    spans = sorted(spans, key=lambda span: len(span.text), reverse=True)
    return [Needle(_loosely(clean(span.text), span.name), span) for span in spans]


@functools.cache
def whole(symbol):
    return re.compile(rf"(?<![\w.]){re.escape(symbol)}(?!\w)")


@functools.cache
def strays(marks):
    fragments = [r"www\.(?:x\d*)?(?:\.com)?", r"\bx\d\.com"] if marks == STAND_INS else []
    return re.compile("|".join([*map(re.escape, marks), *fragments]))


def _loosely(text, name):
    """The pattern of a span as a model may write it: a number in the other language's form, other spaces and quotes."""
    parts = _AMOUNT.fullmatch(text) if name == "number" else None
    if parts:
        written = "".join(map(_digits, re.split(r"(\d+)", parts["value"])))
        if unit := parts["before"] or parts["unit"]:
            unit = _PERCENT if unit == "%" else re.escape(unit)
            written = rf"(?:{unit}\s*{written}|{written}[\s-]*{unit})"
    elif name == "time":
        written = r"\s*".join("[hH:]" if part in "hH:" else re.escape(part) for part in _TIME.findall(text))
    else:
        written = r"\s*".join(map(re.escape, text.split())).replace("'", "['\u2019]")
    before = r"(?<!\w)(?<!\d[.,])" if text[0].isalnum() else f"(?<!{re.escape(text[0])})"
    after = r"(?![.,]?\d)(?!\w)" if text[-1].isalnum() else f"(?!{re.escape(text[-1])})"
    return re.compile(before + written + after, re.IGNORECASE if name == "term" else 0)


def _digits(part):
    """The pattern of digits, or of what is between them: a separator may differ."""
    return re.escape(part) if part.isdigit() or part.strip(_LOOSE) else _SEPARATOR if part else ""
