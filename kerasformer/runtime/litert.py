"""Translate with a `.tflite` on a device: one Invoke for each sentence."""

import functools

from kerasformer.errors import InputError
from kerasformer.interface.rules import TextRules
from kerasformer.interface.sampling import split_sampling
from kerasformer.interface.text import Attention, BaseTranslator, Hypothesis
from kerasformer.runtime.metadata import open_litert
from kerasformer.system.quiet import quiet_loading
from kerasformer.tokenizer import Tokenizer, pad_rows

_GREEDY = ("beam_size", "num_hypotheses")


class LiteRTTranslator(BaseTranslator):
    """Translates with a `.tflite` file of kerasformer, in any number of threads; see `SharedInterpreter`.

    Args:
        path: the file, or its `Description`.
        num_threads: int, threads of each interpreter.
        **options: `protect` and `glossary`, see `hypotheses`; fields of `generation.SearchOptions` for every call
            that does not give its own.

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

    def count(self, texts):
        return [len(row) for row in self.tokenizer.encode(texts)]

    def knows(self, texts):
        return self.tokenizer.knows(texts)

    def decode(self, pieces, **options):
        sampling, options = split_sampling({**self.options, **options})
        wrong = {name: value for name, value in options.items() if value != 1 or name not in _GREEDY}
        if wrong:
            named = ", ".join(f"{name}={value}" for name, value in wrong.items())
            raise InputError(f"a .tflite is greedy or samples and cannot do {named}: use the bundle or the SavedModel")
        rows = self.tokenizer.encode(pieces)
        values = sampling.inputs(pieces, self.metadata["max_length"])
        if values is None:
            return [[self._decode(row)] for row in rows]
        if "sample" not in self._interpreter.signatures:
            raise InputError("this .tflite was exported by an older kerasformer and cannot sample: export it again")
        noise = values.pop("noise")
        draw = functools.partial(self._interpreter.run, "sample", **values)
        return [[self._decode(row, functools.partial(draw, noise=noise[[i]]))] for i, row in enumerate(rows)]

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
