"""A bundle that draws, on whichever backend Keras runs."""

import functools

import numpy as np
from keras import ops

from kerasformer.classifier import in_batches
from kerasformer.generation import Sampling, SearchOptions, SpecialIds, search
from kerasformer.pictures import Illustrator
from kerasformer.tokenizer import BOS_ID, EOS_ID, PAD_ID
from kerasformer.translator import compile_function


class BundleIllustrator(Illustrator):
    """Draws with a bundle.

    Args:
        bundle: a `Bundle` of a `Dalle`.
    """

    def __init__(self, bundle):
        config = bundle.model.config
        image = config.image_tokenizer
        shape = (image.height, image.width, image.channels)
        super().__init__(bundle.tokenizer, config.caption_length, config.image_length, shape)
        self.bundle = bundle
        self._searches = {}

    def draw_codes(self, captions, noise, temperature, top_k, top_p):
        model = self.bundle.model
        source_ids = np.full((len(captions), self.caption_length), PAD_ID, "int32")
        for row, token_ids in enumerate(captions):
            source_ids[row, : len(token_ids) + 1] = [*token_ids, EOS_ID]
        kind = (noise is not None, top_k)
        if kind not in self._searches:
            self._searches[kind] = compile_function(functools.partial(draw_codes, model, top_k=top_k))
        inputs = [source_ids] if noise is None else [source_ids, noise]
        knobs = [] if noise is None else [ops.convert_to_tensor(value) for value in (temperature, top_p)]
        return in_batches(lambda *rows: self._searches[kind](*rows, *knobs), *inputs)

    def paint(self, codes):
        return in_batches(self._paint, codes)

    def reconstruct(self, images):
        """Images uint8 (batch, height, width, channels) as their codes show them, and the codes (batch, codes)."""
        codes = in_batches(self._encode, images)
        return self.paint(codes), codes

    @functools.cached_property
    def _paint(self):
        return compile_function(functools.partial(paint, self.bundle.model.image_tokenizer))

    @functools.cached_property
    def _encode(self):
        return compile_function(functools.partial(encode_images, self.bundle.model.image_tokenizer))


def encode_images(image_tokenizer, images):
    """Codes int32 (batch, codes) of images uint8 (batch, height, width, channels)."""
    codes = image_tokenizer.encode(ops.cast(images, "float32") / 255.0, training=False)
    rows, columns = image_tokenizer.config.grid
    return ops.reshape(codes, (-1, rows * columns))


def paint(image_tokenizer, codes):
    """Images uint8 (batch, height, width, channels) of codes int32 (batch, codes)."""
    codes = ops.reshape(codes, (-1, *image_tokenizer.config.grid))
    return ops.cast(ops.round(image_tokenizer.decode(codes, training=False) * 255.0), "uint8")


def draw_codes(model, source_ids, noise=None, temperature=1.0, top_p=1.0, top_k=0):
    """Draw the codes of images with a `Dalle`: by the search that translates, of ids that are no codes none.

    Args:
        model: the `Dalle`.
        source_ids: int32 (batch, caption), captions that end in `eos`, padded.
        noise: float (batch, codes) to draw with; None takes the likeliest code each time.
        temperature, top_p, top_k: see `generation.Sampling`.

    Returns:
        int32 (batch, codes).
    """
    config, length = model.config, model.config.image_length
    special = SpecialIds(PAD_ID, BOS_ID, EOS_ID, suppressed=range(config.vocab_size))
    limits = ops.full((ops.shape(source_ids)[0],), length, dtype="int32")
    sampling = None if noise is None else Sampling(noise, temperature, top_k, top_p)
    found, _ = search(
        lambda ids: model.begin(ids, length), model.step, source_ids, limits, length, SearchOptions(), special, sampling
    )
    return found[:, 0] - config.vocab_size
