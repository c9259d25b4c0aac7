"""DALL-E: one decoder reads the words of a caption and continues with the codes of an image."""

import dataclasses

import keras
from keras import ops

from kerasformer.layers import CausalMask, DecoderBlock, Dropout, PaddingMask, PositionalEncoding, TokenEmbedding
from kerasformer.models.encoder_decoder import EncoderDecoder, cache_of, connect
from kerasformer.models.image_tokenizer import ImageTokenizer, build_image_tokenizer
from kerasformer.models.transformer import last_norm


@dataclasses.dataclass(frozen=True)
class Dalle(EncoderDecoder):
    """An `EncoderDecoder` whose source is a caption and whose target is the codes of an image.

    Code c has the id `config.vocab_size` + c.

    Args:
        image_tokenizer: the `ImageTokenizer` that turns codes into an image.
    """

    image_tokenizer: ImageTokenizer

    @property
    def parts(self):
        return {"model": self.training, "image_tokenizer": self.image_tokenizer.training}

    def begin(self, source_ids, length):
        caption = fit_caption(source_ids, self.config.caption_length)
        batch, caption_length = ops.shape(caption)
        is_code = ops.ones((batch, 1, 1, length), dtype="bool")
        is_there = ops.concatenate([PaddingMask()(caption), is_code], axis=-1)  # (batch, 1, 1, caption + length)
        state = {"is_there": is_there, **self.empty_cache(caption, caption_length + length)}
        # The caption comes before position 0, where the codes begin.
        _, state = self.step(caption, ops.convert_to_tensor(-caption_length, "int32"), state)
        return state


def fit_caption(source_ids, caption_length):
    """The first `caption_length` ids of sources of any length, int32 (batch, caption), padded."""
    return ops.pad(source_ids, [(0, 0), (0, caption_length)])[:, :caption_length]


class DalleDecoder:
    """The layers, each made once and shared by all graphs, and the ways through them.

    Args:
        config: `DalleConfig`.

    Reference: Ramesh et al. 2021, "Zero-Shot Text-to-Image Generation", section 2.2.
    """

    def __init__(self, config):
        block = (config.num_heads, config.intermediate_dim, config.dropout, config.norm)
        self.caption_length = config.caption_length
        self.embedding = TokenEmbedding(
            config.vocab_size + config.image_tokenizer.num_codes, config.hidden_dim, name="embedding"
        )
        self.position = PositionalEncoding(config.caption_length + config.max_length, name="position_encoding")
        self.dropout = Dropout(config.dropout, name="source_dropout")
        self.padding_mask = PaddingMask(name="padding_mask")
        self.causal_mask = CausalMask(name="causal_mask")
        self.decoder = [
            DecoderBlock(*block, cross_attention=False, name=f"decoder_{i}") for i in range(config.num_layers)
        ]
        self.norm = last_norm(config.norm, name="norm")

    def decode(self, token_ids, is_there, position=0, caches=None):
        """Ids int32 (batch, query), the first at `position` -> vectors, the caches and the weights of each block.

        `is_there` is bool (batch, 1, 1, key), False for padding.
        """
        x = self.dropout(self.position(self.embedding(token_ids), position=position))  # (batch, query, hidden)
        mask = self.causal_mask(x, caches[0]["key"] if caches else None, position=position)
        mask = ops.logical_and(mask, is_there)  # (batch, 1, query, key)
        new_caches, weights = [], []
        for block, cache in zip(self.decoder, caches or [None] * len(self.decoder), strict=True):
            x, cache, block_weights = block(x, cache=cache, position=position, causal_mask=mask)
            new_caches.append(cache)
            weights.append(block_weights)  # (batch, heads, query, key)
        return self.norm(x), new_caches, weights

    def train(self, source_ids, target_ids):
        """Captions and codes -> logits of the codes, and weights (batch, layers, heads, target, caption)."""
        caption, first = fit_caption(source_ids, self.caption_length), self.caption_length
        token_ids = ops.concatenate([caption, target_ids], axis=1)  # (batch, caption + target)
        is_there = self.padding_mask(ops.concatenate([caption, ops.ones_like(target_ids)], axis=1))
        x, _, weights = self.decode(token_ids, is_there)
        logits = self.embedding(x[:, first:], reverse=True)
        return logits, ops.stack(weights, axis=1)[:, :, :, first:, :first]

    def step(self, token_ids, position, state):
        """Ids int32 (batch, query), the first `position` places after the caption -> logits, and the state."""
        x, caches, _ = self.decode(token_ids, state["is_there"], position + self.caption_length, state["cache"])
        return self.embedding(x, reverse=True), {**state, "cache": caches}


def build_dalle(config):
    """Build the DALL-E of a `DalleConfig`, with its image tokenizer.

    It learns to continue a caption with an image. Unlike the paper's, it does not learn to write captions.

    Returns:
        A `Dalle`. Its attention is that of the codes to the words, float (batch, layers, heads, target, caption).
    """
    layers = DalleDecoder(config)
    is_there = keras.KerasTensor((None, 1, 1, None), dtype="bool")
    state = {"is_there": is_there, "cache": cache_of(layers.decoder, config)}
    graphs = connect(layers.train, None, layers.step, state)
    return Dalle(config, **graphs, image_tokenizer=build_image_tokenizer(config.image_tokenizer))
