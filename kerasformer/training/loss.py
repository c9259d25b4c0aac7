"""What training lowers, and the two figures people read: accuracy and perplexity. Padding never counts.

Labels are sparse ids; with XLA the maximum and the sum over the vocabulary are computed once for all three.
"""

import keras
from keras import ops

from kerasformer.tokenizer import PAD_ID


def _statistics(labels, logits):
    """For each position (batch, target): its mask, log-normaliser, the label's logit and the label's id."""
    logits = ops.cast(logits, "float32")
    labels = ops.cast(labels, "int32")
    mask = ops.cast(labels != PAD_ID, "float32")
    is_label = ops.expand_dims(labels, -1) == ops.arange(logits.shape[-1], dtype="int32")
    label_logit = ops.sum(ops.where(is_label, logits, 0.0), axis=-1)
    return logits, mask, ops.logsumexp(logits, axis=-1), label_logit


@keras.saving.register_keras_serializable("kerasformer")
class SmoothedCrossEntropy(keras.losses.Loss):
    """Cross-entropy a token, in nats, against the label with part of its probability spread over the vocabulary.

    Args:
        label_smoothing: float, the share that is spread, 0 to 1.

    Call arguments:
        y_true: labels, int (batch, target), `PAD_ID` where there is none.
        y_pred: logits, float (batch, target, vocab).

    Returns:
        float scalar, the mean over all labels.

    Reference: Szegedy et al. 2016, "Rethinking the Inception Architecture", section 7.
    """

    def __init__(self, label_smoothing=0.1, name="smoothed_cross_entropy"):
        super().__init__(name=name, reduction=None)
        self.label_smoothing = label_smoothing

    def call(self, y_true, y_pred):
        logits, mask, log_normaliser, label_logit = _statistics(y_true, y_pred)
        smoothed = (1 - self.label_smoothing) * label_logit + self.label_smoothing * ops.mean(logits, axis=-1)
        return ops.sum((log_normaliser - smoothed) * mask) / ops.maximum(ops.sum(mask), 1.0)

    def get_config(self):
        return {"label_smoothing": self.label_smoothing, "name": self.name}


class _TokenMean(keras.metrics.Metric):
    """The mean over all labels of what `_value` says of each (batch, target)."""

    def __init__(self, name=None, **kwargs):
        super().__init__(name=name, **kwargs)
        self.total = self.add_weight(name="total", initializer="zeros")
        self.count = self.add_weight(name="count", initializer="zeros")

    def update_state(self, y_true, y_pred, sample_weight=None):
        logits, mask, log_normaliser, label_logit = _statistics(y_true, y_pred)
        self.total.assign_add(ops.sum(self._value(logits, log_normaliser, label_logit) * mask))
        self.count.assign_add(ops.sum(mask))

    def result(self):
        return self.total / ops.maximum(self.count, 1.0)


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
