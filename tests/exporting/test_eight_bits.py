"""Weights of a .tflite in 8 bits: one table for looking up and for scoring, and the same for all operators that can."""

import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter

from kerasformer.exporting.eight_bits import FEWEST, store_matrices, store_rows
from kerasformer.exporting.slimming import slim
from kerasformer.rows import rounded
from kerasformer.runtime.operations import least_runtime, read_model

WORDS, WIDTH = 67, 32
IDS = np.array([[3, 0, 66]], "int32")
TABLE = (np.random.default_rng(0).normal(size=(WORDS, WIDTH)) * np.arange(1, WORDS + 1)[:, None]).astype("float32")
TABLE[0] = 0
SMALL = TABLE[: FEWEST // WIDTH - 1].copy()


class Words(tf.Module):
    """Looks up rows of a table, scores vectors with it."""

    def __init__(self):
        super().__init__()
        self.table, self.small = tf.Variable(TABLE), tf.Variable(SMALL)

    @tf.function(input_signature=[tf.TensorSpec((1, 3), tf.int32), tf.TensorSpec((2, WIDTH))])
    def __call__(self, ids, x):
        scores = {"scores": tf.matmul(x, tf.transpose(self.table)), "few": tf.matmul(x, tf.transpose(self.small))}
        return {"found": tf.gather(self.table, ids), **scores}


@pytest.fixture(scope="module")
def converted(tmp_path_factory):
    folder, module = str(tmp_path_factory.mktemp("words")), Words()
    tf.saved_model.save(module, folder, signatures={"words": module.__call__})
    return tf.lite.TFLiteConverter.from_saved_model(folder).convert()


def run(flatbuffer):
    x = np.random.default_rng(1).normal(size=(2, WIDTH)).astype("float32")
    return Interpreter(model_content=flatbuffer).get_signature_runner("words")(ids=IDS, x=x)


@pytest.mark.parametrize(("store", "axis"), [(store_rows, 1), (store_matrices, None)])
def test_rows_are_looked_up_as_they_were_rounded(store, axis, converted):
    rows, scale = rounded(TABLE, axis)
    found = run(slim(converted, "words", store))["found"]
    np.testing.assert_array_equal(found[0], (rows * scale)[IDS[0]])


def test_one_scale_for_a_matrix_is_less_exact_and_needs_no_newer_runtime(converted):
    by_row, few = (slim(converted, "words", store) for store in (store_rows, store_matrices))
    expected = run(converted)
    errors = [np.abs(run(found)["scores"] - expected["scores"]).mean() for found in (by_row, few)]
    assert errors[0] < errors[1] < np.abs(expected["scores"]).mean() / 10
    assert [least_runtime(read_model(found)) for found in (by_row, few)] == ["2.17", "2.3"]


def test_scores_are_nearly_those_of_floats_whatever_the_size_of_a_row(converted):
    expected, found = run(converted)["scores"], run(slim(converted, "words", store_rows))["scores"]
    sizes = np.arange(1, WORDS + 1)
    np.testing.assert_allclose(found / sizes, expected / sizes, atol=0.05 * np.std(expected / sizes))
    assert (found != expected).any()


def test_small_matrices_stay_as_they_are(converted):
    np.testing.assert_array_equal(run(slim(converted, "words", store_rows))["few"], run(converted)["few"])


def test_the_table_is_there_once_in_8_bits(converted):
    rows, _ = rounded(TABLE, axis=1)
    flatbuffer = slim(converted, "words", store_rows)
    assert (flatbuffer.count(rows.tobytes()), flatbuffer.count(TABLE.tobytes())) == (1, 0)
