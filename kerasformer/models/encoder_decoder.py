"""The common form of models that turn a source into a target: functional graphs that share their layers."""

import dataclasses

import keras
from keras import ops

from kerasformer.config import ModelConfig


@dataclasses.dataclass(frozen=True)
class EncoderDecoder:
    """A model that turns a source into a target; search, bundles and exports see nothing else of it.

    Args:
        config: the config that it was built from.
        training: {"source_ids": int32 (batch, source), "target_ids": int32 (batch, target)} ->
            logits float (batch, target, vocab). It owns every weight of a translator. Its layer "source_dropout"
            returns the embedded source, float (batch, source, hidden).
        attention: the same inputs -> attention weights float (batch, layers, heads, target, source);
            None for a model without attention.
        start: source_ids int32 (batch, source) -> the part of the state that depends on the source; None for a
            decoder-only model, which reads the source with `decode_step`.
        decode_step: {"token_ids": int32 (batch, query), "position": int32 (), "state": state} ->
            logits float (batch, query, vocab) and the new state, a nest of tensors (batch, ...).
        beam_graph: the same for the hypotheses of a sentence, which share one state: token_ids are int32 (batch, beam),
            and further inputs are "ancestors" int32 (batch, beam, length), see `layers.HypothesisMask`, and "place"
            int32 (), where the cache is written. None for a model whose hypotheses need a state each.
        packs: whether several sentences may share a row of `training`.
    """

    config: ModelConfig
    training: keras.Model
    attention: keras.Model | None
    start: keras.Model | None
    decode_step: keras.Model
    beam_graph: keras.Model | None = dataclasses.field(default=None, kw_only=True)
    packs: bool = dataclasses.field(default=False, kw_only=True)

    @property
    def parts(self):
        """The graphs that own weights, by name."""
        return {"model": self.training}

    def begin(self, source_ids, length):
        """The state after the source int32 (batch, source), with room for `length` tokens of the target."""
        state = self.start(source_ids, training=False)
        return {**state, **self.empty_cache(source_ids, length)}

    def step(self, token_ids, position, state):
        """Logits (batch, query, vocab) and state after token_ids int32 (batch, query), the first at `position`."""
        inputs = {"token_ids": token_ids, "position": position, "state": state}
        return self.decode_step(inputs, training=False)

    def grow(self, state, length):
        """A state with room for `length` tokens of the target in all, at least as many as it has room for."""
        if "cache" not in state:
            return state

        def longer(x):  # (batch, heads, key, head_dim)
            return ops.pad(x, [(0, 0), (0, 0), (0, length - ops.shape(x)[2]), (0, 0)])

        return {**state, "cache": keras.tree.map_structure(longer, state["cache"])}

    def beam_step(self, token_ids, position, state, ancestors):
        """As `step`, for the hypotheses of each sentence at one position: token_ids int32 (batch, beam)."""
        inputs = {"token_ids": token_ids, "position": position, "state": state, "ancestors": ancestors}
        return self.beam_graph({**inputs, "place": position * token_ids.shape[1]}, training=False)

    def empty_cache(self, source_ids, length):
        """{"cache": zeros for the keys and values of `length` positions}; {} for a model without a cache."""
        # Computed from the ids, none of which is negative: an export would hold as many zeros for every length.
        nothing = ops.any(source_ids < 0)

        def zeros(x):  # (batch, heads, key, head_dim)
            shape = ops.shape(source_ids)[0], x.shape[1], length, x.shape[3]
            return ops.broadcast_to(ops.cast(nothing, x.dtype), shape)

        state = self.decode_step.input["state"]
        return {"cache": keras.tree.map_structure(zeros, state["cache"])} if "cache" in state else {}


def connect(train, start, step, further_state=None, beam_step=None):
    """Connect the layers of a model into its graphs.

    Args:
        train: (source_ids, target_ids) -> logits, and attention weights or None, as `EncoderDecoder` describes them.
        start: source_ids -> state after the source; None for a decoder-only model.
        step: (token_ids, position, state) -> logits and the new state.
        further_state: dict of symbolic tensors, what the state has beside the output of `start`.
        beam_step: (token_ids, position, state, ancestors, place) -> logits and the new state; None for a model
            without it.

    Returns:
        dict of the graphs "training", "attention", "start", "decode_step" and, if there is one, "beam_graph".
    """
    source_ids, target_ids, token_ids = (
        keras.Input((None,), dtype="int32", name=name) for name in ("source_ids", "target_ids", "token_ids")
    )
    position = keras.Input(batch_shape=(), dtype="int32", name="position")
    inputs = {"source_ids": source_ids, "target_ids": target_ids}
    logits, weights = train(source_ids, target_ids)
    first_state = start(source_ids) if start else {}
    # In the order of the names, in which every backend of Keras returns the state.
    state = dict(sorted({**first_state, **(further_state or {})}.items()))
    state = keras.tree.map_structure(lambda x: keras.Input(batch_shape=x.shape, dtype=x.dtype), state)
    step_inputs = {"token_ids": token_ids, "position": position, "state": state}
    graphs = {
        "training": keras.Model(inputs, logits, name="training"),
        "attention": None if weights is None else keras.Model(inputs, weights, name="attention"),
        "start": keras.Model(source_ids, first_state, name="start") if start else None,
        "decode_step": keras.Model(step_inputs, step(**step_inputs), name="decode_step"),
    }
    if beam_step:
        ancestors = keras.Input((None, None), dtype="int32", name="ancestors")
        place = keras.Input(batch_shape=(), dtype="int32", name="place")
        beam_inputs = {**step_inputs, "ancestors": ancestors, "place": place}
        graphs["beam_graph"] = keras.Model(beam_inputs, beam_step(**beam_inputs), name="beam_step")
    return graphs


def cache_of(blocks, config):
    """The symbolic cache of decoder blocks: for each a dict of "key" and "value", (batch, heads, key, head_dim)."""
    shape = (None, config.num_heads, None, config.hidden_dim // config.num_heads)
    return [{name: keras.KerasTensor(shape, block.compute_dtype) for name in ("key", "value")} for block in blocks]
