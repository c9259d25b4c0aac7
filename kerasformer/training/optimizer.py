"""Adam that survives a step which is no number."""

import keras
from keras import ops

from kerasformer.training.workers import Alone

LIMIT = 3  # steps in a row that are no number, after which nothing moves any more


@keras.saving.register_keras_serializable("kerasformer")
class SteadyAdam(keras.optimizers.Adam):
    """Adam that leaves weights and moments as they are where a gradient is infinite or no number.

    Such a step is counted in `skipped`. After `LIMIT` of them in a row nothing moves any more, whatever comes, so
    that whoever looks at `is_stuck` later finds the last good state.

    Args:
        learning_rate: float, or a `keras.optimizers.schedules.LearningRateSchedule`.
        clip_norm: float, the norm of all gradients together to which they are clipped.
        **kwargs: of `keras.optimizers.Adam`, but for what changes weights beside its step.

    Raises:
        ValueError: for amsgrad, weight decay, a moving average of weights, or gradients of several steps together.

    Attributes:
        workers: the `Alone` or `Workers` whose gradients add up.

    Reference: Kingma and Ba 2015, "Adam: A Method for Stochastic Optimization"; Pascanu et al. 2013, "On the Difficulty
    of Training Recurrent Neural Networks", algorithm 1 (clipping); Micikevicius et al. 2018, "Mixed Precision
    Training", section 3.2 (skipping).
    """

    def __init__(self, learning_rate=0.001, clip_norm=1.0, **kwargs):
        super().__init__(learning_rate, **kwargs)
        if self.amsgrad or self.weight_decay or self.use_ema or self.gradient_accumulation_steps:
            raise ValueError("it knows no amsgrad, weight_decay, use_ema or gradient_accumulation_steps")
        self.clip_norm = clip_norm
        self.workers = Alone()

    def build(self, variables):
        super().build(variables)
        self.skipped, self.in_a_row = (
            self.add_variable(shape=(), dtype="int32", initializer="zeros", name=name)
            for name in ("skipped", "in_a_row")
        )

    def apply(self, grads, trainable_variables=None):
        grads = self.workers.total([ops.convert_to_tensor(grad) for grad in grads])
        # In one vector and as a product: XLA on a CPU is slow at sums (docs/experiments.md).
        flat = ops.concatenate([ops.reshape(ops.cast(grad, "float32"), (-1,)) for grad in grads])
        norm = ops.sqrt(ops.dot(flat, flat))
        is_number = ops.isfinite(norm)  # as is every one of them
        # Keras adds up what the workers give, which is the same of each.
        scale = self.clip_norm / (ops.maximum(norm, self.clip_norm) * self.workers.count)
        grads = [grad * ops.cast(scale, grad.dtype) for grad in grads]
        row = ops.where(is_number, 0, self.in_a_row + 1)
        is_stuck = self.in_a_row >= LIMIT
        self._moves = ops.logical_and(is_number, ops.logical_not(is_stuck))
        super().apply(grads, trainable_variables)
        self.skipped.assign_add(ops.cast(ops.logical_not(self._moves), "int32"))
        self.in_a_row.assign(ops.where(is_stuck, ops.convert_to_tensor(self.in_a_row), row))

    def update_step(self, gradient, variable, learning_rate):
        """Keras's step, where one may be made: moments and weight are each read once and written once."""
        index = self._get_variable_index(variable)
        m, v = self._momentums[index], self._velocities[index]
        step = ops.cast(self.iterations + 1, variable.dtype)
        one, two = (ops.power(ops.cast(beta, variable.dtype), step) for beta in (self.beta_1, self.beta_2))
        rate = ops.cast(learning_rate, variable.dtype) * ops.sqrt(1 - two) / (1 - one)
        gradient = ops.cast(gradient, variable.dtype)
        new_m = m + (gradient - m) * (1 - self.beta_1)
        new_v = v + (ops.square(gradient) - v) * (1 - self.beta_2)
        new = variable - new_m * rate / (ops.sqrt(new_v) + self.epsilon)
        for kept, value in ((m, new_m), (v, new_v), (variable, new)):
            self.assign(kept, ops.where(self._moves, value, ops.convert_to_tensor(kept)))

    def get_config(self):
        return {**super().get_config(), "clip_norm": self.clip_norm}

    @property
    def is_stuck(self):
        """Whether so many steps in a row were no number that nothing moves any more."""
        return int(ops.convert_to_numpy(self.in_a_row)) >= LIMIT
