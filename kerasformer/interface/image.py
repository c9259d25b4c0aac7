"""What all classifiers, and all models that draw, share.

The engines of a bundle, a SavedModel and a `.tflite` inherit from these classes, so that they answer in the same way.
They need no TensorFlow.
"""

import dataclasses

import numpy as np

from kerasformer.errors import InputError, require
from kerasformer.interface.cleaning import CLEANINGS, clean
from kerasformer.interface.sampling import Sampling


@dataclasses.dataclass(frozen=True)
class Labelled:
    """The class of an image.

    Args:
        label: name of the most likely class.
        probabilities: dict of class name to probability, the most likely first.
    """

    label: str
    probabilities: dict


class BaseClassifier:
    """The base class of classifiers; an engine implements `probabilities`.

    Args:
        labels: tuple of str, names of the classes.
        shape: (height, width, channels) of the images it takes.
    """

    def __init__(self, labels, shape):
        self.labels = tuple(labels)
        self.shape = tuple(shape)

    def probabilities(self, images):
        """Probabilities float (batch, classes) of one or more images uint8 (batch, height, width, channels)."""
        raise NotImplementedError

    def __call__(self, images):
        """Classify images.

        Args:
            images: uint8 (batch, height, width, channels), or a list of images of that shape.

        Returns:
            list of `Labelled`.

        Raises:
            InputError: for images of another shape or dtype.
        """
        shapes = {np.shape(image) for image in images}
        if len(shapes) > 1:
            raise InputError(f"images must have one shape, {_axes(self.shape)}, got {len(shapes)} shapes")
        images = np.asarray(images) if len(images) else np.zeros((0, *self.shape), "uint8")
        if images.shape[1:] != self.shape or images.dtype != np.uint8:
            raise InputError(f"images must be uint8 (batch, {_axes(self.shape)}), got {images.dtype} {images.shape}")
        found = []
        for row in self.probabilities(images) if len(images) else ():
            order = np.argsort(-row, kind="stable")
            named = {self.labels[i]: float(row[i]) for i in order}
            found.append(Labelled(self.labels[order[0]], named))
        return found


class BaseIllustrator:
    """The base class of models that draw; an engine implements `count_tokens` and `render`.

    Args:
        caption_length: int, the most tokens of a caption, `eos` included.
        image_length: int, codes of an image.
        shape: (height, width, channels) of its images.
        words: the words of the captions in training; empty if they are not known.
    """

    def __init__(self, caption_length, image_length, shape, words=()):
        self.caption_length = caption_length
        self.image_length = image_length
        self.shape = tuple(shape)
        self.words = frozenset(words)

    def count_tokens(self, captions):
        """The number of tokens of each caption, without `eos`: list of int."""
        raise NotImplementedError

    def render(self, captions, noise=None, temperature=1.0, top_k=0, top_p=1.0):
        """Draw each caption once.

        Args:
            captions: list of one str or more, each with 1 to `caption_length` - 1 tokens.
            noise: float32 (captions, image_length), uniform numbers to draw with; None takes the most likely codes.
            temperature, top_k, top_p: see `Sampling`.

        Returns:
            Codes int32 (captions, image_length), and images uint8 (captions, height, width, channels).
        """
        raise NotImplementedError

    def draw(self, captions, temperature=1.0, top_k=0, top_p=1.0, seed=0, count=1):
        """Draw each caption `count` times.

        Args:
            captions: str or list of str.
            temperature, top_k, top_p, seed: how the codes are drawn, see `interface.sampling.Sampling`.
            count: int, images of each caption.

        Returns:
            uint8 (captions, count, height, width, channels), without the first axis for a single caption.

        Raises:
            InputError: for a caption that is empty or too long, or an option out of range.
        """
        if isinstance(captions, str):
            return self.draw([captions], temperature, top_k, top_p, seed, count)[0]
        sampling = Sampling(temperature, top_k, top_p, seed)
        require(count >= 1, "count", count, "at least 1")
        captions = [_cleaned(caption) for caption in captions]
        self._check(captions)
        if not captions:
            return np.zeros((0, count, *self.shape), "uint8")
        keys = [f"{caption}\n{i}" for caption in captions for i in range(count)]
        repeated = [caption for caption in captions for _ in range(count)]
        _, images = self.render(repeated, **(sampling.inputs(keys, self.image_length) or {}))
        return images.reshape(len(captions), count, *self.shape)

    def unknown_words(self, caption):
        """The words of a caption that were in no caption in training."""
        return [word for word in words_of(_cleaned(caption)) if self.words and word not in self.words]

    def _check(self, captions):
        for caption, count in zip(captions, self.count_tokens(captions), strict=True):
            if not count:
                raise InputError("a caption is empty: say what to draw")
            if count >= self.caption_length:
                limit = self.caption_length - 1
                begin = f"{caption[:40]}…" if len(caption) > 40 else caption
                raise InputError(f"caption {begin!r} has {count} tokens, the model reads {limit}: shorten it")


def _cleaned(caption):
    return clean(caption, CLEANINGS["nfkc"].source)


def words_of(caption):
    """The words of a caption, without the punctuation around them."""
    return [word for word in (part.strip(".,;:!?\"'") for part in caption.split()) if word]


def _axes(shape):
    return ", ".join(map(str, shape))
