"""The search of `inference.segments` as a graph, of which XLA compiles the steps."""

import tensorflow as tf

from kerasformer.exporting.graphs.signatures import graph_function
from kerasformer.generation import length_limits
from kerasformer.inference.compiling import LENGTHS, sizes_up_to
from kerasformer.inference.searching import advance_search, begin_search, search_model, sharing
from kerasformer.inference.segments import BATCHES, ROOMS, SHARED, STEPS


class SegmentedGraph:
    """The search of `SegmentedSearch` as operations of a graph; XLA compiles its steps when the graph runs.

    A single sentence is searched in one piece, as by a bundle: passing the state between segments would cost more than
    it saves.

    Args:
        model: the `EncoderDecoder` of a translator.
        options: `SearchOptions`.

    Call arguments:
        source_ids: int32 (batch, source), each source with its `eos`, padded; at most as many as `BATCHES` allows.

    Returns:
        As `searching.search_model`.
    """

    def __init__(self, model, options):
        self._model, self._options = model, options
        self._begin = graph_function(self._begin_padded, jit_compile=True)
        self._advance = graph_function(self._advance_until, jit_compile=True)
        self._whole = graph_function(self._search_whole, jit_compile=True)

    def __call__(self, source_ids):
        batch, width = tf.unstack(tf.shape(source_ids))
        max_length = self._model.config.max_length
        missing = [_bucket(BATCHES, batch) - batch, _bucket(sizes_up_to(LENGTHS, max_length), width) - width]
        padded = tf.pad(source_ids, [[0, missing[0]], [0, missing[1]]])
        token_ids, scores = tf.cond(batch == 1, lambda: self._whole(padded[:1]), lambda: self._search_segments(padded))
        return token_ids[:batch], scores[:batch]

    def _search_segments(self, source_ids):
        max_length, shared = self._model.config.max_length, sharing(self._model, self._options)
        progress = self._begin(source_ids)
        length, rows = tf.shape(progress["hypotheses"]["token_ids"])[2], tf.range(tf.size(progress["done"]))
        found = [tf.size(rows), self._options.num_hypotheses]
        found = tf.zeros([*found, length], tf.int32), tf.zeros(found)

        def is_open(progress, rows, found):
            return tf.logical_not(tf.reduce_all(progress["done"]))

        def segment(progress, rows, found):
            position = progress["position"]
            room = _bucket(tf.minimum((*ROOMS, max_length), length), position + 1)
            progress["state"] = self._model.grow(progress["state"], room * shared)
            progress, answers = self._advance(progress, tf.minimum(position + STEPS, room))
            pairs = zip(found, answers, strict=True)
            found = tuple(tf.tensor_scatter_nd_update(x, rows[:, None], new) for x, new in pairs)
            num_open = tf.math.count_nonzero(tf.logical_not(progress["done"]), dtype=tf.int32)
            kept = tf.argsort(tf.cast(progress["done"], tf.int32), stable=True)
            kept = kept[: _bucket(BATCHES, tf.maximum(2, num_open))]
            return _take_rows(progress, kept), tf.gather(rows, kept), found

        state = progress, rows, found
        return tf.while_loop(is_open, segment, state, tf.nest.map_structure(_any_batch, state))[2]

    def _most_tokens(self, source_ids):
        # The limit of the padded length, which XLA knows when it compiles.
        return length_limits(tf.shape(source_ids)[1] - 1, self._options, self._model.config.max_length)

    def _search_whole(self, source_ids):
        return search_model(self._model, self._options, source_ids, self._most_tokens(source_ids))

    def _begin_padded(self, source_ids):
        length = self._most_tokens(source_ids)
        return begin_search(self._model, self._options, source_ids, length, tf.minimum(ROOMS[0], length))

    def _advance_until(self, progress, position):
        return advance_search(self._model, self._options, progress, position)


def _take_rows(progress, rows):
    """As `segments.take_rows`, in the graph."""
    batch = tf.size(progress["done"])

    def kept(x):
        of_sentence = tf.reshape(x, tf.concat([[batch, -1], tf.shape(x)[1:]], axis=0))
        return tf.reshape(tf.gather(of_sentence, rows), tf.concat([[-1], tf.shape(x)[1:]], axis=0))

    of_sentences = {name: x for name, x in progress.items() if name not in SHARED}
    return {**progress, **tf.nest.map_structure(kept, of_sentences)}


def _any_batch(x):
    return tf.TensorShape([None, *x.shape[1:]] if x.shape.rank else [])


def _bucket(sizes, needed):
    return tf.gather(sizes, tf.minimum(tf.searchsorted(sizes, [needed])[0], tf.size(sizes) - 1))
