"""Attention of a recurrent decoder to all states of the encoder, in place of one fixed context vector."""

import math

import keras
from keras import ops

from kerasformer.config.text import SCORES
from kerasformer.errors import require_one_of
from kerasformer.layers.affine import Dense
from kerasformer.layers.attention import attend


@keras.saving.register_keras_serializable("kerasformer")
class ScoredAttention(keras.layers.Layer):
    """Attention with one head and one of four scores of a query and a key.

    Args:
        score: "dot" (q . k), "scaled" (q . k / sqrt(hidden)), "general" (q . W k) or
            "additive" (v . tanh(W1 q + W2 k)).

    Call arguments:
        query: float (batch, query, hidden), states of the decoder.
        memory: float (batch, key, hidden), all states of the encoder, which are the values.
        key: float (batch, key, hidden), the result of `project`; computed from the memory by default.
        attention_mask: bool, broadcastable to (batch, 1, query, key), True where attention is allowed.

    Returns:
        The context (batch, query, hidden), and the weights (batch, 1, query, key).

    Reference: Luong et al. 2015, "Effective Approaches to Attention-based Neural Machine Translation", section 3.1
    (dot, general); Bahdanau et al. 2015, "Neural Machine Translation by Jointly Learning to Align and Translate",
    appendix A.1.2 (additive); Vaswani et al. 2017, section 3.2.1 (scaled).
    """

    def __init__(self, score="dot", **kwargs):
        super().__init__(**kwargs)
        require_one_of(score, "score", SCORES)
        self.score = score

    def build(self, query_shape):
        def dense(units, name):
            layer = Dense(units, use_bias=False, name=name, dtype=self.dtype_policy)
            layer.build(tuple(query_shape))
            return layer

        hidden_dim = query_shape[-1]
        if self.score in ("general", "additive"):
            self.key_dense = dense(hidden_dim, "key")
        if self.score == "additive":
            self.query_dense = dense(hidden_dim, "query")
            self.score_dense = dense(1, "score")

    def project(self, memory):
        """The keys (batch, key, hidden) of the memory (batch, key, hidden), computed once for all queries."""
        return self.key_dense(memory) if self.score in ("general", "additive") else memory

    def call(self, query, memory, key=None, attention_mask=None):
        key = self.project(memory) if key is None else key
        if self.score == "additive":
            query = ops.expand_dims(self.query_dense(query), 2)  # (batch, query, 1, hidden)
            scores = self.score_dense(ops.tanh(query + ops.expand_dims(key, 1)))[..., 0]
        else:
            scores = ops.matmul(query, ops.transpose(key, (0, 2, 1)))
            if self.score == "scaled":
                scores = scores / math.sqrt(query.shape[-1])
        context, weights = attend(ops.expand_dims(scores, 1), ops.expand_dims(memory, 1), attention_mask)
        return context[:, 0], weights

    def compute_output_spec(self, query, memory, **_):
        weights = (*query.shape[:1], 1, query.shape[1], memory.shape[1])
        return tuple(keras.KerasTensor(shape, self.compute_dtype) for shape in (query.shape, weights))

    def get_config(self):
        return {**super().get_config(), "score": self.score}
