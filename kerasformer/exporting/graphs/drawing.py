"""The graphs of a model that draws: captions to images for servers, token ids to one image for devices."""

import math

import tensorflow as tf

from kerasformer.exporting.graphs.signatures import NOISE, SAMPLING, TEXTS, TextGraph, device_sampling, graph_function
from kerasformer.inference.illustrator import draw_codes, paint
from kerasformer.layers import portable_cache_writes
from kerasformer.tokenizer import EOS_ID, PAD_ID


class ServerModule(tf.Module):
    """The graph of a bundle for servers, with the standard operations of TensorFlow and TensorFlow Text.

    `serving_default` {"captions": string (batch,)} -> {"images": uint8 (batch, height, width, channels)}, without
    sampling: the most likely code is taken each time.
    `draw` {"captions", "noise": float (batch, codes), "temperature": float (), "top_k": int32 (), "top_p": float ()} ->
    {"images", "codes": int32 (batch, codes)}, sampled; see `Sampling`.

    Args:
        bundle: the `Bundle` of a `Dalle`.
    """

    def __init__(self, bundle):
        super().__init__()
        self._model = bundle.model
        config = bundle.model.config
        self.text = TextGraph(bundle.tokenizer, config.caption_length)
        self.weights = _variables(bundle.model)
        self.caption_length = tf.Variable(config.caption_length, trainable=False)
        self.image_length = tf.Variable(config.image_length, trainable=False)
        self.shape = tf.Variable(bundle.model.config.image_tokenizer.shape, trainable=False)
        self.words = tf.Variable(" ".join(_words(bundle)), trainable=False)

    @graph_function(input_signature=[TEXTS])
    def serving_default(self, captions):
        return {"images": self._drawn(captions)["images"]}

    @graph_function(input_signature=[TEXTS, NOISE, *SAMPLING.values()])
    def draw(self, captions, noise, temperature, top_k, top_p):
        return self._drawn(captions, noise, temperature, top_k, top_p)

    @graph_function(input_signature=[TEXTS])
    def count_tokens(self, captions):
        return self.text.tokenize(captions).row_lengths()

    def named_signatures(self):
        """The signatures by name."""
        return {"serving_default": self.serving_default, "draw": self.draw}

    def _drawn(self, captions, *sampling):
        with portable_cache_writes():
            codes = draw_codes(self._model, self.text.encode(captions), *sampling)
        return {"images": paint(self._model.image_tokenizer, codes), "codes": codes}


class DeviceModule(tf.Module):
    """The graph of a bundle for devices: one Invoke draws one image.

    `draw` {"caption_ids": int32 (1, caption_length), "noise": float (1, codes), "temperature": float (), "top_k":
    int32 (), "top_p": float ()} -> {"images": uint8 (1, height, width, channels), "codes": int32 (1, codes)}; a noise
    of zeros draws the most likely code each time.

    Args:
        bundle: the `Bundle` of a `Dalle`.
    """

    def __init__(self, bundle):
        super().__init__()
        self._model, self._words = bundle.model, _words(bundle)
        self.weights = _variables(bundle.model)

    @property
    def num_weights(self):
        """Number of weights that the file must hold: the Transformer, the codebook and the image decoder."""
        tokenizer = self._model.image_tokenizer
        decoder = sum(math.prod(variable.shape) for variable in tokenizer.decode.trainable_variables)
        codebook = tokenizer.config.num_codes * tokenizer.config.code_dim
        return self._model.training.count_params() + decoder + codebook

    def metadata(self):
        """What the file's metadata says about the task, beside the tokenizer."""
        config = self._model.config
        lengths = {"caption_length": config.caption_length, "image_length": config.image_length}
        shape, words = config.image_tokenizer.shape, list(self._words)
        return {**lengths, "shape": shape, "words": words, "pad_id": PAD_ID, "eos_id": EOS_ID}

    def named_signatures(self):
        """The signatures by name."""
        config = self._model.config
        ids = tf.TensorSpec((1, config.caption_length), tf.int32)
        sampling = device_sampling(config.image_length)
        return {"draw": graph_function(self._draw).get_concrete_function(caption_ids=ids, **sampling)}

    def _draw(self, caption_ids, noise, temperature, top_k, top_p):
        codes = draw_codes(self._model, caption_ids, noise, temperature, top_k, top_p)
        return {"images": paint(self._model.image_tokenizer, codes), "codes": codes}


def _words(bundle):
    """The words of the captions in training."""
    return bundle.corpus.get("words", ())


def _variables(model):
    """The variables that drawing needs: of the image tokenizer only the decoder."""
    return [variable.value for graph in (model.training, model.image_tokenizer.decode) for variable in graph.variables]
