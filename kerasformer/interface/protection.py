"""Spans that a translation must not change: found in a sentence, carried through the model, and put back.

A sentence is given to the model in one of two forms. In the marked form, a mark stands for each span; a tokenizer may
have the marks as symbols, which the model learned to copy. In the plain form, the spans stay as they are. Where a
translation lacks a span, the sentence is translated again in the other form, and what is still missing is appended.
Standard library only.
"""

import dataclasses
import re
import unicodedata

from kerasformer.interface.capitals import LOUD, in_lower_case
from kerasformer.interface.forms import OUTER, STAND_INS, Form, Needle, Span, plain_needles, strays, whole
from kerasformer.interface.patterns import BULLET, POSSIBLE, pattern

_ENDS = re.compile("[.!?…。！？．｡\n\r\v\f\x85\u2028\u2029]")
# A bullet or the dash of a dialogue, and dots with a dash or an opening quotation mark: models answer to them alone.
_LEAD = re.compile(rf"(?:{BULLET})*(?:[\"'(«“\s–—-]*(?:\.{{3,}}|…)\s*(?=[^\W\d_]|[«“\"'(¿¡<*]))?")
# Marks such as "!!!" or "......" at an end: of several, models make anything.
_REPEATED = re.compile(r"[!?][.!?…]{2,}$|[.…][.!?…]{3,}$")
_QUOTE = re.compile(r"«\s?|“")


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
        count: function of a list of texts that returns the number of tokens of each, for a model that gets sentences in
            capitals in lower case; None for one that gets them as they are.
    """

    def __init__(self, names, marks=(), glossary=None, count=None):
        self.names = tuple(names)
        self.marks = tuple(marks)
        self.glossary = glossary
        self.count = count

    def find(self, text, unknown=""):
        """The `Span`s of a text, in order.

        Args:
            text: str.
            unknown: str, characters that the tokenizer does not know; words with them are spans.
        """
        spans = []
        if not (self.glossary or unknown or self.names and POSSIBLE.search(text)):
            return spans
        terms = self.glossary.patterns if self.glossary else ()
        for match in pattern(self.names, terms, unknown, _joined(text) if unknown else "").finditer(text):
            is_term = match.lastgroup == "term"
            found = self.glossary.translation(match[0]) if is_term else match[0]
            spans.append(Span(*match.span(), match.lastgroup, found))
        return spans

    def masked(self, text):
        """A text of the same length to split into sentences: none ends within a span, and tags are like brackets."""
        spans, hidden = self.find(text), []
        for span in spans:
            inside = text[span.start : span.end]
            hidden.append(")" * len(inside) if span.name in OUTER else _ENDS.sub("x", inside))
        return _replaced(text, spans, hidden)

    def compact(self, text, unknown=""):
        """A text as it is counted before it is split: in the marked form."""
        text = self._lowered(text, unknown) or text
        spans = self.find(text, unknown)
        marks = (self.marks or STAND_INS)[: len(spans)]
        return mark(text, spans[: len(marks)], marks) if spans else text

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
        lowered = self._lowered(text, unknown)
        text = lowered or text
        found = self.find(text, unknown)
        if not found and self.names and not any(map(str.isalnum, text)):
            return Sentence(text, "", [])
        start, end, spans = _inner(text, [*found])
        before, after = text[:start], text[end:]
        lead = _LEAD.match(text, start, end)[0] if self.names else ""
        if not spans or start + len(lead) <= spans[0].start:  # the model writes straight quotation marks
            before, start = before + _QUOTE.sub('"', lead), start + len(lead)
        repeated = _REPEATED.search(text, start, end) if self.names else None
        end = repeated.start() + 1 if repeated else end
        text = text[start:end]
        spans = [dataclasses.replace(span, start=span.start - start, end=span.end - start) for span in spans]
        if found and not any(map(str.isalpha, _replaced(text, spans, [""] * len(spans)))):
            return Sentence(before + _replaced(text, spans, [span.text for span in spans]) + after, "", [])
        text, spans, loose = _loosened(text, spans) if self.names and not self.marks else (text, spans, ())
        forms = self._forms(text, self._begun(text, spans), unknown, clean)
        traits = {
            "has_capital": next(filter(str.isalpha, text), "").isupper(),
            "priced": text if "number" in self.names else "",
            "in_capitals": lowered is not None,
            "end": repeated[0] if repeated else "",
            "loose": loose,
        }
        return Sentence(before, after, [dataclasses.replace(form, **traits) for form in forms])

    def _lowered(self, text, unknown):
        """A sentence in capitals in lower case, except its spans; None for another one."""
        if not self.count or not LOUD.search(text):
            return None
        return in_lower_case(text, self.find(text, unknown), self.count)

    def _begun(self, text, spans):
        """The spans of a sentence; if it begins with a term, that term knows how it is written elsewhere."""
        place = next((place for place, span in enumerate(spans) if span.name not in OUTER), None)
        if place is None or spans[place].name != "term":
            return spans
        span = spans[place]
        if any(map(str.isalnum, _replaced(text[: span.start], spans[:place], [""] * place))):
            return spans
        begun = dataclasses.replace(span, inside=self.glossary.entry(text[span.start : span.end]))
        return [*spans[:place], begun, *spans[place + 1 :]]

    def _forms(self, text, spans, unknown, clean):
        """The forms of a sentence, in the order to try them."""
        if not spans:
            return [Form(text, [])]
        needles = plain_needles(spans, clean)
        plain = Form(_replaced(text, spans, [span.text for span in spans]), needles)
        marked = _marked(text, spans, self.marks or STAND_INS, clean)
        is_hopeless = any(character in unknown for span in spans for character in span.text)
        if self.marks:  # with which the sentence was found to fit the model
            return [marked] if is_hopeless else [marked, plain]
        as_it_is = [Form(text, needles)] if is_hopeless or plain.text != text else []  # it fits, others may not
        return [marked, *as_it_is] if is_hopeless else [plain, marked, *as_it_is]


def seen_alone(text):
    """The characters (set of str) of a text that have a meaning alone: no white space, accents or format characters."""
    return {c for c in set(text) if not c.isspace() and unicodedata.category(c)[0] not in "MC"}


def _joined(text):
    """The characters of a text that belong to the letter before them: accents, vowel signs, joiners; each once."""
    return "".join(sorted(c for c in set(text) if unicodedata.category(c)[0] == "M" or c in "\u200c\u200d"))


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


def _loosened(text, spans):
    """A text without its emoji between words, its other spans, and the emoji as `Form.loose` has them."""
    parts, others, loose, place, gone = [], [], [], 0, 0
    for span in spans:
        if span.name == "emoji" and text[max(0, span.start - 1) : span.start] == " " == text[span.end : span.end + 1]:
            parts.append(text[place : span.start])
            place, gone = span.end + 1, gone + span.end + 1 - span.start
            loose.append((len("".join(parts).split()), span))
        else:
            others.append(dataclasses.replace(span, start=span.start - gone, end=span.end - gone))
    text = "".join([*parts, text[place:]])
    words = len(text.split())
    return text, others, tuple((before / words, span) for before, span in loose)


def _inner(text, spans):
    """Where a text begins and ends without the tags, markup and emoji at its ends; and the spans within."""
    start, end = 0, len(text)
    while spans and spans[0].name in OUTER and not text[start : spans[0].start].strip():
        start = spans.pop(0).end
        start += len(text[start:]) - len(text[start:].lstrip())
    while spans and spans[-1].name in OUTER and not text[spans[-1].end : end].strip():
        end = len(text[: spans.pop().start].rstrip())
    return start, max(start, end), spans


def _marked(text, spans, marks, clean):
    """The marked form; spans for which there is no mark stay as they are."""
    of_marks, others = spans[: len(marks)], spans[len(marks) :]
    needles = [
        Needle(whole(symbol), span, *touched)
        for symbol, span, touched in zip(marks, of_marks, _touched(text, spans), strict=False)
    ]
    text = text if not others else _replaced(text, others, [span.text for span in others])
    text = mark(text, of_marks, marks[: len(of_marks)])
    return Form(text, needles + plain_needles(others, clean), strays=strays(marks))
