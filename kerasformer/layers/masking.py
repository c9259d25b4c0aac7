"""Which position may attend to which: True means it may. Masks are computed from token ids and passed as arguments."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("kerasformer")
class PaddingMask(keras.layers.Layer):
    """Hide padding from every query.

    Args:
        pad_id: int, the id of padding.

    Call arguments:
        token_ids: int32 (batch, key).

    Returns:
        bool (batch, 1, 1, key), which broadcasts over heads and queries.
    """

    def __init__(self, pad_id=0, **kwargs):
        super().__init__(**kwargs)
        self.pad_id = pad_id

    def call(self, token_ids):
        is_token = ops.not_equal(token_ids, self.pad_id)
        return ops.expand_dims(ops.expand_dims(is_token, 1), 1)

    def get_config(self):
        return {**super().get_config(), "pad_id": self.pad_id}


@keras.saving.register_keras_serializable("kerasformer")
class CausalMask(keras.layers.Layer):
    """Hide the future: a query sees the keys up to its own position.

    Call arguments:
        query: a tensor (batch, query, ...); only its length is used.
        key: a tensor (batch, ..., key, dim); only its length is used; `query` itself by default.
        position: int32 scalar, the position of the first query; 0 by default.

    Returns:
        bool (1, 1, query, key).

    Reference: Vaswani et al. 2017, "Attention Is All You Need", section 3.2.3.
    """

    def call(self, query, key=None, position=0):
        num_queries = ops.shape(query)[1]
        num_keys = num_queries if key is None else ops.shape(key)[-2]
        query_position = ops.expand_dims(ops.arange(num_queries, dtype="int32") + position, 1)  # (query, 1)
        key_position = ops.expand_dims(ops.arange(num_keys, dtype="int32"), 0)  # (1, key)
        return ops.expand_dims(ops.expand_dims(key_position <= query_position, 0), 0)


@keras.saving.register_keras_serializable("kerasformer")
class HypothesisMask(keras.layers.Layer):
    """Show each hypothesis of a sentence the keys that it descends from, where all of them share one cache.

    Step p of place j has key p * beam + j of the cache.

    Call arguments:
        ancestors: int32 (batch, beam, length), the place that each hypothesis descends from at each step; -1 for
            steps to come.
        key: a tensor (batch, heads, key, head_dim); only its length is used, beam times `length` at most.

    Returns:
        bool (batch, 1, beam, key).
    """

    def call(self, ancestors, key):
        beam, num_keys = ancestors.shape[1] or ops.shape(ancestors)[1], ops.shape(key)[2]
        of_keys = ops.repeat(ancestors, beam, axis=2)[:, :, :num_keys]
        place = ops.arange(num_keys, dtype="int32") % beam
        return ops.expand_dims(of_keys == place, 1)

    def compute_output_spec(self, ancestors, key):
        return keras.KerasTensor((ancestors.shape[0], 1, ancestors.shape[1], key.shape[2]), "bool")
