"""Lines in, translations out: as many as came, a few lines in memory at a time, each as soon as it can be."""

import json

from kerasformer.interface.segmentation import too_long

LINES_AT_ONCE = 256
_READ_BYTES = 65536


def translate_lines(stream, hypotheses, write, complain, as_json=False):
    r"""Translate a stream line by line; a line that cannot be translated gives an empty one and a complaint.

    Args:
        stream: a binary stream with `read1`; only b"\n" ends a line.
        hypotheses: gives for each text of a list its `Hypothesis` list, best first.
        write: called with each output line, and with flush=True for the last that can be had at once.
        complain: called with "line N: what is wrong with it".
        as_json: whether to write JSON objects, in which what is wrong is the "error".

    Returns:
        How many lines could not be translated.
    """
    number = failed = 0
    for lines in read_lines(stream):
        read = [read_line(line) for line in lines]
        found = iter(hypotheses([text for text, complaint in read if not complaint]))
        for index, (text, complaint) in enumerate(read, start=1):
            if complaint:
                failed += 1
                complain(f"line {number + index}: {complaint}")
            answer = [] if complaint else next(found)
            write(format_answer(text, answer, as_json, complaint, one_line=True), flush=index == len(read))
        number += len(lines)
    return failed


def read_lines(stream):
    r"""Yield lists of the lines (bytes without b"\n") to be had without waiting, at most `LINES_AT_ONCE`."""
    begun = []  # of a line whose end has not come yet
    while data := stream.read1(_READ_BYTES):
        *lines, rest = data.split(b"\n")
        if lines:
            lines[0] = b"".join([*begun, lines[0]])
            begun = []
        for begin in range(0, len(lines), LINES_AT_ONCE):
            yield lines[begin : begin + LINES_AT_ONCE]
        if rest:
            begun.append(rest)
    if begun:
        yield [b"".join(begun)]


def read_line(line):
    """The text of a line of bytes, None where it is none, and what is wrong with it, if anything."""
    try:
        text = line.decode("utf-8").removesuffix("\r")
    except UnicodeDecodeError as error:
        wrong = f"byte {line[error.start]:#04x} at position {error.start}"
        return None, f"not UTF-8: {wrong}; convert the text to UTF-8"
    return text, too_long(text)


def format_answer(source, hypotheses, as_json=False, error=None, one_line=False):
    """What is printed for a text: its translation, several with tabs between them, or a JSON object.

    Args:
        source: the text, None where it cannot be read.
        hypotheses: list of `Hypothesis`, best first; empty where there was an error.
        as_json: whether to write {"source", "translation", "hypotheses": [{"text", "score"}, ...]}.
        error: what was wrong, for the "error" of the JSON object.
        one_line: whether newlines become spaces.
    """
    texts = [" ".join(filter(None, x.text.splitlines())) if one_line else x.text for x in hypotheses]
    if not as_json:
        return "\t".join(texts)
    answer = {
        "source": source,
        "translation": texts[0] if texts else "",
        "hypotheses": [{"text": text, "score": x.score} for text, x in zip(texts, hypotheses, strict=True)],
        **({"error": error} if error else {}),
    }
    return json.dumps(answer, ensure_ascii=False)
