"""Split a text into its sentences: at sentence ends and newlines, whatever the language. Standard library only."""

import re

_NEWLINES = "\n\r\v\f\x85\u2028\u2029"
_WIDE_ENDS = "。！？．｡"
_THIN_SPACES = " \u00a0\u202f"
# Sentence ends ("?!", "? !", ". . .") with the closing quotes and brackets after them, or white space.
_BOUNDARY = re.compile(
    rf"(?P<run>[.!?…{_WIDE_ENDS}]+(?:[{_THIN_SPACES}]?[.!?…{_WIDE_ENDS}]+)*)"
    rf"(?P<closers>(?:[{_THIN_SPACES}]?»|[\"'”’)\]}}」』）】》〉])*)"
    r"|(?P<space>\s+)"
)
_SPACE = re.compile(r"\s*")
_ABBREVIATIONS = frozenset(
    ["m", "mm", "mme", "mmes", "mlle", "mlles", "mgr", "pr", "mr", "mrs", "ms", "dr", "drs", "prof", "st"]
    + ["ste", "sr", "jr", "rev", "hon", "capt", "lt", "sgt", "gov", "mt", "e.g", "i.e", "etc", "vs", "cf"]
    + ["ca", "al", "viz", "approx", "p.ex", "ex", "p", "pp", "vol", "chap", "fig", "éd", "tél", "av", "bd"]
    + ["env", "inc", "ltd", "corp", "dept", "a.m", "p.m", "ie", "eg", "gen", "c.-à-d", "c-à-d"]
    + ["jan", "feb", "apr", "aug", "sept", "oct", "nov", "dec", "bzw", "usw", "z.b", "d.h", "u.a", "o.ä", "evtl"]
    + ["ggf", "vgl", "nr", "inkl", "bspw", "sog", "hr", "hrn", "okt", "dez"]
    + ["janv", "fév", "févr", "avr", "juil", "déc"]
)
_MONTHS = (
    "Jan(?:uar)?|Jänner|Feb(?:ruar)?|März?|Apr(?:il)?|Mai|Juni?|Juli?|Aug(?:ust)?|Sept?(?:ember)?|Okt(?:ober)?"
    "|Nov(?:ember)?|Dez(?:ember)?"
)
# German: a day before a month ("3. Oktober"), and abbreviations of two words ("z. B.").
_WITH_SPACE = re.compile(
    rf"(?<!\w)(?:\d\d?\.[{_THIN_SPACES}](?:{_MONTHS})\b"
    rf"|(?:[Zz]\.[{_THIN_SPACES}]B|[Dd]\.[{_THIN_SPACES}]h|[Uu]\.[{_THIN_SPACES}]a)\.)"
)
_INITIALS = re.compile(r"[^\W\d_](?:\.-?[^\W\d_])*")
_LIST_NUMBER = re.compile(r"\s*\d{1,3}")
# The word before a sentence end and the word after it, where there is no white space between them.
_LAST_WORD = re.compile(
    rf"(?:^|[\s\"'’«“‘()\[¿¡–—-])(?P<word>[^\W\d_]{{2,}}|\d{{3,}})[{_THIN_SPACES}]?$|[)\]»”%€$£°][{_THIN_SPACES}]?$"
)
_NEXT_WORD = re.compile(
    rf"(?:[«“¿¡][{_THIN_SPACES}]?)?(?P<word>[^\W\d_]{{2,}}(?![\w(=/@\\&<{{]|[.:]\w)|[^\W\d_](?=['’][^\W\d_])|[AIYOÀÔ](?=\s))"
)
_CODE = re.compile(r"[/=&@\\{}<>_|#.]|\w\(")
_FILE_ENDINGS = frozenset(
    ["js", "ts", "net", "io", "com", "org", "fr", "py", "txt", "pdf", "doc", "docx", "xls", "xlsx", "csv", "md"]
    + ["html", "xml", "json", "zip", "exe", "jpg", "png", "java"]
)


def split_sentences(text: str) -> list[tuple[str, str]]:
    """Split a text into sentences, at sentence ends and newlines.

    Args:
        text: any text.

    Returns:
        A list of `(sentence, separator)`; joined, they are the text again. The separator is the white space after
        the sentence; white space at the beginning of the text follows an empty sentence.
    """
    pairs, start, position = [], 0, 0
    while match := _BOUNDARY.search(text, position):
        position = match.end()
        if match["space"]:
            end = match.start()
            if start < end and position < len(text) and not has_newline(match["space"]):
                continue
        elif _ends_sentence(text, start, match):
            end = match.end()
            position = _SPACE.match(text, end).end()
        else:
            continue
        pairs.append((text[start:end], text[end:position]))
        start = position
    if start < len(text):
        pairs.append((text[start:], ""))
    return pairs


def has_newline(separator: str) -> bool:
    """Whether a separator has a line break."""
    return any(character in _NEWLINES for character in separator)


def _ends_sentence(text: str, start: int, match: re.Match) -> bool:
    """Whether a match of sentence ends is the end of the sentence that begins at `start`."""
    following = text[match.end() : match.end() + 2]
    if not following or match["run"][-1] in _WIDE_ENDS:
        return True
    if not following[0].isspace():
        return _is_followed_at_once(text, start, match)
    # A quotation or a pause inside a sentence: « Oui ! » dit-il; well... maybe.
    pauses = match["closers"] or match["run"] == "..." or match["run"][-1] == "…"
    if pauses and following[1:].islower():
        return False
    if match["run"] != "." or match["closers"]:
        return True
    around = _WITH_SPACE.finditer(text, max(start, match.start() - 4), match.end() + 12)
    if any(found.start() <= match.start() < found.end() for found in around):
        return False
    return not _is_abbreviation(text[max(start, match.start() - 24) : match.start()])


def _is_followed_at_once(text: str, start: int, match: re.Match) -> bool:
    """Whether a sentence begins directly after a match, as in "fini.Il part"; not in names as of files, or in code."""
    before = text[max(start, match.start() - 48) : match.start()]
    last, following = _LAST_WORD.search(before), _NEXT_WORD.match(text, match.end())
    if not before.strip() or not following or match["closers"][-1:] in ("'", '"', "’"):
        return False
    word = following["word"]
    if not word[0].isupper() or not (word[1:] or "a").islower() or _CODE.search(before.split()[-1]):
        return False
    if match["run"] != ".":
        return before.rstrip()[-1].isalnum() or last is not None
    if last is None or _is_abbreviation(before) or word.casefold() in _FILE_ENDINGS:
        return False
    return (
        bool(match["closers"]) or not last["word"] or last["word"].islower() or last["word"].isdigit() or len(word) <= 3
    )


def _is_abbreviation(before: str) -> bool:
    """Whether the text before a full stop ends with an abbreviation or initials, or is the number of a list item."""
    if not before or before[-1].isspace():
        return False
    word = before.split()[-1].lstrip("\"'«“‘([{")
    if word.casefold() in _ABBREVIATIONS or _LIST_NUMBER.fullmatch(before):
        return True
    return word.isupper() and _INITIALS.fullmatch(word) is not None
