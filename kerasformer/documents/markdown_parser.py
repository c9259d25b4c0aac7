"""The parser of Markdown pages: CommonMark and its common extensions, and one token for what stays within a line.

mdit-py-plugins reads the extensions that are blocks: math, containers, admonitions, definitions and footnotes.

References: CommonMark 0.31; GitHub Flavored Markdown, sections 4.10 (tables), 5.3 (task lists), 6.5 (strikethrough);
Pandoc's Markdown, "Math", for which dollars are math.
"""

import re

KEPT = "kept"  # the type of the token
DEFINITION = ":"  # what stays at the beginning of a definition that has several terms
# What else stays there: the box of a task, the kind of an alert, an abbreviation, a table of contents.
AT_BEGIN = re.compile(rf"{DEFINITION}(?=\s)|\[[ xX]\](?=\s)|\[![\w-]+\][+-]?|\*\[[^\]\n]+\]:|\[TOC\]")
# Math of TeX between escaped brackets, which has a sign of math or a command in it.
_BETWEEN = r"\\\{0}(?=(?:\\[^\{0}\{1}a-z]|[^\\])*?(?:\\?[\^_=+]|\\\\?[a-z]))(?:\\[^\{0}\{1}]|[^\\])+\\\{1}".format
# What stays anywhere, by name. None has its own beginning in it: one without an end is not searched to the end.
KINDS = {
    "footnote": r"\[\^[^\[\]\s]+\]",
    "link of a wiki": r"!?\[\[[^\[\]\n]+\]\](?!\()",
    "template": r"\{{2,4}(?:(?!\{\{|\}\}).)*\}\}|\{%(?:(?!\{%|%\}).)*%\}",
    "attributes": r"\{[:#.][^{}\n]*\}",
    "name of an emoji": r"(?<![\w:]):[a-z+-][\w+-]*:(?!\w)",
    "math": r"\$\$(?:\\.|[^\\$])+\$\$|(?<![\w$])\$(?=[^\s$])(?P<math>(?:\\.|[^\\$\n])*?)(?<!\s)\$(?![\w$])"
    rf"|{_BETWEEN('(', ')')}|{_BETWEEN('[', ']')}",
}
_ANYWHERE = re.compile("|".join(KINDS.values()), re.DOTALL)
_PROSE = re.compile(r"(?<![^\W\d_])[^\W\d_]{2,}[,;]?\s+[^\W\d_]{2,}")


def parser():
    """A `markdown_it.MarkdownIt` whose tokens stand in the order of the page."""
    from markdown_it import MarkdownIt
    from mdit_py_plugins.admon import admon_plugin
    from mdit_py_plugins.container import container_plugin
    from mdit_py_plugins.deflist import deflist_plugin
    from mdit_py_plugins.dollarmath import dollarmath_plugin
    from mdit_py_plugins.footnote import footnote_plugin

    made = MarkdownIt("commonmark").enable(["table", "strikethrough"]).disable("text_join")
    for plugin in (admon_plugin, deflist_plugin, dollarmath_plugin, footnote_plugin):
        made.use(plugin)
    made.use(container_plugin, "any", validate=lambda *_: True)
    made.disable(["footnote_inline", "footnote_ref", "footnote_tail", "math_inline"])
    made.inline.ruler.before("escape", KEPT, _kept)
    return made


def _kept(state, silent):
    """The rule of an inline parser for what stays."""
    is_first = state.src[state.pos] in "[*:" and not state.src[: state.pos].rpartition("\n")[2].strip()
    found = is_first and AT_BEGIN.match(state.src, state.pos) or _ANYWHERE.match(state.src, state.pos)
    if not found or found.end() > state.posMax or _is_prose(found.groupdict().get("math") or ""):
        return False
    if not silent:
        state.push(KEPT, "", 0).content = found[0]
    state.pos = found.end()
    return True


def _is_prose(math):
    """Whether what is between two dollars has two words, and no command of TeX in which they would be."""
    return "\\" not in math and _PROSE.search(math) is not None
