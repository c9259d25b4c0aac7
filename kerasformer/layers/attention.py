"""Scaled dot-product attention, several heads of it, and the cache that spares a decoder projecting the past again."""

import contextlib
import contextvars
import math

import keras
from keras import ops

from kerasformer.layers.affine import Dense

_portable_writes = contextvars.ContextVar("portable_writes", default=False)
_products_as_sums = contextvars.ContextVar("products_as_sums", default=False)


def attend(scores, value, attention_mask=None):
    """Average the values, weighted by the softmax of the scores.

    Args:
        scores: float (batch, heads, query, key), how well each key matches each query.
        value: float (batch, heads, key, head_dim).
        attention_mask: bool, broadcastable to (batch, heads, query, key), True where attention is allowed.

    Returns:
        The attended values (batch, heads, query, head_dim) and the weights (batch, heads, query, key).
    """
    if attention_mask is not None:
        hidden = -3e4 if keras.backend.standardize_dtype(scores.dtype) == "float16" else -1e9
        # Added, not selected with `where`: every runtime is fast at adding.
        scores = scores + (1.0 - ops.cast(attention_mask, scores.dtype)) * hidden
    weights = ops.softmax(scores, axis=-1)
    if _as_sum(weights):
        column = ops.expand_dims(ops.squeeze(weights, 2), -1)  # (batch, heads, key, 1)
        return ops.sum(column * value, axis=2, keepdims=True), weights
    return ops.matmul(weights, value), weights


def scaled_dot_product_attention(query, key, value, attention_mask=None):
    """Average the values, weighted by how well each key matches the query.

    Args:
        query: float (batch, heads, query, head_dim).
        key: float (batch, heads, key, head_dim).
        value: float (batch, heads, key, head_dim).
        attention_mask: bool, broadcastable to (batch, heads, query, key), True where attention is allowed.

    Returns:
        The attended values (batch, heads, query, head_dim) and the weights (batch, heads, query, key).

    Reference: Vaswani et al. 2017, "Attention Is All You Need", equation 1.
    """
    query = query * (1.0 / math.sqrt(query.shape[-1]))  # on the smaller tensor, before the product
    if _as_sum(query):
        scores = ops.expand_dims(ops.sum(query * key, axis=-1), 2)
    else:
        scores = ops.matmul(query, ops.transpose(key, (0, 1, 3, 2)))
    return attend(scores, value, attention_mask)


@contextlib.contextmanager
def products_as_sums():
    """Within this context, attention of one query is computed without matrix products.

    LiteRT is slow at many small products, and fast at multiplying and adding; XLA is not.
    """
    token = _products_as_sums.set(True)
    try:
        yield
    finally:
        _products_as_sums.reset(token)


def _as_sum(x):
    return _products_as_sums.get() and x.shape[2] == 1  # (batch, heads, query, ...)


@contextlib.contextmanager
def portable_cache_writes():
    """Within this context, write caches without `slice_update`: in a TensorFlow graph it becomes an XLA-only op."""
    token = _portable_writes.set(True)
    try:
        yield
    finally:
        _portable_writes.reset(token)


def write_cache(cache, update, position):
    """Write `update` (batch, heads, query, head_dim) into `cache` (batch, heads, key, head_dim) from `position` on."""
    if not _portable_writes.get():
        return ops.slice_update(cache, (0, 0, position, 0), update)
    row = ops.arange(ops.shape(cache)[2], dtype="int32") - position  # (key,): the row of `update` for each key
    num_rows = ops.shape(update)[2]
    spread = ops.take(update, ops.clip(row, 0, num_rows - 1), axis=2)
    is_written = ops.logical_and(row >= 0, row < num_rows)
    return ops.where(ops.reshape(is_written, (1, 1, -1, 1)), spread, cache)


@keras.saving.register_keras_serializable("kerasformer")
class MultiHeadAttention(keras.layers.Layer):
    """Several attentions side by side, each on its own projection of queries, keys and values.

    Args:
        num_heads: int, number of heads; must divide the width of the queries.

    Call arguments:
        query: float (batch, query, hidden).
        memory: float (batch, key, hidden), what to attend to (`query` itself for self-attention). Without it, the
            keys and values of `cache` are attended to.
        cache: dict of "key" and "value", float (batch, heads, key, head_dim). With `memory`, its keys and values are
            written into the cache at `position`.
        position: int32 scalar, the first place in the cache for `memory`.
        attention_mask: bool, broadcastable to (batch, heads, query, key), True where attention is allowed.

    Returns:
        The output (batch, query, hidden), the cache attended to, and the weights (batch, heads, query, key).

    Reference: Vaswani et al. 2017, "Attention Is All You Need", section 3.2.2.
    """

    def __init__(self, num_heads, **kwargs):
        super().__init__(**kwargs)
        self.num_heads = num_heads

    def build(self, query_shape):
        hidden_dim = query_shape[-1]
        if hidden_dim % self.num_heads:
            raise ValueError(f"num_heads must divide the {hidden_dim} hidden units, got {self.num_heads}")
        self.head_dim = hidden_dim // self.num_heads
        self.query_dense, self.key_dense, self.value_dense, self.output_dense = (
            Dense(hidden_dim, name=name, dtype=self.dtype_policy) for name in ("query", "key", "value", "output")
        )
        for layer in (self.query_dense, self.key_dense, self.value_dense, self.output_dense):
            layer.build(tuple(query_shape))

    def call(self, query, memory=None, cache=None, position=None, attention_mask=None):
        if memory is not None:
            projected = self.project(memory)
            if cache is None:
                cache = projected
            else:
                cache = {name: write_cache(cache[name], projected[name], position) for name in cache}
        heads = self._split_heads(self.query_dense(query))
        attended, weights = scaled_dot_product_attention(heads, cache["key"], cache["value"], attention_mask)
        return self.output_dense(self._merge_heads(attended)), cache, weights

    def project(self, memory):
        """The keys and values of `memory` float (batch, key, hidden), each float (batch, heads, key, head_dim)."""
        return {
            "key": self._split_heads(self.key_dense(memory)),
            "value": self._split_heads(self.value_dense(memory)),
        }

    def compute_output_spec(self, query, memory=None, cache=None, **_):
        keys = self.projected_spec(memory) if cache is None else cache
        weights = (*query.shape[:1], self.num_heads, query.shape[1], keys["key"].shape[2])
        shapes = query.shape, {name: key.shape for name, key in keys.items()}, weights
        return keras.tree.map_shape_structure(lambda shape: keras.KerasTensor(shape, self.compute_dtype), shapes)

    def projected_spec(self, memory):
        """The symbolic result of `project`."""
        shape = (memory.shape[0], self.num_heads, memory.shape[1], self.head_dim)
        return {name: keras.KerasTensor(shape, self.compute_dtype) for name in ("key", "value")}

    def _split_heads(self, x):
        # (batch, length, hidden) -> (batch, heads, length, head_dim)
        x = ops.reshape(x, (-1, ops.shape(x)[1], self.num_heads, self.head_dim))
        return ops.transpose(x, (0, 2, 1, 3))

    def _merge_heads(self, x):
        # (batch, heads, length, head_dim) -> (batch, length, hidden)
        x = ops.transpose(x, (0, 2, 1, 3))
        return ops.reshape(x, (-1, ops.shape(x)[1], self.num_heads * self.head_dim))

    def get_config(self):
        return {**super().get_config(), "num_heads": self.num_heads}
