"""Markdown: each paragraph, heading and cell is a text, with emphasis, links and code in it as marks; code blocks stay.

markdown-it-py reads the page and says what each mark is. It does not say where a mark stands within a line, which is
found here.
"""

import dataclasses
import functools
import re

from kerasformer.documents import web_page
from kerasformer.documents.markdown_parser import AT_BEGIN, DEFINITION, KEPT, parser
from kerasformer.documents.marked import Mark, marked_spans
from kerasformer.documents.spans import Span, fixed_span, has_words

_FRONT_MATTER = re.compile(
    r"\A(?P<fence>---|\+\+\+)[ \t]*(?:\r\n?|\n).*?^(?P=fence)[ \t]*(?:(?:\r\n?|\n)|\Z)", re.M | re.S
)
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r|\Z)")
_TITLE = r""""(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\((?:\\.|[^()\\])*\)"""
_ADDRESS = r"<[^>\n]*>|(?:\\.|[^\s()\\]|\((?:\\.|[^()\\])*\))*"
_LINK_END = re.compile(rf"\](?:\(\s*(?=\S)(?:{_ADDRESS})(?:\s+(?=\S)(?:{_TITLE}))?\s*\)|\[[^\]]*\])?")
_TAG = re.compile(r"<(?P<closing>/?)(?P<name>[A-Za-z][^\s/>]*)")
_BREAK = re.compile(r"(?:\\|[ \t]*)\n[ \t]*")
_WITHOUT_LABEL = ("]", "][]")  # ends of a link whose text is the label of its address
_BLOCK = re.compile(r"\A(?:\d{1,9}(?=[.)]\s)|(?=(?:[-+*]|#{1,6})\s))")
_SPECIAL = "\\`*_[]<>"


def find_spans(text, source, target):
    """Yield the `Span`s of a Markdown page; for the arguments see `formats.DocumentFormat`."""
    front = _FRONT_MATTER.match(text)
    begin = front.end() if front else 0
    lines = [*_LINE.finditer(text, begin)]
    previous, cursor = None, 0  # cursor: where in the file to look for the next cell
    for token in parser().parse(text[begin:]):
        if token.type == "html_block":
            first, end = lines[token.map[0]].start(), lines[token.map[1] - 1].end()
            if text[first:end].split() == token.content.split():  # else there are signs of a quotation or a list
                yield from web_page.find_spans(text[first:end], source, target, first)
        elif token.type == "inline" and has_words(token.content) and not _is_made_up(token, lines, previous):
            places = _places(token, lines[token.map[0] :], cursor, previous)
            cursor, in_cell = places[-1], previous.type in ("td_open", "th_open")
            spans = _inline_spans(token, text, places, in_cell)
            yield from map(_without_block, spans) if previous.type == "paragraph_open" else spans
        previous = token


def _is_made_up(token, lines, previous):
    """Whether a text is the title that the parser makes up for an admonition without one."""
    if previous.type != "admonition_title_open":
        return False
    _, _, after = lines[token.map[0]][0].partition(previous.markup.split()[0])
    return token.content not in "".join(after.split(maxsplit=1)[1:])


def _without_block(span):
    """The span of a text in a paragraph, which never begins a list or a heading there."""
    return dataclasses.replace(span, write=lambda lookup: _BLOCK.sub(r"\g<0>\\", span.write(lookup)))


def _places(token, lines, cursor, previous):
    """Where each character of a block's text, and its end, stands in the file: list of int.

    Args:
        token: the text, of type "inline".
        lines: list of matches, the lines of the page from the first line of the text.
        cursor: int, where the last text ended.
        previous: the token before, which opens the block.
    """
    places = []
    ends_with_line = previous.type == "paragraph_open" or previous.markup in ("=", "-")
    for wanted, line in zip(token.content.split("\n"), lines, strict=False):
        file, stripped = line.string, wanted.strip()
        if ends_with_line:
            place = line.start() + len(line[0].rstrip()) - len(stripped)
        else:  # a heading or a cell; a cell has no backslash where the file has one before "|"
            pattern = re.escape(stripped).replace(r"\|", r"\\?\|")
            place = re.compile(pattern).search(file, max(cursor, line.start())).start()
        places += [place] * (len(wanted) - len(wanted.lstrip()))
        for character in wanted.lstrip():
            places.append(place)
            place += 2 if character == "|" and file[place] == "\\" else 1
        places.append(place)
    return places


def _inline_spans(token, text, places, in_cell):
    """The spans of the text of a block; a hard line break separates two texts."""
    content, cursor, pieces, begin = token.content, 0, [], 0
    unescaped = (child for child in token.children if child.type == "text" or child.content == child.markup)
    bare = {character for child in unescaped for character in child.content}
    special = "".join(character for character in _SPECIAL if character not in bare) + "|" * in_cell
    encode = functools.partial(re.sub, f"[{re.escape(special)}]", r"\\\g<0>") if special else str
    children = [child for child in _without_autolinks(token.children) if child.type != "text" or child.content]
    opened, definition = 0, next((i for i, child in enumerate(children) if _is_definition(child)), 0)
    for index, child in enumerate(children):
        end = _end(child, content, cursor)
        opened = cursor + 1 if child.type == "link_open" else opened
        if _separates(children, index, definition):
            yield from marked_spans(places[begin], places[cursor], pieces, encode)
            pieces, begin = [], end
        elif child.type in ("text", "text_special"):
            pieces.append(child.content)
        else:
            label = content[opened:cursor] if child.type == "link_close" else ""
            pieces.append(_mark(child, text, places[cursor : end + 1], encode, label))
        cursor = end
    yield from marked_spans(places[begin], places[cursor], pieces, encode)


def _is_definition(child):
    return (child.type, child.content) == (KEPT, DEFINITION)


def _separates(children, index, definition):
    """Whether a token separates two texts: a hard line break, the tag of a block, a command of a template, a line
    break beside what stays on a line of its own, or one before the first definition."""
    child = children[index]
    if child.type == "html_inline":
        tag = _TAG.match(child.content)
        return bool(tag) and tag["name"].lower() not in web_page.INLINE
    if child.type != "softbreak":
        return child.type == "hardbreak" or child.type == KEPT and child.content.startswith("{%")
    after = children[index + 1]
    starts = after.type == KEPT and AT_BEGIN.match(after.content + " ")
    return bool(starts) or index < definition or any(_is_line(children, place) for place in (index - 1, index + 1))


def _is_line(children, index):
    around = children[max(index - 1, 0) : index] + children[index + 1 : index + 2]
    is_alone = all(child.type.endswith("break") for child in around)
    return children[index].type == KEPT and is_alone and not re.match(r"\$[^$]|\\\(|\[\^", children[index].content)


def _without_autolinks(tokens):
    """The tokens, with one for each address in angle brackets."""
    is_within = False
    for token in tokens:
        is_auto = token.type.startswith("link") and token.markup == "autolink"
        if is_auto and token.nesting == 1 or not (is_auto or is_within):
            yield token
        is_within = is_auto and token.nesting == 1 or is_within and not is_auto


def _end(child, content, cursor):
    """Where an inline token ends in the text of its block."""
    if child.type == "text_special" or child.type.startswith(("strong", "em_", "s_")):
        return cursor + len(child.markup)
    if child.type in ("text", "html_inline", KEPT):
        return cursor + len(child.content)
    if child.type == "code_inline":
        closing = re.compile(rf"(?<!`){child.markup}(?!`)")
        return closing.search(content, cursor + len(child.markup)).end()
    if child.type in ("softbreak", "hardbreak"):
        return _BREAK.match(content, cursor).end()
    if child.type == "link_open":
        return content.index(">", cursor) + 1 if child.markup == "autolink" else cursor + 1
    begin = cursor + len(f"![{child.content}") if child.type == "image" else cursor
    return _LINK_END.match(content, begin).end()


def _mark(child, text, places, encode, label):
    """An inline token as a `Mark`; the label is the text of a link that ends."""
    start, raw = places[0], text[places[0] : places[-1]]
    if child.type == "html_inline":
        tag = _TAG.match(raw)
        kind = "point" if not tag or raw.endswith("/>") else "close" if tag["closing"] else "open"
        return Mark(start, raw, kind, tag["name"] if tag else "")
    if child.type == "softbreak":
        return Mark(start, raw, "break")
    if child.nesting and child.markup != "autolink":
        is_named = raw in _WITHOUT_LABEL and has_words(label)
        named = (fixed_span(start + 1, places[-1], f"[{' '.join(label.split())}]"),) if is_named else ()
        return Mark(start, raw, "open" if child.nesting == 1 else "close", child.tag, spans=named)
    if child.type == KEPT:
        is_noun = raw.startswith(("$", "\\", "[[", "![[", "{{"))
        return Mark(start, raw, text=f"`{' '.join(child.content.split())}`" if is_noun else "")
    said = raw if child.type == "code_inline" else raw[1:-1] if child.type == "link_open" else ""
    is_text = child.type == "image" and has_words(child.content)
    return Mark(start, raw, text=said, spans=(_alt(child.content, raw, places, encode),) if is_text else ())


def _alt(alt, raw, places, encode):
    """The `Span` of the text of an image, with the label of its address, which may be that text."""
    after = raw[2 + len(alt) :]
    label = f"][{alt}]" if after in _WITHOUT_LABEL else ""
    end = places[-1] if label else places[2 + len(alt)]
    return Span(places[2], end, (alt,), lambda lookup: encode(lookup(alt)) + label)
