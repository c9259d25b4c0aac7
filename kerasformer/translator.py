"""A bundle that translates: `Translator.load("bundle")("Bonjour !")`, on whichever backend Keras runs."""

import dataclasses
import functools

import keras
import numpy as np
from keras import ops

from kerasformer.bundle import load_bundle
from kerasformer.errors import InputError
from kerasformer.generation import SearchOptions, SpecialIds, search
from kerasformer.texts import Attention, Hypothesis, TextTranslator
from kerasformer.tokenizer import BOS_ID, EOS_ID, PAD_ID, UNK_ID

SPECIAL_IDS = SpecialIds(pad=PAD_ID, bos=BOS_ID, eos=EOS_ID, suppressed=(PAD_ID, UNK_ID, BOS_ID))
# Sources are padded to a few lengths and batches, each compiled once.
LENGTHS = (32, 64, 128, 256)
BATCHES = (1, 8, 64)


class Translator(TextTranslator):
    """Translates with a bundle.

    Args:
        bundle: a `Bundle`.
        **options: fields of `SearchOptions` that are not to be the bundle's defaults.

    Raises:
        InputError: for an option that search does not have, or a value that it cannot take.
    """

    def __init__(self, bundle, **options):
        super().__init__(bundle.source, bundle.target, bundle.model.config.max_length - 1)
        self.bundle = bundle
        self.options = search_options(**{**bundle.decoding, **options})
        self._searches = {}

    @classmethod
    def load(cls, path, **options):
        """Load the bundle in the folder `path`; see `bundle.load_bundle` for the errors."""
        return cls(load_bundle(path), **options)

    def count_tokens(self, texts):
        return [len(row) for row in self.bundle.tokenizer.encode(texts)]

    def decode(self, pieces, **options):
        token_ids = self.bundle.tokenizer.encode(pieces)
        found = self.search([row for row in token_ids if row], **options)
        nothing = [Hypothesis("", 0.0, ())]  # of characters that leave no token, such as invisible ones
        return [next(found) if row else nothing for row in token_ids]

    def search(self, token_ids, **options):
        """Yield the hypotheses, best first, of each source (a list of token ids without `eos`), in order."""
        options = search_options(**{**dataclasses.asdict(self.options), **options}) if options else self.options
        order = sorted(range(len(token_ids)), key=lambda i: len(token_ids[i]), reverse=True)
        results = {}
        for begin in range(0, len(order), BATCHES[-1]):
            rows = order[begin : begin + BATCHES[-1]]
            results.update(zip(rows, self._search_batch([token_ids[i] for i in rows], options), strict=True))
        return (results[i] for i in range(len(token_ids)))

    def _search_batch(self, token_ids, options):
        max_length = self.bundle.model.config.max_length
        source = np.full((fitting(BATCHES, len(token_ids)), self._width(len(token_ids[0]) + 1)), PAD_ID, "int32")
        limits = np.ones(len(source), "int32")  # rows that only fill the batch are done after one step
        for row, ids in enumerate(token_ids):
            source[row, : len(ids) + 1] = [*ids, EOS_ID]
            limits[row] = options.limit(len(ids), max_length)
        if options not in self._searches:
            self._searches[options] = compile_function(functools.partial(self._search_padded, options))
        found = self._searches[options](ops.convert_to_tensor(source), ops.convert_to_tensor(limits))
        all_ids, scores = (ops.convert_to_numpy(x)[: len(token_ids)] for x in found)
        return [self._hypotheses(ids, score) for ids, score in zip(all_ids, scores, strict=True)]

    def _search_padded(self, options, source_ids, limits):
        length = options.limit(source_ids.shape[1] - 1, self.bundle.model.config.max_length)
        return search_model(self.bundle.model, options, source_ids, limits, length)

    def _hypotheses(self, all_ids, scores):
        rows = [[int(i) for i in ids if i not in (PAD_ID, EOS_ID)] for ids in all_ids]
        texts = self.bundle.tokenizer.decode(rows)
        return [
            Hypothesis(text, float(score), tuple(row)) for text, score, row in zip(texts, scores, rows, strict=True)
        ]

    def _width(self, length):
        max_length = self.bundle.model.config.max_length
        return fitting([size for size in LENGTHS if size < max_length] + [max_length], length)

    def attention(self, source, target):
        if self.bundle.model.attention is None:
            raise InputError(f"a {self.bundle.model.config.kind} model has no attention to show")
        source_ids, target_ids = (ids[: self.max_tokens] for ids in self.bundle.tokenizer.encode([source, target]))
        inputs = teacher_forced(source_ids, target_ids)
        weights = self.bundle.model.attention(inputs, training=False)
        pieces = self.bundle.tokenizer.pieces
        return Attention(ops.convert_to_numpy(weights)[0], pieces([*source_ids, EOS_ID]), pieces([*target_ids, EOS_ID]))

    def log_probabilities(self, source_ids, target_ids):
        """What the model gives each token after the target so far, in nats.

        Returns:
            float (target + 1, vocab), the last row for what follows the target; without that row where the target
            fills the model.
        """
        inputs = teacher_forced(source_ids, target_ids[: self.max_tokens])
        logits = self.bundle.model.training(inputs, training=False)
        return ops.convert_to_numpy(ops.log_softmax(logits, axis=-1))[0]


def search_options(**options):
    """`SearchOptions` of a dict, with errors a person can act on."""
    names = [field.name for field in dataclasses.fields(SearchOptions)]
    unknown = sorted(set(options) - set(names))
    if unknown:
        raise InputError(f"there is no decode option {', '.join(unknown)}; there are {', '.join(names)}")
    try:
        return SearchOptions(**options)
    except ValueError as error:
        raise InputError(str(error)) from None


def search_model(model, options, source_ids, limits, max_length):
    """Search with an `EncoderDecoder`; see `generation.search` for what goes in and comes out."""
    return search(
        lambda ids: model.begin(ids, max_length),
        model.step,
        source_ids,
        limits,
        max_length,
        options,
        SPECIAL_IDS,
    )


def teacher_forced(source_ids, target_ids):
    """The inputs of a training graph for one pair of token id lists without special ids."""
    source, target = [[*source_ids, EOS_ID]], [[BOS_ID, *target_ids]]
    return {
        "source_ids": ops.convert_to_tensor(source, "int32"),
        "target_ids": ops.convert_to_tensor(target, "int32"),
    }


def compile_function(function):
    """Compile a function of tensors for each shape it meets."""
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        return tf.function(function, jit_compile=True)
    if backend == "jax":
        import jax

        return jax.jit(function)
    return function


def fitting(sizes, needed):
    """The smallest of the ascending `sizes` that holds `needed`, or the largest."""
    return next((size for size in sizes if size >= needed), sizes[-1])
