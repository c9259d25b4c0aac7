"""Translate a stream of lines: as many lines out as in, a few in memory at a time, each as soon as possible."""

import dataclasses
import json

from kerasformer.interface.segmentation import too_long

LINES_AT_ONCE = 256
_READ_BYTES = 65536


class Beginning:
    """A binary stream of text whose beginning can be looked at before it is read.

    Args:
        stream: a binary stream with `read1`.
    """

    def __init__(self, stream):
        self._stream, self._seen = stream, b""

    def texts(self):
        """Yield the whole lines that have arrived, each time more of them, and at the end all of the text: str."""
        while data := self._stream.read1(_READ_BYTES):
            self._seen += data
            if b"\n" in data:
                yield self._seen[: self._seen.rindex(b"\n")].decode("utf-8", "ignore")
        yield self._seen.decode("utf-8", "ignore")

    def read1(self, size):
        """The next bytes, at most `size`; those that were looked at come first."""
        if not self._seen:
            return self._stream.read1(size)
        data, self._seen = self._seen[:size], self._seen[size:]
        return data


def translate_lines(stream, hypotheses, write, complain, as_json=False):
    r"""Translate a stream line by line; a line that cannot be translated gives an empty line and a message.

    Args:
        stream: a binary stream with `read1`; only b"\n" ends a line.
        hypotheses: function of a list of texts that returns for each the list of its `Hypothesis`, best first.
        write: called with each output line, and with flush=True for the last of those that arrived together.
        complain: called with "line N: what is wrong".
        as_json: bool, whether to write JSON objects; an untranslated line has an "error" in it.

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
    r"""Yield lists of lines (bytes without b"\n"): those that have arrived, at most `LINES_AT_ONCE`."""
    begun = []  # parts of a line whose end has not arrived
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
    """The text of a line of bytes, or None if it is not UTF-8; and a message if it cannot be translated, or None."""
    try:
        text = line.decode("utf-8").removesuffix("\r")
    except UnicodeDecodeError as error:
        wrong = f"byte {line[error.start]:#04x} at position {error.start}"
        return None, f"not UTF-8: {wrong}; convert the text to UTF-8"
    return text, too_long(text)


def format_answer(source, hypotheses, as_json=False, error=None, one_line=False):
    """The line to print for a text: its translations with tabs between them, or a JSON object.

    Args:
        source: the text, or None if it cannot be read.
        hypotheses: list of `Hypothesis`, best first; empty after an error.
        as_json: bool, whether to write {"source", "translation", "hypotheses": [{"text", "score"}, ...]}; hypotheses
            have "token_log_probs" and "sentences" with words and links, if they were asked for.
        error: the message, for "error" in the JSON object.
        one_line: bool, whether newlines become spaces.
    """
    texts = [" ".join(filter(None, x.text.splitlines())) if one_line else x.text for x in hypotheses]
    if not as_json:
        return "\t".join(texts)
    answer = {
        "source": source,
        "translation": texts[0] if texts else "",
        "hypotheses": [{"text": text, **_details(x)} for text, x in zip(texts, hypotheses, strict=True)],
        **({"error": error} if error else {}),
    }
    return json.dumps(answer, ensure_ascii=False)


def _details(hypothesis):
    """What JSON tells of a hypothesis beside its text."""
    found = {"score": hypothesis.score}
    if hypothesis.token_log_probs:
        found["token_log_probs"] = hypothesis.token_log_probs
    if hypothesis.alignments:
        found["sentences"] = list(map(dataclasses.asdict, hypothesis.alignments))
    return found
