"""The learning rate over time."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("kerasformer")
class InverseSquareRoot(keras.optimizers.schedules.LearningRateSchedule):
    """A linear warm-up to the peak, decay with the inverse square root of the step, and a linear cooldown to 0.

    Args:
        peak: float, the learning rate at the end of the warm-up.
        warmup_steps: int, its length.
        total_steps: int, the length of the run; counts for the cooldown only.
        cooldown: float, the share of the run over which the rate goes to 0; 0 for none.

    Reference: Vaswani et al. 2017, "Attention Is All You Need", section 5.3; for the cooldown Hägele et al. 2024,
    "Scaling Laws and Compute-Optimal Training Beyond Fixed Training Durations".
    """

    def __init__(self, peak, warmup_steps, total_steps=1, cooldown=0.0):
        self.peak = peak
        self.warmup_steps = warmup_steps
        self.total_steps = total_steps
        self.cooldown = cooldown

    def __call__(self, step):
        step = ops.cast(step, "float32") + 1.0
        rate = self.peak * ops.minimum(step / self.warmup_steps, ops.sqrt(self.warmup_steps / step))
        if not self.cooldown:
            return rate
        left = (self.total_steps + 1.0 - step) / (self.cooldown * self.total_steps)
        return rate * ops.clip(left, 0.0, 1.0)

    def get_config(self):
        names = ("peak", "warmup_steps", "total_steps", "cooldown")
        return {name: getattr(self, name) for name in names}
