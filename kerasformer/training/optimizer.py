"""Adam that skips steps whose gradients are not finite."""

import keras
from keras import ops

LIMIT = 3  # after so many skipped steps in a row it stops for good


@keras.saving.register_keras_serializable("kerasformer")
class SteadyAdam(keras.optimizers.Adam):
    """Adam that skips a step with an infinite or undefined gradient: weights and moments stay as they are.

    `skipped` counts such steps. After `LIMIT` of them in a row it is stuck and no longer changes anything, so that the
    last good state is still there when `is_stuck` is read.

    Args:
        learning_rate: float, or a `keras.optimizers.schedules.LearningRateSchedule`.
        clip_norm: float, the global norm to which gradients are clipped.
        num_workers: int, how many workers apply the same gradients, which Keras then adds up.
        **kwargs: of `keras.optimizers.Adam`; amsgrad, weight_decay, use_ema and gradient_accumulation_steps are not
            supported.

    Raises:
        ValueError: for an option that is not supported.

    Reference: Kingma and Ba 2015, "Adam: A Method for Stochastic Optimization"; Pascanu et al. 2013, "On the Difficulty
    of Training Recurrent Neural Networks", algorithm 1 (clipping); Micikevicius et al. 2018, "Mixed Precision
    Training", section 3.2 (skipping).
    """

    def __init__(self, learning_rate=0.001, clip_norm=1.0, num_workers=1, **kwargs):
        super().__init__(learning_rate, **kwargs)
        if self.amsgrad or self.weight_decay or self.use_ema or self.gradient_accumulation_steps:
            raise ValueError("SteadyAdam supports no amsgrad, weight_decay, use_ema or gradient_accumulation_steps")
        self.clip_norm = clip_norm
        self.num_workers = num_workers

    def build(self, variables):
        super().build(variables)
        self.skipped, self.in_a_row = (
            self.add_variable(shape=(), dtype="int32", initializer="zeros", name=name)
            for name in ("skipped", "in_a_row")
        )

    def apply(self, grads, trainable_variables=None):
        # As the product of one vector with itself: XLA on a CPU is slow at sums (docs/experiments.md).
        flat = ops.concatenate([ops.reshape(ops.cast(grad, "float32"), (-1,)) for grad in grads])
        norm = ops.sqrt(ops.dot(flat, flat))
        is_number = ops.isfinite(norm)
        scale = self.clip_norm / (ops.maximum(norm, self.clip_norm) * self.num_workers)
        grads = [grad * ops.cast(scale, grad.dtype) for grad in grads]
        row = ops.where(is_number, 0, self.in_a_row + 1)
        is_stuck = self.in_a_row >= LIMIT
        self._moves = ops.logical_and(is_number, ops.logical_not(is_stuck))
        dtype = self._momentums[0].dtype
        step = ops.cast(self.iterations + 1, dtype)
        one, two = (ops.power(ops.cast(beta, dtype), step) for beta in (self.beta_1, self.beta_2))
        self._debias = ops.sqrt(1 - two), 1 - one
        super().apply(grads, trainable_variables)
        self.skipped.assign_add(ops.cast(ops.logical_not(self._moves), "int32"))
        self.in_a_row.assign(ops.where(is_stuck, ops.convert_to_tensor(self.in_a_row), row))

    def update_step(self, gradient, variable, learning_rate):
        """Keras's step, unless it is skipped; moments and weight are each read once and written once."""
        index = self._get_variable_index(variable)
        m, v = self._momentums[index], self._velocities[index]
        factor, divisor = (ops.cast(x, variable.dtype) for x in self._debias)
        rate = ops.cast(learning_rate, variable.dtype) * factor / divisor
        gradient = ops.cast(gradient, variable.dtype)
        new_m = m + (gradient - m) * (1 - self.beta_1)
        new_v = v + (ops.square(gradient) - v) * (1 - self.beta_2)
        new = variable - new_m * rate / (ops.sqrt(new_v) + self.epsilon)
        for kept, value in ((m, new_m), (v, new_v), (variable, new)):
            self.assign(kept, ops.where(self._moves, value, ops.convert_to_tensor(kept)))

    def get_config(self):
        return {**super().get_config(), "clip_norm": self.clip_norm, "num_workers": self.num_workers}

    @property
    def is_stuck(self):
        """Whether `LIMIT` steps in a row were skipped, so that it no longer changes anything."""
        return int(ops.convert_to_numpy(self.in_a_row)) >= LIMIT
