"""A text with marks in it, such as tags and line breaks: translated as a whole, and each mark put back in its place.

An element (`<b>word</b>`, `**word**`) is put around the translation of its own text, where that occurs in the whole
translation; otherwise around the words at the same place of the sentence. A line break goes to the nearest space.
"""

import dataclasses
import re

from kerasformer.documents.dividing import WITHOUT_SPACES
from kerasformer.documents.spans import Span, has_words, replace

_PUNCTUATION = " \t.,;:!?…。、！？"
_NO_LINE_START = re.compile(r"(?:[-+*#:]+|\d+[.)])(?:\s|\Z)|[=>~]")  # in Markdown, a list or a heading would begin here


@dataclasses.dataclass(frozen=True)
class Mark:
    """A part of a text that is not translated.

    Args:
        start: int, where it stands in the file.
        raw: str, what stands there.
        role: "open" and "close" around an element, "break" for white space with a line break, or "point".
        name: str, of the element, by which "open" and "close" find each other.
        text: str, what the translator reads in its place.
        spans: tuple of `Span`, texts within the mark, such as the title of a link.
    """

    start: int
    raw: str
    role: str = "point"
    name: str = ""
    text: str = ""
    spans: tuple[Span, ...] = ()

    def write(self, lookup):
        """The mark as the translated file has it."""
        return replace(self.raw, self.spans, lookup, self.start)


@dataclasses.dataclass
class _Node:
    """An element, or a point, and the texts that it spans: in the source, and in the translation once it is placed."""

    begin: int
    mark: Mark | None = None
    end: int = 0
    closing: Mark | None = None
    children: list = dataclasses.field(default_factory=list)
    place: tuple[int, int] | None = None
    after: str = ""


def marked_spans(start, end, pieces, encode=str, whole=None):
    """The spans of a text with marks: one for all of it, or those within its marks if it has no words.

    Args:
        start, end: int, its place in the file.
        pieces: list of str, which are decoded, and `Mark`, in order.
        encode: function of a text that returns it as the file writes it.
        whole: for a text that is translated as a part of a longer one, the longer text, and a function of the
            translation of that one which returns the part; None for a text that is translated alone.

    Returns:
        list of `Span`.
    """
    marks = [piece for piece in pieces if isinstance(piece, Mark)]
    within = [span for mark in marks for span in mark.spans]
    if not has_words("".join(piece for piece in pieces if isinstance(piece, str))):
        return within
    source = _Source(_paired(pieces))
    said, part = whole or (source.plain.strip(), str)
    texts = dict.fromkeys([said, *source.inner_texts(), *(text for span in within for text in span.texts)])
    return [
        Span(start, end, tuple(texts), lambda lookup: _Translation(source, part(lookup(said)), lookup, encode).write())
    ]


def plain_text(pieces):
    """What a translator reads for the pieces of a text, see `marked_spans`."""
    return _Source(_paired(pieces)).plain.strip()


def _paired(pieces):
    """The pieces; an "open" or a "close" without the other becomes a "point"."""
    pieces, opened = list(pieces), []
    single = set()
    for index, piece in enumerate(pieces):
        kind = piece.role if isinstance(piece, Mark) else ""
        if kind == "open":
            opened.append(index)
        elif kind == "close":
            if piece.name not in [pieces[i].name for i in opened]:
                single.add(index)
                continue
            while pieces[last := opened.pop()].name != piece.name:
                single.add(last)
    for index in single.union(opened):
        pieces[index] = dataclasses.replace(pieces[index], role="point")
    return pieces


class _Source:
    """The text without marks, the tree of its elements, and its line breaks."""

    def __init__(self, pieces):
        self.plain, self.breaks = "", []
        self.root = _Node(0)
        stack = [self.root]
        for piece in pieces:
            if isinstance(piece, str):
                self.plain += self._after_point(stack[-1], piece)
            elif piece.role == "break":
                self.breaks.append((len(self.plain), piece.raw))
                self.plain += " "
            elif piece.role == "close":
                node = stack.pop()
                node.end, node.closing = len(self.plain), piece
            else:
                node = _Node(len(self.plain), piece)
                stack[-1].children.append(node)
                self.plain += piece.text
                node.end = len(self.plain)
                if piece.role == "open":
                    stack.append(node)
        self.root.end = len(self.plain)

    def _after_point(self, node, piece):
        """Text without its first space if a mark stands between two spaces, of which the translator reads one."""
        last = node.children[-1] if node.children else None
        is_empty_point = last and not last.closing and last.begin == last.end == len(self.plain)
        if is_empty_point and piece[:1] == " " and (not self.plain or self.plain[-1].isspace()):
            last.after = " "
            return piece[1:]
        return piece

    def text(self, node):
        return self.plain[node.begin : node.end].strip()

    def inner_texts(self, node=None):
        """The texts of elements with words in them, which are translated to find them in the whole translation."""
        for child in (node or self.root).children:
            if child.closing and has_words(self.text(child)):
                yield self.text(child)
                yield from self.inner_texts(child)


class _Translation:
    """The translation of a `_Source`, with the marks in it."""

    def __init__(self, source, translation, lookup, encode):
        self.source, self.lookup, self.encode = source, lookup, encode
        plain = source.plain
        stripped = plain.strip()
        begin = plain.index(stripped)
        self.text = plain[:begin] + translation + plain[begin + len(stripped) :]
        self.breaks = self._break_places()

    def write(self):
        return self._write(self.source.root, 0, len(self.text))

    def _write(self, node, low, high):
        """What stands from `low` to `high` of the translation, with the children of a node."""
        self._place(node, low, high)
        parts = []
        for child in sorted(node.children, key=lambda child: child.place):
            begin, end = child.place
            parts += [self._encoded(low, begin), child.mark.write(self.lookup)]
            if child.closing:
                parts += [self._write(child, begin, end), child.closing.write(self.lookup)]
            parts.append(child.after)
            low = end
        return "".join([*parts, self._encoded(low, high)])

    def _encoded(self, low, high):
        parts = []
        for place in sorted(place for place in self.breaks if low <= place < high):
            raw, width = self.breaks[place]
            parts += [self.encode(self.text[low:place]), raw]
            low = place + width
        return "".join([*parts, self.encode(self.text[low:high])])

    def _place(self, node, low, high):
        """Give each child of a node its place: first those whose text is found, then the others between them."""
        taken = []
        for find in (self._found, self._at_same_words):
            for child in node.children:
                if find == self._found:
                    child.place = None
                if child.place is None and (place := find(node, child, low, high, taken)):
                    child.place = place
                    taken.append(place)

    def _found(self, node, child, low, high, taken):
        """Where the translation of a child's text, or else the text itself, stands; None if it does not."""
        text = self.source.text(child)
        if not text:
            return None
        if child.closing and text == self.source.text(node):
            return _stripped(self.text, low, high)
        translated = self.lookup(text).strip() if child.closing and has_words(text) else text
        expected = low + (child.begin - node.begin) * (high - low) / max(node.end - node.begin, 1)
        said = text.strip("`")  # a translator may write the quotes around code in another way
        for wanted in (translated, translated.strip(_PUNCTUATION), text, f"'{said}'", f'"{said}"', said):
            places = [place for place in _occurrences(wanted, self.text, low, high) if _is_free(place, taken)]
            if places:
                return min(places, key=lambda place: abs(place[0] - expected))
        return None

    def _at_same_words(self, node, child, low, high, taken):
        """The words at the same place of the sentence, counted in words, or in characters where no spaces are."""
        ours, theirs = _units(self.source.plain, node.begin, node.end), _units(self.text, low, high)
        scale = len(theirs) / max(len(ours), 1)
        first = round(sum(begin < child.begin for begin, _ in ours) * scale)
        if not child.closing:
            place = theirs[first][0] if first < len(theirs) else high
            around = self.source.plain[child.begin - 1 : child.end + 1]
            is_within = child.begin == child.end < node.end
            if first and is_within and around[0].strip() and not around[1:].isalnum():
                place = self._end_of_word(child, theirs, first - 1)
            place = next((end for begin, end in taken if begin < place < end), place)
            if child.begin < child.end and self._is_between_spaces(child):
                child.after = " "
            return place, place
        count = max(1, round(sum(child.begin <= begin < child.end for begin, _ in ours) * scale))
        ends_open = self.source.text(child)[-1:] not in _PUNCTUATION
        for begin in sorted(range(len(theirs)), key=lambda i: abs(i - first)):
            place = theirs[begin][0], theirs[min(begin + count, len(theirs)) - 1][1]
            if ends_open:
                place = place[0], place[0] + len(self.text[slice(*place)].rstrip(_PUNCTUATION)) or place[1]
            if _is_free(place, taken):
                return place
        return high, high

    def _end_of_word(self, child, units, wanted):
        """The end of one of some words for a point that stands at the end of a word, before or after punctuation."""
        before, after = self.source.plain[child.begin - 1], self.source.plain[child.begin : child.begin + 1]
        is_after, ends = before in _PUNCTUATION, []
        for number, (begin, end) in enumerate(units):
            bare = begin + len(self.text[begin:end].rstrip(_PUNCTUATION))
            is_other = (bare < end) != (is_after or bool(after.strip()))
            ends.append((is_other, abs(number - wanted), end if is_after else bare))
        return min(ends)[2]

    def _is_between_spaces(self, child):
        plain = self.source.plain
        return not plain[child.begin - 1 : child.begin].strip() and plain[child.end : child.end + 1].isspace()

    def _break_places(self):
        """Where line breaks stand in the translation: dict of place to what stands there and how much it replaces."""
        spaces = [m.start() for m in re.finditer(" ", self.text) if not _NO_LINE_START.match(self.text, m.end())]
        width = 1 if spaces else 0
        between = range(1, len(self.text)) if WITHOUT_SPACES.search(self.text) else ()
        candidates, found = spaces or between, {}
        for place, raw in self.source.breaks:
            expected, last = place * len(self.text) / len(self.source.plain), max(found, default=-1)
            if free := [candidate for candidate in candidates if candidate > last]:
                found[min(free, key=lambda candidate: abs(candidate - expected))] = raw, width
        return found


def _stripped(text, low, high):
    part = text[low:high]
    return low + len(part) - len(part.lstrip()), high - len(part) + len(part.rstrip())


def _occurrences(wanted, text, low, high):
    """The places of a text within another, in any case of letters: whole words, or else the beginnings of words, if the
    text is not as short as an article; anywhere in a script without spaces."""
    if not wanted:
        return []
    patterns = [rf"(?<!\w){re.escape(wanted)}(?!\w)"]
    patterns += [rf"(?<!\w){re.escape(wanted)}"] if len(wanted) > 3 or not wanted.isascii() else []
    patterns += [re.escape(wanted)] if WITHOUT_SPACES.search(text) else []
    for pattern in patterns:
        found = [match.span() for match in re.compile(pattern, re.IGNORECASE).finditer(text, low, high)]
        if found:
            return found
    return []


def _units(text, low, high):
    """The places of the words of a text, or of its characters in a script without spaces."""
    pattern = r"\S" if WITHOUT_SPACES.search(text, low, high) else r"\S+"
    return [match.span() for match in re.compile(pattern).finditer(text, low, high)]


def _is_free(place, taken):
    return all(place[1] <= begin or end <= place[0] for begin, end in taken)
