"""Dropout with cheap random bits: those of Keras's generator take a third of a training step on a CPU."""

import math

import keras
from keras import ops


@keras.saving.register_keras_serializable("kerasformer")
class Dropout(keras.layers.Layer):
    """Set a share of the elements to 0 in training, and scale up the others so that the expected sum is unchanged.

    A hash of the element's index and of a seed, new for each call, decides whether the element stays: a few integer
    operations that compilers fuse with their neighbours.

    Args:
        rate: float, the share to drop, at least 0 and below 1.
        seed: int; None for Keras's own.

    Attributes:
        rows: (first, step), the same for all layers of this process: the rows of the whole batch that the inputs are.
            Each of several workers has every `step`-th row, and drops the same elements of it as one process would.

    Call arguments:
        inputs: float (batch, ...).
        training: bool, whether to drop.

    Returns:
        float, of the same shape.

    Reference: Srivastava et al. 2014, "Dropout: A Simple Way to Prevent Neural Networks from Overfitting"; Salmon et
    al. 2011, "Parallel Random Numbers: As Easy as 1, 2, 3" (numbers from a counter).
    """

    rows = 0, 1

    def __init__(self, rate, seed=None, **kwargs):
        super().__init__(**kwargs)
        if not 0 <= rate < 1:
            raise ValueError(f"rate must be at least 0 and below 1, got {rate}")
        self.rate = rate
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed) if rate else None

    def call(self, inputs, training=None):
        if not training or not self.rate:
            return inputs
        shape = ops.shape(inputs)
        seed = ops.cast(self.seed_generator.next(), "int32")
        row = ops.arange(math.prod(shape[:-1]), dtype="int32")
        first, step = self.rows
        if step > 1:
            inner = math.prod(shape[1:-1])
            row = row + (row // inner * (step - 1) + first) * inner
        row = _mix(_mix(row + seed[0]) + seed[1])
        bits = _mix(ops.expand_dims(row, 1) + ops.arange(shape[-1], dtype="int32") * _ODD)
        # All signed integers are equally likely: the share `rate` of them is below this one.
        stays = bits >= int(self.rate * 2**32) - 2**31
        return inputs * ops.reshape(ops.cast(stays, inputs.dtype) * (1.0 / (1.0 - self.rate)), shape)

    def get_config(self):
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}


_ODD = -1640531527  # 2 ** 32 divided by the golden ratio, as a signed integer


def _mix(x):
    """Hash each int32 by multiplying and shifting, so that every bit of the result depends on every bit."""
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B - 2**32)):
        x = _fold(x, shift) * factor
    return _fold(x, 16)


def _fold(x, shift):
    # The shift copies the sign bit; the mask removes the copies.
    return ops.bitwise_xor(x, ops.bitwise_and(ops.bitwise_right_shift(x, shift), 2 ** (32 - shift) - 1))
