"""Subtitles in SubRip (.srt) and WebVTT (.vtt): each cue is a text, and each line of it that begins with a dash.

A sentence that goes on in the next cue is translated as one, and its translation divided among the cues.

References: WebVTT, W3C; SubRip has no specification, its files hold a number, times, lines of text and an empty line.
"""

import dataclasses
import functools
import html
import itertools
import re

from kerasformer.documents.dividing import divided
from kerasformer.documents.marked import Mark, marked_spans, plain_text
from kerasformer.documents.plain import DASHES, joined
from kerasformer.documents.spans import has_words
from kerasformer.errors import InputError

LONGEST_PAUSE = 2.0  # seconds between two cues of one sentence
LONGEST = 200  # characters of a sentence that goes on from cue to cue
FEWEST_ENDS = 0.2  # of the texts of a file end a sentence, or else it has no punctuation that tells where sentences end
_TIME = r"(?:(?:\d+:)?\d{1,2}:\d\d[.,]\d{1,3})"
_TIMES = re.compile(rf"^[ \t]*(?P<begin>{_TIME})[ \t]*-->[ \t]*(?P<end>{_TIME})[^\r\n]*(?:\r\n|\n|\r)", re.MULTILINE)
_INDENT = rf"[ \t]*(?:(?:<[^>\r\n]*>|\{{\\[^}}\r\n]*\}})*[{DASHES}][ \t]*)?"  # with a dash, and tags before it
_LINE = re.compile(rf"(?P<indent>{_INDENT})(?P<text>(?:[^\r\n]*[^ \t\r\n])?)(?P<after>[ \t]*(?:\r\n|\n|\r|\Z))")
_NUMBER = re.compile(r"\s*\d+\s*")
_TAG = re.compile(r"<(?P<closing>/?)(?P<name>[A-Za-z\d][^\s.<>]*)(?:[\s.][^<>]*)?>|\{\\[^{}]*\}")
_SPEAKER_OR_PLACE = re.compile(r"<v[^<>]*>|\{\\[^{}]*\}")
_END = re.compile(rf"[{DASHES}.!?…:。！？)\]]$")  # of a sentence, a sound in brackets, or a speech that breaks off
_ELLIPSES = ("...", "…")
_ELLIPSIS_AT_END, _ELLIPSIS_AT_BEGIN = re.compile(r"(?<!\s)\s*(?:\.{3}|…)\s*\Z"), re.compile(r"\A\s*(?:\.{3}|…)\s*")
_QUOTES = " \u00a0\u202f\"'“”„‘’«»"
_MUSIC = re.compile("[♩♪♫♬#]")


@dataclasses.dataclass(frozen=True)
class _Text:
    """A text of a cue: the lines of one speaker.

    Args:
        start, end, pieces: see `marked_spans`.
        plain: str, what a translator reads.
        kinds: set of str, the tags of its speaker and its place on the screen.
        may_follow, may_go_on: whether it is the first and the last text of its cue; one with a dash follows none.
        begins, ends: float, the times of the cue in seconds.
    """

    start: int
    end: int
    pieces: list
    plain: str
    kinds: set
    may_follow: bool
    may_go_on: bool
    begins: float
    ends: float


def find_srt(text, source, target):
    """Yield the `Span`s of a SubRip file; for the arguments see `formats.DocumentFormat`."""
    return _find(text, source, str, str, ends_at_empty_line=False)


def find_vtt(text, source, target):
    """Yield the `Span`s of a WebVTT file; for the arguments see `formats.DocumentFormat`."""
    encode = functools.partial(html.escape, quote=False)
    return _find(text, source, html.unescape, encode, ends_at_empty_line=True)


def _find(text, source, decode, encode, ends_at_empty_line):
    texts, sentence = list(_texts(text, decode, ends_at_empty_line)), []
    ending = sum(bool(_END.search(part.plain.rstrip(_QUOTES))) for part in texts)
    is_punctuated = ending >= FEWEST_ENDS * len(texts)
    for part in texts:
        if sentence and not (is_punctuated and _goes_on(sentence, part, source)):
            yield from _sentence_spans(sentence, encode)
            sentence = []
        sentence.append(part)
    yield from _sentence_spans(sentence, encode)


def _texts(text, decode, ends_at_empty_line):
    """Yield the `_Text`s of a file in order."""
    cues = list(_TIMES.finditer(text))
    if not cues:
        raise InputError("there is no cue such as 00:00:01,000 --> 00:00:02,000: this is not a subtitle file")
    for cue, following in zip(cues, [*cues[1:], None], strict=True):
        found = list(_LINE.finditer(text, cue.end(), following.start() if following else len(text)))
        if following and len(found) > 1 and _NUMBER.fullmatch(found[-2]["text"]):
            del found[-2:]  # the number of the next cue
        groups = _groups(found, ends_at_empty_line)
        for lines in groups:
            start, end, pieces = joined(lines, functools.partial(_split, decode=decode))
            kinds = set(_SPEAKER_OR_PLACE.findall(text, start, end))
            may_follow = lines is groups[0] and not lines[0]["indent"].strip()
            times = _seconds(cue["begin"]), _seconds(cue["end"])
            yield _Text(start, end, pieces, plain_text(pieces), kinds, may_follow, lines is groups[-1], *times)


def _seconds(time):
    *hours, minutes, seconds = time.replace(",", ".").split(":")
    return 3600 * int(hours[0] if hours else 0) + 60 * int(minutes) + float(seconds)


def _goes_on(sentence, other, source):
    """Whether the last of some texts, which are one sentence so far, goes on in another text."""
    one, first = sentence[-1], next(filter(str.isalnum, other.plain), "")
    is_near = one.may_go_on and other.may_follow and 0 <= other.begins - one.ends <= LONGEST_PAUSE
    is_alike = one.kinds == other.kinds and not _MUSIC.search(one.plain + other.plain)
    before, after = one.plain.rstrip(_QUOTES), other.plain.lstrip(_QUOTES)
    fits = sum(len(text.plain) for text in [*sentence, other]) <= LONGEST
    if not (is_near and is_alike and fits and has_words(one.plain) and has_words(other.plain)):
        return False
    begins_within = first.islower() or first.isdigit() or source == "en" and re.match(r"I\b", after)
    is_open = not _END.search(before) and after[:1] == first and (begins_within or before[-1] in ",，、")
    return bool(is_open or one.plain.endswith(_ELLIPSES) and other.plain.startswith(_ELLIPSES))


def _sentence_spans(sentence, encode):
    """The spans of a sentence, one for each of its texts."""
    pieces = [text.pieces for text in sentence]
    for number in range(1, len(sentence)):
        pieces[number - 1] = _without_ellipsis(pieces[number - 1], _ELLIPSIS_AT_END, -1)
        pieces[number] = _without_ellipsis(pieces[number], _ELLIPSIS_AT_BEGIN, 0)
    plain = [plain_text(of_text) for of_text in pieces]
    for number, text in enumerate(sentence):
        is_cut = pieces[number] is not text.pieces and number < len(plain) - 1
        part = functools.partial(_part, plain=plain, number=number, unwanted=" ,;." if is_cut else "")
        whole = (" ".join(plain), part) if len(plain) > 1 else None
        yield from marked_spans(text.start, text.end, pieces[number], encode, whole)


def _without_ellipsis(pieces, pattern, which):
    """The pieces of a text with a mark in place of the ellipsis at one of its ends."""
    place = [index for index, piece in enumerate(pieces) if isinstance(piece, str) and piece.strip()][which]
    found = pattern.search(pieces[place])
    if not found:
        return pieces
    before, after = pieces[place][: found.start()], pieces[place][found.end() :]
    return [*pieces[:place], *filter(None, [before, Mark(0, found[0]), after]), *pieces[place + 1 :]]


def _part(translation, plain, number, unwanted):
    """A part of a translation without what is unwanted at its end, before an ellipsis."""
    part = divided(translation, plain)[number]
    return part.rstrip(unwanted) or part if unwanted else part


def _groups(lines, ends_at_empty_line):
    """The lines of a cue, as matches, in lists that are a text each."""
    if ends_at_empty_line:
        lines = itertools.takewhile(lambda line: line["text"], lines)
    groups = []
    for line in lines:
        if line["text"]:
            if not groups or line["indent"].strip() or groups[-1][-1].end() != line.start():
                groups.append([])
            groups[-1].append(line)
    return groups


def _split(text, start, decode):
    """The pieces of a line: its text, and its tags as marks."""
    pieces, cursor = [], 0
    for tag in _TAG.finditer(text):
        kind = "close" if tag["closing"] else "open" if tag["name"] else "point"
        pieces += [decode(text[cursor : tag.start()]), Mark(start + tag.start(), tag[0], kind, tag["name"] or "")]
        cursor = tag.end()
    return [piece for piece in [*pieces, decode(text[cursor:])] if piece]
