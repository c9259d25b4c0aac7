"""A conversation: one line in, its answer out, at the terminal or through a pipe, with whatever artefact."""

import contextlib
import sys

from kerasformer.cli.pipes import format_answer, read_line

PROMPT = "> "
QUIT = "/quit"
MAX_CHARACTERS = 1000


def converse(lines, translator, write, complain, seed=0):
    """Answer line after line until there are no more or one says `/quit`.

    Args:
        lines: iterable of bytes, a line each.
        translator: a `BaseTranslator`.
        write: called with the answer to each line, "" where there is none.
        complain: called with "line N: what is wrong with it"; the conversation goes on.
        seed: int; if the translator samples, each line draws with the next seed, and a conversation can be repeated.
    """
    for turn, line in enumerate(lines):
        text, complaint = read_line(line.removesuffix(b"\n"))
        if not complaint and text.strip() == QUIT:
            break
        complaint = complaint or _too_long(text, translator)
        if complaint:
            complain(f"line {turn + 1}: {complaint}")
        hypotheses = [] if complaint else translator.hypotheses([text], seed=seed + turn)[0]
        write(format_answer(text, hypotheses, one_line=True))


def _too_long(text, translator):
    """What is wrong with a text that the model cannot read in one piece, for an answer to a part is none."""
    # Characters are limited too, because any number of unknown ones may be a single token.
    if len(text) > MAX_CHARACTERS:
        found, limit = f"{len(text):,} characters", f"a line has at most {MAX_CHARACTERS:,}"
    elif (count := translator.count_tokens([text])[0]) > translator.max_tokens:
        found, limit = f"{count:,} tokens", f"the model reads at most {translator.max_tokens:,} at once"
    else:
        return None
    return f"too long: {found}, and {limit}; say it in fewer words"


def converse_at_terminal(translator, complain, seed=0):
    """`converse` with a person: lines can be edited, answers are wrapped to the width of the terminal."""
    from rich.console import Console
    from rich.text import Text

    console = Console()

    def write(answer):
        if answer:
            console.print(Text(answer))

    print(f"one line, one answer; Ctrl-D or {QUIT} ends", file=sys.stderr)
    converse(_typed_lines(), translator, write, complain, seed)


def _typed_lines():
    """Yield each line that is typed, in bytes, as they come through a pipe."""
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401  (`input` edits lines where it is)
    sys.stdin.reconfigure(errors="surrogateescape")  # what is not UTF-8 is named by `converse`
    while True:
        try:
            yield input(PROMPT).encode("utf-8", "surrogateescape")
        except EOFError:
            print()
            return
