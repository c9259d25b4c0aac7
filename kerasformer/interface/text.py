"""What all translators share: text is split into sentences, cleaned, translated and joined; some of it never changes.

The engines of a bundle, a SavedModel and a `.tflite` inherit from this class, so that they answer in the same way. It
needs no TensorFlow.
"""

import unicodedata

from kerasformer.errors import InputError, require
from kerasformer.interface import scoring
from kerasformer.interface.alignment import with_alignments
from kerasformer.interface.answers import Hypothesis, join_hypotheses
from kerasformer.interface.carrying import carry, warn_of
from kerasformer.interface.cleaning import CLEANINGS, VISIBLE, clean
from kerasformer.interface.continuing import continued
from kerasformer.interface.coverage import ranked_by_coverage
from kerasformer.interface.glossary import Glossary
from kerasformer.interface.protection import Protection, seen_alone
from kerasformer.interface.request import Request
from kerasformer.interface.rules import TextRules, is_conversation
from kerasformer.interface.segmentation import plan
from kerasformer.tokenizer import EOS_ID


class BaseTranslator:
    """The base class of translators; an engine implements the methods that raise `NotImplementedError` here.

    Args:
        source: code of the source language.
        target: code of the target language.
        max_tokens: int, the most tokens of a source, without `eos`; longer sentences are split.
        rules: the `TextRules`; None for those of artefacts that record none.

    Attributes:
        is_greedy: bool, whether it cannot search with a beam.
        eos_id: int, the token that ends a translation.
        length_penalty: float, alpha of the scores, see `generation.SearchOptions`.
    """

    is_greedy = False
    eos_id = EOS_ID
    length_penalty = 1.0

    def __init__(self, source, target, max_tokens, rules=None):
        self.source = source
        self.target = target
        self.max_tokens = max_tokens
        self.rules = rules or TextRules()
        self.protect, self.glossary, self.request = True, None, Request()
        self._is_known = {}  # by character

    def configure(self, protect=True, glossary=None, **options):
        """Set what calls protect and ask for that do not say it themselves; returns the other options."""
        self.protect, self.glossary = protect, glossary
        self.protection()  # refuses wrong values
        self.request, options = Request().changed(options)
        return options

    def protection(self, protect=None, glossary=None):
        """The `Protection` of a call; for its arguments see there, None for those of the translator."""
        protect, glossary = (
            default if value is None else value
            for value, default in ((protect, self.protect), (glossary, self.glossary))
        )
        require(isinstance(protect, bool), "protect", protect, "True or False")
        protect = protect and not is_conversation(self.source, self.target)  # answers need not repeat the question
        names = self.rules.protected if protect else ()
        count = self.count_tokens if names and self.rules.lower_capitals else None
        return Protection(names, self.rules.marks, None if glossary is None else Glossary.of(glossary), count)

    def count(self, texts):
        """The number of tokens of each cleaned text, without `eos`: list of int."""
        raise NotImplementedError

    def knows(self, texts):
        """Whether the tokenizer knows all characters of each cleaned text: list of bool."""
        raise NotImplementedError

    def encode(self, texts):
        """The token ids of each cleaned text, without special ids: list of lists of int."""
        raise NotImplementedError

    def pieces(self, rows):
        """The pieces of the tokenizer for lists of token ids: list of lists of str."""
        raise NotImplementedError

    def token_log_probs(self, sources, targets):
        """The log-probability in nats of each token of targets and of `eos` after them, by the model as it is.

        Args:
            sources, targets: lists of lists of token ids without special ids.

        Returns:
            list of lists of float; without that of `eos` for a target as long as the model, which has no place for it.
        """
        raise NotImplementedError

    def beam_for(self, count):
        """The size of a beam that finds `count` hypotheses, or `InputError`."""
        return count

    def beam(self, options):
        """The size of the beam of a call with these options, and how many hypotheses it returns: two int."""
        options = {"beam_size": 1, "num_hypotheses": 1, **self.options, **options}
        return options["beam_size"], options["num_hypotheses"]

    def decode(self, pieces, prefix=None, suppress=None, **options):
        """Translate cleaned texts that need no splitting.

        Args:
            pieces: list of str, each with 1 to `max_tokens` tokens.
            prefix: list of lists of token ids, what the translation of each begins with; None for nothing.
            suppress: list of lists of token ids that may not occur in a row; None for nothing.
            **options: fields of `generation.SearchOptions` and `interface.sampling.Sampling`.

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
        """The `Attention` between a source text and its translation, both cut at `max_tokens` tokens."""
        return self.attend(self.clean(source), self.clean(target, "target"))

    def score(self, sources, targets):
        """How likely translations are, each as it is given: they are cleaned, but neither split nor protected.

        Args:
            sources, targets: lists of str, of as many texts.

        Returns:
            list of `scoring.Score`.

        Raises:
            InputError: for an empty source, or a text that is too long for the model.
        """
        return scoring.score(self, sources, targets)

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
            **options: `protect` and `glossary`, see `hypotheses`; fields of `interface.request.Request`,
                `generation.SearchOptions` and `interface.sampling.Sampling` to change from the translator's defaults.

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
            protect: bool, whether what `patterns.PATTERNS` describes stays as it is, and sentences in capitals and
                repeated marks are changed for the model; None for the translator's default.
            glossary: dict of source term to its fixed translation, or the path of a TSV file with them; None for the
                translator's default.
            **options: as for a call.

        Returns:
            list of lists of `Hypothesis`.

        Warns:
            ProtectionWarning: if the model lost something that must not change, which is then appended.
        """
        request, others = self.request.changed(options)
        if request.is_continued:
            if protect or glossary or self.glossary:
                raise InputError("with a prefix or alternatives nothing is protected: leave out protect and glossary")
            return continued(self, texts, request, others)
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
        request, options = self.request.changed(options)
        if request.is_continued:
            raise InputError("a prefix or alternatives belong to texts, not to pieces of them: call `hypotheses`")
        unknown = self._unspellable(pieces, protection)
        sentences = [protection.sentence(piece, unknown, self.clean) for piece in pieces]

        def fits(texts):
            return [count <= self.max_tokens for count in self.count_tokens(texts)]

        def decode(texts):
            return self.answer([self.clean(text) for text in texts], request, **options)

        found = carry(sentences, fits, decode)
        warn_of(pieces, [missing for _, missing in found])
        found = [
            hypotheses or [Hypothesis(sentence.before, 0.0, ())]
            for sentence, (hypotheses, _) in zip(sentences, found, strict=True)
        ]
        return with_alignments(self, pieces, found) if request.alignment else found

    def answer(self, pieces, request, **options):
        """`decode`, with what a `Request` suppresses and wants to know."""
        if request.suppress:
            options["suppress"] = self.encode([self.clean(words, "target") for words in request.suppress])
        if request.coverage_penalty:
            found = ranked_by_coverage(self, pieces, request.coverage_penalty, options)
        else:
            found = self.decode(pieces, **options)
        return scoring.with_token_log_probs(self, pieces, found) if request.token_log_probs else found
