"""Translate with a `.tflite` on a device: one Invoke for each sentence, or batches of them."""

import functools
import itertools

import numpy as np

from kerasformer.errors import InputError
from kerasformer.interface.answers import Attention, Hypothesis
from kerasformer.interface.request import SUPPRESSED, Request, suppression_table
from kerasformer.interface.rules import TextRules
from kerasformer.interface.sampling import split_sampling
from kerasformer.interface.text import BaseTranslator
from kerasformer.runtime.batches import BatchedSearch
from kerasformer.runtime.metadata import open_litert
from kerasformer.runtime.streaming import stream
from kerasformer.tokenizer import Tokenizer, pad_rows

_WITH_OPTIONS = ("repetition_penalty", "min_length")  # decode options of the signature "translate_with_options"


class LiteRTTranslator(BaseTranslator):
    """Translates with a `.tflite` file of kerasformer, in any number of threads; see `SharedInterpreter`.

    The sentences of one call are shared out over several interpreters, in a thread each. Where the file has signatures
    for batches, a search takes sentences together.

    Args:
        path: the file, or its `Description`.
        num_threads: int, threads of each interpreter.
        workers: int, the most interpreters; None for the number of cores divided by `num_threads`.
        **options: `protect` and `glossary`, see `hypotheses`; fields of `interface.request.Request` and
            `generation.SearchOptions` for every call that does not give its own.

    Attributes:
        beam_size: int, the beam that calls can ask for; 1 if the file has none.
        batch: int, the most sentences that are searched together; 1 if the file has no signatures for batches.

    Raises:
        InputError: if there is no such file, it is damaged, not written by kerasformer, for another task, or from a
            newer version.
    """

    is_greedy = True

    def __init__(self, path, num_threads=1, workers=None, **options):
        description, self._interpreter = open_litert(path, "translation", "translate", num_threads, workers)
        self.metadata = description.metadata
        rules = TextRules.of(self.metadata.get("text_rules"))
        super().__init__(description.source, description.target, self.metadata["max_length"] - 1, rules)
        self.options = self.configure(**options)
        self.tokenizer = Tokenizer(description.tokenizer)
        self.beam_size = self.metadata.get("beam_size", 1)
        self._batches = {
            search: BatchedSearch(self._interpreter, name, **self.metadata[name])
            for search, name in (("translate", "batch"), ("translate_beam", "batch_beam"))
            if name in self.metadata  # other files search one by one
        }
        self.batch = self.metadata["batch"]["sizes"][0] if self._batches else 1

    @property
    def length_penalty(self):
        return self.metadata.get("decoding", {}).get("length_penalty", 1.0)

    def count(self, texts):
        return list(map(len, self.encode(texts)))

    def encode(self, texts):
        return self.tokenizer.encode(texts)

    def pieces(self, rows):
        return list(map(self.tokenizer.pieces, rows))

    def token_log_probs(self, sources, targets):
        run, bos, eos = self._signature("score"), self.metadata["bos_id"], self.metadata["eos_id"]
        found = []
        for source, target in zip(sources, targets, strict=True):
            labels = [*target, eos][: self.metadata["max_length"]]
            sides = {"source_ids": [*source, eos], "target_ids": [bos, *labels[:-1]], "labels": labels}
            scores = run(**{name: self._padded(row) for name, row in sides.items()})["token_log_probs"][0]
            found.append(scores[: len(labels)].tolist())
        return found

    def beam_for(self, count):
        raise InputError("a .tflite cannot search alternatives: use the bundle or the SavedModel")

    def _signature(self, name):
        """The function of a signature that older versions did not export."""
        verb = name.replace("_", " ")
        if name not in self._interpreter.signatures:
            raise InputError(f"this .tflite was exported by an older kerasformer and cannot {verb}: export it again")
        return functools.partial(self._interpreter.run, name)

    def knows(self, texts):
        return self.tokenizer.knows(texts)

    def decode(self, pieces, prefix=None, suppress=None, **options):
        sampling, options = split_sampling({**self.options, **options})
        changes = {name: options.pop(name) for name in _WITH_OPTIONS if name in options}
        values = sampling.inputs(pieces, self.metadata["max_length"])
        name, count = self._search(options, values)
        rows = self.encode(pieces)
        if changes or suppress or prefix and any(prefix):
            if values or name != "translate":
                how = "sample" if values else "search with a beam"
                what = "with other decode options, a prefix or suppressed words"
                raise InputError(f"a .tflite cannot {how} {what}: use the bundle")
            return self._decode_with_options(rows, prefix or [[]] * len(rows), suppress or [], changes)
        if values is None:
            return [hypotheses[:count] for hypotheses in self._decode_all(name, rows)]
        noise = values.pop("noise")
        draw = functools.partial(self._full_length, self._signature("sample"), **values)
        return self._each([(row, functools.partial(draw, noise=noise[[i]])) for i, row in enumerate(rows)])

    @property
    def can_stream(self):
        """Whether the file was exported with the signatures for `stream`."""
        return {"encode", "decode_step"} <= set(self._interpreter.signatures)

    def stream(self, text, protect=None, glossary=None):
        """Translate a text token by token.

        Args:
            text: str, of any length.
            protect, glossary: as for `hypotheses`.

        Yields:
            str, the translation as far as it has come, after each token; the last one is what a call returns. What must
            not change may look otherwise until its sentence is complete.

        Raises:
            InputError: if the file was exported without it, the translator has other options, or as for a call.
        """
        if not self.can_stream:
            raise InputError("this .tflite cannot translate token by token: export it with --streaming")
        if self.options or self.request != Request():
            raise InputError("tokens come one by one in the search as it is: open the file without further options")
        return stream(self, text, self.protection(protect, glossary))

    def steps(self, piece):
        """Yield a `Hypothesis` after each token of a cleaned text; the last one is what `decode` finds."""
        [row] = self.encode([piece])
        if not row:
            yield Hypothesis("", 0.0, ())
            return
        state, found = self._full_length(self._signature("encode"), [*row, self.metadata["eos_id"]]), {"done": [0]}
        while not found["done"][0]:
            found = self._interpreter.run("decode_step", **state)
            state |= {name: found[name] for name in state if name in found}
            yield self._hypotheses_in(found)[0]

    def _search(self, options, values):
        """The signature and the number of hypotheses of a search with these options; `values` are those of sampling."""
        beam_size, count = options.get("beam_size", 1), options.get("num_hypotheses", 1)
        known = {
            "beam_size": beam_size in (1, 1 if values else self.beam_size),
            "num_hypotheses": 1 <= count <= beam_size,
        }
        wrong = ", ".join(f"{name}={value}" for name, value in options.items() if not known.get(name))
        if wrong:
            beam = f"searches with beam_size {self.beam_size}, " if self.beam_size > 1 else ""
            others = "use the bundle or the SavedModel"
            raise InputError(f"a .tflite {beam}is greedy or samples and cannot do {wrong}: {others}")
        return "translate" if beam_size == 1 else "translate_beam", count

    def _decode_with_options(self, rows, prefix, suppress, changes):
        names = self.metadata.get("decoding", {})
        numbers = {name: changes.get(name, names.get(name)) for name in _WITH_OPTIONS}
        run = functools.partial(
            self._full_length,
            self._signature("translate_with_options"),
            suppressed_ids=suppression_table(suppress, SUPPRESSED),
            repetition_penalty=np.float32(numbers["repetition_penalty"]),
            min_length=np.int32(numbers["min_length"]),
        )
        pairs = zip(rows, map(self._padded, prefix), strict=True)
        return self._each([(row, functools.partial(run, prefix_ids=ids)) for row, ids in pairs])

    def _decode_all(self, name, rows):
        """The hypotheses of a search, in batches if the file has them for it; what fits none is searched one by one."""
        alone = functools.partial(self._translate, name)
        if name not in self._batches:
            return self._each([(row, alone) for row in rows])
        search, eos, lengths = self._batches[name], self.metadata["eos_id"], [len(row) + 1 for row in rows]

        def decode(group):
            if len(group) == 1:
                return [self._decode(rows[group[0]], alone)]
            return list(map(self._hypotheses, *search([[*rows[i], eos] for i in group])))

        groups = search.groups(lengths, self._interpreter.most)
        sizes = [sum(lengths[i] for i in group) for group in groups]
        found = itertools.chain.from_iterable(self._interpreter.each(decode, groups, sizes))
        by_number = dict(zip(itertools.chain.from_iterable(groups), found, strict=True))
        return [by_number[i] for i in range(len(rows))]

    def _each(self, sentences):
        """The hypotheses of sentences, each a tuple of the arguments of `_decode`."""
        sizes = [len(row) for row, *_ in sentences]
        return self._interpreter.each(lambda sentence: self._decode(*sentence), sentences, sizes)

    def _decode(self, token_ids, run):
        """The hypotheses, best first, of a source; `run` is a function of token ids that end in `eos`."""
        if not token_ids:
            return [Hypothesis("", 0.0, ())]
        return self._hypotheses_in(run([*token_ids, self.metadata["eos_id"]]))

    def _hypotheses_in(self, found):
        """The hypotheses in the outputs of a signature, best first."""
        rows = found["token_ids"].reshape(-1, found["token_ids"].shape[-1])  # a beam has an axis of hypotheses
        return self._hypotheses(rows, found.get("scores", found.get("score")).reshape(-1))

    def _hypotheses(self, rows, scores):
        """The hypotheses of token ids (hypotheses, length) and their scores (hypotheses,)."""
        special, hypotheses = (self.metadata["pad_id"], self.metadata["eos_id"]), []
        for row, score in zip(rows, scores, strict=True):
            translation = tuple(int(i) for i in row if i not in special)
            hypotheses.append(Hypothesis(self.tokenizer.decode(translation), float(score), translation))
        return hypotheses

    def _translate(self, name, source):
        """Run the shortest signature of a search that the source fits; padding changes no answer, but costs time."""
        length = self.metadata["max_length"]
        for size in self.metadata.get("buckets", ()):  # older files have none
            if len(source) <= size and f"{name}_{size}" in self._interpreter.signatures:
                name, length = f"{name}_{size}", size
                break
        return self._interpreter.run(name, source_ids=pad_rows([source], length))

    def _full_length(self, run, source, **inputs):
        return run(source_ids=self._padded(source), **inputs)

    def _padded(self, token_ids):
        return pad_rows([token_ids], self.metadata["max_length"])

    def attend(self, source, target):
        if "attention" not in self._interpreter.signatures:
            raise InputError(f"a {self.metadata['kind']} model has no attention to show")
        source_ids, target_ids = (ids[: self.max_tokens] for ids in self.tokenizer.encode([source, target]))
        sources = [*source_ids, self.metadata["eos_id"]]
        targets = [self.metadata["bos_id"], *target_ids]
        inputs = {"source_ids": self._padded(sources), "target_ids": self._padded(targets)}
        weights = self._interpreter.run("attention", **inputs)["attention"][0]
        pieces = self.tokenizer.pieces
        weights = weights[:, :, : len(targets), : len(sources)]
        return Attention(weights, pieces(sources), pieces([*target_ids, self.metadata["eos_id"]]))
