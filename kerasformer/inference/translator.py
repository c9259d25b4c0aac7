"""Translate with a bundle: `Translator.load("bundle")("Bonjour !")`, on any backend of Keras."""

import dataclasses
import functools

import numpy as np
from keras import ops

from kerasformer.bundle import load_bundle
from kerasformer.errors import InputError
from kerasformer.formats import describe
from kerasformer.generation import sampler
from kerasformer.inference.compiling import BATCHES, compile_function, fitting, padded_length
from kerasformer.inference.scoring import score_tokens, teacher_forced, teacher_forced_scores
from kerasformer.inference.searching import decode_options, search_model
from kerasformer.inference.segments import SegmentedSearch
from kerasformer.inference.twin_translator import open_twin
from kerasformer.interface.answers import Attention, Hypothesis
from kerasformer.interface.request import suppression_table
from kerasformer.interface.text import BaseTranslator
from kerasformer.pretrained import find
from kerasformer.system.processes import check_not_forked
from kerasformer.tokenizer import BOS_ID, EOS_ID, PAD_ID, pad_rows

_OF_TEXTS = ("noise", "prefix")  # inputs of a search that have a row for each text


class Translator(BaseTranslator):
    """Translates with a bundle.

    Args:
        bundle: a `Bundle` of a translator.
        **options: `protect` and `glossary`, see `hypotheses`; fields of `interface.request.Request`,
            `generation.SearchOptions` and `interface.sampling.Sampling` to change from the bundle's defaults.

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
    def load(cls, path=None, *, source=None, target=None, engine="xla", **options):
        """Load a bundle as a translator: `load("runs/mine/bundle")`, `load("fr-en")`, `load(target="en")`.

        `open_translator` opens a SavedModel or a `.tflite` as well.

        Args:
            path: the folder, or the name of a pretrained model; None for the pretrained model between the languages.
            source: code of the source language of that model; None for any.
            target: code of its target language; None for any.
            engine: see `open_artefact`; with "litert", and with "auto" if there is a twin, the translator is a
                `LiteRTTranslator`.
            **options: see `Translator`.

        Raises:
            InputError: if there is no bundle, it is damaged, too new, or for another task; or not exactly one
                pretrained model translates between the languages.
        """
        if path is None:
            path = find(source, target)
        elif source or target:
            raise InputError(f"source and target choose a pretrained model in place of {path}: leave them out")
        description = describe(path, "translation", "bundle")
        return open_twin(description, engine, options) or cls(load_bundle(description), **options)

    @property
    def length_penalty(self):
        return self.options.length_penalty

    def count(self, texts):
        return list(map(len, self.encode(texts)))

    def encode(self, texts):
        return self.bundle.tokenizer.encode(texts)

    def pieces(self, rows):
        return list(map(self.bundle.tokenizer.pieces, rows))

    def knows(self, texts):
        return self.bundle.tokenizer.knows(texts)

    def decode(self, pieces, prefix=None, suppress=None, **options):
        options, sampling = self._changed(options)
        token_ids = self.encode(pieces)
        kept = [i for i, row in enumerate(token_ids) if row]
        values = sampling.inputs([pieces[i] for i in kept], self.max_tokens + 1) or {}
        if prefix and any(prefix):
            rows = [prefix[i] for i in kept]
            values["prefix"] = pad_rows(rows, self._width(max(map(len, rows))))
        if suppress:
            values["suppressed"] = suppression_table(suppress)
        found = self.search([token_ids[i] for i in kept], options, values)
        nothing = [Hypothesis("", 0.0, ())]  # for characters without a token, such as invisible ones
        return [next(found) if row else nothing for row in token_ids]

    def search(self, token_ids, options=None, values=None):
        """Yield the hypotheses, best first, of each source, in order.

        Args:
            token_ids: list of lists of token ids without `eos`.
            options: `SearchOptions`; None for those of the translator.
            values: dict of arrays. What to draw with, as `Sampling.inputs` gives it, with noise float32 (sources,
                `max_tokens` + 1); without it the most likely tokens are taken. "prefix" int32 (sources, length) and
                "suppressed" int32 (sequences, length), see `generation.Constraints`.
        """
        order = sorted(range(len(token_ids)), key=lambda i: len(token_ids[i]), reverse=True)
        results, values = {}, values or {}
        for begin in range(0, len(order), BATCHES[-1]):
            rows = order[begin : begin + BATCHES[-1]]
            of_rows = {name: value[rows] if name in _OF_TEXTS else value for name, value in values.items()}
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
        source_ids = pad_rows([[*ids, EOS_ID] for ids in token_ids], width, batch)
        missing = [(0, batch - len(token_ids)), (0, 0)]
        inputs = {name: np.pad(value, missing) if name in _OF_TEXTS else value for name, value in values.items()}
        top_k = int(inputs.pop("top_k", 0))
        if inputs or batch == 1:  # one sentence leaves no batch: one graph to its end has less to hand over
            compiled = self._compiled(options, top_k, tuple(inputs))
            found = compiled(*map(ops.convert_to_tensor, (source_ids, *inputs.values())))
        else:
            found = self._searches.setdefault(options, SegmentedSearch(self.bundle.model, options))(source_ids)
        all_ids, scores = (ops.convert_to_numpy(x)[: len(token_ids)] for x in found)
        return [self._hypotheses(ids, score) for ids, score in zip(all_ids, scores, strict=True)]

    def _compiled(self, options, top_k, names):
        """The search compiled for some `SearchOptions`, one `top_k`, and the names of its other inputs."""
        key = options, top_k, names
        if key not in self._searches:

            def search_padded(source_ids, *tensors):
                values = dict(zip(names, tensors, strict=True))
                prefix, suppressed = values.pop("prefix", None), values.pop("suppressed", None)
                most, room = self.max_tokens + 1, 0 if prefix is None else prefix.shape[1]
                length = min(most, options.limit(source_ids.shape[1] - 1, most) + room)
                choose = sampler(**values, top_k=top_k) if values else None
                return search_model(self.bundle.model, options, source_ids, length, choose, prefix, suppressed)

            self._searches[key] = compile_function(search_padded)
        return self._searches[key]

    def _hypotheses(self, all_ids, scores):
        rows = [[int(i) for i in ids if i not in (PAD_ID, EOS_ID)] for ids in all_ids]
        texts = self.bundle.tokenizer.decode(rows)
        return [
            Hypothesis(text, float(score), tuple(row)) for text, score, row in zip(texts, scores, rows, strict=True)
        ]

    def _width(self, length):
        return padded_length(self.max_tokens + 1, length)

    def beam(self, options):
        options, _ = self._changed({name: x for name, x in options.items() if name not in ("prefix", "suppress")})
        return options.beam_size, options.num_hypotheses

    def attend(self, source, target):
        if self.bundle.model.attention is None:
            raise InputError(f"a {self.bundle.model.config.kind} model has no attention to show")
        source_ids, target_ids = (ids[: self.max_tokens] for ids in self.bundle.tokenizer.encode([source, target]))
        check_not_forked()
        sides = [*source_ids, EOS_ID], [BOS_ID, *target_ids]
        width = self._width(max(map(len, sides)))
        padded = [ops.convert_to_tensor(pad_rows([side], width)) for side in sides]
        weights = ops.convert_to_numpy(self._attention(*padded))[0, :, :, : len(sides[1]), : len(sides[0])]
        pieces = self.bundle.tokenizer.pieces
        return Attention(weights, pieces([*source_ids, EOS_ID]), pieces([*target_ids, EOS_ID]))

    @functools.cached_property
    def _attention(self):
        def attend(source_ids, target_ids):
            return self.bundle.model.attention({"source_ids": source_ids, "target_ids": target_ids}, training=False)

        return compile_function(attend)

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
        sources, targets = (
            self.encode([self.clean(text, side) for text in texts])
            for side, texts in zip(("source", "target"), zip(*pairs, strict=True), strict=True)
        )
        of_labels, is_highest = np.concatenate(self._score(sources, targets), axis=1, dtype="float64")
        return {"token_accuracy": float(100 * is_highest.mean()), "perplexity": float(np.exp(-of_labels.mean()))}

    def token_log_probs(self, sources, targets):
        return [row[0].tolist() for row in self._score(sources, targets)]

    def _score(self, sources, targets):
        """`score_tokens` of lists of token ids by the model of the bundle."""
        check_not_forked()
        return score_tokens(self._scores, sources, targets, self.max_tokens + 1)

    @functools.cached_property
    def _scores(self):
        return compile_function(functools.partial(teacher_forced_scores, self.bundle.model.training))
