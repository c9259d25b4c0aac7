"""Translate, classify and draw with a SavedModel, in any process that has tensorflow_text."""

import functools
import importlib.util
import json
import pathlib

import numpy as np
import tensorflow as tf
from google.protobuf.message import DecodeError

from kerasformer.errors import InputError
from kerasformer.formats import describe
from kerasformer.inference.compiling import BATCHES, Beside, fitting, padded_length
from kerasformer.inference.functions import Functions
from kerasformer.interface.answers import Attention, Hypothesis
from kerasformer.interface.image import BaseClassifier, BaseIllustrator
from kerasformer.interface.request import suppression_table
from kerasformer.interface.rules import TextRules
from kerasformer.interface.sampling import split_sampling
from kerasformer.interface.text import BaseTranslator
from kerasformer.system.processes import check_not_forked
from kerasformer.tokenizer import EOS_ID, PAD_ID, pad_rows

# The decode options that a SavedModel takes with its beam, in the order in which its graph takes them.
OPTIONS = {
    "repetition_penalty": tf.float32,
    "min_length": tf.int32,
    "length_penalty": tf.float32,
    "max_new_tokens": tf.int32,
}
_LIBRARIES = ("_sentencepiece_tokenizer", "_normalize_ops")  # of tensorflow_text, with the operations of our graphs
_SCORED = 16  # pairs whose logits are in memory at once
_BATCH = BATCHES[-1]  # images or sentences at a time: the signature of a beam returns attention too, which is large


@functools.cache
def _register_operations():
    """Register those operations of tensorflow_text that our graphs have: all of them would take 100 MB more.

    Without tensorflow_text a model of images can be loaded, and a model of texts cannot.
    """
    spec = importlib.util.find_spec("tensorflow_text")
    if spec is None:
        return
    libraries = [pathlib.Path(spec.origin).parent / "python" / "ops" / f"{name}.so" for name in _LIBRARIES]
    if all(library.is_file() for library in libraries):
        for library in libraries:
            tf.load_op_library(str(library))
    else:  # another version
        import tensorflow_text  # noqa: F401 (registers all)


def _load(path, task, *first):
    """The `Description` of a SavedModel of ours, and its `Functions`, of which the first are loaded.

    Raises:
        InputError: if there is none, it is damaged, not written by kerasformer, from a newer version, or for another
            task.
    """
    description = describe(path, task, "saved_model")
    check_not_forked()
    _register_operations()
    try:
        return description, Functions(description.path, first)
    except (DecodeError, tf.errors.OpError, OSError, RuntimeError, ValueError, LookupError, AttributeError) as error:
        first_line = str(error).strip().splitlines()[0][:200]
        if first_line.startswith("Op type not registered"):
            needs = "needs tensorflow-text 2.21, which is not installed here (Windows has no wheel of it)"
            raise InputError(f"{description.path} {needs}: use the bundle or a .tflite") from None
        raise InputError(f"{description.path} is damaged: {first_line}; export it again") from None


class _Loaded:
    """An engine over loaded functions, which only the process that loaded them can run."""

    @property
    def _functions(self):
        check_not_forked()
        return self._loaded


class SavedModelTranslator(_Loaded, BaseTranslator):
    """Translates with a SavedModel of kerasformer.

    Args:
        path: its folder, or its `Description`.
        **options: `protect` and `glossary`, see `hypotheses`; fields of `interface.request.Request` and
            `generation.SearchOptions` for every call that does not give its own.

    Raises:
        InputError: if there is none, it is damaged, not written by kerasformer, or for another task.
    """

    def __init__(self, path, **options):
        description, self._loaded = _load(path, "translation", "plain", "count_tokens", "knows")
        rules = TextRules.of(description.metadata["text_rules"])
        super().__init__(description.source, description.target, description.metadata["max_tokens"], rules)
        self.options = self.configure(**options)
        self.beam_size = description.metadata["beam_size"]
        self._decoding = json.loads(description.metadata.get("decoding", "{}"))
        self._greedy = Beside(*(functools.partial(self._run, name) for name in ("plain", "serving_fast")))

    @property
    def length_penalty(self):
        return self.options.get("length_penalty", self._decoding.get("length_penalty", 1.0))

    def _part(self, name):
        """A function that older versions did not export."""
        if name not in self._functions:
            message = (
                "this SavedModel was exported by an older kerasformer, without scores, prefixes and suppressed words"
            )
            raise InputError(f"{message}: export it again")
        return self._functions[name]

    def encode(self, texts):
        rows = self._part("encode")(tf.constant(texts, tf.string)).numpy()
        return [row[row != PAD_ID].tolist() for row in rows]

    def pieces(self, rows):
        padded = pad_rows(rows, max(map(len, rows), default=1))
        found = self._part("pieces")(tf.constant(padded)).numpy()
        return [
            [piece.decode("utf-8") for piece in pieces[: len(row)]] for row, pieces in zip(rows, found, strict=True)
        ]

    def token_log_probs(self, sources, targets):
        labels = [[*target, EOS_ID][: self.max_tokens + 1] for target in targets]
        found, order = [None] * len(labels), sorted(range(len(labels)), key=lambda i: -len(labels[i]))
        for begin in range(0, len(order), _SCORED):
            rows = order[begin : begin + _SCORED]
            sides = [[*sources[i], EOS_ID] for i in rows], [labels[i] for i in rows]
            padded = [tf.constant(pad_rows(side, max(map(len, side)))) for side in sides]
            for i, row in zip(rows, self._part("token_log_probs")(*padded).numpy(), strict=True):
                found[i] = row[: len(labels[i])].tolist()
        return found

    def beam_for(self, count):
        if count > self.beam_size:
            raise InputError(
                f"this SavedModel searches {self.beam_size} alternatives at most, got {count}: use the bundle for more"
            )
        return self.beam_size

    def count(self, texts):
        return self._functions["count_tokens"](tf.constant(texts, tf.string)).numpy().tolist()

    def knows(self, texts):
        if "knows" not in self._functions:  # exported by an older version
            return [True] * len(texts)
        return self._functions["knows"](tf.constant(texts, tf.string)).numpy().tolist()

    def decode(self, pieces, prefix=None, suppress=None, **options):
        sampling, options = split_sampling({**self.options, **options})
        values = sampling.inputs(pieces, self.max_tokens + 1)
        beam_size, count = options.pop("beam_size", 1), options.pop("num_hypotheses", 1)
        changes = {name: options.pop(name) for name in OPTIONS if name in options}
        if changes or suppress or prefix and any(prefix):
            if beam_size != self.beam_size:
                raise InputError(
                    f"this SavedModel searches with other decode options, a prefix or suppressed words only with "
                    f"beam_size {self.beam_size}: give it, or use the bundle"
                )
            prefix = prefix or [[]] * len(pieces)
        if options or beam_size not in (1, 1 if values else self.beam_size) or count > beam_size:
            raise InputError(
                f"this SavedModel searches with its own defaults or with beam_size {self.beam_size}, or samples; "
                "use the bundle for other decode options"
            )
        if values:
            found = _of_one(self._sample(tf.constant(pieces, tf.string), values))
            return [self._hypotheses(found, row, count) for row in range(len(pieces))]
        hypotheses, counts = [None] * len(pieces), np.array(self.count(pieces))
        order = np.argsort(counts, kind="stable")  # batches have pieces of similar length
        for begin in range(0, len(pieces), _BATCH):
            rows = order[begin : begin + _BATCH]
            texts = tf.constant([pieces[row] for row in rows], tf.string)
            if beam_size == 1:
                shape = fitting(BATCHES, len(rows)), padded_length(self.max_tokens + 1, counts[rows[-1]] + 1)
                found = self._greedy(shape, texts)
            else:
                of_rows = None if prefix is None else [prefix[row] for row in rows]
                found = self._beam(texts, of_rows, suppress, changes)
            for i, row in enumerate(rows):
                hypotheses[row] = self._hypotheses(found, i, count)
        return hypotheses

    def _beam(self, texts, prefix, suppress, changes):
        if prefix is None:
            found = self._functions["translate"](texts=texts)
        else:
            found = self._with_options(texts, prefix, suppress or [], changes)
        return {name: found[name].numpy() for name in ("translations", "scores", "token_ids")}

    def _with_options(self, texts, prefix, suppress, changes):
        prefix_ids = tf.constant(pad_rows(prefix, max(1, *map(len, prefix))))
        options = {**self._decoding, **changes}
        numbers = [tf.constant(options[name], dtype) for name, dtype in OPTIONS.items()]
        return self._part("search_with_options")(texts, prefix_ids, tf.constant(suppression_table(suppress)), *numbers)

    def _run(self, name, texts):
        """What a function finds for texts (batch,), with an axis of one hypothesis."""
        is_there = name in self._functions  # older ones have only what is compiled
        return _of_one(self._functions[name if is_there else "serving_fast"](texts=texts))

    def _sample(self, texts, values):
        if "sample" not in self._functions:
            raise InputError("this SavedModel was exported by an older kerasformer and cannot sample: export it again")
        return self._functions["sample"](texts=texts, **{name: tf.constant(x) for name, x in values.items()})

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
        """Translations of texts of one sentence that fits the model, by the signature that every server can run."""
        found = self._functions["serving_default"](texts=tf.constant(texts, tf.string))
        return [text.decode("utf-8") for text in found["translations"].numpy()]

    def attend(self, source, target):
        if "attention" not in self._functions:
            raise InputError("this model has no attention to show")
        found = self._functions["attention"](texts=tf.constant([source]), translations=tf.constant([target]))
        tokens = [[t.decode("utf-8") for t in found[f"{side}_tokens"].numpy()[0]] for side in ("source", "target")]
        return Attention(found["attention"].numpy()[0], *tokens)


def _of_one(found):
    """The outputs of a signature as arrays, with an axis of one hypothesis after batch."""
    return {name: value.numpy()[:, None] for name, value in found.items()}


class SavedModelClassifier(_Loaded, BaseClassifier):
    """Classifies images with a SavedModel of kerasformer.

    Args:
        path: its folder, or its `Description`.

    Raises:
        InputError: if there is none, it is damaged, not written by kerasformer, or for another task.
    """

    def __init__(self, path):
        description, self._loaded = _load(path, "classification", "serving_default")
        super().__init__(description.metadata["labels"], description.metadata["shape"])

    def probabilities(self, images):
        return self.answers(images)["probabilities"]

    def answers(self, images):
        """What the signature returns: "probabilities" float (batch, classes), and "labels" bytes (batch,)."""
        serve, parts = self._functions["serving_default"], range(0, len(images), _BATCH)
        found = [serve(images=tf.constant(images[begin : begin + _BATCH], tf.uint8)) for begin in parts]
        return {name: np.concatenate([part[name].numpy() for part in found]) for name in found[0]}


class SavedModelIllustrator(_Loaded, BaseIllustrator):
    """Draws captions with a SavedModel of kerasformer.

    Args:
        path: its folder, or its `Description`.

    Raises:
        InputError: if there is none, it is damaged, not written by kerasformer, or for another task.
    """

    def __init__(self, path):
        description, self._loaded = _load(path, "drawing", "count_tokens", "draw")
        metadata = description.metadata
        super().__init__(
            metadata["caption_length"], metadata["image_length"], metadata["shape"], metadata["words"].split()
        )

    def count_tokens(self, captions):
        return self._functions["count_tokens"](tf.constant(captions, tf.string)).numpy().tolist()

    def render(self, captions, noise=None, temperature=1.0, top_k=0, top_p=1.0):
        noise = np.zeros((len(captions), self.image_length), "float32") if noise is None else noise
        found = self._functions["draw"](
            captions=tf.constant(captions, tf.string),
            noise=tf.constant(noise),
            temperature=tf.constant(temperature, tf.float32),
            top_k=tf.constant(top_k, tf.int32),
            top_p=tf.constant(top_p, tf.float32),
        )
        return found["codes"].numpy(), found["images"].numpy()

    def plain(self, captions):
        """Images of captions by the signature that every server calls first."""
        return self._functions["serving_default"](captions=tf.constant(captions, tf.string))["images"].numpy()
