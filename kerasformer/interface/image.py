"""Images in, labels out, and captions in, images out, whatever does it; it needs no TensorFlow.

The bundle, the SavedModel and the device runtime all answer through these classes, so that they differ in nothing
but the engine.
"""

import dataclasses

import numpy as np

from kerasformer.errors import InputError
from kerasformer.interface.text import uniform_noise


@dataclasses.dataclass(frozen=True)
class Labelled:
    """What an image shows.

    Args:
        label: name of the likeliest class.
        probabilities: dict of class name to probability, likeliest first.
    """

    label: str
    probabilities: dict


class BaseClassifier:
    """What every classifier can do; an engine gives `probabilities`.

    Args:
        labels: tuple of str, names of the classes.
        shape: (height, width, channels) of the images it takes.
    """

    def __init__(self, labels, shape):
        self.labels = tuple(labels)
        self.shape = tuple(shape)

    def probabilities(self, images):
        """Float (batch, classes) of images uint8 (batch, height, width, channels), of one or more."""
        raise NotImplementedError

    def __call__(self, images):
        """Tell what images show.

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
    """What every drawing model can do; an engine gives `count_tokens` and `render`.

    Args:
        caption_length: int, places a caption has, `eos` included.
        image_length: int, codes of an image.
        shape: (height, width, channels) of its images.
        words: the words that captions in training had; empty where that is not known.
    """

    def __init__(self, caption_length, image_length, shape, words=()):
        self.caption_length = caption_length
        self.image_length = image_length
        self.shape = tuple(shape)
        self.words = frozenset(words)

    def count_tokens(self, captions):
        """Tokens of each caption, `eos` not counted: list of int."""
        raise NotImplementedError

    def render(self, captions, noise, temperature=1.0, top_k=0, top_p=1.0):
        """Draw each caption once.

        Args:
            captions: list of one str or more, each with 1 to `caption_length` - 1 tokens.
            noise: float32 (captions, image_length), uniform numbers to draw with; None takes the likeliest each time.
            temperature, top_k, top_p: see `generation.Sampling`.

        Returns:
            Codes int32 (captions, image_length), and images uint8 (captions, height, width, channels).
        """
        raise NotImplementedError

    def draw(self, captions, temperature=1.0, top_k=0, top_p=1.0, seed=0, count=1):
        """Draw each caption `count` times.

        Args:
            captions: str or list of str.
            temperature: of the drawing of codes, see `generation.Sampling`; 0 takes the likeliest each time.
            top_k, top_p: see `generation.Sampling`.
            seed: the same seed draws the same captions alike.
            count: int, images of each caption.

        Returns:
            uint8 (captions, count, height, width, channels), without the first axis for a single caption.

        Raises:
            InputError: for an empty caption, one too long, or an option out of range.
        """
        if isinstance(captions, str):
            return self.draw([captions], temperature, top_k, top_p, seed, count)[0]
        if not (0 <= temperature < np.inf and 0 < top_p <= 1 and top_k >= 0 and seed >= 0 and count >= 1):
            got = f"{temperature}, {top_k}, {seed}, {top_p} and {count}"
            raise InputError(
                "temperature, top_k and seed must be 0 or more, top_p above 0 and at most 1, count at least 1, "
                f"got {got}"
            )
        self._check(captions)
        if not captions:
            return np.zeros((0, count, *self.shape), "uint8")
        keys = [f"{caption}\n{i}" for caption in captions for i in range(count)]
        noise = uniform_noise(keys, seed, self.image_length) if temperature else None
        repeated = [caption for caption in captions for _ in range(count)]
        top_k = min(int(top_k), np.iinfo("int32").max)
        _, images = self.render(repeated, noise, float(temperature) or 1.0, top_k, float(top_p))
        return images.reshape(len(captions), count, *self.shape)

    def unknown_words(self, caption):
        """The words of a caption that no caption in training had."""
        return [word for word in words_of(caption) if self.words and word not in self.words]

    def _check(self, captions):
        for caption, count in zip(captions, self.count_tokens(captions), strict=True):
            if not count:
                raise InputError("a caption is empty: say what is to be drawn")
            if count >= self.caption_length:
                limit = self.caption_length - 1
                begin = f"{caption[:40]}…" if len(caption) > 40 else caption
                raise InputError(f"caption {begin!r} has {count} tokens, the model reads {limit}: shorten it")


def words_of(caption):
    """The words of a caption, without what surrounds them."""
    return [word for word in (part.strip(".,;:!?\"'") for part in caption.split()) if word]


def _axes(shape):
    return ", ".join(map(str, shape))
