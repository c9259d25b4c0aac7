"""Draw images with a bundle, on any backend of Keras."""

import functools

from keras import ops

from kerasformer.bundle import load_bundle
from kerasformer.formats import describe
from kerasformer.generation import SearchOptions, SpecialIds, sampler, search
from kerasformer.inference.classifier import in_batches
from kerasformer.inference.compiling import compile_function
from kerasformer.inference.scoring import label_scores
from kerasformer.interface.image import BaseIllustrator
from kerasformer.tokenizer import BOS_ID, EOS_ID, PAD_ID, pad_rows


class Illustrator(BaseIllustrator):
    """Draws images of captions with a bundle.

    Args:
        bundle: a `Bundle` of a `Dalle`.
    """

    def __init__(self, bundle):
        config = bundle.model.config
        shape = config.image_tokenizer.shape
        super().__init__(config.caption_length, config.image_length, shape, bundle.corpus.get("words", ()))
        self.bundle = bundle
        self._searches = {}

    @classmethod
    def load(cls, path):
        """Load the bundle in the folder `path` as an illustrator.

        `open_artefact` opens a SavedModel or a `.tflite` as well.

        Raises:
            InputError: if there is no bundle, it is damaged, too new, or for another task.
        """
        return cls(load_bundle(describe(path, "drawing", "bundle")))

    def count_tokens(self, captions):
        return [len(row) for row in self.bundle.tokenizer.encode(list(captions))]

    def render(self, captions, noise=None, temperature=1.0, top_k=0, top_p=1.0):
        ids = self.caption_ids(captions)
        draw = self._compiled(int(top_k))
        if noise is None:
            codes = in_batches(draw, ids)
        else:
            values = [ops.convert_to_tensor(value, "float32") for value in (temperature, top_p)]
            codes = in_batches(lambda ids, noise: draw(ids, noise, *values), ids, noise)
        return codes, self.paint(codes)

    def _compiled(self, top_k):
        """`draw_codes` compiled for one `top_k`; temperature and top_p are inputs."""
        if top_k not in self._searches:
            model = self.bundle.model

            def draw(source_ids, noise=None, temperature=1.0, top_p=1.0):
                return draw_codes(model, source_ids, noise, temperature, top_k, top_p)

            self._searches[top_k] = compile_function(draw)
        return self._searches[top_k]

    def caption_ids(self, captions):
        """Token ids int32 (captions, caption_length) of captions, each with its `eos`, padded."""
        rows = [[*token_ids, EOS_ID] for token_ids in self.bundle.tokenizer.encode(captions)]
        return pad_rows(rows, self.caption_length)

    def paint(self, codes):
        """Images uint8 (batch, height, width, channels) of codes int32 (batch, codes)."""
        return in_batches(self._paint, codes)

    def reconstruct(self, images):
        """Encode and decode images uint8 (batch, height, width, channels): as images again, and as codes."""
        codes = in_batches(self._encode, images)
        return self.paint(codes), codes

    def code_scores(self, captions, codes):
        """How well the model predicts each code of images, given the caption and the codes before it.

        Args:
            captions: list of str.
            codes: int32 (captions, codes).

        Returns:
            The log-probability of each code among all codes, in nats, float (captions, codes); and whether it is the
            most likely one, bool (captions, codes).
        """
        found = in_batches(self._score, self.caption_ids(captions), codes)
        return found[..., 0], found[..., 1] > 0

    @functools.cached_property
    def _score(self):
        return compile_function(functools.partial(score_codes, self.bundle.model))

    @functools.cached_property
    def _paint(self):
        return compile_function(functools.partial(paint, self.bundle.model.image_tokenizer))

    @functools.cached_property
    def _encode(self):
        return compile_function(functools.partial(encode_images, self.bundle.model.image_tokenizer))


def encode_images(image_tokenizer, images):
    """Codes int32 (batch, codes) of images uint8 (batch, height, width, channels)."""
    codes = image_tokenizer.encode(ops.cast(images, "float32") / 255.0, training=False)
    return ops.reshape(codes, (-1, image_tokenizer.config.num_patches))


def paint(image_tokenizer, codes):
    """Images uint8 (batch, height, width, channels) of codes int32 (batch, codes)."""
    codes = ops.reshape(codes, (-1, *image_tokenizer.config.grid))
    return ops.cast(ops.round(image_tokenizer.decode(codes, training=False) * 255.0), "uint8")


def draw_codes(model, source_ids, noise=None, temperature=1.0, top_k=0, top_p=1.0):
    """Draw the codes of images with a `Dalle`, by the search that translates; words are never chosen.

    Args:
        model: the `Dalle`.
        source_ids: int32 (batch, caption), captions that end in `eos`, padded.
        noise: float (batch, codes), uniform numbers to draw with; None takes the most likely code each time.
        temperature, top_k, top_p: see `generation.sample`.

    Returns:
        int32 (batch, codes).
    """
    config, length = model.config, model.config.image_length
    special = SpecialIds(PAD_ID, BOS_ID, EOS_ID, suppressed=range(config.vocab_size))
    limits = ops.full((ops.shape(source_ids)[0],), length, dtype="int32")
    choose = None if noise is None else sampler(noise, temperature, top_k, top_p)
    found, _ = search(*_guided(model, length), source_ids, limits, length, SearchOptions(), special, choose)
    return found[:, 0] - config.vocab_size


def _guided(model, length):
    """The start and the step of a `Dalle` for search, with the guidance of its config.

    Reference: Ho and Salimans 2022, "Classifier-Free Diffusion Guidance"; Gafni et al. 2022, "Make-A-Scene", section
    3.4 (for Transformers).
    """
    guidance = model.config.guidance
    if guidance == 1:
        return lambda ids: model.begin(ids, length), model.step

    def start(source_ids):  # (2 batch, caption): the captions, then as many empty ones
        is_first = ops.arange(ops.shape(source_ids)[1], dtype="int32") == 0
        nothing = ops.zeros_like(source_ids) + ops.where(is_first, EOS_ID, PAD_ID)
        return model.begin(ops.concatenate([source_ids, nothing], axis=0), length)

    def step(token_ids, position, state):
        logits, state = model.step(ops.concatenate([token_ids, token_ids], axis=0), position, state)
        with_caption, without = ops.split(logits, 2, axis=0)
        return without + guidance * (with_caption - without), state

    return start, step


def score_codes(model, source_ids, codes):
    """Log-probability of each code among all codes, and 1.0 if it is the most likely: float (batch, codes, 2)."""
    first = model.config.vocab_size
    bos = ops.full((ops.shape(codes)[0], 1), BOS_ID, dtype="int32")
    target_ids = ops.concatenate([bos, codes[:, :-1] + first], axis=1)
    logits = model.training({"source_ids": source_ids, "target_ids": target_ids}, training=False)
    of_code, is_highest = label_scores(logits[:, :, first:], codes)
    return ops.stack([of_code, ops.cast(is_highest, of_code.dtype)], axis=-1)
