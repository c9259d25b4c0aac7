"""Translate, classify and draw with a SavedModel, in any process that has tensorflow_text."""

import json
import pathlib

import numpy as np
import tensorflow as tf
import tensorflow_text  # noqa: F401 (registers the tokenizer's operations)

from kerasformer.errors import InputError
from kerasformer.interface.image import BaseClassifier, BaseIllustrator
from kerasformer.interface.text import Attention, BaseTranslator, Hypothesis, take_sampling
from kerasformer.tasks import check_task
from kerasformer.tokenizer import EOS_ID, PAD_ID

_BATCH = 64  # images, or sentences whose attention comes with them, at a time: of all at once it may be too much


def _load(path, task, names):
    """A SavedModel of ours, the values of its variables `names`, and what it says of its training corpus.

    Raises:
        InputError: if there is none, it is damaged, not ours, or of another task.
    """
    path = pathlib.Path(path)
    if not (path / "saved_model.pb").is_file():
        raise InputError(f"{path} is no SavedModel: it has no saved_model.pb")
    try:
        loaded = tf.saved_model.load(str(path))
        found = loaded.task.numpy().decode() if hasattr(loaded, "task") else "translation"
        values = [getattr(loaded, name).numpy() for name in names if found == task]
        corpus = json.loads(loaded.corpus.numpy()) if hasattr(loaded, "corpus") else {}  # older ones say nothing
    except AttributeError:
        raise InputError(f"{path} is a SavedModel, but not of kerasformer") from None
    except (tf.errors.OpError, OSError, RuntimeError, ValueError, KeyError) as error:
        first_line = str(error).strip().splitlines()[0][:200]
        raise InputError(f"{path} is damaged: {first_line}; export it anew") from None
    check_task(path, found, task)
    return loaded, values, {"corpus": corpus}


class SavedModelTranslator(BaseTranslator):
    """Translates with a SavedModel of kerasformer.

    Args:
        path: its folder.

    Raises:
        InputError: if there is none, it is damaged or not ours.
    """

    def __init__(self, path):
        names = ("source", "target", "max_tokens", "beam_size")
        self._loaded, values, self.metadata = _load(path, "translation", names)
        source, target, max_tokens, beam_size = values
        self._signatures = self._loaded.signatures
        super().__init__(source.decode(), target.decode(), int(max_tokens))
        self.beam_size = int(beam_size)

    def count_tokens(self, texts):
        return self._loaded.count_tokens(tf.constant(texts, tf.string)).numpy().tolist()

    def decode(self, pieces, **options):
        sampling = take_sampling(options, pieces, self.max_tokens + 1)
        beam_size, count = options.pop("beam_size", 1), options.pop("num_hypotheses", 1)
        if options or beam_size not in (1, 1 if sampling else self.beam_size) or count > beam_size:
            raise InputError(
                f"this SavedModel searches with its own defaults or with beam_size {self.beam_size}, or samples; "
                "use the bundle for other decode options"
            )
        if beam_size > 1:
            return self._beam(pieces, count)
        texts = tf.constant(pieces, tf.string)
        found = self._sample(texts, sampling) if sampling else self._signatures["serving_fast"](texts=texts)
        found = {name: value.numpy()[:, None] for name, value in found.items()}
        return [self._hypotheses(found, row, count) for row in range(len(pieces))]

    def _beam(self, pieces, count):
        """A few of like length at a time: the signature gives attention too, which is large."""
        hypotheses, order = [None] * len(pieces), np.argsort(self.count_tokens(pieces), kind="stable")
        for begin in range(0, len(pieces), _BATCH):
            rows = order[begin : begin + _BATCH]
            found = self._signatures["translate"](texts=tf.constant([pieces[row] for row in rows], tf.string))
            found = {name: found[name].numpy() for name in ("translations", "scores", "token_ids")}
            for i, row in enumerate(rows):
                hypotheses[row] = self._hypotheses(found, i, count)
        return hypotheses

    def _sample(self, texts, sampling):
        if "sample" not in self._signatures:
            raise InputError("this SavedModel was exported by an older kerasformer and cannot sample: export it anew")
        return self._signatures["sample"](texts=texts, **{name: tf.constant(x) for name, x in sampling.items()})

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
        """Translations of texts that fit the model, by the signature that every server can run."""
        found = self._signatures["serving_default"](texts=tf.constant(texts, tf.string))
        return [text.decode("utf-8") for text in found["translations"].numpy()]

    def attention(self, source, target):
        if "attention" not in self._signatures:
            raise InputError("this model has no attention to show")
        found = self._signatures["attention"](texts=tf.constant([source]), translations=tf.constant([target]))
        tokens = [[t.decode("utf-8") for t in found[f"{side}_tokens"].numpy()[0]] for side in ("source", "target")]
        return Attention(found["attention"].numpy()[0], *tokens)


class SavedModelClassifier(BaseClassifier):
    """Tells with a SavedModel of kerasformer what images show.

    Args:
        path: its folder.

    Raises:
        InputError: if there is none, it is damaged, not ours, or of another task.
    """

    def __init__(self, path):
        self._loaded, (labels, shape), self.metadata = _load(path, "classification", ("labels", "shape"))
        super().__init__([label.decode() for label in labels], shape.tolist())

    def probabilities(self, images):
        return self.answers(images)["probabilities"]

    def answers(self, images):
        """All that the signature gives: "probabilities", and "labels", bytes (batch,)."""
        serve, parts = self._loaded.signatures["serving_default"], range(0, len(images), _BATCH)
        found = [serve(images=tf.constant(images[begin : begin + _BATCH], tf.uint8)) for begin in parts]
        return {name: np.concatenate([part[name].numpy() for part in found]) for name in found[0]}


class SavedModelIllustrator(BaseIllustrator):
    """Draws with a SavedModel of kerasformer.

    Args:
        path: its folder.

    Raises:
        InputError: if there is none, it is damaged, not ours, or of another task.
    """

    def __init__(self, path):
        names = ("caption_length", "image_length", "shape", "words")
        self._loaded, values, self.metadata = _load(path, "drawing", names)
        caption_length, image_length, shape, words = values
        words = words.decode().split()
        super().__init__(int(caption_length), int(image_length), shape.tolist(), words)

    def count_tokens(self, captions):
        return self._loaded.count_tokens(tf.constant(captions, tf.string)).numpy().tolist()

    def render(self, captions, noise, temperature=1.0, top_k=0, top_p=1.0):
        noise = np.zeros((len(captions), self.image_length), "float32") if noise is None else noise
        found = self._loaded.signatures["draw"](
            captions=tf.constant(captions, tf.string),
            noise=tf.constant(noise),
            temperature=tf.constant(temperature, tf.float32),
            top_k=tf.constant(top_k, tf.int32),
            top_p=tf.constant(top_p, tf.float32),
        )
        return found["codes"].numpy(), found["images"].numpy()

    def plain(self, captions):
        """Images of captions by the signature that every server calls first."""
        return self._loaded.signatures["serving_default"](captions=tf.constant(captions, tf.string))["images"].numpy()
