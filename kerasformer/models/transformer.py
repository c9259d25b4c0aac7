"""The Transformer: its layers, made once, and the functional models wired over them."""

import keras
from keras import ops

from kerasformer.layers import (
    CausalMask,
    DecoderBlock,
    Dropout,
    EncoderBlock,
    LayerNormalization,
    PaddingMask,
    PositionalEncoding,
    SentenceMask,
    SentenceNumber,
    SentencePosition,
    TokenEmbedding,
)
from kerasformer.models.encoder_decoder import EncoderDecoder, state_inputs


class _Layers:
    """The parts, each made once and shared by all graphs."""

    def __init__(self, config):
        block = (config.num_heads, config.intermediate_dim, config.dropout, config.norm)
        numbers = range(config.num_layers)
        self.embedding = TokenEmbedding(config.vocab_size, config.hidden_dim, name="embedding")
        self.source_position = PositionalEncoding(config.max_length, config.position, name="source_position")
        self.target_position = PositionalEncoding(config.max_length, config.position, name="target_position")
        self.source_dropout = Dropout(config.dropout, name="source_dropout")
        self.target_dropout = Dropout(config.dropout, name="target_dropout")
        self.padding_mask = PaddingMask(name="padding_mask")
        self.source_sentence = SentenceNumber(has_bos=False, name="source_sentence")
        self.target_sentence = SentenceNumber(has_bos=True, name="target_sentence")
        self.sentence_mask = SentenceMask(name="sentence_mask")
        self.sentence_position = SentencePosition(name="sentence_position")
        self.causal_mask = CausalMask(name="causal_mask")
        self.encoder = [EncoderBlock(*block, name=f"encoder_{i}") for i in numbers]
        self.decoder = [DecoderBlock(*block, name=f"decoder_{i}") for i in numbers]
        # With norm="pre" the residual stream leaves the last block unnormalised.
        is_pre = config.norm == "pre"
        norm = LayerNormalization if is_pre else keras.layers.Identity
        options = {"epsilon": 1e-6} if is_pre else {}
        self.encoder_norm = norm(name="encoder_norm", **options)
        self.decoder_norm = norm(name="decoder_norm", **options)


def _encode(layers, source_ids, attention_mask, position=0):
    """Source ids (batch, source) -> memory (batch, source, hidden)."""
    x = layers.source_dropout(layers.source_position(layers.embedding(source_ids), position=position))
    for block in layers.encoder:
        x, _ = block(x, attention_mask=attention_mask)
    return layers.encoder_norm(x)


def _decode(
    layers, target_ids, causal_mask, memory_mask, memory=None, memory_caches=None, caches=None, position=0,
    cache_position=None,
):  # fmt: skip
    """Target ids (batch, target) -> logits, the caches and the attention weights of each block."""
    x = layers.target_dropout(layers.target_position(layers.embedding(target_ids), position=position))
    new_caches, weights = [], []
    nothing = [None] * len(layers.decoder)
    for block, memory_cache, cache in zip(layers.decoder, memory_caches or nothing, caches or nothing, strict=True):
        x, cache, block_weights = block(
            x, memory=memory, memory_cache=memory_cache, cache=cache, position=cache_position,
            causal_mask=causal_mask, memory_mask=memory_mask,
        )  # fmt: skip
        new_caches.append(cache)
        weights.append(block_weights)
    return layers.embedding(layers.decoder_norm(x), reverse=True), new_caches, weights


def build_transformer(config):
    """Build the Transformer of a `ModelConfig`.

    Returns:
        An `EncoderDecoder`: a training graph, an attention graph, and a start / decode_step pair, all over the
        same layer objects.

    Reference: Vaswani et al. 2017, "Attention Is All You Need".
    """
    layers = _Layers(config)
    source_ids = keras.Input((None,), dtype="int32", name="source_ids")
    target_ids = keras.Input((None,), dtype="int32", name="target_ids")
    slots = keras.Input(batch_shape=(None,), dtype="int32", name="slots")

    logits, weights = _train(layers, source_ids, target_ids)
    inputs = {"source_ids": source_ids, "target_ids": target_ids}
    training = keras.Model(inputs, logits, name="training")
    attention = keras.Model(inputs, ops.stack(weights, axis=1), name="attention")

    mask = layers.padding_mask(source_ids)
    memory = _encode(layers, source_ids, mask)
    state = {"memory_mask": mask, **_FirstState(layers.decoder, name="first_state")(memory, slots)}
    start = keras.Model({"source_ids": source_ids, "slots": slots}, state, name="start")
    return EncoderDecoder(config, training, attention, start, _build_step(layers, state), packs=True)


def _train(layers, source_ids, target_ids):
    """Rows of one sentence or several -> logits, and the attention weights of each block."""
    source, target = layers.source_sentence(source_ids), layers.target_sentence(target_ids)
    source_mask, target_mask, memory_mask = (
        layers.sentence_mask(query, key) for query, key in ((source, source), (target, target), (target, source))
    )
    causal_mask = ops.logical_and(layers.causal_mask(target_ids), target_mask)
    memory = _encode(layers, source_ids, source_mask, layers.sentence_position(source))
    position = layers.sentence_position(target)
    logits, _, weights = _decode(layers, target_ids, causal_mask, memory_mask, memory=memory, position=position)
    return logits, weights


def _build_step(layers, state):
    token_ids = keras.Input((None,), dtype="int32", name="token_ids")
    position = keras.Input(batch_shape=(), dtype="int32", name="position")
    state = state_inputs(state)
    caches = state["cache"]
    causal_mask = layers.causal_mask(token_ids, caches[0]["key"], position=position)
    logits, caches, _ = _decode(
        layers, token_ids, causal_mask, state["memory_mask"],
        memory_caches=state["memory"], caches=caches, position=position, cache_position=position,
    )  # fmt: skip
    inputs = {"token_ids": token_ids, "position": position, "state": state}
    return keras.Model(inputs, (logits, {**state, "cache": caches}), name="decode_step")


class _FirstState(keras.layers.Layer):
    """What decoding starts from: the memory's keys and values for each block, and zeros for those to come."""

    def __init__(self, blocks, **kwargs):
        super().__init__(**kwargs)
        self.blocks = blocks

    def call(self, memory, slots):
        projected = [block.project_memory(memory) for block in self.blocks]
        batch, heads, _, head_dim = ops.shape(projected[0]["key"])
        shape = (batch, heads, ops.shape(slots)[0], head_dim)
        empty = [{name: ops.zeros(shape, self.compute_dtype) for name in cache} for cache in projected]
        return {"memory": projected, "cache": empty}
