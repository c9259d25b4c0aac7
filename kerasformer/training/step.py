"""One step of training and one of validation, compiled for the backend: all that differs between the backends."""

import dataclasses
import functools
import typing

import keras

from kerasformer.training.precision import is_compiled_whole


@dataclasses.dataclass(frozen=True)
class Steps:
    """The two steps of a model, each from a batch (inputs, labels) to the loss, float (), and the sums of the loss.

    Attributes:
        train: changes the weights, and takes the batch of this worker.
        check: changes nothing, and takes a whole batch.
        sync: brings the variables of model and optimizer up to date after some steps of training; on JAX the steps
            hand on their state without them.
    """

    train: typing.Callable
    check: typing.Callable
    sync: typing.Callable = lambda: None


def make_steps(model, optimizer, loss, workers, signature, compiled=True):
    """Make the steps.

    Args:
        model: a `keras.Model`.
        optimizer: a built Keras optimizer.
        loss: (labels, outputs, all_reduce) -> loss, sums; see `training.loss`.
        workers: the `Alone` or `Workers` that train together.
        signature: the `Spec`s of a batch, inputs and labels.
        compiled: bool, whether XLA may compile the steps on TensorFlow; JAX always does so.

    Returns:
        The `Steps`.
    """
    make = {"tensorflow": _tensorflow, "jax": _jax, "torch": _torch}[keras.backend.backend()]
    return make(model, optimizer, loss, workers, signature, compiled)


def _tensorflow(model, optimizer, loss, workers, signature, compiled):
    import tensorflow as tf

    signature = keras.tree.map_structure(lambda spec: tf.TensorSpec(spec.shape, spec.dtype), signature)
    is_whole = compiled and is_compiled_whole(model) and workers.count == 1
    in_graph = tf.function(input_signature=signature, autograph=False, jit_compile=is_whole)
    weights = model.trainable_variables

    def gradients(inputs, labels):
        with tf.GradientTape() as tape:
            value, sums = loss(labels, model(inputs, training=True), workers.all_reduce)
            value = tf.add_n([value, *model.losses])
        grads = [tf.convert_to_tensor(grad) for grad in tape.gradient(value, [weight.value for weight in weights])]
        optimizer.apply(workers.all_reduce(grads), weights)
        return workers.all_reduce([value, sums])

    @in_graph
    def one_step(inputs, labels):
        return workers.run(gradients, inputs, labels)

    @in_graph
    def check(inputs, labels):
        return loss(labels, model(inputs, training=False))

    return Steps(one_step, check)


def _jax(model, optimizer, loss, workers, signature, compiled):
    import jax

    one_step, check = _jax_functions(model, optimizer, loss)
    groups = model.trainable_variables, model.non_trainable_variables, optimizer.variables
    state = None  # the values of the variables, by groups, while those are out of date
    found = None

    def values():
        return [[variable.value for variable in group] for group in groups]

    def train(inputs, labels):
        nonlocal state, found
        jax.block_until_ready(found)  # at most one step ahead, so that progress and time limit are right
        state, found = one_step(state or values(), inputs, labels)
        return found

    def sync():
        nonlocal state
        for group, new in zip(groups, state or (), strict=False):
            for variable, value in zip(group, new, strict=True):
                variable.assign(value)
        state = None

    return Steps(train, lambda inputs, labels: check(values(), inputs, labels), sync)


def _jax_functions(model, optimizer, loss):
    """The compiled steps of training and validation on JAX, which take the values of all variables, by groups."""
    import jax

    def forward(weights, others, inputs, labels):
        outputs, others, added = model.stateless_call(weights, others, inputs, training=True, return_losses=True)
        value, sums = loss(labels, outputs)
        value = sum(added, value)
        return value, (value, sums, others)

    @functools.partial(jax.jit, donate_argnums=0)
    def one_step(state, inputs, labels):
        weights, others, moments = state
        gradients, (value, sums, others) = jax.grad(forward, has_aux=True)(weights, others, inputs, labels)
        weights, moments = optimizer.stateless_apply(moments, gradients, weights)
        return [weights, others, moments], (value, sums)

    @jax.jit
    def check(state, inputs, labels):
        return loss(labels, model.stateless_call(*state[:2], inputs, training=False)[0])

    return one_step, check


def _torch(model, optimizer, loss, workers, signature, compiled):
    import torch

    weights = model.trainable_variables

    def train(inputs, labels):
        model.zero_grad()
        value, sums = loss(labels, model(inputs, training=True))
        value = sum(model.losses, value)
        value.backward()
        with torch.no_grad():
            optimizer.apply([weight.value.grad for weight in weights], weights)
        return value.detach(), sums.detach()

    def check(inputs, labels):
        with torch.no_grad():
            return loss(labels, model(inputs, training=False))

    return Steps(train, check)
