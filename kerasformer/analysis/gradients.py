"""Vanishing gradients: how strongly the loss of the last target token depends on each source token.

In a recurrent network the gradient passes through every position on its way back, and shrinks or grows at each one.

Reference: Pascanu et al. 2013, "On the difficulty of training recurrent neural networks", section 2.
"""

import keras
import numpy as np
from keras import ops

from kerasformer.errors import InputError
from kerasformer.tokenizer import BOS_ID, EOS_ID, PAD_ID, pad_rows

_BATCH = 64


def source_gradients(model, source_ids, target_ids):
    """Norm of the gradient of the last target token's cross-entropy with respect to each embedded source token.

    Source, target and output share one table; only the gradient through the source embeddings is measured.

    Args:
        model: an `EncoderDecoder` of any kind.
        source_ids: int32 (batch, source), padding at the end.
        target_ids: int32 (batch, target), `bos` first and padding at the end. The last token of each row is predicted
            from all tokens before it.

    Returns:
        float32 (batch, source), 0 for padding.

    Raises:
        InputError: on another backend than TensorFlow or JAX.
    """
    return _norms(*_halves(model), source_ids, target_ids)


def gradients_by_distance(model, pairs):
    """The result of `source_gradients` by distance from the end of the source; the last token has distance 0.

    Args:
        model: an `EncoderDecoder` of any kind.
        pairs: list of (source, target), each a list of token ids without `bos` and `eos`, which are added.

    Returns:
        float (distance,), the mean of the norms over all sources that are long enough, relative to the largest norm
        of each source. Sources whose gradient is exactly zero are left out.

    Raises:
        InputError: if there are no pairs, or on another backend than TensorFlow or JAX.
    """
    if not pairs:
        raise InputError("there are no pairs to measure gradients on: expected at least one")
    rows = sorted((([*source, EOS_ID], [BOS_ID, *target, EOS_ID]) for source, target in pairs), key=_lengths)
    halves = _halves(model)
    total, count = np.zeros((2, len(rows[-1][0])))
    for begin in range(0, len(rows), _BATCH):
        sources, targets = zip(*rows[begin : begin + _BATCH], strict=True)
        norms = _norms(*halves, _padded(sources), _padded(targets))
        for source, row in zip(sources, norms, strict=True):
            if row.max() > 0:
                total[: len(source)] += row[: len(source)][::-1] / row.max()
                count[: len(source)] += 1
    return total / np.maximum(count, 1)


def _halves(model):
    """A copy of a model in two: source ids -> embedded source; source ids, target ids and embedded source -> logits."""
    copy = keras.models.clone_model(model.training)  # a copy, because the cut graph could no longer be saved
    copy.set_weights(model.training.get_weights())
    ids = [copy.input["source_ids"], copy.input["target_ids"]]
    embedded = copy.get_layer("source_dropout").output
    return keras.Model(ids[0], embedded), keras.Model([*ids, embedded], copy.output)


def _norms(embed, predict, source_ids, target_ids):
    target_ids = np.asarray(target_ids)
    rows, last = np.arange(len(target_ids)), (target_ids != PAD_ID).sum(axis=1) - 1
    ids = [ops.convert_to_tensor(x, "int32") for x in (source_ids, target_ids[:, :-1])]

    def loss(embedded):
        log_probabilities = ops.log_softmax(predict([*ids, embedded], training=False), axis=-1)
        chosen = np.zeros(log_probabilities.shape, "float32")  # (batch, target, vocab)
        chosen[rows, last - 1, target_ids[rows, last]] = 1
        return -ops.sum(log_probabilities * chosen)  # rows are independent of each other

    gradient = _gradient(loss, embed(ids[0], training=False))
    return ops.convert_to_numpy(ops.norm(gradient, axis=-1))


def _gradient(function, x):
    """The gradient at x of a function from a tensor to a scalar."""
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape() as tape:
            tape.watch(x)
            value = function(x)
        return tape.gradient(value, x)
    if backend == "jax":
        import jax

        return jax.grad(function)(x)
    raise InputError(f"gradients are measured on TensorFlow or JAX, not on {backend}; set KERAS_BACKEND to one of them")


def _lengths(row):
    return [len(ids) for ids in row]


def _padded(rows):
    return pad_rows(rows, max(map(len, rows)))
