"""Adam that survives a step which is no number."""

import keras
from keras import ops

LIMIT = 3  # steps in a row that are no number, after which nothing moves any more


@keras.saving.register_keras_serializable("kerasformer")
class SteadyAdam(keras.optimizers.Adam):
    """Adam that leaves weights and moments as they are where a gradient is infinite or no number.

    Such a step is counted in `skipped`. After `LIMIT` of them in a row nothing moves any more, whatever comes, so
    that whoever looks at `is_stuck` later finds the last good state.

    Reference: Kingma and Ba 2015, "Adam: A Method for Stochastic Optimization"; Micikevicius et al. 2018, "Mixed
    Precision Training", section 3.2 (skipping).
    """

    def build(self, variables):
        super().build(variables)
        self.skipped, self.in_a_row = (
            self.add_variable(shape=(), dtype="int32", initializer="zeros", name=name)
            for name in ("skipped", "in_a_row")
        )

    def apply(self, grads, trainable_variables=None):
        is_number = ops.all(ops.stack([ops.all(ops.isfinite(ops.convert_to_tensor(grad))) for grad in grads]))
        row = ops.where(is_number, 0, self.in_a_row + 1)
        is_stuck = self.in_a_row >= LIMIT
        moves = ops.logical_and(is_number, ops.logical_not(is_stuck))
        counts = (self.iterations, self.skipped, self.in_a_row)  # a step that is left out is a step all the same
        own = [variable for variable in self.variables if not any(variable is count for count in counts)]
        what_moves = [*(trainable_variables or self._trainable_variables), *own]
        before = [ops.copy(variable) for variable in what_moves]
        super().apply(grads, trainable_variables)
        for variable, value in zip(what_moves, before, strict=True):
            variable.assign(ops.where(moves, variable, value))
        self.skipped.assign_add(ops.cast(ops.logical_not(moves), "int32"))
        self.in_a_row.assign(ops.where(is_stuck, self.in_a_row, row))

    @property
    def is_stuck(self):
        """Whether so many steps in a row were no number that nothing moves any more."""
        return int(ops.convert_to_numpy(self.in_a_row)) >= LIMIT
