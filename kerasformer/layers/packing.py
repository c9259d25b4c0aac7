"""Several sentences in one row, which saves padding; each sees only itself and has its own positions.

The token ids show where a sentence ends: a source ends with `eos`, a target begins with `bos`.
"""

import keras
from keras import ops


@keras.saving.register_keras_serializable("kerasformer")
class SentenceNumber(keras.layers.Layer):
    """The index in its row of the sentence of each token, from 0 on; -1 for padding.

    Args:
        has_bos: bool, True if sentences begin with `bos_id` (targets), False if they end with `eos_id` (sources).
        pad_id, bos_id, eos_id: int, the ids of padding, of the beginning and of the end of a sentence.

    Call arguments:
        token_ids: int32 (batch, length).

    Returns:
        int32 (batch, length).

    Reference: Krell et al. 2021, "Efficient Sequence Packing without Cross-contamination", section 3.2.
    """

    def __init__(self, has_bos, pad_id=0, bos_id=2, eos_id=3, **kwargs):
        super().__init__(**kwargs)
        self.has_bos = has_bos
        self.pad_id = pad_id
        self.bos_id = bos_id
        self.eos_id = eos_id

    def call(self, token_ids):
        if self.has_bos:
            is_begin = ops.cast(token_ids == self.bos_id, "int32")
            number = ops.cumsum(is_begin, axis=1) - is_begin[:, :1]  # from 0 on, also in a row that begins without bos
        else:
            is_end = ops.cast(token_ids == self.eos_id, "int32")
            number = ops.cumsum(is_end, axis=1) - is_end  # an eos belongs to the sentence that it ends
        return ops.where(token_ids == self.pad_id, -1, number)

    def get_config(self):
        names = ("has_bos", "pad_id", "bos_id", "eos_id")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


@keras.saving.register_keras_serializable("kerasformer")
class SentenceMask(keras.layers.Layer):
    """Hide other sentences from every query.

    Call arguments:
        query: int32 (batch, query), the sentence of each query.
        key: int32 (batch, key), the sentence of each key, -1 for padding.

    Returns:
        bool (batch, 1, query, key), which broadcasts over heads.
    """

    def call(self, query, key):
        query, key = ops.expand_dims(query, 2), ops.expand_dims(key, 1)
        return ops.expand_dims(ops.logical_and(query == key, key >= 0), 1)


@keras.saving.register_keras_serializable("kerasformer")
class SentencePosition(keras.layers.Layer):
    """The position of each token in its sentence: the number of tokens of the same sentence before it.

    Call arguments:
        number: int32 (batch, length), the sentence of each token.

    Returns:
        int32 (batch, length).
    """

    def call(self, number):
        is_same = ops.expand_dims(number, 2) == ops.expand_dims(number, 1)  # (batch, token, other)
        place = ops.arange(ops.shape(number)[1], dtype="int32")
        is_before = ops.expand_dims(place, 0) < ops.expand_dims(place, 1)
        return ops.sum(ops.cast(ops.logical_and(is_same, is_before), "int32"), axis=2)
