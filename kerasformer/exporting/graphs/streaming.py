"""The greedy search of a device as two signatures: one reads a source, the other writes the next token at each call."""

import keras
import tensorflow as tf

from kerasformer.exporting.graphs.signatures import graph_function
from kerasformer.inference.searching import advance_search_once, begin_search

_TYPES = {"memory": tf.float32, "cache": tf.float32, "counts": tf.int32}


class Stream:
    """The search that `translate` makes, which stops after each token.

    `encode` {"source_ids": int32 (1, max_length)} -> "memory" float (1, any), what the model knows of the source, if it
    changes no more; "cache" float (1, any), what it knows of the translation; and "counts" int32 (1, any), where the
    search is. Each is many tensors in one, because each tensor of a call takes time.
    `decode_step` takes these and returns "cache" and "counts" for the next call, "token_ids" int32 (1, max_length), the
    translation so far, padded, its "score" float (1,), and "done" int32 (1,), whether it is complete.

    Args:
        model: the `EncoderDecoder` of a translator.
        options: `SearchOptions` with a beam of 1.
    """

    def __init__(self, model, options):
        self._model, self._options = model, options
        self._progress = self._layout = None  # its nest, and the place and spec of each leaf, after `encode` is traced

    def signatures(self):
        """The two signatures by name."""
        ids = tf.TensorSpec((1, self._model.config.max_length), tf.int32)
        encode = graph_function(self._encode, input_signature=[ids])
        packed = encode.get_concrete_function().structured_outputs
        inputs = [tf.TensorSpec(packed[name].shape, packed[name].dtype, name=name) for name in packed]
        names = list(packed)
        step = graph_function(lambda *given: self._step(dict(zip(names, given, strict=True))), input_signature=inputs)
        return {"encode": encode, "decode_step": step}

    def _encode(self, source_ids):
        length = self._model.config.max_length
        progress = begin_search(self._model, self._options, source_ids, length, length)
        stays = keras.tree.map_structure(
            lambda before, after: before is after,
            self._model.decode_step.input["state"],
            self._model.decode_step.output[1],
        )
        stays = {**keras.tree.map_structure(lambda x: False, progress), "state": stays}
        leaves = zip(keras.tree.flatten(progress), keras.tree.flatten(stays), strict=True)
        self._layout = [(_place(x, stay), tf.TensorSpec(x.shape, x.dtype)) for x, stay in leaves]
        self._progress = keras.tree.map_structure(lambda x: None, progress)
        return self._packed(progress, _TYPES)

    def _step(self, packed):
        progress, (token_ids, score) = advance_search_once(self._model, self._options, self._unpacked(packed))
        done = tf.cast(progress["done"], tf.int32)
        found = {"token_ids": token_ids[:, 0], "score": score[:, 0], "done": done}
        return {**self._packed(progress, ("cache", "counts")), **found}

    def _packed(self, progress, names):
        """A progress as tensors (1, any) of these names, if there is something for them."""
        parts = {name: [] for name in names}
        for x, (name, _) in zip(keras.tree.flatten(progress), self._layout, strict=True):
            if name in parts:
                parts[name].append(tf.reshape(tf.cast(x, _TYPES[name]), (1, -1)))
        return {name: tf.concat(found, axis=1) for name, found in parts.items() if found}

    def _unpacked(self, packed):
        """The progress that was packed."""
        parts = {}
        for name, x in packed.items():
            sizes = [spec.shape.num_elements() for place, spec in self._layout if place == name]
            parts[name] = iter(tf.split(x, sizes, axis=1))
        leaves = [tf.cast(tf.reshape(next(parts[name]), spec.shape), spec.dtype) for name, spec in self._layout]
        return keras.tree.pack_sequence_as(self._progress, leaves)


def _place(x, stays):
    """The name of the tensor that a leaf of the progress is packed into."""
    if not x.dtype.is_floating:
        return "counts"
    return "memory" if stays else "cache"
