"""The Transformer: its layers, the ways through them, and the functional models that connect them."""

import keras
from keras import ops

from kerasformer.layers import (
    CausalMask,
    DecoderBlock,
    Dropout,
    EncoderBlock,
    HypothesisMask,
    LayerNormalization,
    PaddingMask,
    PositionalEncoding,
    SentenceMask,
    SentenceNumber,
    SentencePosition,
    TokenEmbedding,
)
from kerasformer.models.encoder_decoder import EncoderDecoder, cache_of, connect


class Transformer:
    """The layers, each made once and shared by all graphs, and the ways through them.

    Args:
        config: `ModelConfig`.

    Reference: Vaswani et al. 2017, "Attention Is All You Need".
    """

    def __init__(self, config):
        block = (config.num_heads, config.intermediate_dim, config.dropout, config.norm)
        depths = config.num_layers, config.num_decoder_layers or config.num_layers
        self.embedding = TokenEmbedding(config.vocab_size, config.hidden_dim, name="embedding")
        self.source_position = PositionalEncoding(config.max_length, config.position, name="source_position")
        self.target_position = PositionalEncoding(config.max_length, config.position, name="target_position")
        self.source_dropout = Dropout(config.dropout, name="source_dropout")
        self.target_dropout = Dropout(config.dropout, name="target_dropout")
        self.encoder = [EncoderBlock(*block, name=f"encoder_{i}") for i in range(depths[0])]
        self.decoder = [DecoderBlock(*block, name=f"decoder_{i}") for i in range(depths[1])]
        self.encoder_norm = last_norm(config.norm, name="encoder_norm")
        self.decoder_norm = last_norm(config.norm, name="decoder_norm")
        self.padding_mask = PaddingMask(name="padding_mask")
        self.causal_mask = CausalMask(name="causal_mask")
        self.hypothesis_mask = HypothesisMask(name="hypothesis_mask")
        # For rows that hold several sentences.
        self.source_sentence = SentenceNumber(has_bos=False, name="source_sentence")
        self.target_sentence = SentenceNumber(has_bos=True, name="target_sentence")
        self.sentence_mask = SentenceMask(name="sentence_mask")
        self.sentence_position = SentencePosition(name="sentence_position")

    def encode(self, source_ids, position, attention_mask):
        """Source ids int32 (batch, source) -> memory float (batch, source, hidden)."""
        x = self.source_dropout(self.source_position(self.embedding(source_ids), position=position))
        for block in self.encoder:
            x, _ = block(x, attention_mask=attention_mask)
        return self.encoder_norm(x)

    def decode(self, target_ids, position, causal_mask, memory_mask, memory=None, state=None, place=None):
        """Target ids int32 (batch, target) -> logits, the caches and the attention weights of each block.

        The blocks attend to `memory` float (batch, source, hidden) and to the target itself; or to the keys and
        values of both in `state`, where those of the target are written from `place` on.
        """
        x = self.target_dropout(self.target_position(self.embedding(target_ids), position=position))
        caches, weights = [], []
        for i, block in enumerate(self.decoder):
            seen = {"memory": memory}
            if state:
                seen = {"memory_cache": state["memory"][i], "cache": state["cache"][i], "position": place}
            x, cache, block_weights = block(x, causal_mask=causal_mask, memory_mask=memory_mask, **seen)
            caches.append(cache)
            weights.append(block_weights)  # (batch, heads, target, source)
        return self.embedding(self.decoder_norm(x), reverse=True), caches, weights

    def train(self, source_ids, target_ids):
        """Rows of one sentence or several -> logits, and weights (batch, layers, heads, target, source)."""
        source, target = self.source_sentence(source_ids), self.target_sentence(target_ids)
        memory = self.encode(source_ids, self.sentence_position(source), self.sentence_mask(source, source))
        causal_mask = ops.logical_and(self.causal_mask(target_ids), self.sentence_mask(target, target))
        memory_mask = self.sentence_mask(target, source)
        position = self.sentence_position(target)
        logits, _, weights = self.decode(target_ids, position, causal_mask, memory_mask, memory)
        return logits, ops.stack(weights, axis=1)

    def start(self, source_ids):
        """Rows of one sentence -> the memory's keys and values for each block, and its mask."""
        mask = self.padding_mask(source_ids)
        memory = self.encode(source_ids, 0, mask)
        return {"memory": _ProjectMemory(self.decoder, name="project_memory")(memory), "memory_mask": mask}

    def step(self, token_ids, position, state):
        """Token ids int32 (batch, query), the first at `position` -> logits, and the state with their cache."""
        causal_mask = self.causal_mask(token_ids, state["cache"][0]["key"], position=position)
        logits, caches, _ = self.decode(
            token_ids, position, causal_mask, state["memory_mask"], state=state, place=position
        )
        return logits, {**state, "cache": caches}

    def beam_step(self, token_ids, position, state, ancestors, place):
        """Ids int32 (batch, beam) of hypotheses at `position`, written from `place` on -> logits, and the state."""
        mask = self.hypothesis_mask(ancestors, state["cache"][0]["key"])
        positions = ops.zeros_like(token_ids) + position
        logits, caches, _ = self.decode(token_ids, positions, mask, state["memory_mask"], state=state, place=place)
        return logits, {**state, "cache": caches}


def build_transformer(config):
    """Build the Transformer of a `ModelConfig`.

    Returns:
        An `EncoderDecoder` that packs.
    """
    layers = Transformer(config)
    cache = {"cache": cache_of(layers.decoder, config)}
    graphs = connect(layers.train, layers.start, layers.step, cache, layers.beam_step)
    return EncoderDecoder(config, **graphs, packs=True)


def last_norm(norm, name):
    """The normalisation after the last block: with "post" the block itself ends with it."""
    return LayerNormalization(epsilon=1e-6, name=name) if norm == "pre" else keras.layers.Identity(name=name)


class _ProjectMemory(keras.layers.Layer):
    """The keys and values of the memory for each block, computed once for all steps."""

    def __init__(self, blocks, **kwargs):
        super().__init__(**kwargs)
        self.blocks = blocks

    def call(self, memory):
        return [block.project_memory(memory) for block in self.blocks]

    def compute_output_spec(self, memory):
        return [block.memory_attention.projected_spec(memory) for block in self.blocks]
