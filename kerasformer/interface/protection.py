"""Spans that a translation must not change: found in a sentence, carried through the model, and put back.

A sentence is given to the model in one of two forms. In the marked form, a mark stands for each span; a tokenizer may
have the marks as symbols, which the model learned to copy. In the plain form, the spans stay as they are. Where a
translation lacks a span, the sentence is translated again in the other form, and what is still missing is appended.
Standard library only.
"""

import dataclasses
import functools
import re
import unicodedata

from kerasformer.interface.patterns import CURRENCIES, POSSIBLE, UNITS, pattern

# Marks for models without symbols: of the forms that were tried, the pretrained translators copy this one best.
STAND_INS = tuple(f"www.x{number}.com" for number in range(1, 10))

_OUTER = ("tag", "markdown", "emoji")  # at the ends of a sentence they need no model: their place is known
_FIRST_SLOT = 0xF0000  # private characters, which hold the places of spans in a translation
_SLOT = re.compile("[\U000f0000-\U000ffffd]")
_ENDS = re.compile("[.!?…。！？]")
_AMOUNT = re.compile(rf"(?P<before>{CURRENCIES}?)\s*(?P<value>[^%]*?\d)\s*(?P<unit>(?:{UNITS})?)")
_LOOSE = " .,'\u2019"  # what separates the digits of a number, in one language or the other
_SEPARATOR = f"[{_LOOSE}]?"
_PERCENT = "(?:%|percent|per cent|pour cent|Prozent)"


@dataclasses.dataclass(frozen=True)
class Span:
    """A part of a text that must not change.

    Args:
        start: int, where it begins.
        end: int, where it ends.
        name: of its pattern; "term" for a term of a glossary, "unknown" for a word with unknown characters.
        text: what the translation has in its place.
    """

    start: int
    end: int
    name: str
    text: str


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
        strays: pattern of what no translation may have besides; None for nothing.
    """

    text: str
    needles: list
    strays: re.Pattern | None = None

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
            found.append(needle.span.text)
        missing = [span.text for span in sorted(missing, key=lambda span: span.start)]
        faults = len(missing)
        if self.strays and self.strays.search(translation):
            translation = " ".join(self.strays.sub("", translation).split())
            faults += 1
        return _SLOT.sub(lambda slot: found[ord(slot[0]) - _FIRST_SLOT], translation), missing, faults


@dataclasses.dataclass(frozen=True)
class Sentence:
    """A sentence to translate.

    Args:
        before, after: str, what stays around the translation.
        forms: list of `Form` in the order to try them; empty if there is nothing to translate.
    """

    before: str
    after: str
    forms: list


class Protection:
    """Finds what must not change in the texts of one translator, and puts marks in its place.

    Args:
        names: names of `patterns.PATTERNS`.
        marks: tuple of str, symbols of the tokenizer that the model learned to copy; () if it has none.
        glossary: a `Glossary`, or None.
    """

    def __init__(self, names, marks=(), glossary=None):
        self.names = tuple(names)
        self.marks = tuple(marks)
        self.glossary = glossary

    def find(self, text, unknown=""):
        """The `Span`s of a text, in order.

        Args:
            text: str.
            unknown: str, characters that the tokenizer does not know; words with them are spans.
        """
        spans = []
        if not (self.glossary or unknown or self.names and POSSIBLE.search(text)):
            return spans
        for match in pattern(self.names, self.glossary.patterns if self.glossary else (), unknown).finditer(text):
            is_term = match.lastgroup == "term"
            found = self.glossary.translation(match[0]) if is_term else match[0]
            spans.append(Span(*match.span(), match.lastgroup, found))
        return spans

    def masked(self, text):
        """A text of the same length to split into sentences: none ends within a span, and tags are like brackets."""
        for span in self.find(text):
            inside = text[span.start : span.end]
            inside = ")" * len(inside) if span.name in _OUTER else _ENDS.sub("x", inside)
            text = text[: span.start] + inside + text[span.end :]
        return text

    def compact(self, text, unknown=""):
        """A text as it is counted before it is split: with marks, if the model has symbols for them."""
        spans = self.find(text, unknown)[: len(self.marks)]
        return mark(text, spans, self.marks[: len(spans)]) if spans else text

    def sentence(self, text, unknown, clean):
        """Prepare a sentence.

        Args:
            text: str.
            unknown: as for `find`.
            clean: function of a text that cleans it as the engine does.

        Returns:
            The `Sentence`.
        """
        unknown = "".join(character for character in unknown if character in text)
        spans = self.find(text, unknown)
        if not spans:
            return Sentence("", "", [Form(text, [])])
        start, end, spans = _inner(text, spans)
        before, after, text = text[:start], text[end:], text[start:end]
        spans = [dataclasses.replace(span, start=span.start - start, end=span.end - start) for span in spans]
        if not any(map(str.isalpha, _replaced(text, spans, [""] * len(spans)))):
            return Sentence(before + _replaced(text, spans, [span.text for span in spans]) + after, "", [])
        needles = _plain_needles(spans, clean)
        plain = Form(_replaced(text, spans, [span.text for span in spans]), needles)
        marked = _marked(text, spans, self.marks or STAND_INS, clean)
        is_hopeless = any(character in unknown for span in spans for character in span.text)
        if self.marks:  # with which the sentence was found to fit the model
            return Sentence(before, after, [marked] if is_hopeless else [marked, plain])
        as_it_is = [Form(text, needles)] if is_hopeless or plain.text != text else []  # it fits, others may not
        return Sentence(before, after, [marked, *as_it_is] if is_hopeless else [plain, marked, *as_it_is])


def seen_alone(text):
    """The characters (set of str) of a text that have a meaning alone: no white space, accents or format characters."""
    return {c for c in set(text) if not c.isspace() and unicodedata.category(c)[0] not in "MC"}


def mark(text, spans, marks):
    """A text with marks in place of as many spans; a space parts a mark from a letter beside it, or another mark."""
    spaced = []
    for symbol, (follows, is_followed) in zip(marks, _touched(text, spans), strict=True):
        spaced.append(" " * follows + symbol + " " * is_followed)
    return _replaced(text, spans, spaced)


def _touched(text, spans):
    """For each span, whether it follows a letter, a digit or another span, and whether a letter or digit follows it."""
    ends = {span.end for span in spans}
    return [
        (text[: span.start][-1:].isalnum() or span.start in ends - {0}, text[span.end : span.end + 1].isalnum())
        for span in spans
    ]


def _replaced(text, spans, others):
    parts, place = [], 0
    for span, other in zip(spans, others, strict=True):
        parts += [text[place : span.start], other]
        place = span.end
    return "".join(parts) + text[place:]


def _inner(text, spans):
    """Where a text begins and ends without the tags, markup and emoji at its ends; and the spans within."""
    start, end = 0, len(text)
    while spans and spans[0].name in _OUTER and not text[start : spans[0].start].strip():
        start = spans.pop(0).end
        start += len(text[start:]) - len(text[start:].lstrip())
    while spans and spans[-1].name in _OUTER and not text[spans[-1].end : end].strip():
        end = len(text[: spans.pop().start].rstrip())
    return start, max(start, end), spans


def _marked(text, spans, marks, clean):
    """The marked form; spans for which there is no mark stay as they are."""
    of_marks, others = spans[: len(marks)], spans[len(marks) :]
    needles = [
        Needle(_whole(symbol), span, *touched)
        for symbol, span, touched in zip(marks, of_marks, _touched(text, spans), strict=False)
    ]
    text = text if not others else _replaced(text, others, [span.text for span in others])
    return Form(mark(text, of_marks, marks[: len(of_marks)]), needles + _plain_needles(others, clean), _strays(marks))


def _plain_needles(spans, clean):
    """How the spans are found in a translation whose source had them; the longest first, which may contain others."""
    spans = sorted(spans, key=lambda span: len(span.text), reverse=True)
    return [Needle(_loosely(clean(span.text), span.name), span) for span in spans]


@functools.cache
def _whole(symbol):
    return re.compile(rf"(?<![\w.]){re.escape(symbol)}(?!\w)")


@functools.cache
def _strays(marks):
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
    else:
        written = r"\s*".join(map(re.escape, text.split())).replace("'", "['\u2019]")
    before = r"(?<!\w)(?<!\d[.,])" if text[0].isalnum() else f"(?<!{re.escape(text[0])})"
    after = r"(?![.,]?\d)(?!\w)" if text[-1].isalnum() else f"(?!{re.escape(text[-1])})"
    return re.compile(before + written + after, re.IGNORECASE if name == "term" else 0)


def _digits(part):
    """The pattern of digits, or of what is between them: a separator may differ."""
    return re.escape(part) if part.isdigit() or part.strip(_LOOSE) else _SEPARATOR if part else ""
