"""Classify images, and draw captions, with a `.tflite` on a device: one Invoke for each image."""

import functools

import numpy as np

from kerasformer.interface.image import BaseClassifier, BaseIllustrator
from kerasformer.runtime.metadata import open_litert
from kerasformer.tokenizer import Tokenizer, pad_rows


class LiteRTClassifier(BaseClassifier):
    """Classifies images with a `.tflite` file of kerasformer, in any number of threads; see `SharedInterpreter`.

    Args:
        path: the file, or its `Description`.
        num_threads: int, threads of each interpreter.

    Raises:
        InputError: if there is no such file, it is damaged, not written by kerasformer, for another task, or from a
            newer version.
    """

    def __init__(self, path, num_threads=1):
        description, interpreter = open_litert(path, "classification", "classify", num_threads)
        self.metadata = description.metadata
        super().__init__(self.metadata["labels"], self.metadata["shape"])
        self._classify = functools.partial(interpreter.run, "classify")

    def probabilities(self, images):
        return np.array([self._classify(images=image[None])["probabilities"][0] for image in images])


class LiteRTIllustrator(BaseIllustrator):
    """Draws captions with a `.tflite` file of kerasformer, in any number of threads; see `SharedInterpreter`.

    Args:
        path: the file, or its `Description`.
        num_threads: int, threads of each interpreter.

    Raises:
        InputError: if there is no such file, it is damaged, not written by kerasformer, for another task, or from a
            newer version.
    """

    def __init__(self, path, num_threads=1):
        description, interpreter = open_litert(path, "drawing", "draw", num_threads)
        self.metadata = description.metadata
        names = ("caption_length", "image_length", "shape", "words")
        super().__init__(*(self.metadata[name] for name in names))
        self.tokenizer = Tokenizer(description.tokenizer)
        self._draw = functools.partial(interpreter.run, "draw")

    def count_tokens(self, captions):
        return [len(row) for row in self.tokenizer.encode(captions)]

    def render(self, captions, noise=None, temperature=1.0, top_k=0, top_p=1.0):
        values = {"temperature": np.float32(temperature), "top_k": np.int32(top_k), "top_p": np.float32(top_p)}
        noise = np.zeros((len(captions), self.image_length), "float32") if noise is None else noise
        rows = [[*token_ids, self.metadata["eos_id"]] for token_ids in self.tokenizer.encode(captions)]
        drawn = []
        for i, row in enumerate(pad_rows(rows, self.caption_length)):
            found = self._draw(caption_ids=row[None], noise=noise[[i]], **values)
            drawn.append((found["codes"][0], found["images"][0]))
        return tuple(map(np.array, zip(*drawn, strict=True)))
