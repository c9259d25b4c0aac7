"""From texts to translations, whatever does the translating: long texts are split and rejoined, order is kept.

The bundle, the SavedModel and the device runtime all answer through this class, so that they differ in nothing
but the engine. It needs no TensorFlow.
"""

import dataclasses
import zlib

import numpy as np

from kerasformer.errors import InputError
from kerasformer.interface.segmentation import plan


@dataclasses.dataclass(frozen=True)
class Hypothesis:
    """One translation.

    Args:
        text: the translation.
        score: its length-normalised log-probability, in nats.
        token_ids: tuple of int, its tokens without special ids; of several sentences, one after the other.
    """

    text: str
    score: float
    token_ids: tuple


@dataclasses.dataclass(frozen=True)
class Attention:
    """Which source token each target token looked at.

    Args:
        weights: float (layers, heads, target, source).
        source_tokens: list of str, pieces of the source, `</s>` last.
        target_tokens: list of str, pieces of the target, `</s>` last.
    """

    weights: object
    source_tokens: list
    target_tokens: list


class BaseTranslator:
    """What every translator can do; an engine gives `count_tokens`, `decode` and `attention`.

    Args:
        source: code of the language it reads.
        target: code of the language it writes.
        max_tokens: int, tokens a source may have, `eos` not counted; longer texts are split.

    Attributes:
        is_greedy: bool, whether it cannot search with a beam.
    """

    is_greedy = False

    def __init__(self, source, target, max_tokens):
        self.source = source
        self.target = target
        self.max_tokens = max_tokens

    def count_tokens(self, texts):
        """Tokens of each text, `eos` not counted: list of int."""
        raise NotImplementedError

    def decode(self, pieces, **options):
        """The hypotheses, best first, of each of a list of non-empty texts of at most `max_tokens` tokens."""
        raise NotImplementedError

    def attention(self, source, target):
        """The `Attention` between a source text and its translation."""
        raise NotImplementedError

    def __call__(self, texts, **options):
        """Translate a text, or a list of texts, of any length.

        Args:
            texts: str or list of str; empty ones stay empty.
            **options: fields of `generation.SearchOptions` that are not to be the default ones.

        Returns:
            str or list of str.

        Raises:
            InputError: for a stretch without a sentence end that is too long to be a sentence.
        """
        if isinstance(texts, str):
            return self([texts], **options)[0]
        return [hypotheses[0].text for hypotheses in self.hypotheses(texts, **options)]

    def hypotheses(self, texts, **options):
        """The best translations of each text, best first.

        Of a text of several sentences, the first hypothesis joins the best of each sentence, the second the second
        best, and so on; its score is the mean.

        Returns:
            list of lists of `Hypothesis`.
        """
        planned = plan(texts, self.count_tokens, self.max_tokens)
        decoded = iter(self.decode(planned.pieces, **options) if planned.pieces else [])
        per_text = [[next(decoded) for _ in separators] for separators in planned.separators]
        count = max((len(found) for parts in per_text for found in parts), default=1)
        joined = []
        for rank in range(count):
            ranked = [part[min(rank, len(part) - 1)].text for parts in per_text for part in parts]
            joined.append(planned.join(ranked))
        return [
            [_merge(parts, rank, joined[rank][i]) for rank in range(max(map(len, parts), default=1))]
            for i, parts in enumerate(per_text)
        ]


def uniform_noise(texts, seed, length):
    """The numbers that sampling draws with, alike on every machine; a text's are its own, whatever stands beside it.

    Args:
        texts: list of str.
        seed: int of at least 0.
        length: int, how many numbers each text gets.

    Returns:
        float32 (texts, length), at least 0 and below 1.
    """
    keys = [(seed, zlib.crc32(text.encode("utf-8"))) for text in texts]
    rows = [np.random.default_rng(key).random(length, "float32") for key in keys]
    return np.array(rows, "float32").reshape(-1, length)


def take_sampling(options, texts, length):
    """Take what concerns sampling out of the decode options of an export.

    Args:
        options: dict, of which "temperature", "top_k", "top_p" and "seed" are taken.
        texts: list of str, what is to be answered.
        length: int, tokens an answer may have.

    Returns:
        The inputs of an export's signature `sample` beside the source, "noise" (texts, length) first; None where
        the temperature is 0.

    Raises:
        InputError: for a value out of range.
    """
    temperature, top_k = options.pop("temperature", 0.0), options.pop("top_k", 0)
    top_p, seed = options.pop("top_p", 1.0), options.pop("seed", 0)
    if not (0 <= temperature < np.inf and 0 < top_p <= 1 and top_k >= 0 and seed >= 0):
        got = f"{temperature}, {top_k}, {seed} and {top_p}"
        raise InputError(f"temperature, top_k and seed must be 0 or more, top_p above 0 and at most 1, got {got}")
    if not temperature:
        return None
    top_k = np.int32(min(top_k, np.iinfo("int32").max))
    knobs = {"temperature": np.float32(temperature), "top_k": top_k, "top_p": np.float32(top_p)}
    return {"noise": uniform_noise(texts, seed, length), **knobs}


def _merge(parts, rank, text):
    ranked = [part[min(rank, len(part) - 1)] for part in parts]
    score = sum(hypothesis.score for hypothesis in ranked) / max(len(ranked), 1)
    return Hypothesis(text, score, tuple(i for hypothesis in ranked for i in hypothesis.token_ids))
