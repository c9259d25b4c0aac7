"""Graphs of models, traced: op by op a recurrence takes ten times as long."""

import functools

import pytest


@functools.cache
def traced(graph):
    """The training graph of a model, traced once for all sizes."""
    tf = pytest.importorskip("tensorflow")
    token_ids = tf.TensorSpec((None, None), "int32")

    @tf.function(input_signature=[{"source_ids": token_ids, "target_ids": token_ids}], autograph=False)
    def run(inputs):
        return graph(inputs, training=False)

    return run
