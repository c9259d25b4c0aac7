"""HTML: the text between two block tags is a text, with its inline tags as marks; code, scripts and styles stay.

The parser of the standard library tells where every tag stands, so that all other bytes stay; lxml and selectolax write
a page anew.

References: HTML Living Standard, sections 3.2.6.3 (`lang`), 3.2.6.4 (`translate`).
"""

import functools
import html
import html.parser
import re

from kerasformer.documents.marked import Mark, marked_spans
from kerasformer.documents.spans import fixed_span, has_words, plain_span

INLINE = frozenset([
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i",
    "img", "ins", "kbd", "label", "mark", "math", "meter", "nobr", "output", "picture", "progress", "q", "rb", "rp",
    "rt", "ruby", "s", "samp", "small", "source", "span", "strike", "strong", "sub", "sup", "svg", "time", "tt",
    "u", "var", "wbr",
])  # fmt: skip
LEFT = frozenset([
    "code", "kbd", "math", "pre", "samp", "script", "style", "svg", "template", "textarea", "tt", "var",
])  # fmt: skip
_VOID = frozenset([
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
])  # fmt: skip
_ATTRIBUTES = frozenset(["alt", "title", "placeholder", "aria-label"])
_META = frozenset(["description", "og:title", "og:description", "twitter:title", "twitter:description"])
_ATTRIBUTE = re.compile(r"""(?<=\s)(?P<name>[^\s=>"'/]+)\s*=\s*(?P<value>"[^"]*"|'[^']*'|[^\s"'>]+)""")
# A command of a template separates texts. None has the beginning of another in it, so that one that does not end is
# not searched to the end of the page.
_TEMPLATE = re.compile(r"(.*?)(\{%(?:(?!\{%|%\}).)*%\}|\{#(?:(?!\{#|#\}).)*#\}|\Z)", re.DOTALL)
_SPACE = re.compile(r"([ \t\r\n\f]+)")


def find_spans(text, source, target, start=0):
    """Yield the `Span`s of a page; for the arguments see `formats.DocumentFormat`.

    Args:
        start: int, where the text begins in the file that the spans count from.
    """
    pieces = []
    for begin, end, kind, tag, attributes in [*_elements(text, source, target), (len(text), len(text), "end", "", {})]:
        raw = text[begin:end]
        if kind == "text":
            for part, command in _TEMPLATE.findall(raw):
                pieces += _text_pieces(part, start + begin)
                begin += len(part) + len(command)
                if command:
                    yield from _block_spans(pieces)
                    pieces = []
            continue
        if kind == "left" and tag in INLINE:
            pieces.append(Mark(start + begin, raw, text=_said(raw, tag)))
            continue
        spans = () if kind == "left" else tuple(_attribute_spans(raw, start + begin, tag, attributes, source, target))
        if tag in INLINE or kind == "comment":
            pieces.append(Mark(start + begin, raw, kind if kind in ("open", "close") else "point", tag, spans=spans))
        else:
            yield from _block_spans(pieces)
            yield from spans
            pieces = []


def _said(raw, tag):
    """What a translator reads for an element whose content stays: its text in backticks."""
    said = "" if tag in ("svg", "math") else html.unescape(re.sub("<[^<>]*>", "", raw)).strip()
    return f"`{said}`" if said else ""


def _text_pieces(raw, start):
    """Text as pieces: white space other than a single space is a break. A piece is a `Mark` or (text, start, end)."""
    cursor = start
    for part in _SPACE.split(raw):
        is_break = part != " " and _SPACE.fullmatch(part)
        if part:
            yield Mark(cursor, part, "break") if is_break else (html.unescape(part), cursor, cursor + len(part))
        cursor += len(part)


def _block_spans(pieces):
    """The spans of the text between two block tags."""
    while pieces and _is_outside(pieces[0]):
        pieces.pop(0)
    while pieces and _is_outside(pieces[-1]):
        pieces.pop()
    if not pieces:
        return []
    begin, end = _place(pieces[0])[0], _place(pieces[-1])[1]
    texts = [piece if isinstance(piece, Mark) else piece[0] for piece in pieces]
    return marked_spans(begin, end, texts, functools.partial(html.escape, quote=False))


def _is_outside(piece):
    """Whether a piece at the end of a block stays where it is: white space, or a comment."""
    if isinstance(piece, Mark):
        return piece.role == "break" or piece.raw.startswith("<!")
    return not piece[0].strip(" ")


def _place(piece):
    return (piece.start, piece.start + len(piece.raw)) if isinstance(piece, Mark) else piece[1:]


def _attribute_spans(raw, start, tag, attributes, source, target):
    """The spans within an opening tag: the texts of its attributes, and its language."""
    is_named = tag == "meta" and (attributes.get("name") or attributes.get("property") or "").lower() in _META
    is_button = tag == "input" and (attributes.get("type") or "").lower() in ("submit", "button", "reset")
    for found in _ATTRIBUTE.finditer(raw) if attributes else ():
        name, value = found["name"].lower(), found["value"]
        quote = value[0] if value[0] in "\"'" else ""
        begin, end = (start + place for place in found.span("value"))
        inner = html.unescape(value[1:-1] if quote else value)
        if name in ("lang", "xml:lang"):
            if tag == "html" or _language(inner) == source:
                yield fixed_span(begin + len(quote), end - len(quote), target)
        elif (name in _ATTRIBUTES or name == "content" and is_named or name == "value" and is_button) and has_words(
            inner
        ):
            yield plain_span(begin, end, inner, lambda text, quote=quote or '"': _quoted(text, quote))


def _quoted(text, quote):
    escaped = html.escape(text, quote=False).replace(quote, "&quot;" if quote == '"' else "&#x27;")
    return f"{quote}{escaped}{quote}"


def _language(code):
    return code.split("-")[0].lower()


def _elements(text, source, target):
    """Yield (start, end, kind, tag, attributes) of every part of a page, in order and without gaps.

    A kind is "text", "open", "close", "empty", "comment", or "left" for an element whose content stays, with all of it.
    """
    parser = _Parser()
    parser.feed(text)
    parser.close()
    places = [event[0] for event in parser.events] + [len(text)]
    left, depth = None, 0
    for event, end in zip(parser.events, places[1:], strict=True):
        begin, kind, tag, attributes = event
        if left:
            depth += (tag == left[2]) * {"open": 1, "close": -1}.get(kind, 0)
            if depth == 0:
                yield left[0], end, "left", *left[2:]
                left = None
        elif kind == "open" and _stays(tag, attributes, source):
            left, depth = event, 1
        else:
            yield begin, end, kind, tag, attributes
    if left:
        yield left[0], len(text), "left", *left[2:]


def _stays(tag, attributes, source):
    """Whether the content of an element is not translated."""
    language = attributes.get("lang")
    is_foreign = bool(language) and tag != "html" and _language(language) != source
    is_marked = (attributes.get("translate") or "").lower() == "no" or "notranslate" in (attributes.get("class") or "")
    return tag in LEFT or is_foreign or is_marked


class _Parser(html.parser.HTMLParser):
    """Collects (start, what, tag, attributes) of all parts of a page; a run of text is one part.

    A tag, comment or declaration without an end goes to the end of the page, as in a browser. To look for other parts
    within it, as the base class does, takes time that grows with the square of its length.
    """

    def __init__(self):
        super().__init__(convert_charrefs=False)
        self.events, self._lines = [], [0]

    def feed(self, data):
        self._lines += [found.end() for found in re.finditer("\n", data)]
        super().feed(data)

    def parse_starttag(self, i):
        return self._finished(super().parse_starttag(i))

    def parse_comment(self, i, report=True):
        return self._finished(super().parse_comment(i, report))

    def parse_html_declaration(self, i):
        try:
            return self._finished(super().parse_html_declaration(i))
        except AssertionError:  # "<![" and a name that the base class does not know
            return self._finished(self.parse_bogus_comment(i))

    def _finished(self, end):
        """Where a part ends; the base class says -1 if it does not."""
        if end < 0:
            self._add("empty")
            end = len(self.rawdata)
        return end

    def _add(self, what, tag="", attributes=()):
        line, column = self.getpos()
        if not (what == "text" and self.events and self.events[-1][1] == "text"):
            self.events.append((self._lines[line - 1] + column, what, tag, dict(attributes)))

    def handle_starttag(self, tag, attributes):
        self._add("empty" if tag in _VOID else "open", tag, attributes)

    def handle_startendtag(self, tag, attributes):
        self._add("empty", tag, attributes)

    def handle_endtag(self, tag):
        self._add("close", tag)

    def handle_data(self, data):
        self._add("text")

    def handle_entityref(self, name):
        self._add("text")

    def handle_charref(self, name):
        self._add("text")

    def handle_comment(self, data):
        self._add("comment")

    def handle_decl(self, decl):
        self._add("empty")

    def handle_pi(self, data):
        self._add("empty")

    def unknown_decl(self, data):
        self._add("empty")
