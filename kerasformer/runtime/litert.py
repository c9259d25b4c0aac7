"""Translate with a `.tflite` on a device: one Invoke for each sentence."""

import functools

import numpy as np

from kerasformer.errors import InputError
from kerasformer.interface.answers import Attention, Hypothesis
from kerasformer.interface.request import SUPPRESSED, suppression_table
from kerasformer.interface.rules import TextRules
from kerasformer.interface.sampling import split_sampling
from kerasformer.interface.text import BaseTranslator
from kerasformer.runtime.metadata import open_litert
from kerasformer.system.quiet import quiet_loading
from kerasformer.tokenizer import Tokenizer, pad_rows

_GREEDY = ("beam_size", "num_hypotheses")
_WITH_OPTIONS = ("repetition_penalty", "min_length")  # decode options of the signature "translate_with_options"


class LiteRTTranslator(BaseTranslator):
    """Translates with a `.tflite` file of kerasformer, in any number of threads; see `SharedInterpreter`.

    Args:
        path: the file, or its `Description`.
        num_threads: int, threads of each interpreter.
        **options: `protect` and `glossary`, see `hypotheses`; fields of `interface.request.Request` and
            `generation.SearchOptions` for every call that does not give its own.

    Raises:
        InputError: if there is no such file, it is damaged, not written by kerasformer, for another task, or from a
            newer version.
    """

    is_greedy = True

    def __init__(self, path, num_threads=1, **options):
        description, self._interpreter = open_litert(path, "translation", "translate", num_threads)
        self.metadata = description.metadata
        rules = TextRules.of(self.metadata.get("text_rules"))
        super().__init__(description.source, description.target, self.metadata["max_length"] - 1, rules)
        self.options = self.configure(**options)
        self.tokenizer = Tokenizer(description.tokenizer)
        names = {f"translate_{size}": size for size in self.metadata.get("buckets", ())}  # older files have none
        names = {name: size for name, size in names.items() if name in self._interpreter.signatures}
        self._lengths = {**names, "translate": self.metadata["max_length"]}  # of the sources, the shortest first
        self.warm_up()

    def warm_up(self):
        """Run once without output: LiteRT writes messages to stderr in its first run."""
        with quiet_loading():
            self._translate([self.metadata["eos_id"]])

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
        raise InputError("a .tflite has no beam to search alternatives with: use the bundle or the SavedModel")

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
        wrong = {name: value for name, value in options.items() if value != 1 or name not in _GREEDY}
        if wrong:
            named = ", ".join(f"{name}={value}" for name, value in wrong.items())
            raise InputError(f"a .tflite is greedy or samples and cannot do {named}: use the bundle or the SavedModel")
        rows = self.encode(pieces)
        values = sampling.inputs(pieces, self.metadata["max_length"])
        if changes or suppress or prefix and any(prefix):
            if values:
                what = "with other decode options, a prefix or suppressed words"
                raise InputError(f"a .tflite cannot sample {what}: use the bundle")
            return self._decode_with_options(rows, prefix or [[]] * len(rows), suppress or [], changes)
        if values is None:
            return [[self._decode(row)] for row in rows]
        noise = values.pop("noise")
        draw = functools.partial(self._signature("sample"), **values)
        return [[self._decode(row, functools.partial(draw, noise=noise[[i]]))] for i, row in enumerate(rows)]

    def _decode_with_options(self, rows, prefix, suppress, changes):
        names = self.metadata.get("decoding", {})
        numbers = {name: changes.get(name, names.get(name)) for name in _WITH_OPTIONS}
        run = functools.partial(
            self._signature("translate_with_options"),
            suppressed_ids=suppression_table(suppress, SUPPRESSED),
            repetition_penalty=np.float32(numbers["repetition_penalty"]),
            min_length=np.int32(numbers["min_length"]),
        )
        pairs = zip(rows, map(self._padded, prefix), strict=True)
        return [[self._decode(row, functools.partial(run, prefix_ids=ids))] for row, ids in pairs]

    def _decode(self, token_ids, run=None):
        if not token_ids:
            return Hypothesis("", 0.0, ())
        source = [*token_ids, self.metadata["eos_id"]]
        found = run(source_ids=self._padded(source)) if run else self._translate(source)
        special = self.metadata["pad_id"], self.metadata["eos_id"]
        translation = tuple(int(i) for i in found["token_ids"][0] if i not in special)
        return Hypothesis(self.tokenizer.decode(translation), float(found["score"][0]), translation)

    def _translate(self, source):
        """Run the shortest signature that the source's token ids fit; padding changes no answer, but costs time."""
        name, length = next(found for found in self._lengths.items() if len(source) <= found[1])
        return self._interpreter.run(name, source_ids=pad_rows([source], length))

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
