"""What search, bundle and export see of a model: four functional graphs over the same layers, whatever its kind."""

import dataclasses

import keras
from keras import ops

from kerasformer.config import ModelConfig


@dataclasses.dataclass(frozen=True)
class EncoderDecoder:
    """A model that turns a source into a target.

    Args:
        config: the sizes it was built from.
        training: {"source_ids": int32 (batch, source), "target_ids": int32 (batch, target)} ->
            logits float (batch, target, vocab). It owns every weight of a translator, whose embedded source
            (batch, source, hidden) is what its layer "source_dropout" gives.
        attention: the same inputs -> attention weights float (batch, layers, heads, target, source);
            None for a model without attention.
        start: {"source_ids": int32 (batch, source), "slots": int32 (length,)} -> state, a nest of tensors that
            lead with batch, with room for `length` target positions (the values in `slots` do not matter).
        decode_step: {"token_ids": int32 (batch, query), "position": int32 (), "state": state} ->
            logits float (batch, query, vocab) and the new state.
        packs: whether several sentences may share a row of `training`.
    """

    config: ModelConfig
    training: keras.Model
    attention: keras.Model | None
    start: keras.Model
    decode_step: keras.Model
    packs: bool = dataclasses.field(default=False, kw_only=True)

    @property
    def parts(self):
        """The graphs that own weights, by name."""
        return {"model": self.training}

    def begin(self, source_ids, length):
        """The state after the source (batch, source), with room for `length` target positions."""
        slots = ops.zeros((length,), dtype="int32")
        return self.start({"source_ids": source_ids, "slots": slots}, training=False)

    def step(self, token_ids, position, state):
        """Logits (batch, query, vocab) and state after token_ids (batch, query), the first of them at `position`."""
        inputs = {"token_ids": token_ids, "position": position, "state": state}
        return self.decode_step(inputs, training=False)


def state_inputs(state):
    """A `keras.Input` for each tensor of a decoding state.

    In the order of the names, in which every backend of Keras hands the state back.
    """
    ordered = dict(sorted(state.items()))
    return keras.tree.map_structure(lambda x: keras.Input(batch_shape=x.shape, dtype=x.dtype), ordered)
