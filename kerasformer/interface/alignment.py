"""Word alignments from attention: which words of a source each word of its translation comes from."""

import dataclasses
import itertools
import re

import numpy as np

WORD = re.compile(r"\w+(?:['’-]\w+)*|[^\w\s]")
# What benchmarks/alignment.py found best: attention of the last layer, of the step that predicts a token.
DEPTH, IS_AFTER = 1.0, False


@dataclasses.dataclass(frozen=True)
class Alignment:
    """Which words of a sentence belong together.

    Args:
        source_words, target_words: tuples of str; punctuation marks are words of their own.
        links: tuple of (source word, target word, weight), both counted from 0: for each target word the source word
            with the highest weight, and that weight, the share of attention, 0 to 1.
    """

    source_words: tuple
    target_words: tuple
    links: tuple


def align(attention, depth=DEPTH, is_after=IS_AFTER):
    """The `Alignment` of a source and its translation.

    Args:
        attention: the `answers.Attention`; its weights are averaged over the heads of one layer. The attention to the
            pieces of a source word is added up, that of the pieces of a target word averaged.
        depth: float, which layer: 0 for the first of the decoder, 1 for the last.
        is_after: bool, whether a token's attention is that of the step which reads the token, instead of the step that
            predicts it.

    Reference: Chen et al. 2020, "Accurate Word Alignment Induction from Neural Machine Translation", section 3.2.
    """
    layers = attention.weights.shape[0]
    weights = attention.weights[round(depth * (layers - 1))].mean(axis=0)  # (target, source), eos last
    weights = weights[1:] if is_after else weights[:-1]
    source, target = words_of(attention.source_tokens[:-1]), words_of(attention.target_tokens[:-1])
    per_word = target.shares / target.shares.sum(axis=1, keepdims=True) @ weights[:, :-1] @ source.shares.T
    best = per_word.argmax(axis=1) if source.words else []
    links = [(int(i), j, float(per_word[j, i])) for j, i in enumerate(best)]
    return Alignment(source.words, target.words, tuple(links))


def with_alignments(translator, sources, found):
    """Give each `Hypothesis` of sentences its alignment, by the attention between the sentence and the whole answer."""
    return [
        [dataclasses.replace(x, alignments=(align(translator.attention(source, x.text)),)) for x in hypotheses]
        for source, hypotheses in zip(sources, found, strict=True)
    ]


@dataclasses.dataclass(frozen=True)
class Words:
    """The words that pieces of a tokenizer spell.

    Args:
        words: tuple of str.
        shares: float (words, pieces), the share of each piece's letters that is in each word.
    """

    words: tuple
    shares: np.ndarray


def words_of(pieces):
    """The `Words` of a list of pieces without `</s>`."""
    texts = [piece.replace("▁", " ") for piece in pieces]
    ends = list(itertools.accumulate(map(len, texts)))
    found = list(WORD.finditer("".join(texts)))
    shares = np.zeros((len(found), len(texts)))
    for number, word in enumerate(found):
        for piece, (text, end) in enumerate(zip(texts, ends, strict=True)):
            shared = min(end, word.end()) - max(end - len(text), word.start())
            shares[number, piece] = max(shared, 0) / max(len(text.strip()), 1)
    return Words(tuple(word[0] for word in found), shares)
