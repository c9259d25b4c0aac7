"""What training lowers, and the figures people read. What has no label, such as padding, never counts.

Labels are sparse ids. The logits of a batch are the largest tensor of a step by far, and what this takes is how often
they are read: for their maximum, their mean, and their exponentials, of which a compiler makes one for loss, perplexity
and gradient together. Labels of a reconstruction are the images themselves.
"""

import functools
import math

import keras
from keras import ops

from kerasformer.tokenizer import PAD_ID


class _Statistics:
    """What loss and metrics need to know of logits (..., vocab), each (...) and float32.

    Attributes:
        logits: (..., vocab).
        mask: 1 where there is a label.
        label_logit, largest: the logit of the label, and the largest.
        exponentials: (..., vocab), of the logits less the largest.
        total: their sum.
        log_normaliser: the log of the sum of the exponentials of the logits themselves.
    """

    def __init__(self, labels, logits, ignored):
        labels = ops.cast(labels, "int32")
        self.logits = ops.cast(logits, "float32")
        self.mask = ops.cast(labels != ignored, "float32")
        place = ops.expand_dims(ops.maximum(labels, 0), -1)
        self.label_logit = ops.cast(ops.squeeze(ops.take_along_axis(logits, place, axis=-1), -1), "float32")
        self.largest = ops.max(self.logits, axis=-1)

    @functools.cached_property
    def exponentials(self):
        return ops.exp(self.logits - ops.expand_dims(self.largest, -1))

    @functools.cached_property
    def total(self):
        return ops.sum(self.exponentials, axis=-1)

    @functools.cached_property
    def log_normaliser(self):
        return self.largest + ops.log(self.total)


@keras.saving.register_keras_serializable("kerasformer")
class SmoothedCrossEntropy(keras.losses.Loss):
    """Cross-entropy a token, in nats, against the label with part of its probability spread over the vocabulary.

    Args:
        label_smoothing: float, the share that is spread, 0 to 1.
        ignored: int, the id that stands for no label.

    Attributes:
        total: callable, the sum over all workers of a number of labels; this process's own unless a trainer sets it.

    Call arguments:
        y_true: labels, int (batch, target), or (batch,) of whole images.
        y_pred: logits, float (batch, target, vocab), or (batch, classes).

    Returns:
        float scalar, the mean over all labels.

    Reference: Szegedy et al. 2016, "Rethinking the Inception Architecture", section 7.
    """

    def __init__(self, label_smoothing=0.1, ignored=PAD_ID, name="smoothed_cross_entropy"):
        super().__init__(name=name, reduction=None)
        self.label_smoothing = label_smoothing
        self.ignored = ignored
        self.total = lambda count: count

    def __call__(self, y_true, y_pred, sample_weight=None):
        # Keras's own would cast labels and logits to float32 first, and so read and write all logits once more.
        if sample_weight is not None:
            raise ValueError("what has no weight is to have the label `ignored`; sample_weight is not supported")
        return self.call(y_true, y_pred)

    def call(self, y_true, y_pred):
        labels, smoothing = ops.cast(y_true, "int32"), self.label_smoothing

        @ops.custom_gradient
        def mean(logits):
            vocab = logits.shape[-1]
            found = _Statistics(labels, logits, self.ignored)
            weight = found.mask / ops.maximum(self.total(ops.sum(found.mask)), 1.0)
            smoothed = (1 - smoothing) * found.label_logit + smoothing * ops.mean(found.logits, axis=-1)

            def gradient(*arguments, upstream=None):
                upstream = arguments[-1] if upstream is None else upstream
                is_label = ops.expand_dims(labels, -1) == ops.arange(vocab, dtype="int32")
                wanted = ops.where(is_label, 1 - smoothing + smoothing / vocab, smoothing / vocab)
                given = found.exponentials / ops.expand_dims(found.total, -1)
                return ops.cast((given - wanted) * ops.expand_dims(weight * upstream, -1), logits.dtype)

            return ops.sum((found.log_normaliser - smoothed) * weight), gradient

        return mean(y_pred)

    def get_config(self):
        return {"label_smoothing": self.label_smoothing, "ignored": self.ignored, "name": self.name}


class _TokenMean(keras.metrics.Metric):
    """The mean over all labels but `ignored` of what `_value` says of each."""

    def __init__(self, name=None, ignored=PAD_ID, **kwargs):
        super().__init__(name=name, **kwargs)
        self.ignored = ignored
        self.total = self.add_weight(name="total", initializer="zeros")
        self.count = self.add_weight(name="count", initializer="zeros")

    def update_state(self, y_true, y_pred, sample_weight=None):
        found = _Statistics(y_true, y_pred, self.ignored)
        self.total.assign_add(ops.sum(self._value(found) * found.mask))
        self.count.assign_add(ops.sum(found.mask))

    def result(self):
        return self.total / ops.maximum(self.count, 1.0)

    def get_config(self):
        return {**super().get_config(), "ignored": self.ignored}


@keras.saving.register_keras_serializable("kerasformer")
class TokenAccuracy(_TokenMean):
    """Share of labels to which the model gives its highest logit, or one as high, as happens in bfloat16."""

    def _value(self, found):
        return ops.cast(found.label_logit >= found.largest, "float32")


@keras.saving.register_keras_serializable("kerasformer")
class Perplexity(_TokenMean):
    """exp of the mean negative log-likelihood of the labels, without smoothing."""

    def _value(self, found):
        return found.log_normaliser - found.label_logit

    def result(self):
        return ops.exp(super().result())


@keras.saving.register_keras_serializable("kerasformer")
class PeakSignalToNoise(keras.metrics.MeanSquaredError):
    """Peak signal-to-noise ratio in dB of pixels from 0 to 1, over all images."""

    def result(self):
        return decibels(super().result())


def decibels(error):
    """The peak signal-to-noise ratio in dB of a mean squared error, float (), of pixels from 0 to 1."""
    return -10.0 / math.log(10.0) * ops.log(error)
