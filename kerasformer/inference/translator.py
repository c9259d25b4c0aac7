"""Translate with a bundle: `Translator.load("bundle")("Bonjour !")`, on any backend of Keras."""

import dataclasses
import functools

import numpy as np
from keras import ops

from kerasformer.bundle import load_bundle
from kerasformer.errors import InputError
from kerasformer.formats import describe
from kerasformer.generation import sampler
from kerasformer.inference.compiling import BATCHES, compile_function, fitting
from kerasformer.inference.searching import decode_options, search_model
from kerasformer.interface.text import Attention, BaseTranslator, Hypothesis
from kerasformer.pretrained import find
from kerasformer.system.processes import check_not_forked
from kerasformer.tokenizer import BOS_ID, EOS_ID, PAD_ID, pad_rows

LENGTHS = (32, 64, 128, 256)  # to which sources are padded; each is compiled once
SCORED_TOKENS = 4096  # padded tokens whose logits are in memory at once


class Translator(BaseTranslator):
    """Translates with a bundle.

    Args:
        bundle: a `Bundle` of a translator.
        **options: `protect` and `glossary`, see `hypotheses`; fields of `generation.SearchOptions` and
            `interface.sampling.Sampling` to change from the bundle's defaults.

    Attributes:
        options: the `SearchOptions`.
        sampling: the `Sampling`.

    Raises:
        InputError: for an unknown option, or a value out of range.
    """

    def __init__(self, bundle, **options):
        super().__init__(bundle.source, bundle.target, bundle.model.config.max_length - 1, bundle.text_rules)
        self.bundle = bundle
        options = self.configure(**options)
        self.options, self.sampling = decode_options(**{**bundle.decoding, **options})
        self._searches = {}

    @classmethod
    def load(cls, path=None, *, source=None, target=None, **options):
        """Load a bundle as a translator: `load("runs/mine/bundle")`, `load("fr-en")`, `load(target="en")`.

        `open_translator` opens a SavedModel or a `.tflite` as well.

        Args:
            path: the folder, or the name of a pretrained model; None for the pretrained model between the languages.
            source: code of the source language of that model; None for any.
            target: code of its target language; None for any.
            **options: see `Translator`.

        Raises:
            InputError: if there is no bundle, it is damaged, too new, or for another task; or not exactly one
                pretrained model translates between the languages.
        """
        if path is None:
            path = find(source, target)
        elif source or target:
            raise InputError(f"source and target choose a pretrained model in place of {path}: leave them out")
        return cls(load_bundle(describe(path, "translation", "bundle")), **options)

    def count(self, texts):
        return [len(row) for row in self.bundle.tokenizer.encode(texts)]

    def knows(self, texts):
        return self.bundle.tokenizer.knows(texts)

    def decode(self, pieces, **options):
        options, sampling = self._changed(options)
        token_ids = self.bundle.tokenizer.encode(pieces)
        sources = [(row, piece) for row, piece in zip(token_ids, pieces, strict=True) if row]
        values = sampling.inputs([piece for _, piece in sources], self.max_tokens + 1)
        found = self.search([row for row, _ in sources], options, values)
        nothing = [Hypothesis("", 0.0, ())]  # for characters without a token, such as invisible ones
        return [next(found) if row else nothing for row in token_ids]

    def search(self, token_ids, options=None, values=None):
        """Yield the hypotheses, best first, of each source, in order.

        Args:
            token_ids: list of lists of token ids without `eos`.
            options: `SearchOptions`; None for those of the translator.
            values: what to draw with, a dict as `Sampling.inputs` gives it, with noise float32 (sources,
                `max_tokens` + 1); None takes the most likely tokens.
        """
        order = sorted(range(len(token_ids)), key=lambda i: len(token_ids[i]), reverse=True)
        results = {}
        for begin in range(0, len(order), BATCHES[-1]):
            rows = order[begin : begin + BATCHES[-1]]
            of_rows = {**values, "noise": values["noise"][rows]} if values else None
            found = self._search_batch([token_ids[i] for i in rows], options or self.options, of_rows)
            results.update(zip(rows, found, strict=True))
        return (results[i] for i in range(len(token_ids)))

    def _changed(self, changes):
        if not changes:
            return self.options, self.sampling
        return decode_options(**{**dataclasses.asdict(self.options), **dataclasses.asdict(self.sampling), **changes})

    def _search_batch(self, token_ids, options, values):
        check_not_forked()
        batch, width = fitting(BATCHES, len(token_ids)), self._width(len(token_ids[0]) + 1)
        inputs, top_k = [pad_rows([[*ids, EOS_ID] for ids in token_ids], width, batch)], 0
        if values:
            noise, temperature, top_k, top_p = values.values()
            inputs += [np.pad(noise, [(0, batch - len(noise)), (0, 0)]), temperature, top_p]
        found = self._compiled(options, int(top_k))(*map(ops.convert_to_tensor, inputs))
        all_ids, scores = (ops.convert_to_numpy(x)[: len(token_ids)] for x in found)
        return [self._hypotheses(ids, score) for ids, score in zip(all_ids, scores, strict=True)]

    def _compiled(self, options, top_k):
        """The search compiled for some `SearchOptions` and one `top_k`; temperature and top_p are inputs."""
        if (options, top_k) not in self._searches:

            def search_padded(source_ids, noise=None, temperature=1.0, top_p=1.0):
                length = options.limit(source_ids.shape[1] - 1, self.max_tokens + 1)
                choose = None if noise is None else sampler(noise, temperature, top_k, top_p)
                return search_model(self.bundle.model, options, source_ids, length, choose)

            self._searches[options, top_k] = compile_function(search_padded)
        return self._searches[options, top_k]

    def _hypotheses(self, all_ids, scores):
        rows = [[int(i) for i in ids if i not in (PAD_ID, EOS_ID)] for ids in all_ids]
        texts = self.bundle.tokenizer.decode(rows)
        return [
            Hypothesis(text, float(score), tuple(row)) for text, score, row in zip(texts, scores, rows, strict=True)
        ]

    def _width(self, length):
        max_length = self.bundle.model.config.max_length
        return fitting([size for size in LENGTHS if size < max_length] + [max_length], length)

    def attend(self, source, target):
        if self.bundle.model.attention is None:
            raise InputError(f"a {self.bundle.model.config.kind} model has no attention to show")
        source_ids, target_ids = (ids[: self.max_tokens] for ids in self.bundle.tokenizer.encode([source, target]))
        check_not_forked()
        inputs = teacher_forced(source_ids, target_ids)
        weights = self.bundle.model.attention(inputs, training=False)
        pieces = self.bundle.tokenizer.pieces
        return Attention(ops.convert_to_numpy(weights)[0], pieces([*source_ids, EOS_ID]), pieces([*target_ids, EOS_ID]))

    def log_probabilities(self, source_ids, target_ids):
        """The log-probability of every token at each position of a target, in nats.

        Args:
            source_ids, target_ids: lists of token ids without special ids.

        Returns:
            float (target + 1, vocab), the last row for the token after the target; without that row for a target of
            `max_tokens` + 1 tokens or more.
        """
        check_not_forked()
        inputs = teacher_forced(source_ids, target_ids[: self.max_tokens])
        logits = self.bundle.model.training(inputs, training=False)
        return ops.convert_to_numpy(ops.log_softmax(logits, axis=-1))[0]

    def token_scores(self, pairs):
        """Token accuracy and perplexity of the targets, given the source and the target before each token.

        Every token counts, `eos` too. Of a text that is too long for the model, only the beginning counts.

        Args:
            pairs: list of (source, target) texts, which are cleaned.

        Returns:
            dict of floats: "token_accuracy", the percentage of tokens to which the model gives its highest logit, and
            "perplexity", exp of their mean negative log-likelihood.

        Raises:
            InputError: if there are no pairs.
        """
        if not pairs:
            raise InputError("there are no pairs to score: expected at least one")
        check_not_forked()
        max_length = self.bundle.model.config.max_length
        sources, targets = (
            self.bundle.tokenizer.encode([self.clean(text, side) for text in texts])
            for side, texts in zip(("source", "target"), zip(*pairs, strict=True), strict=True)
        )
        rows = [
            ([*source[: self.max_tokens], EOS_ID], [BOS_ID, *target][:max_length], [*target, EOS_ID][:max_length])
            for source, target in zip(sources, targets, strict=True)
        ]
        rows.sort(key=lambda row: max(map(len, row)), reverse=True)
        totals = np.zeros(3)
        while rows:
            width = self._width(max(map(len, rows[0])))
            size = max((size for size in BATCHES if size * width <= SCORED_TOKENS), default=1)
            batch, rows = rows[:size], rows[size:]
            padded = [pad_rows(side, width, fitting(BATCHES, len(batch))) for side in zip(*batch, strict=True)]
            found = self._token_totals(*map(ops.convert_to_tensor, padded))
            totals += [float(ops.convert_to_numpy(total)) for total in found]
        right, loss, count = totals
        return {"token_accuracy": float(100 * right / count), "perplexity": float(np.exp(loss / count))}

    @functools.cached_property
    def _token_totals(self):
        return compile_function(functools.partial(token_totals, self.bundle.model.training))


def teacher_forced(source_ids, target_ids):
    """The inputs of a training graph for one pair of token id lists without special ids."""
    source, target = [[*source_ids, EOS_ID]], [[BOS_ID, *target_ids]]
    return {
        "source_ids": ops.convert_to_tensor(source, "int32"),
        "target_ids": ops.convert_to_tensor(target, "int32"),
    }


def token_totals(model, source_ids, target_ids, labels):
    """The number of labels with the highest logit, the negative log-likelihood of all in nats, and their number."""
    logits = model({"source_ids": source_ids, "target_ids": target_ids}, training=False)
    of_label, is_highest = label_scores(logits, labels)
    counts = labels != PAD_ID
    is_right = ops.logical_and(counts, is_highest)
    return [ops.sum(ops.cast(x, "float32")) for x in (is_right, ops.where(counts, -of_label, 0.0), counts)]


def label_scores(logits, labels):
    """The log-probability of each label, and whether no logit is higher.

    Args:
        logits: float (batch, target, vocab).
        labels: int32 (batch, target).

    Returns:
        float (batch, target) and bool (batch, target).
    """
    log_probabilities = ops.log_softmax(logits, axis=-1)
    of_label = ops.take_along_axis(log_probabilities, ops.expand_dims(labels, -1), axis=-1)[..., 0]
    return of_label, of_label >= ops.max(log_probabilities, axis=-1)
