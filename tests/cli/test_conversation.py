"""A conversation with a translator that only repeats: through a pipe, and at a terminal of few columns."""

import os
import re
import struct
import subprocess
import sys

import pytest

from kerasformer.cli.conversation import converse
from kerasformer.interface.answers import Hypothesis

AT_TERMINAL = """
import sys
from kerasformer.cli.conversation import converse_at_terminal
from kerasformer.interface.answers import Hypothesis
class Polite:
    max_tokens = 99
    def count_tokens(self, texts):
        return [len(text.split()) for text in texts]
    def hypotheses(self, texts, seed):
        return [[Hypothesis(f"{text} 라고 하셨군요 정말 반갑습니다", 0.0, ())] for text in texts]
converse_at_terminal(Polite(), lambda said: print("complaint:", said, file=sys.stderr))
print("bye")
"""


class Echo:
    """Repeats a text of at most five words, and tells the seed."""

    max_tokens = 5

    def count_tokens(self, texts):
        return [len(text.split()) for text in texts]

    def hypotheses(self, texts, seed):
        return [[Hypothesis(f"{text} {seed}" if text else "", 0.0, ())] for text in texts]


def talk(*lines, seed=0):
    """The answers and the complaints."""
    answers, complaints = [], []
    converse(lines, Echo(), answers.append, complaints.append, seed)
    return answers, complaints


def test_each_line_has_its_answer_and_each_turn_its_seed():
    assert talk("안녕\n".encode(), b"\n", "잘 지내?".encode(), seed=7) == (["안녕 7", "", "잘 지내? 9"], [])
    assert talk() == ([], [])


def test_quit_ends_it():
    assert talk(b"a\n", b" /quit \n", b"b\n") == (["a 0"], [])
    assert talk(b"/quitting\n") == (["/quitting 0"], [])


def test_what_cannot_be_answered_is_named_in_one_line_and_it_goes_on():
    answers, complaints = talk(b"\xff\n", b"a b c d e f", "가".encode() * 10_000, b"x" * 20_000, b"a\n")
    assert answers == ["", "", "", "", "a 4"]
    assert complaints[:3] == [
        "line 1: not UTF-8: byte 0xff at position 0; convert the text to UTF-8",
        "line 2: too long: 6 tokens, and the model reads at most 5 at once; say it in fewer words",
        "line 3: too long: 10,000 characters, and a line has at most 1,000; say it in fewer words",
    ]
    assert complaints[3].startswith("line 4: a single sentence of 20,000 characters is longer than the limit")
    assert len(complaints) == 4


def test_an_answer_of_several_lines_becomes_one():
    assert talk("a\u2028b\r\n".encode()) == (["a b 0"], [])


def test_at_a_terminal_answers_are_wrapped_to_its_width():
    fcntl, pty, termios = map(pytest.importorskip, ("fcntl", "pty", "termios"))
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 20, 0, 0))  # rows and columns
    environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    environment |= {"TERM": "xterm", "PYTHONUTF8": "1"}
    child = subprocess.Popen(
        [sys.executable, "-c", AT_TERMINAL], stdin=theirs, stdout=theirs, stderr=theirs, env=environment
    )
    os.close(theirs)
    os.write(ours, "안녕하세요\n".encode() + b"\xff\n/quit\n")
    seen = b""
    while b"bye" not in seen and (chunk := os.read(ours, 1024)):
        seen += chunk
    assert child.wait(30) == 0
    os.close(ours)
    text = re.sub(r"\x1b\[[^a-zA-Z]*[a-zA-Z]", "", seen.decode(errors="replace"))  # what moves the cursor
    lines = [line.strip() for line in text.splitlines()]
    assert "type one line at a time; Ctrl-D or /quit ends" in lines
    assert "> /quit" in lines
    # A Korean syllable is two columns wide, so a line holds ten at most.
    begin = next(i for i, line in enumerate(lines) if line.endswith("라고"))
    assert lines[begin : begin + 3] == ["안녕하세요 라고", "하셨군요 정말", "반갑습니다"]
    assert any(line.startswith("complaint: line 2: not UTF-8: byte 0xff") for line in lines)
