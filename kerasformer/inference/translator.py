"""A bundle that translates: `Translator.load("bundle")("Bonjour !")`, on whichever backend Keras runs."""

import dataclasses
import functools

import keras
import numpy as np
from keras import ops

from kerasformer.bundle import load_bundle
from kerasformer.errors import InputError
from kerasformer.formats import describe
from kerasformer.generation import Sampling, SearchOptions, SpecialIds, search
from kerasformer.interface.text import Attention, BaseTranslator, Hypothesis, uniform_noise
from kerasformer.tokenizer import BOS_ID, EOS_ID, PAD_ID, UNK_ID

SPECIAL_IDS = SpecialIds(pad=PAD_ID, bos=BOS_ID, eos=EOS_ID, suppressed=(PAD_ID, UNK_ID, BOS_ID))
# Sources are padded to a few lengths and batches, each compiled once.
LENGTHS = (32, 64, 128, 256)
BATCHES = (1, 8, 64)
SCORED_TOKENS = 4096  # padded tokens whose logits are in memory at once


class Translator(BaseTranslator):
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
        """Load the bundle in the folder `path`, or of a `Description`, as a translator.

        `open_translator` opens a SavedModel or a `.tflite` as well.

        Raises:
            InputError: if there is no bundle, it is damaged, too new, or for another task.
        """
        description = describe(path, "translation", "bundle")
        return cls(load_bundle(description.path, description.metadata), **options)

    def count_tokens(self, texts):
        return [len(row) for row in self.bundle.tokenizer.encode(texts)]

    def decode(self, pieces, **options):
        options = self._options(options)
        token_ids = self.bundle.tokenizer.encode(pieces)
        sources = [(row, piece) for row, piece in zip(token_ids, pieces, strict=True) if row]
        noise = None
        if options.temperature:
            noise = uniform_noise([piece for _, piece in sources], options.seed, self.max_tokens + 1)
        found = self.search([row for row, _ in sources], noise, **dataclasses.asdict(options))
        nothing = [Hypothesis("", 0.0, ())]  # of characters that leave no token, such as invisible ones
        return [next(found) if row else nothing for row in token_ids]

    def search(self, token_ids, noise=None, **options):
        """Yield the hypotheses, best first, of each source, in order.

        Args:
            token_ids: list of lists of token ids without `eos`.
            noise: float (sources, max_tokens + 1), what a temperature above 0 draws with.
            **options: as for a call.
        """
        options = self._options(options)
        order = sorted(range(len(token_ids)), key=lambda i: len(token_ids[i]), reverse=True)
        results = {}
        for begin in range(0, len(order), BATCHES[-1]):
            rows = order[begin : begin + BATCHES[-1]]
            drawn_with = None if noise is None else noise[rows]
            found = self._search_batch([token_ids[i] for i in rows], drawn_with, options)
            results.update(zip(rows, found, strict=True))
        return (results[i] for i in range(len(token_ids)))

    def _options(self, changes):
        return search_options(**{**dataclasses.asdict(self.options), **changes}) if changes else self.options

    def _search_batch(self, token_ids, noise, options):
        max_length = self.bundle.model.config.max_length
        source = np.full((fitting(BATCHES, len(token_ids)), self._width(len(token_ids[0]) + 1)), PAD_ID, "int32")
        limits = np.ones(len(source), "int32")  # rows that only fill the batch are done after one step
        for row, ids in enumerate(token_ids):
            source[row, : len(ids) + 1] = [*ids, EOS_ID]
            limits[row] = options.limit(len(ids), max_length)
        inputs = [source, limits]
        if noise is not None:
            noise = np.pad(noise, [(0, len(source) - len(noise)), (0, 0)])
            inputs += [noise, float(options.temperature), float(options.top_p)]
        # One compiled search serves every temperature, top_p and seed.
        kind = dataclasses.replace(options, temperature=float(options.temperature > 0), top_p=1.0, seed=0)
        if kind not in self._searches:
            self._searches[kind] = compile_function(functools.partial(self._search_padded, kind))
        found = self._searches[kind](*map(ops.convert_to_tensor, inputs))
        all_ids, scores = (ops.convert_to_numpy(x)[: len(token_ids)] for x in found)
        return [self._hypotheses(ids, score) for ids, score in zip(all_ids, scores, strict=True)]

    def _search_padded(self, options, source_ids, limits, noise=None, temperature=None, top_p=None):
        length = options.limit(source_ids.shape[1] - 1, self.bundle.model.config.max_length)
        sampling = None if noise is None else Sampling(noise, temperature, options.top_k, top_p)
        return search_model(self.bundle.model, options, source_ids, limits, length, sampling)

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

    def token_scores(self, pairs):
        """How well the model foretells each token of the targets, given the source and the target before it.

        Every token counts, `eos` too, padding never. Of a text longer than the model its beginning counts.

        Args:
            pairs: list of (source, target) texts.

        Returns:
            dict of floats: "token_accuracy", the percentage of tokens to which the model gives its highest logit, and
            "perplexity", exp of their mean negative log-likelihood.

        Raises:
            InputError: if there are no pairs.
        """
        if not pairs:
            raise InputError("there are no pairs to score: expected at least one")
        max_length = self.bundle.model.config.max_length
        sources, targets = (self.bundle.tokenizer.encode([pair[side] for pair in pairs]) for side in (0, 1))
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
            padded = np.full((3, fitting(BATCHES, len(batch)), width), PAD_ID, "int32")
            for index, row in enumerate(batch):
                for side, ids in enumerate(row):
                    padded[side, index, : len(ids)] = ids
            totals += [
                float(ops.convert_to_numpy(total)) for total in self._token_totals(*map(ops.convert_to_tensor, padded))
            ]
        right, loss, count = totals
        return {"token_accuracy": float(100 * right / count), "perplexity": float(np.exp(loss / count))}

    @functools.cached_property
    def _token_totals(self):
        return compile_function(functools.partial(token_totals, self.bundle.model.training))


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


def search_model(model, options, source_ids, limits, max_length, sampling=None):
    """Search with an `EncoderDecoder`; see `generation.search` for what goes in and comes out."""
    return search(
        lambda ids: model.begin(ids, max_length),
        model.step,
        source_ids,
        limits,
        max_length,
        options,
        SPECIAL_IDS,
        sampling,
    )


def teacher_forced(source_ids, target_ids):
    """The inputs of a training graph for one pair of token id lists without special ids."""
    source, target = [[*source_ids, EOS_ID]], [[BOS_ID, *target_ids]]
    return {
        "source_ids": ops.convert_to_tensor(source, "int32"),
        "target_ids": ops.convert_to_tensor(target, "int32"),
    }


def token_totals(model, source_ids, target_ids, labels):
    """How many labels have the highest logit, the negative log-likelihood of all in nats, and their number."""
    logits = model({"source_ids": source_ids, "target_ids": target_ids}, training=False)
    log_probabilities = ops.log_softmax(logits, axis=-1)
    of_label = ops.take_along_axis(log_probabilities, ops.expand_dims(labels, -1), axis=-1)[..., 0]
    counts = labels != PAD_ID
    is_right = ops.logical_and(counts, of_label >= ops.max(log_probabilities, axis=-1))
    return [ops.sum(ops.cast(x, "float32")) for x in (is_right, ops.where(counts, -of_label, 0.0), counts)]


def compile_function(function):
    """Compile a function of tensors for each shape it meets."""
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        return tf.function(function, jit_compile=True, autograph=False)
    if backend == "jax":
        import jax

        return jax.jit(function)
    import torch

    return torch.no_grad()(function)  # or it would keep every step's caches for a gradient


def fitting(sizes, needed):
    """The smallest of the ascending `sizes` that holds `needed`, or the largest."""
    return next((size for size in sizes if size >= needed), sizes[-1])
