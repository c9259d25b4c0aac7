"""Messages of gettext (.po): each empty `msgstr` is filled and its message marked fuzzy; what is translated stays.

polib reads the messages. The file is not written by it, because it wraps all lines anew.

Reference: GNU gettext manual, "The Format of PO Files".
"""

import re

from kerasformer.documents.messages import message_span
from kerasformer.documents.spans import fixed_span, has_words
from kerasformer.errors import InputError

_EMPTY = re.compile(r'(?P<begin>[ \t]*msgstr(?:\[(?P<number>\d+)\])?[ \t]+)""[ \t]*')
_FLAGS, _MESSAGE = re.compile(r"#,(?P<flags>(?:.*\S)?)(?P<end>\s*)"), re.compile(r"[ \t]*(?:msgctxt|msgid)[ \t]")


def find_spans(text, source, target):
    """Yield the `Span`s of a PO file; for the arguments see `formats.DocumentFormat`.

    Of a message with plural forms, form 0 is translated from `msgid` if there are several forms, the others from
    `msgid_plural`.
    """
    import polib

    lines = text.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    try:
        entries = list(polib.pofile(text))
    except OSError as error:
        raise InputError(f"it is not a PO file: {error}") from None
    if not entries:
        return
    ends = [entry.linenum - 1 for entry in entries[1:]] + [len(lines)]
    for entry, end in zip(entries, ends, strict=True):
        if not entry.obsolete:
            first = max(entry.linenum - 1, 0)
            yield from _entry_spans(entry, lines[first:end], starts[first:])


def _entry_spans(entry, lines, starts):
    """The spans of one message: the flag `fuzzy`, and its empty translations."""
    forms = []
    for index, line in enumerate(lines):
        found = _EMPTY.fullmatch(line.rstrip("\r\n"))
        is_continued = index + 1 < len(lines) and lines[index + 1].lstrip().startswith('"')
        if found and not is_continued:
            number = int(found["number"] or 0)
            several = len(entry.msgstr_plural) > 1
            text = entry.msgid_plural if entry.msgid_plural and (number or not several) else entry.msgid
            begin = starts[index] + found.end("begin")
            forms += [_form(begin, text)] if has_words(text) else []
    if forms:
        yield _fuzzy(entry, lines, starts)
        yield from forms


def _form(start, text):
    from polib import escape

    return message_span(start, start + 2, text, lambda translation: f'"{escape(translation)}"', is_text=False)


def _fuzzy(entry, lines, starts):
    """The span that marks a message fuzzy: at the end of its flags, or before the message."""
    flags = [(i, found) for i, line in enumerate(lines) if (found := _FLAGS.fullmatch(line))]
    if flags:
        index, found = flags[0]
        place, value = starts[index] + found.end("flags"), "" if "fuzzy" in entry.flags else ", fuzzy"
    else:
        index = next(i for i, line in enumerate(lines) if _MESSAGE.match(line))
        newline = lines[index][len(lines[index].rstrip("\r\n")) :]
        place, value = starts[index], f"#, fuzzy{newline}"
    return fixed_span(place, place, value)
