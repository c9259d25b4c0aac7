"""A search in batches of a fixed size, a signature for each segment: finished sentences leave the batch in between."""

import itertools

import keras
import tensorflow as tf

from kerasformer.exporting.graphs.signatures import graph_function
from kerasformer.inference.compiling import sizes_up_to
from kerasformer.inference.searching import advance_search, begin_search, sharing
from kerasformer.layers import products_as_sums

SOURCE = 32  # the most tokens of a source, `eos` included
STEPS = (8, 16, 32)  # after which segments end, before the longest answer
_FIXED = ("memory", "memory_mask", "key")  # parts of the state that no step changes


class BatchedGraph:
    """The signatures of a search in batches; `runtime.batches` calls them.

    `batch_16_8` {"source_ids": int32 (16, source)} -> {"progress_hypotheses_token_ids": int32 (16, 1, length),
    "progress_hypotheses_score": float (16, 1), "progress_done": int32 (16,), and the rest of the progress: (16, ...)}
    takes a batch of 16 through the first 8 steps. `batch_16_16` takes the progress on to step 16, and so on. What a
    signature does not return of the progress stays as it was. With a beam, "token_ids" (16, hypotheses, length) and
    "scores" (16, hypotheses) are the answers, best first.

    Args:
        model: the `EncoderDecoder` of a translator.
        options: `SearchOptions`.
        size: int, sentences of a batch; there is one of a quarter of it too, for what is left.
        name: str, the names of the signatures begin with it.
    """

    def __init__(self, model, options, size, name="batch"):
        self._model, self._options, self._name = model, options, name
        self._sizes = sorted({size, max(1, size // 4)}, reverse=True)
        self._source = min(SOURCE, model.config.max_length)
        self._steps = sizes_up_to(STEPS, options.limit(self._source - 1, model.config.max_length))

    def metadata(self):
        """What the runtime must know of the signatures: dict."""
        return {"sizes": self._sizes, "source": self._source, "steps": self._steps}

    def signatures(self):
        """The signatures by name."""
        with products_as_sums():
            return {name: found for size in self._sizes for name, found in self._of_size(size)}

    def _of_size(self, size):
        source_ids = tf.TensorSpec((size, self._source), tf.int32, "source_ids")
        begun = graph_function(self._begin).get_concrete_function(source_ids)
        first = graph_function(lambda source_ids: _portable(begun(source_ids)))
        yield f"{self._name}_{size}_{self._steps[0]}", first.get_concrete_function(source_ids)
        like = begun.structured_outputs["progress"]
        for begin, end in itertools.pairwise(self._steps):
            like["state"] = self._with_room(like["state"], begin)
            inputs = {
                name: tf.TensorSpec(x.shape, tf.int32 if x.dtype == tf.bool else x.dtype, name)
                for name, x in _named({"progress": like}).items()
            }
            segment = graph_function(self._segment(like, begin, end))
            yield f"{self._name}_{size}_{end}", segment.get_concrete_function(**inputs)

    def _begin(self, source_ids):
        end = self._steps[0]
        progress = begin_search(self._model, self._options, source_ids, self._steps[-1], end)
        return self._advance(progress, end)

    def _segment(self, like, begin, end):
        """The function that goes on from one step to another; its arguments are those of `_named`."""

        def advance(**tensors):
            given = [tf.cast(tensors[name], x.dtype) for name, x in _named({"progress": like}).items()]
            progress = keras.tree.pack_sequence_as(like, given)
            state = self._model.grow(progress["state"], end * sharing(self._model, self._options))
            found = self._advance({**progress, "state": state, "position": tf.constant(begin)}, end)
            changed = found["progress"]
            changed["state"] = {name: x for name, x in changed["state"].items() if name not in _FIXED}
            changed = {name: changed[name] for name in ("hypotheses", "done", "state")}
            return _portable({**found, "progress": changed})

        return advance

    def _advance(self, progress, end):
        progress, (token_ids, scores) = advance_search(self._model, self._options, progress, end)
        del progress["position"]  # the same for all sentences of a segment
        if self._options.beam_size == 1:  # LiteRT's compiled model has one name for one tensor
            return {"progress": progress}
        return {"progress": progress, "token_ids": token_ids, "scores": scores}

    def _with_room(self, state, steps):
        """The symbolic state with a cache for so many steps."""
        if "cache" not in state:
            return state
        room = steps * sharing(self._model, self._options)

        def cut(x):  # (batch, heads, key, head_dim)
            return tf.TensorSpec((*x.shape[:2], room, x.shape[3]), x.dtype)

        return {**state, "cache": keras.tree.map_structure(cut, state["cache"])}


def _portable(nest):
    """The tensors of a nest by name, bool as int32, because LiteRT.js passes no bool."""
    return {name: tf.cast(x, tf.int32) if x.dtype == tf.bool else x for name, x in _named(nest).items()}


def _named(nest):
    """The tensors of a nest by name, in the order of `keras.tree.flatten`."""
    return {"_".join(map(str, path)): x for path, x in keras.tree.flatten_with_path(nest)}
