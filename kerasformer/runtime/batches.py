"""A search in batches with a `.tflite`: in segments, between which finished sentences leave the batch."""

import numpy as np

# The names of the answers: those of a beam, and those of a greedy search, which goes on with them.
_ANSWERS = {"token_ids": "progress_hypotheses_token_ids", "scores": "progress_hypotheses_score"}
TOGETHER = 64  # the most sentences of a search; each takes some 100 kB


class BatchedSearch:
    """Searches with the signatures that `exporting.graphs.batches` wrote; `groups` says for which sentences.

    Args:
        interpreter: the `SharedInterpreter`.
        name: str, with which the names of the signatures begin.
        sizes: list of int, sentences of a batch, the larger first.
        source: int, the most tokens of a source, `eos` included.
        steps: list of int, after which the segments end.
    """

    def __init__(self, interpreter, name, sizes, source, steps):
        self._interpreter, self._name = interpreter, name
        self._sizes, self._source, self._steps = sizes, source, steps

    def groups(self, lengths, threads):
        """Divide sentences into those that are searched together; a group of one is left to another search.

        Args:
            lengths: list of int, the tokens of each source with its `eos`.
            threads: int, how many groups are searched at the same time.

        Returns:
            list of lists of the numbers of sentences, of similar length in each.
        """
        order = sorted(range(len(lengths)), key=lengths.__getitem__)
        fitting = [i for i in order if 1 < lengths[i] <= self._source]
        fitting = fitting[len(fitting) % self._sizes[-1] :]  # without the shortest: a batch is not filled up for them
        largest = self._sizes[0]
        each = min(TOGETHER, largest * max(1, round(len(fitting) / threads / largest)))
        together = [fitting[begin : begin + each] for begin in range(0, len(fitting), each)]
        return together + [[i] for i in sorted(set(order).difference(fitting))]

    def __call__(self, source_ids):
        """Search for translations.

        Args:
            source_ids: list of lists of token ids that end in `eos`; those of similar length stand together.

        Returns:
            Token ids int32 (sentences, hypotheses, length), padded, best first; and scores float (sentences,
            hypotheses).
        """
        padded = np.zeros((len(source_ids), self._source), "int32")
        for row, ids in zip(padded, source_ids, strict=True):
            row[: len(ids)] = ids
        progress, rows, answers = {"source_ids": padded}, np.arange(len(padded)), {}
        for step in self._steps:
            progress = self._segment(step, progress, len(rows))
            for name, of_greedy in _ANSWERS.items():
                found = progress.pop(name) if name in progress else progress[of_greedy]
                answers.setdefault(name, np.zeros((len(padded), *found.shape[1:]), found.dtype))[rows] = found
            is_open = np.flatnonzero(progress["progress_done"] == 0)
            if not len(is_open):
                break
            rows, progress = rows[is_open], {name: x[is_open] for name, x in progress.items()}
        return answers["token_ids"], answers["scores"]

    def _segment(self, step, progress, count):
        """The progress of sentences after a segment; it names again only what changed."""
        begin, parts = 0, []
        while begin < count:
            left = count - begin
            size = next((size for size in self._sizes if size < 2 * left), self._sizes[-1])
            taken = np.minimum(np.arange(begin, begin + size), count - 1)  # the last one fills the batch
            name = f"{self._name}_{size}_{step}"
            inputs = {each: progress[each][taken] for each in self._interpreter.signatures[name]["inputs"]}
            found = self._interpreter.run(name, **inputs)
            parts.append({each: x[:left] for each, x in found.items()})
            begin += size
        changed = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        return {**progress, **changed}
