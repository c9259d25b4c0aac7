"""Losses, and the metrics computed in the same pass over a model's outputs.

The logits of a batch are by far the largest tensor of a step, and reading them is what a loss costs. So the loss, the
metrics and the gradient share the maximum and the exponentials of the logits.
"""

import math

from keras import ops

from kerasformer.layers.affine import upstream_gradient
from kerasformer.tokenizer import PAD_ID


class SmoothedCrossEntropy:
    """Cross-entropy per label, in nats, with a share of the label's probability spread over the vocabulary.

    Args:
        label_smoothing: float, the share that is spread, from 0 to below 1.
        ignored: int, the label of what does not count, such as padding.

    Call arguments:
        labels: int (batch, target), or (batch,) of whole images.
        logits: float (batch, target, vocab), or (batch, classes).
        all_reduce: callable, from a tensor of this process to its sum over all workers.

    Returns:
        float32 (), the mean over all labels of all workers, of which this is the part of this process; and the sums of
        this process for `metrics`, float32 (3,): negative log-likelihood without smoothing, labels whose logit is the
        highest, and labels.

    Reference: Szegedy et al. 2016, "Rethinking the Inception Architecture", section 7.
    """

    def __init__(self, label_smoothing=0.1, ignored=PAD_ID):
        self.label_smoothing = label_smoothing
        self.ignored = ignored

    def __call__(self, labels, logits, all_reduce=lambda x: x):
        labels, smoothing = ops.cast(labels, "int32"), self.label_smoothing

        @ops.custom_gradient
        def measure(logits):
            vocab = logits.shape[-1]
            mask = ops.cast(labels != self.ignored, "float32")
            place = ops.expand_dims(ops.maximum(labels, 0), -1)
            label_logit = ops.cast(ops.squeeze(ops.take_along_axis(logits, place, axis=-1), -1), "float32")
            logits32 = ops.cast(logits, "float32")
            largest = ops.max(logits32, axis=-1)
            exponentials = ops.exp(logits32 - ops.expand_dims(largest, -1))
            total = ops.sum(exponentials, axis=-1)
            log_normaliser = largest + ops.log(total)
            count = ops.sum(mask)
            weight = mask / ops.maximum(all_reduce(count), 1.0)
            smoothed = (1 - smoothing) * label_logit + smoothing * ops.mean(logits32, axis=-1)

            def gradient(*arguments, upstream=None):
                upstream = upstream_gradient(arguments, upstream)[0]
                is_label = ops.expand_dims(labels, -1) == ops.arange(vocab, dtype="int32")
                targets = ops.where(is_label, 1 - smoothing + smoothing / vocab, smoothing / vocab)
                probabilities = exponentials / ops.expand_dims(total, -1)
                return ops.cast((probabilities - targets) * ops.expand_dims(weight * upstream, -1), logits.dtype)

            loss = ops.sum((log_normaliser - smoothed) * weight)
            unlikely = ops.sum((log_normaliser - label_logit) * mask)
            right = ops.sum(ops.cast(label_logit >= largest, "float32") * mask)  # or as high, as happens in bfloat16
            return ops.stack([loss, unlikely, right, count]), gradient

        found = measure(logits)
        return found[0], found[1:]

    def metrics(self, unlikely, right, count):
        """Accuracy (0 to 1) and perplexity: dict, from the sums over all batches."""
        return {"accuracy": right / count, "perplexity": math.exp(min(unlikely / count, 700.0))}


class SquaredError:
    """Mean squared error of images, whose labels are the images themselves.

    Call arguments and Returns as `SmoothedCrossEntropy`, but labels and outputs are float (batch, height, width,
    channels), from 0 to 1, and the sums are float32 (2,): the squared errors, each the mean of an image, and images.
    """

    def __call__(self, labels, outputs, all_reduce=lambda x: x):
        errors = ops.mean(ops.square(ops.cast(outputs, "float32") - ops.cast(labels, "float32")), axis=(1, 2, 3))
        total, count = ops.sum(errors), ops.sum(ops.ones_like(errors))
        return total / all_reduce(count), ops.stack([total, count])

    def metrics(self, total, count):
        """Peak signal-to-noise ratio in dB, that of the mean error over all images: dict, from the sums."""
        return {"psnr": decibels(total / count)}


def decibels(error):
    """The peak signal-to-noise ratio in dB of a mean squared error, float, of pixels from 0 to 1."""
    return -10.0 * math.log10(error) if error else math.inf
