"""A conversation with a translator: one line in, its answer out, at the terminal or through a pipe."""

import contextlib
import sys

from kerasformer.cli.pipes import format_answer, read_line

PROMPT = "> "
QUIT = "/quit"
MAX_CHARACTERS = 1000


def converse(lines, translator, write, complain, seed=0):
    """Answer line after line until there are no more, or one is `/quit`.

    Args:
        lines: iterable of bytes, one line each.
        translator: a `BaseTranslator`.
        write: called with the answer to each line, "" if there is none.
        complain: called with "line N: what is wrong"; the conversation goes on.
        seed: int; a translator that samples uses the next seed for each line, so that a conversation can be repeated.
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
    """A message if the model cannot read a text in one piece, else None: an answer to a part would be no answer."""
    # Characters are limited too, because a row of unknown characters is a single token, however long.
    if len(text) > MAX_CHARACTERS:
        found, limit = f"{len(text):,} characters", f"a line has at most {MAX_CHARACTERS:,}"
    elif (count := translator.count_tokens([text])[0]) > translator.max_tokens:
        found, limit = f"{count:,} tokens", f"the model reads at most {translator.max_tokens:,} at once"
    else:
        return None
    return f"too long: {found}, and {limit}; say it in fewer words"


def converse_at_terminal(translator, complain, seed=0):
    """`converse` with a person: lines can be edited, and answers are wrapped to the width of the terminal."""
    from rich.console import Console
    from rich.text import Text

    console = Console()

    def write(answer):
        if answer:
            console.print(Text(answer))

    print(f"type one line at a time; Ctrl-D or {QUIT} ends", file=sys.stderr)
    converse(_typed_lines(), translator, write, complain, seed)


def _typed_lines():
    """Yield each typed line as bytes, as a pipe would."""
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401  (lets `input` edit lines)
    sys.stdin.reconfigure(errors="surrogateescape")  # `converse` complains of bytes that are not UTF-8
    while True:
        try:
            yield input(PROMPT).encode("utf-8", "surrogateescape")
        except EOFError:
            print()
            return
