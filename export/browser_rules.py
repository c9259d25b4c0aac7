"""Write the text rules of kerasformer/interface as JavaScript: python export/browser_rules.py

Patterns and tables are defined once, in Python. The regular expressions are parsed and written again so that they match
the same in JavaScript: letters, digits and white space are those of Python, and there are no conditional groups.
"""

import json
import pathlib
import re
import sys

from kerasformer.interface import (
    capitals,
    cleaning,
    currencies,
    forms,
    patterns,
    protection,
    rules,
    segmentation,
    sentence_ends,
)

if sys.version_info >= (3, 11):
    from re import _parser as parser
else:
    import sre_parse as parser

FILE = pathlib.Path(__file__).parent / "browser" / "src" / "rules.js"
HEAD = "// Written by export/browser_rules.py from kerasformer/interface: do not edit.\n"
# What JavaScript reads of each module: tables, compiled patterns, and text that is part of patterns.
TABLES = {
    cleaning: "NFKC CLEANINGS VISIBLE",
    rules: "CONVERSATION",
    segmentation: "MAX_SENTENCE_CHARACTERS CUTS CHARACTER",
    sentence_ends: "NEWLINES WIDE_ENDS BOUNDARY SPACE ABBREVIATIONS WITH_SPACE INITIALS LIST_NUMBER LAST_WORD "
    "NEXT_WORD CODE FILE_ENDINGS",
    patterns: "VERSION LETTERS POSSIBLE PATTERNS",
    capitals: "LOUD WORD SHORTEST",
    protection: "ENDS LEAD REPEATED QUOTE",
    forms: "STAND_INS OUTER AMOUNT LOOSE SEPARATOR TIME PERCENT",
    currencies: "NAMED SIGN OTHER_LETTERS",
}
STEPS = list(dict.fromkeys(step for one in cleaning.CLEANINGS.values() for step in (*one.source, *one.target)))
WORD = r"\p{L}\p{N}_"
WHITE = r"\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
CATEGORIES = {"DIGIT": r"\p{Nd}", "SPACE": WHITE, "WORD": WORD}
ANCHORS = {
    "AT_BEGINNING": "(?<![^])", "AT_END": r"(?=\n?(?![^]))",
    "AT_BOUNDARY": f"(?:(?<=[{WORD}])(?![{WORD}])|(?<![{WORD}])(?=[{WORD}]))",
}  # fmt: skip
IN_LINES = {"AT_BEGINNING": r"(?<![^\n])", "AT_END": r"(?=\n|(?![^]))"}


class Writer:
    """Writes a parsed pattern of Python as a JavaScript pattern for the flag `u`.

    Args:
        tree: what the parser of `re` returned.
    """

    def __init__(self, tree):
        self._anchors = ANCHORS | (IN_LINES if tree.state.flags & re.MULTILINE else {})
        self._names = {number: name for name, number in tree.state.groupdict.items()}
        self._written = {}  # by number of a group: its name in JavaScript

    def sequence(self, items):
        """Items one after another; a condition on an optional group among them becomes two alternatives."""
        items = [(str(kind), value) for kind, value in items]
        for place, (kind, value) in enumerate(items):
            if kind == "GROUPREF_EXISTS":
                number, then, otherwise = value
                first = next(i for i, item in enumerate(items) if f"SUBPATTERN, ({number}," in repr(item))
                after = items[place + 1 :]
                there = [*items[:first], *items[first][1][2], *items[first + 1 : place], *then, *after]
                absent = [*items[:first], *items[first + 1 : place], *(otherwise or []), *after]
                return f"(?:{self.sequence(there)}|{self.sequence(absent)})"
        return "".join(self.item(kind, value) for kind, value in items)

    def item(self, kind, value):
        """One item, as the parser names it."""
        if kind in ("LITERAL", "NOT_LITERAL"):
            return _escaped(value) if kind == "LITERAL" else f"[^{_escaped(value)}]"
        if kind == "ANY":
            return r"[^\n]"
        if kind == "IN":
            return _one_of([(str(kind), what) for kind, what in value])
        if kind == "BRANCH":
            return f"(?:{'|'.join(map(self.sequence, value[1]))})"
        if kind == "SUBPATTERN":
            return self.group(value[0], value[3]) if not value[1] & re.DOTALL else "[^]"
        if kind in ("MAX_REPEAT", "MIN_REPEAT"):
            return self.sequence(value[2]).join(("(?:", ")")) + _times(*value[:2]) + "?" * (kind == "MIN_REPEAT")
        if kind in ("ASSERT", "ASSERT_NOT"):
            return f"(?{'<' if value[0] < 0 else ''}{'=' if kind == 'ASSERT' else '!'}{self.sequence(value[1])})"
        if kind == "AT":
            return self._anchors[str(value)]
        if kind == "GROUPREF":
            return rf"\k<{self._written[value]}>"
        raise ValueError(f"no JavaScript is known for {kind} of a pattern")

    def group(self, number, items):
        """A group; a name that is written twice gets a number."""
        name = self._names.get(number)
        if name:
            count = sum(written.rstrip("0123456789") == name for written in self._written.values())
            self._written[number] = name = f"{name}{count or ''}"
        return f"({f'?<{name}>' if name else '' if number else '?:'}{self.sequence(items)})"


def _escaped(code):
    character = chr(code)
    if character.isascii() and (character.isalnum() or character in " _,;:!#%&'\"<>=@`~"):
        return character
    return rf"\x{code:02x}" if code < 256 else rf"\u{{{code:x}}}"


def _times(least, most):
    if most == parser.MAXREPEAT:
        return {0: "*", 1: "+"}.get(least, f"{{{least},}}")
    return "?" if (least, most) == (0, 1) else f"{{{least},{most}}}"


def _one_of(items):
    """A set of characters; JavaScript has no negated category of Unicode letters and digits within a set."""
    inside, outside = "", []
    for kind, value in items:
        if kind == "LITERAL":
            inside += _escaped(value)
        elif kind == "RANGE":
            inside += f"{_escaped(value[0])}-{_escaped(value[1])}"
        elif kind == "CATEGORY":
            name = str(value).removeprefix("CATEGORY_")
            if name.startswith("NOT_"):
                outside.append(f"[^{CATEGORIES[name.removeprefix('NOT_')]}]")
            else:
                inside += CATEGORIES[name]
    is_negated = items[0][0] == "NEGATE"
    if not outside:
        return f"[{'^' * is_negated}{inside}]"
    alternatives = "|".join([f"[{inside}]"] * bool(inside) + outside)
    return f"(?:(?!{alternatives})[^])" if is_negated else f"(?:{alternatives})"


def javascript(pattern, flags=0):
    """A pattern of Python, str, as the source of a JavaScript pattern for the flag `u`."""
    return Writer(tree := parser.parse(pattern, flags)).sequence(tree)


def _value(value):
    """A table with its patterns as [source, flags]."""
    if isinstance(value, re.Pattern):
        return [javascript(value.pattern, value.flags), "iu" if value.flags & re.IGNORECASE else "u"]
    if isinstance(value, cleaning.Cleaning):
        return {"source": _steps(value.source), "target": _steps(value.target)}
    if isinstance(value, dict):
        return {name: _value(one) for name, one in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    return [_value(one) for one in value] if isinstance(value, (list, tuple)) else value


def _steps(steps):
    """The steps of a cleaning, as their places in STEPS, which several cleanings share."""
    return [STEPS.index(step) for step in steps]


def _step(step):
    """A step of a cleaning: "NFKC", or [source of a pattern, replacement]."""
    return step if step == cleaning.NFKC else [javascript(step[0]), step[1].replace("\\1", "$1")]


def tables():
    """The tables of each module, by name."""
    found = {}
    for module, names in TABLES.items():
        of_module = {name: getattr(module, name, None) or getattr(module, f"_{name}") for name in names.split()}
        found[module.__name__.rpartition(".")[2]] = of_module
    found["cleaning"] |= {"VISIBLE": _steps(cleaning.VISIBLE), "STEPS": list(map(_step, STEPS))}
    found["characters"] = {"WHITE": WHITE, "WORD": WORD}  # what Python calls white space, letters and digits
    found["patterns"]["PATTERNS"] = {name: javascript(text, re.MULTILINE) for name, text in patterns.PATTERNS.items()}
    return _value(found)


def text():
    """The JavaScript file: str."""
    exports = "".join(f"export const {name} = {json.dumps(of, indent=1)};\n" for name, of in tables().items())
    return HEAD + re.sub(r"\[\n[\d\s,]+\]", lambda places: "".join(places[0].split()).replace(",", ", "), exports)


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
