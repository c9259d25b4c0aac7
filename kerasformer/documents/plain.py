"""Plain text: every line is a text; the lines of a paragraph that was wrapped at a width are one."""

import re

from kerasformer.documents.marked import Mark, marked_spans

NARROWEST = 40  # characters; narrower paragraphs are lists or verses
_LINE = re.compile(r"(?P<indent>[ \t]*)(?P<text>[^\r\n]*?)(?P<after>[ \t]*(?:\r\n|\n|\r|\Z))")


def find_spans(text, source, target):
    """Yield the `Span`s of a plain text; for the arguments see `formats.DocumentFormat`."""
    paragraph = []
    for line in _LINE.finditer(text):
        if paragraph and not (line["text"] and line["indent"] == paragraph[-1]["indent"]):
            yield from _paragraph_spans(paragraph)
            paragraph = []
        if line["text"]:
            paragraph.append(line)
    yield from _paragraph_spans(paragraph)


def _paragraph_spans(lines):
    groups = [lines] if _is_wrapped(lines) else [[line] for line in lines]
    for group in groups:
        yield from joined_spans(group)


def _is_wrapped(lines):
    """Whether no line had room for the first word of the next one."""
    width = max((len(line["text"]) for line in lines), default=0)
    return width >= NARROWEST and all(
        len(line["text"]) + 1 + len(" ".join(following["text"].split()[:1])) > width
        for line, following in zip(lines, lines[1:], strict=False)
    )


def joined_spans(lines, split=lambda text, start: [text], encode=str):
    """The spans of lines that are one text, with the breaks between them as marks.

    Args:
        lines: list of matches of a line, with the groups "indent", "text" and "after".
        split: function of a line's text and its start in the file that returns its pieces, see `marked_spans`.
        encode: function of a text that returns it as the file writes it.
    """
    pieces = []
    for line, following in zip(lines, [*lines[1:], None], strict=True):
        pieces += split(line["text"], line.start("text"))
        if following:
            between = line.end("text"), following.start("text")
            pieces.append(Mark(between[0], line.string[slice(*between)], "break"))
    return marked_spans(lines[0].start("text"), lines[-1].end("text"), pieces, encode)
