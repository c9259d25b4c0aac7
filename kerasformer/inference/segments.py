"""A search in segments of a few steps: between them, finished sentences leave the batch, and caches grow."""

import functools

import keras
import numpy as np
from keras import ops

from kerasformer.inference.compiling import compile_function, fitting, sizes_up_to
from kerasformer.inference.searching import advance_search, begin_search, sharing

BATCHES = (1, 8, 64)  # open sentences of a search
ROOMS = (32,)  # steps for which caches have room before they have room for all
STEPS = 8  # of a segment
SHARED = ("position", "suppressed")  # what all sentences of a search have in common


class SegmentedSearch:
    """A search that is compiled for each size of the batch and of the caches that it meets.

    Args:
        model: the `EncoderDecoder` of a translator.
        options: `SearchOptions`.
    """

    def __init__(self, model, options):
        self._model, self._options = model, options
        self._begin = functools.cache(self._compile_begin)
        self._advance = compile_function(lambda progress, until: advance_search(model, options, progress, until))

    def __call__(self, source_ids):
        """Search for translations.

        Args:
            source_ids: int32 numpy array (batch, source), each source with its `eos`, padded.

        Returns:
            numpy arrays: token_ids (batch, hypotheses, max_length) and scores (batch, hypotheses), see `search_model`.
        """
        length = self._options.limit(source_ids.shape[1] - 1, self._model.config.max_length)
        progress = self._begin(length)(ops.convert_to_tensor(source_ids))
        rows, position, room, found = np.arange(len(source_ids)), 0, min(ROOMS[0], length), {}
        while len(found) < len(source_ids):
            if position == room:
                room = fitting(sizes_up_to(ROOMS, length), position + 1)
                progress["state"] = self._model.grow(progress["state"], room * sharing(self._model, self._options))
            position = room if len(rows) == 1 else min(position + STEPS, room)
            progress, answers = self._advance(progress, ops.convert_to_tensor(position, "int32"))
            answers, done = keras.tree.map_structure(ops.convert_to_numpy, (answers, progress["done"]))
            for place in np.flatnonzero(done):
                found.setdefault(rows[place], [x[place] for x in answers])
            size = fitting(BATCHES, max(2, np.sum(~done)))  # a last one alone is not worth compiling for it
            if size < len(rows):
                kept = np.argsort(done, kind="stable")[:size]
                rows, progress = rows[kept], take_rows(progress, kept)
        return [np.stack([found[row][i] for row in range(len(source_ids))]) for i in range(2)]

    def _compile_begin(self, length):
        room = min(ROOMS[0], length)
        return compile_function(lambda source_ids: begin_search(self._model, self._options, source_ids, length, room))


def take_rows(progress, rows):
    """The progress of some sentences of a batch, int (kept,), taken by NumPy: it is faster than one operation each."""
    batch = len(progress["done"])

    def kept(x):
        x = ops.convert_to_numpy(x)  # the rows of a sentence stand one after the other
        taken = x.reshape(batch, -1, *x.shape[1:])[rows]
        return ops.convert_to_tensor(taken.reshape(-1, *x.shape[1:]))

    of_sentences = {name: x for name, x in progress.items() if name not in SHARED}
    return {**progress, **keras.tree.map_structure(kept, of_sentences)}
