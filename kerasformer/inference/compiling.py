"""Compile what an engine computes, once for each of a few shapes."""

import keras

BATCHES = (1, 8, 64)  # to which batches of texts or images are padded
LENGTHS = (32, 48, 64, 96, 128, 256)  # to which sources are padded; each is compiled once


def compile_function(function):
    """Compile a function of tensors or nests of them, once for each shape of its arguments."""
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        return for_each_shape(tf.function(function, jit_compile=True, autograph=False))
    if backend == "jax":
        import jax

        return jax.jit(function)
    import torch

    return torch.no_grad()(function)  # otherwise it keeps the caches of every step for a gradient


def for_each_shape(traced):
    """A `tf.function` that is traced for each shape of its arguments, without TensorFlow's warnings that it is.

    They are for functions that are traced more often than was meant, and engines pad to a few shapes.
    """
    concrete = {}

    def call(*tensors):
        shapes = tuple((tuple(tensor.shape), tensor.dtype) for tensor in keras.tree.flatten(tensors))
        if shapes not in concrete:
            concrete[shapes] = traced.get_concrete_function(*tensors)
        return concrete[shapes](*tensors)

    return call


def fitting(sizes, needed):
    """The smallest of the ascending `sizes` that holds `needed`, or the largest."""
    return next((size for size in sizes if size >= needed), sizes[-1])


def padded_length(max_length, needed):
    """The one of `LENGTHS`, or the most tokens of a model, to which as many tokens as are needed are padded."""
    return fitting([size for size in LENGTHS if size < max_length] + [max_length], needed)
