"""What training lowers, and the figures people read. What has no label, such as padding, never counts.

Labels are sparse ids; with XLA the maximum and the sum over the vocabulary are computed once for loss, accuracy and
perplexity. Labels of a reconstruction are the images themselves.
"""

import math

import keras
from keras import ops

from kerasformer.tokenizer import PAD_ID


def _statistics(labels, logits, ignored):
    """Logits, and for each label its mask, log-normaliser and its own logit."""
    logits = ops.cast(logits, "float32")
    labels = ops.cast(labels, "int32")
    mask = ops.cast(labels != ignored, "float32")
    is_label = ops.expand_dims(labels, -1) == ops.arange(logits.shape[-1], dtype="int32")
    label_logit = ops.sum(ops.where(is_label, logits, 0.0), axis=-1)
    return logits, mask, ops.logsumexp(logits, axis=-1), label_logit


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

    def call(self, y_true, y_pred):
        logits, mask, log_normaliser, label_logit = _statistics(y_true, y_pred, self.ignored)
        smoothed = (1 - self.label_smoothing) * label_logit + self.label_smoothing * ops.mean(logits, axis=-1)
        return ops.sum((log_normaliser - smoothed) * mask) / ops.maximum(self.total(ops.sum(mask)), 1.0)

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
        logits, mask, log_normaliser, label_logit = _statistics(y_true, y_pred, self.ignored)
        self.total.assign_add(ops.sum(self._value(logits, log_normaliser, label_logit) * mask))
        self.count.assign_add(ops.sum(mask))

    def result(self):
        return self.total / ops.maximum(self.count, 1.0)

    def get_config(self):
        return {**super().get_config(), "ignored": self.ignored}


@keras.saving.register_keras_serializable("kerasformer")
class TokenAccuracy(_TokenMean):
    """Share of labels to which the model gives its highest logit."""

    def _value(self, logits, log_normaliser, label_logit):
        return ops.cast(label_logit >= ops.max(logits, axis=-1), "float32")


@keras.saving.register_keras_serializable("kerasformer")
class Perplexity(_TokenMean):
    """exp of the mean negative log-likelihood of the labels, without smoothing."""

    def _value(self, logits, log_normaliser, label_logit):
        return log_normaliser - label_logit

    def result(self):
        return ops.exp(super().result())


@keras.saving.register_keras_serializable("kerasformer")
class PeakSignalToNoise(keras.metrics.MeanSquaredError):
    """How faithful images are, in dB: -10 log10 of the mean squared error of values from 0 to 1, over all images."""

    def result(self):
        return -10.0 / math.log(10.0) * ops.log(super().result())
