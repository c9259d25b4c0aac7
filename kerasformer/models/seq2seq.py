"""Recurrent encoder-decoders: with one fixed context vector, or with attention to all states of the encoder."""

from keras import ops

from kerasformer.layers import Dense, Dropout, PaddingMask, Recurrent, ScoredAttention, TokenEmbedding
from kerasformer.models.encoder_decoder import EncoderDecoder, connect


class RecurrentEncoderDecoder:
    """The layers, each made once and shared by all graphs, and the ways through them.

    Args:
        config: `ModelConfig`.
        has_attention: bool, whether the decoder attends to the states of the encoder.
    """

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
        # On the input of each layer of the encoder and of the decoder, and on the output of the last.
        names = ["source_dropout", *(f"encoder_dropout_{i}" for i in numbers[1:])]
        self.encoder_dropout = [Dropout(config.dropout, name=name) for name in names]
        self.decoder_dropout = [Dropout(config.dropout, name=f"decoder_dropout_{i}") for i in numbers]
        self.output_dropout = Dropout(config.dropout, name="output_dropout")
        self.attention = ScoredAttention(config.score, name="attention") if has_attention else None
        self.output = Dense(hidden_dim, activation="tanh", name="output")

    def encode(self, source_ids):
        """Source ids int32 (batch, source) -> what the decoder starts from.

        That is the last states of each layer, the context vector; with attention the outputs of the encoder
        (batch, source, hidden) and their mask (batch, 1, 1, source) as well.
        """
        mask = self.padding_mask(source_ids)
        is_token = mask[:, 0, 0]  # (batch, source)
        x, states = self.embedding(source_ids), []
        for i, dropout in enumerate(self.encoder_dropout):
            x = dropout(x)
            outputs, last = zip(*[direction[i](x, is_token=is_token) for direction in self.directions], strict=True)
            x = _join(outputs)
            states.append([_join(parts) for parts in zip(*last, strict=True)])
        return {"recurrent": states, **({"memory": x, "memory_mask": mask} if self.attention else {})}

    def decode(self, target_ids, state):
        """Target ids int32 (batch, target) -> logits, the state, and the weights (batch, 1, target, source) or None."""
        x, states, weights = self.embedding(target_ids), [], None
        for recurrent, dropout, before in zip(self.decoder, self.decoder_dropout, state["recurrent"], strict=True):
            x, after = recurrent(dropout(x), state=before)
            states.append(after)
        if self.attention:
            context, weights = self.attention(
                x, memory=state["memory"], key=state.get("key"), attention_mask=state["memory_mask"]
            )
            x = ops.concatenate([context, x], axis=-1)  # (batch, target, 2 hidden)
        x = self.output(self.output_dropout(x))
        return self.embedding(x, reverse=True), {**state, "recurrent": states}, weights

    def train(self, source_ids, target_ids):
        """Source and target ids -> logits, and weights (batch, 1, 1, target, source) or None."""
        logits, _, weights = self.decode(target_ids, self.encode(source_ids))
        return logits, None if weights is None else ops.expand_dims(weights, 1)

    def start(self, source_ids):
        """Source ids -> the state, with the keys of the memory computed once for all steps."""
        state = self.encode(source_ids)
        return {**state, "key": self.attention.project(state["memory"])} if self.attention else state

    def step(self, token_ids, position, state):
        """Token ids int32 (batch, query) -> logits and the new state; a recurrence needs no position."""
        logits, state, _ = self.decode(token_ids, state)
        return logits, state


def build_seq2seq(config):
    """Build the recurrent encoder-decoder of a `ModelConfig` whose decoder sees only the encoder's last state.

    Returns:
        An `EncoderDecoder` without attention.

    Reference: Sutskever et al. 2014, "Sequence to Sequence Learning with Neural Networks"; Cho et al. 2014.
    """
    return _build(config, has_attention=False)


def build_attention(config):
    """Build the recurrent encoder-decoder of a `ModelConfig` whose decoder attends to all states of the encoder.

    The query is the decoder's state, the keys and values are the encoder's states.

    Returns:
        An `EncoderDecoder`; its attention has one layer and one head.

    Reference: Luong et al. 2015, "Effective Approaches to Attention-based Neural Machine Translation", section 3.1.
    """
    return _build(config, has_attention=True)


def _build(config, has_attention):
    layers = RecurrentEncoderDecoder(config, has_attention)
    return EncoderDecoder(config, **connect(layers.train, layers.start, layers.step))


def _join(parts):
    """Both directions side by side: (batch, ..., hidden)."""
    return parts[0] if len(parts) == 1 else ops.concatenate(parts, axis=-1)
