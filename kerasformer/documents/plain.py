"""Plain text: every line is a text; the lines of a paragraph that was wrapped at a width are one.

Bullets, the dashes of a dialogue and the signs of quoted mail stay at the beginning of a line. The columns of a line,
with tabs, three spaces or a bar between them, are texts.
"""

import re

from kerasformer.documents.marked import Mark, marked_spans
from kerasformer.documents.spans import has_words, plain_span
from kerasformer.interface.patterns import BULLET, DASHES

NARROWEST = 40  # characters; narrower paragraphs are lists or verses
_BULLET = rf"{BULLET}|[{DASHES}](?=[^\W\d_])|(?:\d{{1,3}}[.)]|[a-z]\))[ \t]+"
_LINE = re.compile(
    rf"(?P<indent>[ \t]*(?:>[ \t]*)*)(?P<bullet>(?:{_BULLET})?)(?P<text>(?:[^\r\n]*[^ \t\r\n])?)"
    r"(?P<after>[ \t]*(?:\r\n|\n|\r|\Z))"
)
_ORNAMENT = re.compile(rf"(?<![ \t])[ \t]+[{DASHES}*#=~_|]+\Z")  # at the end of a title
_CELL = re.compile(r"[^ \t|]+(?: {1,2}[^ \t|]+)*")


def find_spans(text, source, target):
    """Yield the `Span`s of a plain text; for the arguments see `formats.DocumentFormat`."""
    paragraph = []
    for line in _LINE.finditer(text):
        if paragraph and not (line["text"] and not line["bullet"] and _may_go_on(paragraph, line)):
            yield from _paragraph_spans(paragraph)
            paragraph = []
        if line["text"]:
            paragraph.append(line)
    yield from _paragraph_spans(paragraph)


def _may_go_on(paragraph, line):
    """Whether the indentation of a line is that of the paragraph; the first line of one may have another."""
    one, other = paragraph[-1]["indent"], line["indent"]
    return one == other or len(paragraph) == 1 and one.count(">") == other.count(">")


def _paragraph_spans(lines):
    if len(lines) > 1 and _is_wrapped(lines):
        yield from marked_spans(*joined(lines))
    elif len(lines) > 1 and lines[0]["indent"] != lines[1]["indent"]:
        yield from _paragraph_spans(lines[:1])
        yield from _paragraph_spans(lines[1:])
    else:
        for line in lines:
            end = line.start("text") + len(_ORNAMENT.sub("", line["text"]))
            cells = _CELL.finditer(line.string, line.start("text"), end)
            yield from (plain_span(*cell.span(), cell[0]) for cell in cells if has_words(cell[0]))


def _is_wrapped(lines):
    """Whether no line had room for the first word of the next one, and none has columns."""
    widths = [line.end("text") - line.start() for line in lines]
    return (
        max(widths) >= NARROWEST
        and not any("\t" in line["text"] for line in lines)
        and all(
            width + 1 + len(following["text"].split()[0]) > max(widths)
            for width, following in zip(widths, lines[1:], strict=False)
        )
    )


def joined(lines, split=lambda text, start: [text]):
    """Lines that are one text, with the breaks between them as marks: its start and end in the file, and its pieces.

    Args:
        lines: list of matches of a line, with the groups "text" and "after".
        split: function of a line's text and its start in the file that returns its pieces, see `marked_spans`.
    """
    pieces = []
    for line, following in zip(lines, [*lines[1:], None], strict=True):
        pieces += split(line["text"], line.start("text"))
        if following:
            between = line.end("text"), following.start("text")
            pieces.append(Mark(between[0], line.string[slice(*between)], "break"))
    return lines[0].start("text"), lines[-1].end("text"), pieces
