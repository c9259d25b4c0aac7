"""The graphs of a translator: strings to strings for servers, token ids to token ids for devices."""

import dataclasses
import json

import tensorflow as tf

from kerasformer.exporting.graphs.batches import BatchedGraph
from kerasformer.exporting.graphs.requests import RequestModule
from kerasformer.exporting.graphs.segments import SegmentedGraph
from kerasformer.exporting.graphs.signatures import (
    IDS,
    NOISE,
    OPTIONS,
    SAMPLING,
    TEXTS,
    TextGraph,
    device_sampling,
    graph_function,
    stored_once,
)
from kerasformer.exporting.graphs.streaming import Stream
from kerasformer.generation import sampler
from kerasformer.inference.compiling import BATCHES
from kerasformer.inference.scoring import teacher_forced_scores
from kerasformer.inference.searching import limits_of, search_model, search_options
from kerasformer.interface.cleaning import CLEANINGS
from kerasformer.interface.request import SUPPRESSED
from kerasformer.layers import portable_cache_writes
from kerasformer.tokenizer import BOS_ID, EOS_ID, PAD_ID, UNK_ID

BEAM_SIZE = 4  # of the signature `translate`, unless the bundle's beam is wider
BUCKETS = (16, 32, 64)  # source lengths of a device's signatures that translate, beside the full length
TEXTS_NOTE = "one sentence each: no signature splits texts"


class ServerModule(RequestModule):
    """The graph of a bundle for servers, with its signatures.

    `serving_default` {"texts": string (batch,)} -> {"translations": string (batch,)}, with the standard operations of
    TensorFlow and TensorFlow Text.
    `serving_fast` adds {"scores": float (batch,), "token_ids": int32 (batch, target)}, and is compiled by XLA for a few
    lengths and batch sizes.
    `translate` searches with a beam; its outputs have an axis of hypotheses after batch, and it adds the attention.
    `sample` {"texts": (batch,), "noise": float (batch, max_length), "temperature": float (), "top_k": int32 (),
    "top_p": float ()} -> as `serving_fast`, sampled (see `Sampling`), with the standard operations.
    `translate_with_options` {"texts": (batch,), "prefixes": string (batch,), "suppress": string (any,),
    "repetition_penalty": float (), "min_length": int32 (), "length_penalty": float (), "max_new_tokens": int32 ()} ->
    as `translate` without attention; see `generation.SearchOptions` and `interface.request.Request`.
    `score` {"texts": (batch,), "translations": (batch,)} -> {"log_probs": float (batch,), "scores": float (batch,),
    "tokens": (batch, target), "token_log_probs": float (batch, target)}, padded with "" and 0.
    `attention` {"texts": (batch,), "translations": (batch,)} -> {"attention": (batch, layers, heads, target, source),
    "source_tokens": (batch, source), "target_tokens": (batch, target)}.

    Every signature cleans its texts as the training text was cleaned, and takes each as one sentence: it does not split
    texts, and cuts those that are longer than the model. `SavedModelTranslator` splits, and so must other clients.

    Args:
        bundle: the `Bundle` of a translator.
    """

    def __init__(self, bundle):
        super().__init__()
        self._model = stored_once(bundle.model)
        self._options = search_options(bundle.decoding, num_hypotheses=1)
        self._draw_options = dataclasses.replace(self._options, beam_size=1)
        beam_size = max(BEAM_SIZE, self._options.beam_size)
        self._beam_options = dataclasses.replace(self._options, beam_size=beam_size, num_hypotheses=beam_size)
        self._fast = SegmentedGraph(self._model, self._options)
        self._beam = SegmentedGraph(self._model, self._beam_options)
        cleaning = CLEANINGS[bundle.text_rules.cleaning]
        self.text = TextGraph(bundle.tokenizer, bundle.model.config.max_length, cleaning)
        self.weights = [variable.value for variable in bundle.model.training.variables]
        self.max_tokens = tf.Variable(bundle.model.config.max_length - 1, trainable=False)
        self.beam_size = tf.Variable(beam_size, trainable=False)
        self.decoding = tf.Variable(
            json.dumps({name: getattr(self._options, name) for name in OPTIONS}), trainable=False
        )
        self.texts = tf.Variable(TEXTS_NOTE, trainable=False)
        if self._model.attention is not None:  # saving the module would trace the function
            self.attention = graph_function(self._attention, input_signature=[TEXTS, TEXTS])

    @graph_function(input_signature=[TEXTS])
    def serving_default(self, texts):
        return {"translations": self.plain(texts)["translations"]}

    @graph_function(input_signature=[TEXTS])
    def plain(self, texts):
        """What `serving_fast` returns, with the standard operations; it is no signature."""
        return self._best(*self._search_all(texts, self._search_greedy, self._options))

    @graph_function(input_signature=[TEXTS])
    def serving_fast(self, texts):
        return self._best(*self._search_all(texts, self._fast, self._options))

    @graph_function(input_signature=[TEXTS, NOISE, *SAMPLING.values()])
    def sample(self, texts, noise, temperature, top_k, top_p):
        def draw(source_ids, noise):
            return self._search_plain(source_ids, self._draw_options, sampler(noise, temperature, top_k, top_p))

        return self._best(*self._search_all(texts, draw, self._draw_options, noise))

    @graph_function(input_signature=[TEXTS])
    def translate(self, texts):
        found = self._ranked(*self._search_all(texts, self._beam, self._beam_options))
        if self._model.attention is not None:
            found.update(self._attend(self.text.encode(texts), found["token_ids"][:, 0]))
        return found

    @graph_function(input_signature=[TEXTS])
    def count_tokens(self, texts):
        return self.text.tokenize(texts).row_lengths()

    @graph_function(input_signature=[TEXTS])
    def knows(self, texts):
        return tf.reduce_all(self.text.tokenize(texts) != UNK_ID, axis=1)

    def named_signatures(self):
        """The signatures by name; `attention` only if the model has attention."""
        names = ["serving_default", "serving_fast", "translate", "sample", "translate_with_options", "score"]
        if self._model.attention is not None:
            names.append("attention")
        return {name: getattr(self, name) for name in names}

    def _ranked(self, token_ids, scores):
        count = self._beam_options.num_hypotheses
        flat = self.text.decode(tf.reshape(token_ids, (-1, tf.shape(token_ids)[-1])))
        return {"translations": tf.reshape(flat, (-1, count)), "scores": scores, "token_ids": token_ids}

    def _best(self, token_ids, scores):
        token_ids = token_ids[:, 0]
        return {"translations": self.text.decode(token_ids), "scores": scores[:, 0], "token_ids": token_ids}

    def _attention(self, texts, translations):
        return self._attend(self.text.encode(texts), self.text.encode(translations, "target"))

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
        """Search in batches of sentences of similar length: ids (batch, hypotheses, max_length) and scores."""
        source_ids = self.text.encode(texts)
        lengths = tf.reduce_sum(tf.cast(source_ids != PAD_ID, tf.int32), axis=1)
        order = tf.argsort(lengths, direction="DESCENDING", stable=True)
        width, size, count = self._model.config.max_length, BATCHES[-1], options.num_hypotheses
        num_batches = tf.maximum(1, -(-tf.size(order) // size))
        all_ids = tf.TensorArray(tf.int32, num_batches, element_shape=(None, count, width), infer_shape=False)
        all_scores = tf.TensorArray(tf.float32, num_batches, element_shape=(None, count), infer_shape=False)

        def add_batch(i, all_ids, all_scores):
            rows = order[i * size : (i + 1) * size]
            longest = tf.reduce_max(tf.concat([tf.gather(lengths, rows), [1]], axis=0))
            of_rows = [tf.gather(x, rows) for x in of_texts]
            token_ids, scores = search(tf.gather(source_ids, rows)[:, :longest], *of_rows)
            token_ids = tf.pad(token_ids, [[0, 0], [0, 0], [0, width - tf.shape(token_ids)[-1]]])
            return i + 1, all_ids.write(i, token_ids), all_scores.write(i, scores)

        state = 0, all_ids, all_scores
        _, all_ids, all_scores = tf.while_loop(lambda i, *_: i < num_batches, add_batch, state)
        place = tf.argsort(order)
        # A text without a token has an empty translation.
        found = tf.where(lengths[:, None, None] > 0, tf.gather(all_ids.concat(), place), PAD_ID)
        return found, tf.gather(all_scores.concat(), place)

    @graph_function(input_signature=[IDS])
    def _search_greedy(self, source_ids):
        return self._search_plain(source_ids, self._options)

    def _search_plain(self, source_ids, options, choose=None, prefix=None, suppressed=None):
        limits = limits_of(self._model, options, source_ids, prefix)
        length = tf.reduce_max(tf.concat([limits, [1]], axis=0))
        with portable_cache_writes():
            return search_model(self._model, options, source_ids, length, choose, prefix, suppressed)


class DeviceModule(tf.Module):
    """Greedy search, a beam, sampling and attention for one sentence at a time, with static shapes.

    `translate` {"source_ids": int32 (1, max_length)} -> {"token_ids": int32 (1, max_length), "score": float (1,)}.
    `translate_16`, `translate_32` and `translate_64` do the same for sources of at most so many tokens, which costs
    less; their `token_ids` are as long as the longest translation that the search allows for such a source.
    `translate_beam`, `translate_beam_16` and so on give {"token_ids": int32 (1, beam, length), "scores": float (1,
    beam)}, best first; only if there is a beam.
    `encode` and `decode_step` are those of a `Stream`; only if asked for.
    `sample` takes "noise", "temperature", "top_k" and "top_p" as well, and samples; see `Sampling`.
    `translate_with_options` takes "prefix_ids" int32 (1, max_length), "suppressed_ids" int32 `SUPPRESSED`,
    "repetition_penalty" float () and "min_length" int32 () as well; see `generation.Constraints`.
    `score` {"source_ids", "target_ids", which begin with `bos`, "labels", which end in `eos`} ->
    {"token_log_probs": float (1, max_length)}.
    `attention` {"source_ids", "target_ids"} -> {"attention": float (1, layers, heads, target, source)}.

    Args:
        bundle: the `Bundle` of a translator.
        beam_size: int, hypotheses that `translate_beam` keeps and returns; 1 for no such signature.
        batch: int, sentences of a batch, see `BatchedGraph`; 1 for no signatures for batches. A search with
            the beam takes fewer, so that as many hypotheses are extended together.
        streaming: bool, whether there are `encode` and `decode_step`.
    """

    def __init__(self, bundle, beam_size=1, batch=1, streaming=False):
        super().__init__()
        self._model = bundle.model
        self._options = search_options(bundle.decoding, beam_size=1, num_hypotheses=1)
        self._beam_options = search_options(bundle.decoding, beam_size=beam_size, num_hypotheses=beam_size)
        self._stream = Stream(self._model, self._options) if streaming else None
        self._buckets = [size for size in BUCKETS if size < bundle.model.config.max_length]
        self._batches = self._batched_graphs(batch) if batch > 1 else {}
        self.weights = [variable.value for variable in bundle.model.training.variables]

    @property
    def num_weights(self):
        """Number of weights that the file must hold."""
        return self._model.training.count_params()

    def metadata(self):
        """What the file's metadata says about the task, beside the tokenizer."""
        special = {"pad_id": PAD_ID, "bos_id": BOS_ID, "eos_id": EOS_ID}
        names = "length_penalty", "max_repeats", "min_length", "repetition_penalty"
        decoding = {name: getattr(self._options, name) for name in names}
        sizes = {"max_length": self._model.config.max_length, "buckets": self._buckets}
        batches = {name: graph.metadata() for name, graph in self._batches.items()}
        searches = {"beam_size": self._beam_options.beam_size, "streaming": self._stream is not None, **batches}
        return {**sizes, **searches, **special, "decoding": decoding}

    def named_signatures(self):
        """The signatures by name, the most important first; `attention` only if the model has attention."""
        length = self._model.config.max_length
        ids, suppressed = tf.TensorSpec((1, length), tf.int32), tf.TensorSpec(SUPPRESSED, tf.int32)
        options = [ids, ids, suppressed, OPTIONS["repetition_penalty"], OPTIONS["min_length"]]
        searches = {"translate": self._translate}
        if self._beam_options.beam_size > 1:
            searches["translate_beam"] = self._translate_beam
        signatures = {}
        for name, search in searches.items():
            signatures[name] = graph_function(search, input_signature=[ids])
            for size in self._buckets:
                bucket = tf.TensorSpec((1, size), tf.int32)
                signatures[f"{name}_{size}"] = graph_function(search, input_signature=[bucket])
        signatures["sample"] = graph_function(self._sample, input_signature=[ids, *device_sampling(length).values()])
        signatures["translate_with_options"] = graph_function(self._translate_with_options, input_signature=options)
        signatures["score"] = graph_function(self._score, input_signature=[ids, ids, ids])
        if self._model.attention is not None:
            signatures["attention"] = graph_function(self._attention, input_signature=[ids, ids])
        for graph in filter(None, (*self._batches.values(), self._stream)):
            signatures.update(graph.signatures())
        return signatures

    def _batched_graphs(self, batch):
        """The graphs of batches, by the beginning of their names."""
        found = {"batch": BatchedGraph(self._model, self._options, batch)}
        beam = self._beam_options.beam_size
        if beam > 1 and self._model.beam_graph:  # otherwise a sentence has a state for each hypothesis
            found["batch_beam"] = BatchedGraph(self._model, self._beam_options, max(1, batch // beam), "batch_beam")
        return found

    def _translate(self, source_ids):
        return self._best(source_ids, self._options)

    def _translate_beam(self, source_ids):
        token_ids, scores = self._search(source_ids, self._beam_options)
        return {"token_ids": token_ids, "scores": scores}

    def _sample(self, source_ids, noise, temperature, top_k, top_p):
        return self._best(source_ids, self._options, choose=sampler(noise, temperature, top_k, top_p))

    def _translate_with_options(self, source_ids, prefix_ids, suppressed_ids, repetition_penalty, min_length):
        options = self._options.with_inputs(repetition_penalty=repetition_penalty, min_length=min_length)
        return self._best(source_ids, options, prefix=prefix_ids, suppressed=suppressed_ids)

    def _score(self, source_ids, target_ids, labels):
        found = teacher_forced_scores(self._model.training, source_ids, target_ids, labels)
        return {"token_log_probs": found[:, 0]}

    def _best(self, source_ids, options, **given):
        token_ids, scores = self._search(source_ids, options, **given)
        return {"token_ids": token_ids[:, 0], "score": scores[:, 0]}

    def _search(self, source_ids, options, **given):
        length = self._model.config.max_length
        if source_ids.shape[1] < length:  # no source that fits a bucket has a longer translation than this
            length = self._options.limit(source_ids.shape[1] - 1, length)
        return search_model(self._model, options, source_ids, length, **given)

    def _attention(self, source_ids, target_ids):
        inputs = {"source_ids": source_ids, "target_ids": target_ids}
        return {"attention": self._model.attention(inputs, training=False)}
