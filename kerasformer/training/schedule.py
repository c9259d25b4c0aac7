"""The learning rate over time."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("kerasformer")
class InverseSquareRoot(keras.optimizers.schedules.LearningRateSchedule):
    """A linear warm-up to the peak, then decay with the inverse square root of the step.

    Args:
        peak: float, the learning rate at the end of the warm-up.
        warmup_steps: int, its length.

    Reference: Vaswani et al. 2017, "Attention Is All You Need", section 5.3.
    """

    def __init__(self, peak, warmup_steps):
        self.peak = peak
        self.warmup_steps = warmup_steps

    def __call__(self, step):
        step = ops.cast(step, "float32") + 1.0
        return self.peak * ops.minimum(step / self.warmup_steps, ops.sqrt(self.warmup_steps / step))

    def get_config(self):
        return {"peak": self.peak, "warmup_steps": self.warmup_steps}
