"""Dropout whose random bits cost next to nothing: a generator of them is a third of a training step on a CPU."""

import math

import keras
from keras import ops


@keras.saving.register_keras_serializable("kerasformer")
class Dropout(keras.layers.Layer):
    """Zero a share of the elements in training, and scale the others up so that the sum stays what it was.

    Whether an element stays is a hash of its number and of a seed that each call draws anew: a few integer
    operations that compilers fuse with what comes before and after.

    Args:
        rate: float, the share that is dropped, at least 0 and below 1.
        seed: int; None for Keras's own.

    Attributes:
        rows: (first, step), which rows of a batch the inputs are: of several workers each has every `step`-th, and
            drops of them what one process would.

    Call arguments:
        inputs: float (batch, ...).
        training: bool, whether anything is dropped.

    Returns:
        float, of the same shape.

    Reference: Srivastava et al. 2014, "Dropout: A Simple Way to Prevent Neural Networks from Overfitting"; Salmon et
    al. 2011, "Parallel Random Numbers: As Easy as 1, 2, 3" (numbers from a counter).
    """

    def __init__(self, rate, seed=None, **kwargs):
        super().__init__(**kwargs)
        if not 0 <= rate < 1:
            raise ValueError(f"rate must be at least 0 and below 1, got {rate}")
        self.rate = rate
        self.seed = seed
        self.rows = 0, 1
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
        # A signed integer is as likely as any other: below this one lies a share `rate` of them.
        stays = bits >= int(self.rate * 2**32) - 2**31
        return inputs * ops.reshape(ops.cast(stays, inputs.dtype) * (1.0 / (1.0 - self.rate)), shape)

    def get_config(self):
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}


_ODD = -1640531527  # 2 ** 32 divided by the golden ratio, as a signed integer


def _mix(x):
    """Turn each int32 into another so that every bit depends on every other, by multiplying and shifting."""
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B - 2**32)):
        x = _fold(x, shift) * factor
    return _fold(x, 16)


def _fold(x, shift):
    # Shifting keeps the sign, which is masked away.
    return ops.bitwise_xor(x, ops.bitwise_and(ops.bitwise_right_shift(x, shift), 2 ** (32 - shift) - 1))
