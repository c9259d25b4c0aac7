"""Adam that leaves out what is no number, and is Keras's Adam otherwise."""

import keras
import numpy as np
import pytest
from keras import ops

from kerasformer.training.optimizer import LIMIT, SteadyAdam


def values(variables):
    return [ops.convert_to_numpy(variable) for variable in variables]


def made(optimizer_class=SteadyAdam):
    weights = [keras.Variable(np.array([[1.0, 2.0], [3.0, 4.0]])), keras.Variable(np.array(5.0))]
    clipped = {"clip_norm": 1.0} if optimizer_class is SteadyAdam else {"global_clipnorm": 1.0}
    optimizer = optimizer_class(0.1, **clipped)
    optimizer.build(weights)
    return optimizer, weights


def gradients(seed):
    rng = np.random.default_rng(seed)
    return [ops.convert_to_tensor(rng.normal(size=shape).astype("float32")) for shape in ((2, 2), ())]


def test_it_is_adam_as_long_as_all_steps_are_finite():
    (steady, ours), (adam, theirs) = made(), made(keras.optimizers.Adam)
    for seed in range(3):
        steady.apply(gradients(seed), ours)
        adam.apply(gradients(seed), theirs)
    for one, other in zip(values(ours), values(theirs), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)
    assert values([steady.iterations, steady.skipped, steady.in_a_row]) == [3, 0, 0]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_step_that_is_not_finite_is_skipped_and_counted(bad):
    optimizer, weights = made()
    optimizer.apply(gradients(0), weights)
    counts = {"iteration", "skipped", "in_a_row"}
    moving = [*weights, *(variable for variable in optimizer.variables if variable.name not in counts)]
    assert len(moving) >= 3 * len(weights)  # with two moments each
    before = values(moving)
    first, second = gradients(1)
    optimizer.apply([first, second * bad], weights)
    for one, other in zip(values(moving), before, strict=True):
        np.testing.assert_array_equal(one, other)
    assert values([optimizer.iterations, optimizer.skipped, optimizer.in_a_row]) == [2, 1, 1]
    assert not optimizer.is_stuck
    optimizer.apply(gradients(2), weights)
    assert not np.array_equal(values(weights)[0], before[0])
    assert values([optimizer.skipped, optimizer.in_a_row]) == [1, 0]


def test_after_several_skipped_steps_in_a_row_the_optimizer_is_stuck():
    optimizer, weights = made()
    before = values(weights)
    for _ in range(LIMIT):
        assert not optimizer.is_stuck
        optimizer.apply([grad * np.nan for grad in gradients(0)], weights)
    optimizer.apply(gradients(1), weights)
    assert optimizer.is_stuck
    for one, other in zip(values(weights), before, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("option", [{"amsgrad": True}, {"weight_decay": 0.1}, {"use_ema": True}])
def test_options_that_change_weights_outside_the_step_are_refused(option):
    with pytest.raises(ValueError, match="supports no amsgrad, weight_decay"):
        SteadyAdam(0.1, **option)
