"""A SavedModel from raw strings to raw strings, for TensorFlow Serving or any process with tensorflow_text."""

import pathlib

import tensorflow as tf

from kerasformer import atomic
from kerasformer.errors import InputError
from kerasformer.export.signatures import TextGraph, limits_of
from kerasformer.generation import Sampling
from kerasformer.layers import portable_cache_writes
from kerasformer.texts import Attention, Hypothesis, TextTranslator, take_sampling
from kerasformer.tokenizer import BOS_ID, EOS_ID, PAD_ID
from kerasformer.translator import BATCHES, LENGTHS, search_model, search_options

BEAM_SIZE = 4  # of the signature `translate`, unless the bundle's own is wider
_TEXTS = tf.TensorSpec((None,), tf.string)
_IDS = tf.TensorSpec((None, None), tf.int32)
_NOISE = tf.TensorSpec((None, None), tf.float32)
_KNOBS = [tf.TensorSpec((), tf.float32), tf.TensorSpec((), tf.int32), tf.TensorSpec((), tf.float32)]


class TranslationModule(tf.Module):
    """The graph of a bundle, with its signatures.

    `serving_default` {"texts": (batch,)} -> {"translations": (batch,)}, in operations every server has.
    `serving_fast` the same and {"scores": (batch,), "token_ids": (batch, target)}, compiled by XLA for a few lengths
    and batches.
    `translate` the same for the best of a beam, each with an axis of hypotheses after batch, and the attention.
    `sample` {"texts": (batch,), "noise": float (batch, max_length), "temperature": float (), "top_k": int32 (),
    "top_p": float ()} -> as `serving_fast`, drawn as `generation.sample` draws, in operations every server has.
    `attention` {"texts": (batch,), "translations": (batch,)} -> {"attention": (batch, layers, heads, target, source),
    "source_tokens": (batch, source), "target_tokens": (batch, target)}.

    Args:
        bundle: the `Bundle`.
    """

    def __init__(self, bundle):
        super().__init__()
        self._model = bundle.model
        decoding = {**bundle.decoding, "num_hypotheses": 1, "temperature": 0.0}
        self._options = search_options(**decoding)
        self._draw_options = search_options(**{**decoding, "beam_size": 1})
        beam_size = max(BEAM_SIZE, self._options.beam_size)
        self._beam_options = search_options(**{**decoding, "beam_size": beam_size, "num_hypotheses": beam_size})
        self.text = TextGraph(bundle.tokenizer, bundle.model.config.max_length)
        self.weights = [variable.value for variable in bundle.model.training.variables]
        self.source = tf.Variable(bundle.source, trainable=False)
        self.target = tf.Variable(bundle.target, trainable=False)
        self.max_tokens = tf.Variable(bundle.model.config.max_length - 1, trainable=False)
        self.beam_size = tf.Variable(beam_size, trainable=False)
        if self._model.attention is not None:  # a function that is there is traced when the module is saved
            self.attention = tf.function(self._attention, input_signature=[_TEXTS, _TEXTS])

    @tf.function(input_signature=[_TEXTS])
    def serving_default(self, texts):
        token_ids, _ = self._search_all(texts, self._search_greedy, self._options)
        return {"translations": self.text.decode(token_ids[:, 0])}

    @tf.function(input_signature=[_TEXTS])
    def serving_fast(self, texts):
        return self._best(*self._search_all(texts, self._search_fast, self._options))

    @tf.function(input_signature=[_TEXTS, _NOISE, *_KNOBS])
    def sample(self, texts, noise, temperature, top_k, top_p):
        def draw(source_ids, noise):
            return self._search_plain(source_ids, self._draw_options, Sampling(noise, temperature, top_k, top_p))

        return self._best(*self._search_all(texts, draw, self._draw_options, noise))

    @tf.function(input_signature=[_TEXTS])
    def translate(self, texts):
        token_ids, scores = self._search_all(texts, self._search_beam, self._beam_options)
        count = self._beam_options.num_hypotheses
        flat = self.text.decode(tf.reshape(token_ids, (-1, tf.shape(token_ids)[-1])))
        found = {"translations": tf.reshape(flat, (-1, count)), "scores": scores, "token_ids": token_ids}
        if self._model.attention is not None:
            found.update(self._attend(self.text.encode(texts), token_ids[:, 0]))
        return found

    @tf.function(input_signature=[_TEXTS])
    def count_tokens(self, texts):
        return self.text.tokenizer.tokenize(texts).row_lengths()

    def named_signatures(self):
        """The signatures by name; `attention` only for a model that has some."""
        names = ["serving_default", "serving_fast", "translate", "sample"]
        if self._model.attention is not None:
            names.append("attention")
        return {name: getattr(self, name) for name in names}

    def _best(self, token_ids, scores):
        token_ids = token_ids[:, 0]
        return {"translations": self.text.decode(token_ids), "scores": scores[:, 0], "token_ids": token_ids}

    def _attention(self, texts, translations):
        return self._attend(self.text.encode(texts), self.text.encode(translations))

    def _attend(self, source_ids, target_ids):
        """Attention of target ids that end in `eos` over source ids."""
        is_word = tf.logical_and(target_ids != PAD_ID, target_ids != EOS_ID)
        words = tf.ragged.boolean_mask(target_ids, is_word)[:, : self._model.config.max_length - 1]
        rows = words.nrows()
        target_ids = tf.concat([words, tf.fill([rows, 1], EOS_ID)], axis=1).to_tensor(PAD_ID)
        inputs = tf.concat([tf.fill([rows, 1], BOS_ID), words], axis=1).to_tensor(PAD_ID)
        weights = self._model.attention({"source_ids": source_ids, "target_ids": inputs}, training=False)
        tokens = {
            "source_tokens": self.text.pieces(source_ids),
            "target_tokens": self.text.pieces(target_ids),
        }
        return {"attention": weights, **tokens}

    def _search_all(self, texts, search, options, *of_texts):
        """Search in batches of sentences of like length: ids (batch, hypotheses, max_length) and scores."""
        source_ids = self.text.encode(texts)
        lengths = tf.reduce_sum(tf.cast(source_ids != PAD_ID, tf.int32), axis=1)
        order = tf.argsort(lengths, direction="DESCENDING", stable=True)
        width, size, count = self._model.config.max_length, BATCHES[-1], options.num_hypotheses
        num_batches = tf.maximum(1, -(-tf.size(order) // size))
        all_ids = tf.TensorArray(tf.int32, num_batches, element_shape=(None, count, width), infer_shape=False)
        all_scores = tf.TensorArray(tf.float32, num_batches, element_shape=(None, count), infer_shape=False)
        for i in tf.range(num_batches):
            rows = order[i * size : (i + 1) * size]
            longest = tf.reduce_max(tf.concat([tf.gather(lengths, rows), [1]], axis=0))
            drawn_with = [tf.gather(x, rows) for x in of_texts]
            token_ids, scores = search(tf.gather(source_ids, rows)[:, :longest], *drawn_with)
            token_ids = tf.pad(token_ids, [[0, 0], [0, 0], [0, width - tf.shape(token_ids)[-1]]])
            all_ids = all_ids.write(i, token_ids)
            all_scores = all_scores.write(i, scores)
        place = tf.argsort(order)
        # A text without a token has an empty translation.
        found = tf.where(lengths[:, None, None] > 0, tf.gather(all_ids.concat(), place), PAD_ID)
        return found, tf.gather(all_scores.concat(), place)

    @tf.function(input_signature=[_IDS])
    def _search_greedy(self, source_ids):
        return self._search_plain(source_ids, self._options)

    def _search_plain(self, source_ids, options, sampling=None):
        limits = limits_of(source_ids, options, self._model.config.max_length)
        length = tf.reduce_max(tf.concat([limits, [1]], axis=0))
        with portable_cache_writes():
            return search_model(self._model, options, source_ids, limits, length, sampling)

    @tf.function(input_signature=[_IDS])
    def _search_fast(self, source_ids):
        return self._padded(source_ids, self._compiled)

    @tf.function(input_signature=[_IDS])
    def _search_beam(self, source_ids):
        return self._padded(source_ids, self._compiled_beam)

    def _padded(self, source_ids, search):
        """Pad to one of the compiled lengths and batches, and cut what was padded off the answer."""
        batch, length = tf.unstack(tf.shape(source_ids))
        max_length = self._model.config.max_length
        lengths = [size for size in LENGTHS if size < max_length] + [max_length]
        missing = [_bucket(BATCHES, batch) - batch, _bucket(lengths, length) - length]
        token_ids, scores = search(tf.pad(source_ids, [[0, missing[0]], [0, missing[1]]]))
        return token_ids[:batch], scores[:batch]

    @tf.function(jit_compile=True, input_signature=[_IDS])
    def _compiled(self, source_ids):
        return self._compiled_search(source_ids, self._options)

    @tf.function(jit_compile=True, input_signature=[_IDS])
    def _compiled_beam(self, source_ids):
        return self._compiled_search(source_ids, self._beam_options)

    def _compiled_search(self, source_ids, options):
        max_length = self._model.config.max_length
        limits = limits_of(source_ids, options, max_length)
        # Of the padded length, so that XLA knows it when it compiles.
        length = tf.cast(options.max_length_ratio * tf.cast(tf.shape(source_ids)[1], tf.float32), tf.int32)
        length = tf.minimum(length + options.max_length_offset, max_length)
        return search_model(self._model, options, source_ids, limits, length)


def _bucket(sizes, needed):
    sizes = tf.constant(sizes)
    return sizes[tf.minimum(tf.searchsorted(sizes, [needed])[0], len(sizes) - 1)]


def export_saved_model(bundle, path):
    """Write a bundle as a SavedModel to the folder `path`, whole or not at all.

    Raises:
        OSError: if it cannot be written.
    """
    module = TranslationModule(bundle)
    with atomic.whole_folder(path) as folder:
        tf.saved_model.save(module, str(folder), signatures=module.named_signatures())


class SavedModelTranslator(TextTranslator):
    """Translates with a SavedModel of kerasformer.

    Args:
        path: its folder.

    Raises:
        InputError: if there is none, it is damaged or not ours.
    """

    def __init__(self, path):
        path = pathlib.Path(path)
        if not (path / "saved_model.pb").is_file():
            raise InputError(f"{path} is no SavedModel: it has no saved_model.pb")
        try:
            self._loaded = tf.saved_model.load(str(path))
            self._signatures = self._loaded.signatures
            names = (self._loaded.source.numpy().decode(), self._loaded.target.numpy().decode())
            super().__init__(*names, int(self._loaded.max_tokens.numpy()))
            self.beam_size = int(self._loaded.beam_size.numpy())
        except AttributeError:
            raise InputError(f"{path} is a SavedModel, but not of kerasformer") from None
        except (tf.errors.OpError, OSError, RuntimeError, ValueError, KeyError) as error:
            first_line = str(error).strip().splitlines()[0][:200]
            raise InputError(f"{path} is damaged: {first_line}; export it anew") from None

    def count_tokens(self, texts):
        return self._loaded.count_tokens(tf.constant(texts, tf.string)).numpy().tolist()

    def decode(self, pieces, **options):
        sampling = take_sampling(options, pieces, self.max_tokens + 1)
        beam_size, count = options.pop("beam_size", 1), options.pop("num_hypotheses", 1)
        if options or beam_size not in (1, 1 if sampling else self.beam_size) or count > beam_size:
            raise InputError(
                f"this SavedModel searches with its own defaults or with beam_size {self.beam_size}, or samples; "
                "use the bundle for other decode options"
            )
        texts = tf.constant(pieces, tf.string)
        if beam_size == 1:
            found = self._sample(texts, sampling) if sampling else self._signatures["serving_fast"](texts=texts)
            found = {name: tf.expand_dims(value, 1) for name, value in found.items()}
        else:
            found = self._signatures["translate"](texts=texts)
        found = {name: found[name].numpy() for name in ("translations", "scores", "token_ids")}
        return [self._hypotheses(found, row, count) for row in range(len(pieces))]

    def _sample(self, texts, sampling):
        if "sample" not in self._signatures:
            raise InputError("this SavedModel was exported by an older kerasformer and cannot sample: export it anew")
        return self._signatures["sample"](texts=texts, **{name: tf.constant(x) for name, x in sampling.items()})

    def _hypotheses(self, found, row, count):
        return [
            Hypothesis(
                found["translations"][row, rank].decode("utf-8"),
                float(found["scores"][row, rank]),
                tuple(int(i) for i in found["token_ids"][row, rank] if i not in (PAD_ID, EOS_ID)),
            )
            for rank in range(count)
        ]

    def plain(self, texts):
        """Translations of texts that fit the model, by the signature that every server can run."""
        found = self._signatures["serving_default"](texts=tf.constant(texts, tf.string))
        return [text.decode("utf-8") for text in found["translations"].numpy()]

    def attention(self, source, target):
        if "attention" not in self._signatures:
            raise InputError("this model has no attention to show")
        found = self._signatures["attention"](texts=tf.constant([source]), translations=tf.constant([target]))
        tokens = [[t.decode("utf-8") for t in found[f"{side}_tokens"].numpy()[0]] for side in ("source", "target")]
        return Attention(found["attention"].numpy()[0], *tokens)
