"""The recurrent encoder-decoder, through one fixed context vector, or with attention to all states of the encoder."""

import keras
from keras import ops

from kerasformer.layers import Dropout, PaddingMask, Recurrent, ScoredAttention, TokenEmbedding
from kerasformer.models.encoder_decoder import EncoderDecoder, state_inputs


class _Layers:
    """The parts, each made once and shared by all graphs."""

    def __init__(self, config, has_attention):
        numbers, hidden_dim = range(config.num_layers), config.hidden_dim
        self.embedding = TokenEmbedding(config.vocab_size, hidden_dim, name="embedding")
        self.padding_mask = PaddingMask(name="padding_mask")
        reverses = {"encoder": False, "encoder_back": True} if config.bidirectional else {"encoder": False}
        width = hidden_dim // len(reverses)
        self.directions = [
            [Recurrent(config.cell, width, reverse, name=f"{name}_{i}") for i in numbers]
            for name, reverse in reverses.items()
        ]
        self.decoder = [Recurrent(config.cell, hidden_dim, name=f"decoder_{i}") for i in numbers]
        # On what enters each layer of the encoder and of the decoder, and on what leaves the last.
        names = ["source_dropout", *(f"encoder_dropout_{i}" for i in numbers[1:])]
        self.encoder_dropout = [Dropout(config.dropout, name=name) for name in names]
        self.decoder_dropout = [Dropout(config.dropout, name=f"decoder_dropout_{i}") for i in numbers]
        self.output_dropout = Dropout(config.dropout, name="output_dropout")
        self.attention = ScoredAttention(config.score, name="attention") if has_attention else None
        self.output = keras.layers.Dense(hidden_dim, activation="tanh", name="output")


def _encode(layers, source_ids):
    """Source ids (batch, source) -> outputs (batch, source, hidden), the last state of each layer, and the mask."""
    mask = layers.padding_mask(source_ids)  # (batch, 1, 1, source)
    is_token = mask[:, 0, 0]
    x, states = layers.embedding(source_ids), []
    for i, dropout in enumerate(layers.encoder_dropout):
        x = dropout(x)
        outputs, last = zip(*[direction[i](x, is_token=is_token) for direction in layers.directions], strict=True)
        x, *state = (_join(parts) for parts in (outputs, *zip(*last, strict=True)))
        states.append(state)
    return x, states, mask


def _join(parts):
    return parts[0] if len(parts) == 1 else ops.concatenate(parts, axis=-1)


def _decode(layers, target_ids, state):
    """Target ids (batch, target) -> logits, the state and the attention weights (None without attention)."""
    x, states, weights = layers.embedding(target_ids), [], None
    for recurrent, dropout, before in zip(layers.decoder, layers.decoder_dropout, state["recurrent"], strict=True):
        x, after = recurrent(dropout(x), state=before)
        states.append(after)
    shown = [x]
    if layers.attention:
        context, weights = layers.attention(
            x, memory=state["memory"], key=state.get("key"), attention_mask=state["memory_mask"]
        )
        shown = [context, x]
    x = layers.output(layers.output_dropout(_join(shown)))
    return layers.embedding(x, reverse=True), {**state, "recurrent": states}, weights


def _begin(layers, source_ids):
    """What the decoder starts from: the last states as context vector, and with attention all outputs."""
    memory, states, mask = _encode(layers, source_ids)
    if not layers.attention:
        return {"recurrent": states}
    return {"recurrent": states, "memory": memory, "memory_mask": mask}


def build_seq2seq(config):
    """Build the recurrent encoder-decoder of a `ModelConfig`: all the decoder knows of the source is its last state.

    Returns:
        An `EncoderDecoder` without attention.

    Reference: Sutskever et al. 2014, "Sequence to Sequence Learning with Neural Networks"; Cho et al. 2014.
    """
    return _build(config, has_attention=False)


def build_attention(config):
    """Build the recurrent encoder-decoder whose decoder looks at all states of the encoder, at every step.

    The query is the decoder's state, the keys and values are the encoder's states.

    Returns:
        An `EncoderDecoder`; its attention has one layer and one head.

    Reference: Luong et al. 2015, "Effective Approaches to Attention-based Neural Machine Translation", section 3.1.
    """
    return _build(config, has_attention=True)


def _build(config, has_attention):
    layers = _Layers(config, has_attention)
    source_ids = keras.Input((None,), dtype="int32", name="source_ids")
    target_ids = keras.Input((None,), dtype="int32", name="target_ids")
    slots = keras.Input(batch_shape=(None,), dtype="int32", name="slots")

    state = _begin(layers, source_ids)
    logits, _, weights = _decode(layers, target_ids, state)
    inputs = {"source_ids": source_ids, "target_ids": target_ids}
    training = keras.Model(inputs, logits, name="training")
    attention = None
    if has_attention:
        attention = keras.Model(inputs, ops.expand_dims(weights, 1), name="attention")
        state["key"] = layers.attention.project(state["memory"])  # once, for all steps to come
    start = keras.Model({"source_ids": source_ids, "slots": slots}, state, name="start")
    return EncoderDecoder(config, training, attention, start, _build_step(layers, state))


def _build_step(layers, state):
    token_ids = keras.Input((None,), dtype="int32", name="token_ids")
    position = keras.Input(batch_shape=(), dtype="int32", name="position")
    state = state_inputs(state)
    logits, new_state, _ = _decode(layers, token_ids, state)
    inputs = {"token_ids": token_ids, "position": position, "state": state}
    return keras.Model(inputs, (logits, new_state), name="decode_step")
