"""How far back a model learns: how much each position of the source can change the loss of the last target step.

Through a recurrent network the gradient goes back position by position, and each makes it smaller or larger: that it
vanishes is the second fault of such networks. Reference: Pascanu et al. 2013, "On the
difficulty of training recurrent neural networks", section 2.
"""

import keras
import numpy as np
from keras import ops

from kerasformer.errors import InputError
from kerasformer.tokenizer import BOS_ID, EOS_ID, PAD_ID

_BATCH = 64


def source_gradients(model, source_ids, target_ids):
    """Norm of the gradient of the last target step's cross-entropy with respect to each embedded source token.

    The same table embeds the source and the target and scores the words; only the source's way counts here.

    Args:
        model: an `EncoderDecoder` of any kind.
        source_ids: int32 (batch, source), padding at the end.
        target_ids: int32 (batch, target), `bos` first and padding at the end. The last token of a row is the one to
            be foretold, from all before it.

    Returns:
        float32 (batch, source), 0 for padding.

    Raises:
        InputError: on another backend than TensorFlow or JAX.
    """
    return _norms(*_halves(model), source_ids, target_ids)


def gradients_by_distance(model, pairs):
    """What `source_gradients` finds, by the distance from the end of the source: its last token has distance 0.

    Args:
        model: an `EncoderDecoder` of any kind.
        pairs: list of (source, target), each a list of token ids without `bos` and `eos`, which are added.

    Returns:
        float (distance,), the mean over the sources that reach so far of norms relative to the largest of their
        source. A source without any gradient, where the model is sure to the last bit, is left out.

    Raises:
        InputError: if there are no pairs, or on another backend than TensorFlow or JAX.
    """
    if not pairs:
        raise InputError("there are no pairs to measure gradients on: expected at least one")
    rows = sorted((([*source, EOS_ID], [BOS_ID, *target, EOS_ID]) for source, target in pairs), key=_lengths)
    halves, (total, count) = _halves(model), np.zeros((2, len(rows[-1][0])))
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
    copy = keras.models.clone_model(model.training)  # for a graph that is cut cannot be saved any more
    copy.set_weights(model.training.get_weights())
    ids = [copy.input["source_ids"], copy.input["target_ids"]]
    embedded = copy.get_layer("source_dropout").output
    return keras.Model(ids[0], embedded), keras.Model([*ids, embedded], copy.output)


def _norms(embed, foretell, source_ids, target_ids):
    target_ids = np.asarray(target_ids)
    rows, last = np.arange(len(target_ids)), (target_ids != PAD_ID).sum(axis=1) - 1
    ids = [ops.convert_to_tensor(x, "int32") for x in (source_ids, target_ids[:, :-1])]

    def loss(embedded):
        log_probabilities = ops.log_softmax(foretell([*ids, embedded], training=False), axis=-1)
        chosen = np.zeros(log_probabilities.shape, "float32")  # (batch, target, vocab)
        chosen[rows, last - 1, target_ids[rows, last]] = 1
        return -ops.sum(log_probabilities * chosen)  # no row has a part in another's loss

    gradient = _gradient(loss, embed(ids[0], training=False))
    return ops.convert_to_numpy(ops.norm(gradient, axis=-1))


def _gradient(function, x):
    """The gradient of a function, of a tensor to a scalar, at x."""
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
    padded = np.full((len(rows), max(map(len, rows))), PAD_ID, "int32")
    for row, ids in zip(padded, rows, strict=True):
        row[: len(ids)] = ids
    return padded
