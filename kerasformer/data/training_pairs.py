"""Teach a model what it gets in use: single sentences, and marks for what a translation must not change.

In a part of the training pairs, marks stand for what both sides share; `interface.protection` puts them in later.
"""

import collections
import itertools
import random
import re

from kerasformer.data.cleaning import overlap_key
from kerasformer.interface.patterns import PATTERNS
from kerasformer.interface.protection import Protection, Span, mark
from kerasformer.interface.rules import is_conversation
from kerasformer.interface.segmentation import split_sentences
from kerasformer.tokenizer import MARKS

SHARED, NAMES, ANYWHERE = 0.5, 0.3, 0.05  # shares of the pairs with something shared, with a shared name, and of others
ENOUGH = 10  # times that a model needs to see a character
_NAME = re.compile(r"\b[^\W\d_a-z][^\W\d_]{2,}\b")
_STOP = re.compile(r"\s*[.!?]*$")
_FIND = Protection(PATTERNS).find


def marks_for(source, target):
    """The symbols that a tokenizer for two languages gets: tuple of str; none for questions and answers."""
    return () if is_conversation(source, target) else MARKS


def drawn(corpus):
    """Yield the training pairs as often as an epoch has them by their weights; always the same draw."""
    draw = random.Random(0)
    for pair, weight in _weighted(corpus):
        yield from itertools.repeat(pair, int(weight + draw.random()))


def _weighted(corpus):
    return zip(corpus.train, corpus.weights or itertools.repeat(1.0, len(corpus.train)), strict=True)


def taught(corpus, marks):
    """Yield the pairs that a model is taught, as it will get them in use: (source, target, weight), see `Corpus`.

    These are the training pairs, some with marks, and the single sentences of those that have as many sentences on
    both sides, because a text is translated one sentence at a time. No sentence of a held-out pair is among them. Pairs
    of a conversation are taught as they are.

    Args:
        corpus: a `Corpus`.
        marks: tuple of str, symbols of the tokenizer; without any, no pair has marks.
    """
    if is_conversation(corpus.source, corpus.target):
        yield from ((*pair, weight) for pair, weight in _weighted(corpus))
        return
    held_out = {
        overlap_key(text) for pairs in (corpus.validation, *corpus.tests.values()) for pair in pairs for text in pair
    }
    for pair, weight in _weighted(corpus):
        yield *with_marks(*pair, marks), weight
        for sentences in _single_sentences(*pair):
            if not any(overlap_key(text) in held_out for text in sentences):
                yield *with_marks(*sentences, marks), weight


def _single_sentences(source, target):
    sides = [[sentence for sentence, _ in split_sentences(text) if sentence] for text in (source, target)]
    return list(zip(*sides, strict=True)) if len(sides[0]) == len(sides[1]) > 1 else []


def with_marks(source, target, marks):
    """A pair with marks in place of what both sides share; or the pair itself, which is drawn or shares nothing.

    What is drawn depends on the pair only.

    Args:
        source: str.
        target: str.
        marks: tuple of str.

    Returns:
        (source, target).
    """
    draw = random.Random(f"{source}\t{target}")
    chance = draw.random()
    if chance >= SHARED or not marks:
        return source, target
    spans = _shared(_FIND(source), _FIND(target))
    if not spans and chance < NAMES:
        spans = _shared(_names(source), _names(target))
    if not spans and chance < ANYWHERE:
        spans = _at_ends(source, target, draw)
    spans = spans[: len(marks)]
    if not spans:
        return source, target
    symbols = draw.sample(marks, len(spans))
    return _marked(source, [pair[0] for pair in spans], symbols), _marked(target, [pair[1] for pair in spans], symbols)


def count_characters(pairs):
    """How often each character is in (source, target) pairs, a `Counter`, and the number of pairs."""
    counts, number = collections.Counter(), 0
    for pair in pairs:
        number += 1
        for text in pair:
            counts.update(text)
    return counts, number


def hardly_seen(pairs, tokenizer):
    """The letters and signs that a tokenizer knows, but a model trained on the pairs has hardly seen: str.

    They occur less than once in a thousand pairs, and less than `ENOUGH` times. Signs of scripts without capitals are
    left out, because there may be thousands of them.

    Args:
        pairs: iterable of (source, target).
        tokenizer: the `Tokenizer`.
    """
    counts, number = count_characters(pairs)
    fewest = min(ENOUGH, number / 1000)
    rare = (character for character in tokenizer.characters if counts[character] < fewest)
    return "".join(sorted(c for c in rare if c.lower() != c.upper() or not c.isalpha()))


def _names(text):
    return [Span(*match.span(), "name", match[0]) for match in _NAME.finditer(text)]


def _shared(sources, targets):
    """Pairs of spans with the same text, one of each side, in the order of the source."""
    places = collections.defaultdict(list)
    for span in reversed(targets):
        places[span.text].append(span)
    return [(span, places[span.text].pop()) for span in sources if places[span.text]]


def _at_ends(source, target, draw):
    """A place at the beginning or the end of both sides, where nothing stood, for what a pair does not have itself."""
    at_end = draw.random() < 0.7
    places = [_STOP.search(text).start() if at_end else 0 for text in (source, target)]
    return [tuple(Span(place, place, "anywhere", "") for place in places)]


def _marked(text, spans, symbols):
    order = sorted(range(len(spans)), key=lambda i: spans[i].start)
    return mark(text, [spans[i] for i in order], [symbols[i] for i in order])
