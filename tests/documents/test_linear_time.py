"""Odd text takes time in proportion to its length: nothing goes again and again over what does not end."""

import json
import time

import pytest
from file_texts import texts_of

from kerasformer.interface.cleaning import CLEANINGS, LATEST, clean
from kerasformer.interface.patterns import PATTERNS
from kerasformer.interface.protection import Protection
from kerasformer.interface.sentence_ends import split_sentences

COUNT = 3_000  # repetitions, and then twice as many
QUICK = 0.02  # seconds of the processor; shorter times are too short to compare
TRIES = 3
CUE = "00:01.000 --> 00:02.000\n"

READERS = {
    ".txt": lambda text: texts_of(f"un{text}", ".txt"),
    ".vtt": lambda text: texts_of(f"{CUE}un{text}\n", ".vtt"),
    ".html": lambda text: texts_of(text, ".html"),
    ".md": lambda text: texts_of(f"un {text}", ".md"),
    ".json": lambda text: texts_of(json.dumps({"id": text}), ".json"),
    ".po": lambda text: texts_of(f'#, {text}\nmsgid "un"\nmsgstr ""\n', ".po"),
    "sentences": split_sentences,
    "cleaning": lambda text: clean(text, CLEANINGS[LATEST].source),
    "protection": Protection(PATTERNS).masked,
    "flags": lambda text: Protection(PATTERNS).find(f"%(a){text}"),
    "unknown words": lambda text: Protection(PATTERNS).find(text, "Ł"),
}
# What is repeated, and what stands at the end.
ODD = {
    ".txt": [(" ", "a"), ("> ", "a"), ("-", "a"), (" -", "a"), ("a  ", "")],
    ".vtt": [(" ", "a"), ("<a", ""), ("<a.", ""), ("<v", ""), ("{\\", ""), ("<a>", "-")],
    ".html": [("{%", ""), ("{#", "%}"), ('<a b="', ""), ('<a b=">"c', ""), ("<!--", ""), ("<![CDATA[", "")],
    ".md": [("{{", ""), ("{%", ""), ("[^a", ""), ("\\(a", ""), ("\\[=", ""), ("$a", ""), ("a\n", ""), ("\\\\", "\\)")],
    ".json": [("@", ""), ("@.", "!"), ("a_", "!"), ("a-", "!"), ("{}", "a"), ("{%s}", "a b"), ("a/", "!"), ("Aa", "!")],
    ".po": [(" ", "a"), (", a", "")],
    "sentences": [(".", "a"), (". ", "a"), ('."', "a"), (" ", "a"), ("a.", ""), ("A.a", "")],
    "cleaning": [(" ", "a"), ("« ", "a"), (" »", "a"), ("\u200d", "a"), ("œ ", "\u00ad")],
    "protection": [
        ("<!--", ""), ("[", ""), ("[a](", ""), ("](", ""), ("%(a", ""), ("`a", ""), ("{", ""), ("{a,plural,{}", ""),
        ("*a", ""), ("<a ", ""), ("www.", "@"), ("a@", ""), ("a.fr/", "@"), ("1 000 ", "a"), ("+1 1", "a"), ("1", "a"),
        ("[", "a](b)"), ("😀", "a"), ("&#1", ""),
    ],
    "flags": [("0", "!")],
    "unknown words": [("a", ""), ("a", "Ł"), ("Ł", "a")],
}  # fmt: skip


def seconds(read, text):
    start = time.thread_time()
    read(text)
    return time.thread_time() - start


@pytest.mark.parametrize("reader", ODD)
def test_twice_the_odd_text_takes_less_than_three_times_as_long(reader):
    read, slow = READERS[reader], []
    read("un")  # imports what it needs
    for odd, end in ODD[reader]:
        for _ in range(TRIES):
            more = seconds(read, odd * 2 * COUNT + end)
            if more < QUICK or more < 3 * seconds(read, odd * COUNT + end):
                break
        else:
            slow.append((odd, end, more))
    assert not slow
