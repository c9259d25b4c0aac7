"""What all translators share: text is split into sentences, cleaned, translated and joined; some of it never changes.

The engines of a bundle, a SavedModel and a `.tflite` inherit from this class, so that they answer in the same way. It
needs no TensorFlow.
"""

import dataclasses
import unicodedata

from kerasformer.errors import require
from kerasformer.interface.carrying import carry, warn_of
from kerasformer.interface.cleaning import CLEANINGS, VISIBLE, clean
from kerasformer.interface.glossary import Glossary
from kerasformer.interface.protection import Protection, seen_alone
from kerasformer.interface.rules import CONVERSATION, TextRules
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
    """The base class of translators; an engine implements `count`, `knows`, `decode` and `attend` of cleaned text.

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
        self.protect, self.glossary = True, None
        self._is_known = {}  # by character

    def configure(self, protect=True, glossary=None, **options):
        """Set what calls protect that do not say it themselves; returns the other options."""
        self.protect, self.glossary = protect, glossary
        self.protection()  # refuses wrong values
        return options

    def protection(self, protect=None, glossary=None):
        """The `Protection` of a call; for its arguments see there, None for those of the translator."""
        protect, glossary = (
            default if value is None else value
            for value, default in ((protect, self.protect), (glossary, self.glossary))
        )
        require(isinstance(protect, bool), "protect", protect, "True or False")
        is_talk = {self.source, self.target} == set(CONVERSATION)  # answers need not repeat what a question has
        names = self.rules.protected if protect and not is_talk else ()
        count = self.count_tokens if names and self.rules.lower_capitals else None
        return Protection(names, self.rules.marks, None if glossary is None else Glossary.of(glossary), count)

    def count(self, texts):
        """The number of tokens of each cleaned text, without `eos`: list of int."""
        raise NotImplementedError

    def knows(self, texts):
        """Whether the tokenizer knows all characters of each cleaned text: list of bool."""
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

    def unknown_characters(self, texts):
        """The characters of texts that the tokenizer does not know, each once: str."""
        characters = sorted(set().union(*map(seen_alone, texts)))
        new = [character for character in characters if character not in self._is_known]
        if new:
            self._is_known.update(zip(new, self.knows([self.clean(character) for character in new]), strict=True))
        return "".join(character for character in characters if not self._is_known[character])

    def _unspellable(self, texts, protection):
        """The characters (str) of texts that the model cannot write, if words with them are protected.

        Punctuation is left out: it differs between languages, and a translation need not have all of its source.
        """
        if not protection.names:
            return ""
        seen = set().union(*texts)
        # What cleaning replaces, such as œ by oe, never comes to the model.
        unseen = (c for c in self.rules.unseen if c in seen and self.clean(c) == c)
        found = self.unknown_characters(texts) + "".join(unseen)
        return "".join(c for c in found if not unicodedata.category(c).startswith("P"))

    def plan(self, texts, protection=None):
        """The `Plan` of the pieces in which texts are translated; they are not cleaned yet."""
        protection = protection or self.protection()
        visible = [clean(text, VISIBLE) for text in texts]
        unknown = self._unspellable(visible, protection)

        def count(pieces):
            counts = self.count_tokens([protection.compact(piece, unknown) for piece in pieces])
            return counts if protection.marks else list(map(min, counts, self.count_tokens(pieces)))

        return plan(visible, count, self.max_tokens, self.rules.sentences, protection.masked)

    def __call__(self, texts, **options):
        """Translate a text, or a list of texts, of any length.

        Args:
            texts: str or list of str. Each is translated sentence by sentence, or as many at once as `rules` say;
                newlines, indentation and other white space between sentences stay, invisible characters do not.
            **options: `protect` and `glossary`, see `hypotheses`; fields of `generation.SearchOptions` and
                `interface.sampling.Sampling` to change from the translator's defaults.

        Returns:
            str or list of str.

        Raises:
            InputError: for a text without sentence ends that is too long for the model, an unknown option, or a
                value out of range.
        """
        if isinstance(texts, str):
            return self([texts], **options)[0]
        return [hypotheses[0].text for hypotheses in self.hypotheses(texts, **options)]

    def hypotheses(self, texts, protect=None, glossary=None, **options):
        """The best translations of each text, best first.

        For a text of several sentences, the first hypothesis joins the best ones of the sentences, the second the
        second best ones, and so on; its score is their mean.

        Args:
            texts: list of str.
            protect: bool, whether what `patterns.PATTERNS` describes stays as it is; None for the translator's default.
            glossary: dict of source term to its fixed translation, or the path of a TSV file with them; None for the
                translator's default.
            **options: as for a call.

        Returns:
            list of lists of `Hypothesis`.

        Warns:
            ProtectionWarning: if the model lost something that must not change, which is then appended.
        """
        protection = self.protection(protect, glossary)
        planned = self.plan(texts, protection)
        found = self.translate_pieces(planned.pieces, protection, **options) if planned.pieces else []
        return join_hypotheses(planned, found)

    def translate_pieces(self, pieces, protection, **options):
        """Clean and translate the pieces of texts, of which each fits the model.

        Args:
            pieces: list of str, as `plan` returns them.
            protection: the `Protection`.
            **options: as for `decode`.

        Returns:
            list of lists of `Hypothesis`, best first.
        """
        unknown = self._unspellable(pieces, protection)
        sentences = [protection.sentence(piece, unknown, self.clean) for piece in pieces]

        def fits(texts):
            return [count <= self.max_tokens for count in self.count_tokens(texts)]

        def decode(texts):
            return self.decode([self.clean(text) for text in texts], **options)

        found = carry(sentences, fits, decode)
        warn_of(pieces, [missing for _, missing in found])
        return [
            hypotheses or [Hypothesis(sentence.before, 0.0, ())]
            for sentence, (hypotheses, _) in zip(sentences, found, strict=True)
        ]


def join_hypotheses(planned, found):
    """The hypotheses of texts from those of their pieces.

    Args:
        planned: the `Plan` of the texts.
        found: for each piece the list of its `Hypothesis`, best first.

    Returns:
        list of lists of `Hypothesis`, best first, as `BaseTranslator.hypotheses` describes them.
    """
    count = max(map(len, found), default=1)
    joined = [planned.join([part[min(rank, len(part) - 1)].text for part in found]) for rank in range(count)]
    return [
        [_merge(parts, rank, joined[rank][i]) for rank in range(max(map(len, parts), default=1))]
        for i, (_, parts) in enumerate(planned.groups(found))
    ]


def _merge(parts, rank, text):
    ranked = [part[min(rank, len(part) - 1)] for part in parts]
    score = sum(hypothesis.score for hypothesis in ranked) / max(len(ranked), 1)
    return Hypothesis(text, score, tuple(i for hypothesis in ranked for i in hypothesis.token_ids))
