"""Subtitles in SubRip (.srt) and WebVTT (.vtt): each cue is a text, and each line of it that begins with a dash.

References: WebVTT, W3C; SubRip has no specification, its files hold a number, times, lines of text and an empty line.
"""

import functools
import html
import itertools
import re

from kerasformer.documents.marked import Mark
from kerasformer.documents.plain import joined_spans
from kerasformer.errors import InputError

_TIME = r"(?:\d+:)?\d{1,2}:\d\d[.,]\d{1,3}"
_TIMES = re.compile(rf"^[ \t]*{_TIME}[ \t]*-->[ \t]*{_TIME}[^\r\n]*(?:\r\n|\n|\r)", re.MULTILINE)
_INDENT = r"[ \t]*(?:(?:<[^>\r\n]*>|\{\\[^}\r\n]*\})*[-–—‐][ \t]*)?"  # with a dash, and tags before it
_LINE = re.compile(rf"(?P<indent>{_INDENT})(?P<text>[^\r\n]*?)(?P<after>[ \t]*(?:\r\n|\n|\r|\Z))")
_NUMBER = re.compile(r"\s*\d+\s*")
_TAG = re.compile(r"<(?P<closing>/?)(?P<name>[A-Za-z\d][^\s.>]*)[^>]*>|\{\\[^}]*\}")


def find_srt(text, source, target):
    """Yield the `Span`s of a SubRip file; for the arguments see `formats.DocumentFormat`."""
    return _find(text, str, str, ends_at_empty_line=False)


def find_vtt(text, source, target):
    """Yield the `Span`s of a WebVTT file; for the arguments see `formats.DocumentFormat`."""
    return _find(text, html.unescape, functools.partial(html.escape, quote=False), ends_at_empty_line=True)


def _find(text, decode, encode, ends_at_empty_line):
    cues = list(_TIMES.finditer(text))
    if not cues:
        raise InputError("there is no cue such as 00:00:01,000 --> 00:00:02,000: this is not a subtitle file")
    split = functools.partial(_split, decode=decode)
    for cue, following in zip(cues, [*cues[1:], None], strict=True):
        found = list(_LINE.finditer(text, cue.end(), following.start() if following else len(text)))
        if following and len(found) > 1 and _NUMBER.fullmatch(found[-2]["text"]):
            del found[-2:]  # the number of the next cue
        for lines in _groups(found, ends_at_empty_line):
            yield from joined_spans(lines, split, encode)


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
