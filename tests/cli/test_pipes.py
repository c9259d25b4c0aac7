"""Each input line gives one output line, in order and without delay."""

import io
import json
import random

import pytest

from kerasformer.cli.pipes import LINES_AT_ONCE, Beginning, format_answer, read_lines, translate_lines
from kerasformer.interface.answers import Hypothesis

NASTY = [
    b"",
    b" ",
    b"\r",
    b"a\r",
    b"\0",
    b"a\0b",
    b"\xff",
    b"\xed\xa0\x80",
    b"a\x0bb\xc2\x85c",
    b"\xe2\x80\xa8",
    b"x" * 30_000,
]


class SlowStream(io.RawIOBase):
    """Gives what was written in the portions it was written in, as a pipe does."""

    def __init__(self, *portions):
        self.portions = list(portions)

    def read1(self, size):
        return self.portions.pop(0) if self.portions else b""


def shout(texts):
    """Two hypotheses of each text; the best is the text in capitals."""
    return [[Hypothesis(text.upper(), -0.5, ()), Hypothesis(text, -1.5, ())] for text in texts]


def pipe(data, hypotheses=lambda texts: [found[:1] for found in shout(texts)], **options):
    """The output lines, the complaints and how many lines failed."""
    lines, complaints = [], []
    stream = io.BytesIO(data) if isinstance(data, bytes) else data
    failed = translate_lines(stream, hypotheses, lambda line, flush: lines.append(line), complaints.append, **options)
    return lines, complaints, failed


@pytest.mark.parametrize("seed", range(20))
def test_as_many_lines_come_out_as_go_in(seed):
    rng = random.Random(seed)
    lines = rng.choices(NASTY, k=rng.randrange(1, 12)) + [b"end"]
    for as_json in (False, True):
        out, complaints, failed = pipe(b"\n".join(lines), as_json=as_json)
        assert len(out) == len(lines)
        assert not any("\n" in line or "\r" in line for line in out)
        assert failed == len(complaints) == sum(line in (b"\xff", b"\xed\xa0\x80", NASTY[-1]) for line in lines)
        assert out[-1] == "END" or json.loads(out[-1])["translation"] == "END"


def test_complaints_name_the_line_and_what_is_wrong():
    out, complaints, failed = pipe(b"one\ncaf\xe9\n" + b"y" * 100_000 + b"\nfour\n")
    assert (out, failed) == (["ONE", "", "", "FOUR"], 2)
    assert complaints[0] == "line 2: not UTF-8: byte 0xe9 at position 3; convert the text to UTF-8"
    assert complaints[1].startswith("line 3: a single sentence of 100,000 characters")


def test_line_numbers_go_on_from_chunk_to_chunk():
    data = b"ok\n" * (2 * LINES_AT_ONCE + 7) + b"\xff\n"
    out, complaints, _ = pipe(data)
    assert len(out) == 2 * LINES_AT_ONCE + 8
    assert complaints[0].startswith(f"line {2 * LINES_AT_ONCE + 8}: ")


def test_lines_are_read_as_they_come_and_a_split_character_is_whole_again():
    stream = SlowStream(b"caf", b"\xc3", b"\xa9\nth\xc3\xa9\nla", b"it")
    assert list(read_lines(stream)) == [["café".encode(), "thé".encode()], [b"lait"]]
    assert list(read_lines(io.BytesIO(b""))) == []
    assert list(read_lines(io.BytesIO(b"\n"))) == [[b""]]


def test_no_chunk_is_larger_than_the_limit():
    assert {len(lines) for lines in read_lines(io.BytesIO(b"\n" * 3 * LINES_AT_ONCE))} == {LINES_AT_ONCE}


def test_each_chunk_is_flushed_with_its_last_line():
    flushed = []
    translate_lines(SlowStream(b"a\nb\n", b"c\n"), shout, lambda line, flush: flushed.append(flush), None)
    assert flushed == [False, True, True]


def test_a_translation_of_several_sentences_stays_on_its_line():
    out, _, _ = pipe(b"a\r\r\x0bb\n")
    assert out == ["A B"]


def test_several_hypotheses_have_tabs_between_them():
    assert pipe(b"a\nb\n", shout)[0] == ["A\ta", "B\tb"]


def test_json_lines():
    out, _, _ = pipe("été\n".encode() + b"\xff", shout, as_json=True)
    hypotheses = [{"text": "ÉTÉ", "score": -0.5}, {"text": "été", "score": -1.5}]
    assert json.loads(out[0]) == {"source": "été", "translation": "ÉTÉ", "hypotheses": hypotheses}
    assert "é" in out[0]
    failed = json.loads(out[1])
    assert failed.pop("error").startswith("not UTF-8")
    assert failed == {"source": None, "translation": "", "hypotheses": []}


def test_texts_given_as_arguments_keep_their_newlines():
    assert format_answer("a\nb", [Hypothesis("A\nB", 0.0, ())]) == "A\nB"


def test_the_beginning_of_a_stream_is_seen_and_then_read():
    stream = Beginning(SlowStream(b"un\nde", b"ux", b"\ntrois\xff"))
    seen = stream.texts()
    assert [next(seen), next(seen)] == ["un", "un\ndeux"]
    assert [line for lines in read_lines(stream) for line in lines] == [b"un", b"deux", b"trois\xff"]
    assert list(Beginning(SlowStream(b"un\nde", b"ux\xff")).texts()) == ["un", "un\ndeux"]
    assert list(Beginning(SlowStream()).texts()) == [""]
