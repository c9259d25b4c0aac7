"""Tells what images show, or draws them, with a `.tflite` on a device: one Invoke an image."""

import numpy as np

from kerasformer.interface.image import BaseClassifier, BaseIllustrator
from kerasformer.runtime.metadata import open_file
from kerasformer.tokenizer import Tokenizer


class LiteRTClassifier(BaseClassifier):
    """Tells with a `.tflite` file of kerasformer what images show.

    Args:
        path: the file.
        num_threads: int, threads of the interpreter.

    Raises:
        InputError: if there is no such file, it is damaged, not ours, of another task, or from a newer version.
    """

    def __init__(self, path, num_threads=1):
        self.metadata, _, interpreter = open_file(path, "classification", "classify", num_threads)
        super().__init__(self.metadata["labels"], self.metadata["shape"])
        self._classify = interpreter.get_signature_runner("classify")

    def warm_up(self):
        """Run once: the runtime announces itself on stderr when it first does."""
        self(np.zeros((1, *self.shape), "uint8"))

    def probabilities(self, images):
        return np.array([self._classify(images=image[None])["probabilities"][0] for image in images])


class LiteRTIllustrator(BaseIllustrator):
    """Draws with a `.tflite` file of kerasformer.

    Args:
        path: the file.
        num_threads: int, threads of the interpreter.

    Raises:
        InputError: if there is no such file, it is damaged, not ours, of another task, or from a newer version.
    """

    def __init__(self, path, num_threads=1):
        self.metadata, tokenizer, interpreter = open_file(path, "drawing", "draw", num_threads)
        names = ("caption_length", "image_length", "shape", "words")
        super().__init__(*(self.metadata[name] for name in names))
        self.tokenizer = Tokenizer(tokenizer)
        self._draw = interpreter.get_signature_runner("draw")

    def warm_up(self):
        """Run once: the runtime announces itself on stderr when it first does."""
        self.render([""], None)

    def count_tokens(self, captions):
        return [len(row) for row in self.tokenizer.encode(captions)]

    def render(self, captions, noise, temperature=1.0, top_k=0, top_p=1.0):
        knobs = {"temperature": np.float32(temperature), "top_k": np.int32(top_k), "top_p": np.float32(top_p)}
        noise = np.zeros((len(captions), self.image_length), "float32") if noise is None else noise
        drawn = []
        for row, token_ids in enumerate(self.tokenizer.encode(captions)):
            padded = np.full((1, self.caption_length), self.metadata["pad_id"], "int32")
            padded[0, : len(token_ids) + 1] = [*token_ids, self.metadata["eos_id"]]
            found = self._draw(caption_ids=padded, noise=noise[[row]], **knobs)
            drawn.append((found["codes"][0], found["images"][0]))
        return tuple(map(np.array, zip(*drawn, strict=True)))
