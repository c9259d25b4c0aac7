"""DALL-E: one decoder over the words of a caption and, after them, the codes of an image, told apart by their ids."""

import dataclasses

import keras
from keras import ops

from kerasformer.layers import (
    CausalMask,
    DecoderBlock,
    Dropout,
    LayerNormalization,
    PaddingMask,
    PositionalEncoding,
    TokenEmbedding,
)
from kerasformer.models.encoder_decoder import EncoderDecoder, state_inputs
from kerasformer.models.image_tokenizer import ImageTokenizer, build_image_tokenizer


@dataclasses.dataclass(frozen=True)
class Dalle(EncoderDecoder):
    """An `EncoderDecoder` whose source is a caption and whose target are codes, and the tokenizer that draws these.

    Code c is the target's id `config.vocab_size` + c.

    Args:
        image_tokenizer: the `ImageTokenizer`.
    """

    image_tokenizer: ImageTokenizer

    @property
    def parts(self):
        return {"model": self.training, "image_tokenizer": self.image_tokenizer.training}


class _Layers:
    """The parts, each made once and shared by all graphs."""

    def __init__(self, config):
        num_ids = config.vocab_size + config.image_tokenizer.num_codes
        block = (config.num_heads, config.intermediate_dim, config.dropout, config.norm)
        self.caption_length = config.caption_length
        self.embedding = TokenEmbedding(num_ids, config.hidden_dim, name="embedding")
        length = config.caption_length + config.max_length
        self.position = PositionalEncoding(length, name="position_encoding")
        self.dropout = Dropout(config.dropout, name="source_dropout")
        self.padding_mask = PaddingMask(name="padding_mask")
        self.causal_mask = CausalMask(name="causal_mask")
        self.decoder = [
            DecoderBlock(*block, cross_attention=False, name=f"decoder_{i}") for i in range(config.num_layers)
        ]
        is_pre = config.norm == "pre"
        norm = LayerNormalization if is_pre else keras.layers.Identity
        self.norm = norm(name="norm", **({"epsilon": 1e-6} if is_pre else {}))


def _caption(layers, source_ids):
    """The first `caption_length` ids of sources of any length, (batch, caption), filled with padding."""
    return ops.pad(source_ids, [(0, 0), (0, layers.caption_length)])[:, : layers.caption_length]


def _decode(layers, token_ids, is_there, caches=None, position=0):
    """Ids (batch, query), the first at `position` -> vectors (batch, query, hidden), caches, weights of each block.

    `is_there` is bool (batch, 1, 1, key): False for padding.
    """
    x = layers.dropout(layers.position(layers.embedding(token_ids), position=position))
    mask = layers.causal_mask(x, caches[0]["key"] if caches else None, position=position)
    mask = ops.logical_and(mask, is_there)
    new_caches, weights = [], []
    for block, cache in zip(layers.decoder, caches or [None] * len(layers.decoder), strict=True):
        x, cache, block_weights = block(x, cache=cache, position=position, causal_mask=mask)
        new_caches.append(cache)
        weights.append(block_weights)
    return layers.norm(x), new_caches, weights


def build_dalle(config):
    """Build the DALL-E of a `DalleConfig`, its image tokenizer with it.

    It learns to go on from a caption with an image; unlike the paper's it is not taught to write captions, which are
    always given.

    Returns:
        A `Dalle`. Its attention is that of the codes to the words, float (batch, layers, heads, target, caption).

    Reference: Ramesh et al. 2021, "Zero-Shot Text-to-Image Generation", section 2.2.
    """
    layers = _Layers(config)
    source_ids = keras.Input((None,), dtype="int32", name="source_ids")
    target_ids = keras.Input((None,), dtype="int32", name="target_ids")
    slots = keras.Input(batch_shape=(None,), dtype="int32", name="slots")
    caption = _caption(layers, source_ids)
    first = config.caption_length

    token_ids = ops.concatenate([caption, target_ids], axis=1)
    is_there = layers.padding_mask(ops.concatenate([caption, ops.ones_like(target_ids)], axis=1))
    x, _, weights = _decode(layers, token_ids, is_there)
    logits = layers.embedding(x[:, first:], reverse=True)
    inputs = {"source_ids": source_ids, "target_ids": target_ids}
    training = keras.Model(inputs, logits, name="training")
    looks = ops.stack(weights, axis=1)[:, :, :, first:, :first]
    attention = keras.Model(inputs, looks, name="attention")

    is_there, caches = _EmptyCache(layers.decoder, name="empty_cache")(layers.padding_mask(caption), slots)
    _, caches, _ = _decode(layers, caption, is_there, caches)
    state = {"is_there": is_there, "cache": caches}
    start = keras.Model({"source_ids": source_ids, "slots": slots}, state, name="start")
    step = _build_step(layers, state)
    return Dalle(config, training, attention, start, step, build_image_tokenizer(config.image_tokenizer))


def _build_step(layers, state):
    token_ids = keras.Input((None,), dtype="int32", name="token_ids")
    position = keras.Input(batch_shape=(), dtype="int32", name="position")
    state = state_inputs(state)
    x, caches, _ = _decode(layers, token_ids, state["is_there"], state["cache"], position + layers.caption_length)
    inputs = {"token_ids": token_ids, "position": position, "state": state}
    logits = layers.embedding(x, reverse=True)
    return keras.Model(inputs, (logits, {**state, "cache": caches}), name="decode_step")


class _EmptyCache(keras.layers.Layer):
    """Room for the keys and values of a caption and an image, and the mask that hides the caption's padding."""

    def __init__(self, blocks, **kwargs):
        super().__init__(**kwargs)
        self.blocks = blocks

    def call(self, is_word, slots):
        batch, _, _, caption_length = ops.shape(is_word)
        length = caption_length + ops.shape(slots)[0]
        is_code = ops.ones((batch, 1, 1, ops.shape(slots)[0]), dtype="bool")
        is_there = ops.concatenate([is_word, is_code], axis=-1)
        attention = self.blocks[0].self_attention
        shape = (batch, attention.num_heads, length, attention.head_dim)
        names = ("key", "value")
        return is_there, [{name: ops.zeros(shape, self.compute_dtype) for name in names} for _ in self.blocks]
