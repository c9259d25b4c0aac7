"""What all translators share: text is split into sentences, cleaned, translated and joined.

The engines of a bundle, a SavedModel and a `.tflite` inherit from this class, so that they answer in the same way. It
needs no TensorFlow.
"""

import dataclasses

from kerasformer.interface.cleaning import CLEANINGS, VISIBLE, clean
from kerasformer.interface.rules import TextRules
from kerasformer.interface.segmentation import plan


@dataclasses.dataclass(frozen=True)
class Hypothesis:
    """One translation.

    Args:
        text: the translation.
        score: its length-normalised log-probability in nats; for several sentences, their mean.
        token_ids: tuple of int, its tokens without special ids; for several sentences, all of them in order.
    """

    text: str
    score: float
    token_ids: tuple


@dataclasses.dataclass(frozen=True)
class Attention:
    """How much each target token attends to each source token.

    Args:
        weights: float (layers, heads, target, source).
        source_tokens: list of str, pieces of the source, `</s>` last.
        target_tokens: list of str, pieces of the target, `</s>` last.
    """

    weights: object
    source_tokens: list
    target_tokens: list


class BaseTranslator:
    """The base class of translators; an engine implements `count`, `decode` and `attend`, which take cleaned text.

    Args:
        source: code of the source language.
        target: code of the target language.
        max_tokens: int, the most tokens of a source, without `eos`; longer sentences are split.
        rules: the `TextRules`; None for those of artefacts that record none.

    Attributes:
        is_greedy: bool, whether it cannot search with a beam.
    """

    is_greedy = False

    def __init__(self, source, target, max_tokens, rules=None):
        self.source = source
        self.target = target
        self.max_tokens = max_tokens
        self.rules = rules or TextRules()

    def count(self, texts):
        """The number of tokens of each cleaned text, without `eos`: list of int."""
        raise NotImplementedError

    def decode(self, pieces, **options):
        """Translate cleaned texts that need no splitting.

        Args:
            pieces: list of str, each with 1 to `max_tokens` tokens.
            **options: as for a call.

        Returns:
            list of lists of `Hypothesis`, best first.
        """
        raise NotImplementedError

    def attend(self, source, target):
        """The `Attention` between a cleaned source and its cleaned translation."""
        raise NotImplementedError

    def clean(self, text, side="source"):
        """A text as the training text of a side, "source" or "target", was cleaned."""
        return clean(text, getattr(CLEANINGS[self.rules.cleaning], side))

    def count_tokens(self, texts):
        """The number of tokens of each text after cleaning, without `eos`: list of int."""
        return self.count([self.clean(text) for text in texts])

    def attention(self, source, target):
        """The `Attention` between a source text and its translation."""
        return self.attend(self.clean(source), self.clean(target, "target"))

    def plan(self, texts):
        """The `Plan` of the pieces in which texts are translated; they are not cleaned yet."""
        visible = [clean(text, VISIBLE) for text in texts]
        return plan(visible, self.count_tokens, self.max_tokens, self.rules.sentences)

    def __call__(self, texts, **options):
        """Translate a text, or a list of texts, of any length.

        Args:
            texts: str or list of str. Each is translated sentence by sentence, or as many at once as `rules` say;
                newlines, indentation and other white space between sentences stay, invisible characters do not.
            **options: fields of `generation.SearchOptions` and `interface.sampling.Sampling` to change from the
                translator's defaults.

        Returns:
            str or list of str.

        Raises:
            InputError: for a text without sentence ends that is too long for the model, an unknown option, or a
                value out of range.
        """
        if isinstance(texts, str):
            return self([texts], **options)[0]
        return [hypotheses[0].text for hypotheses in self.hypotheses(texts, **options)]

    def hypotheses(self, texts, **options):
        """The best translations of each text, best first; takes the arguments of a call.

        For a text of several sentences, the first hypothesis joins the best ones of the sentences, the second the
        second best ones, and so on; its score is their mean.

        Returns:
            list of lists of `Hypothesis`.
        """
        planned = self.plan(texts)
        found = self.translate_pieces(planned.pieces, **options) if planned.pieces else []
        count = max(map(len, found), default=1)
        joined = [planned.join([part[min(rank, len(part) - 1)].text for part in found]) for rank in range(count)]
        return [
            [_merge(parts, rank, joined[rank][i]) for rank in range(max(map(len, parts), default=1))]
            for i, (_, parts) in enumerate(planned.groups(found))
        ]

    def translate_pieces(self, pieces, **options):
        """Clean and translate the pieces of texts, of which each fits the model.

        Args:
            pieces: list of str, as `plan` returns them.
            **options: as for a call.

        Returns:
            list of lists of `Hypothesis`, best first.
        """
        return self.decode([self.clean(piece) for piece in pieces], **options)


def _merge(parts, rank, text):
    ranked = [part[min(rank, len(part) - 1)] for part in parts]
    score = sum(hypothesis.score for hypothesis in ranked) / max(len(ranked), 1)
    return Hypothesis(text, score, tuple(i for hypothesis in ranked for i in hypothesis.token_ids))
