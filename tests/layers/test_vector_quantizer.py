"""A codebook of a few entries by hand: nearest entry, gradient, running means, dead entries."""

import keras
import numpy as np
import pytest
from keras import ops
from layer_check import check_layer, floats, values

from kerasformer.layers import VectorQuantizer

SQUARE = np.array([[0, 0], [4, 0], [0, 4], [4, 4]], "float32")


def made(codebook, counts=None, **options):
    """A quantizer with a codebook of one's own, whose running means are its entries."""
    codebook = np.array(codebook, "float32")
    counts = np.ones(len(codebook)) if counts is None else np.array(counts, "float32")
    layer = VectorQuantizer(len(codebook), **options)
    layer.build((None, 1, None, codebook.shape[1]))
    layer.set_weights([codebook, counts, codebook * counts[:, None]])
    return layer


def row(*vectors):
    """Vectors as an image one pixel high, float32 (1, 1, vector, dim)."""
    return np.array([[vectors]], "float32")


def weights(layer):
    """Codebook, counts and sums, as numpy arrays."""
    return [values(weight) for weight in layer.weights]


def test_layer_check():
    num_weights = 5 * 3 + 5 + 5 * 3  # entries, counts, sums
    arguments = {"num_codes": 5, "commitment": 0.5, "decay": 0.9, "min_use": 0.01, "seed": 7}
    check_layer(VectorQuantizer, arguments, {"x": floats(2, 7, 11, 3)}, num_weights, known_sizes=True)


def test_each_vector_becomes_the_nearest_entry():
    entries, code_ids = made(SQUARE)(row([0.5, 1.5], [3, 0.5], [1.9, 2.1], [9, 9], [-5, 2.5]))
    assert values(code_ids).tolist() == [[[0, 1, 2, 3, 2]]]
    assert values(entries).tolist() == [[[[0, 0], [4, 0], [0, 4], [4, 4], [0, 4]]]]


def test_nearest_is_by_distance_and_not_by_direction():
    _, code_ids = made([[1, 0], [10, 1]])(row([6, 0], [5, 0]))  # 25 or 17, 16 or 26
    assert values(code_ids).tolist() == [[[1, 0]]]


def test_the_nearest_entry_is_that_of_a_search_of_all():
    codebook, x = floats(13, 3), floats(2, 5, 7, 3)
    entries, code_ids = made(codebook)(x)
    nearest = np.square(x[..., None, :] - codebook).sum(-1).argmin(-1)
    assert (values(code_ids).dtype, values(code_ids).shape) == ("int32", (2, 5, 7))
    np.testing.assert_array_equal(values(code_ids), nearest)
    np.testing.assert_allclose(values(entries), codebook[nearest], atol=1e-6)


def test_looking_up_gives_the_entries_of_the_numbers():
    layer, codes = made(SQUARE), np.array([[[3, 0], [1, 1]]], "int32")
    assert values(layer.look_up(codes)).tolist() == [[[[4, 4], [0, 0]], [[4, 0], [4, 0]]]]


def test_the_gradient_passes_straight_through():
    layer, x, wanted = made(SQUARE, decay=1.0, commitment=0.0), row([1, 1], [3, 2.5]), row([1, 0], [2, 7])
    inputs = keras.Input(x.shape[1:])
    scaled = keras.layers.Dense(2, use_bias=False, kernel_initializer="identity", name="scale")
    model = keras.Model(inputs, layer(scaled(inputs))[0])
    model.compile(optimizer=keras.optimizers.SGD(1.0), loss="mse", jit_compile=False)
    model.train_on_batch(x, wanted)
    slope = 2 * (row([0, 0], [4, 4]) - wanted) / 4  # of the mean over 4 numbers, at what came out
    moved = np.eye(2) - model.get_layer("scale").get_weights()[0]
    np.testing.assert_allclose(moved, x[0, 0].T @ slope[0, 0], atol=1e-5)


def test_the_commitment_loss_is_the_squared_distance_to_the_entry():
    layer = made(SQUARE, decay=1.0, commitment=0.5)
    layer(row([1, 0], [4, 7]), training=True)
    [loss] = layer.losses
    assert float(values(loss)) == pytest.approx(0.5 * (1 + 0 + 0 + 9) / 4)


def test_the_commitment_draws_a_vector_towards_its_entry():
    layer, x = made(SQUARE, decay=1.0, commitment=0.5), row([1, 3], [3, 6])
    inputs = keras.Input(x.shape[1:])
    shift = keras.layers.Dense(2, kernel_initializer="identity", name="shift")
    model = keras.Model(inputs, layer(shift(inputs))[0])
    model.compile(optimizer=keras.optimizers.SGD(1.0), loss="mse", jit_compile=False)
    model.train_on_batch(x, row([0, 4], [4, 4]))  # the entries themselves: nothing is lost but the commitment
    _, bias = model.get_layer("shift").get_weights()
    # Away from them by (1, -1) and (-1, 2): the slope is 0.5 * 2 * (0, 1) / 4.
    np.testing.assert_allclose(bias, [0, -0.25], atol=1e-6)


def test_entries_follow_the_running_mean_of_the_vectors_they_replace():
    layer = made([[0], [10]], counts=[2, 2], decay=0.5, min_use=0.0)
    layer(row([1], [2], [9]), training=True)
    codebook, counts, sums = weights(layer)
    np.testing.assert_allclose(counts, [0.5 * 2 + 0.5 * 2, 0.5 * 2 + 0.5 * 1])
    np.testing.assert_allclose(sums, [[0.5 * 0 + 0.5 * (1 + 2)], [0.5 * 20 + 0.5 * 9]])
    np.testing.assert_allclose(codebook, sums / counts[:, None])


def test_dead_entries_are_put_onto_vectors_of_the_batch():
    x = row([1, 1], [2, 1], [1, 2], [3, 3])
    layer = made([[0, 0], [90, 90], [-90, 90]], counts=[5, 1e-3, 1], min_use=0.1)
    layer(x, training=True)
    codebook, counts, _ = weights(layer)
    fair_share = 4 / 3
    assert codebook[1].tolist() in x[0, 0].tolist()  # counts 0.00099, below a tenth of its fair share
    assert counts[1] == pytest.approx(fair_share)
    np.testing.assert_allclose(codebook[2], [-90, 90], rtol=1e-5)  # counts 0.99, of late it was used
    np.testing.assert_allclose(counts[[0, 2]], [0.99 * 5 + 0.01 * 4, 0.99], rtol=1e-5)


def test_a_new_codebook_is_reset_to_vectors_of_the_first_batch():
    layer, x = VectorQuantizer(5, seed=1), 100 + floats(2, 3, 5, 2)
    layer(x, training=True)
    codebook, vectors = weights(layer)[0], x.reshape(-1, 2)
    assert (codebook >= vectors.min(axis=0) - 1e-3).all()
    assert (codebook <= vectors.max(axis=0) + 1e-3).all()
    # One may be the mean of all: the entry that was nearest by chance.
    is_vector = [np.abs(vectors - entry).max(axis=1).min() < 1e-3 for entry in codebook]
    assert sum(is_vector) >= 4


@pytest.mark.parametrize("training", [False, None])
def test_nothing_moves_and_nothing_is_lost_but_in_training(training):
    layer = made(SQUARE)
    before = weights(layer)
    layer(10 * floats(2, 3, 5, 2), training=training)
    for old, new in zip(before, weights(layer), strict=True):
        np.testing.assert_array_equal(old, new)
    assert layer.losses == []


def test_the_same_seed_revives_the_same_entries():
    x, found = floats(2, 7, 7, 3), []
    for _ in range(2):
        layer = VectorQuantizer(5, seed=3)
        layer.build(x.shape)
        layer.set_weights([np.zeros((5, 3)), np.zeros(5), np.zeros((5, 3))])
        layer(x, training=True)
        found.append(weights(layer)[0])
    np.testing.assert_array_equal(*found)


def test_the_whole_codebook_stays_in_use_on_clustered_data():
    rng = np.random.default_rng(0)
    centres = 10 * rng.normal(size=(8, 3))

    def batch(count):
        which = rng.integers(len(centres), size=(count, 8, 8))
        return (centres[which] + rng.normal(size=(count, 8, 8, 3))).astype("float32")

    layer = VectorQuantizer(32, seed=0)
    for _ in range(60):
        layer(ops.convert_to_tensor(batch(4)), training=True)
    x = batch(40)
    entries, code_ids = layer(x)
    assert len(np.unique(values(code_ids))) == 32
    # One entry a cluster would leave the noise, 1; four share it among them.
    assert np.square(values(entries) - x).mean() < 0.8
