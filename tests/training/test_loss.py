"""The loss against Keras's dense one, and figures one can work out by hand."""

import keras
import numpy as np
import pytest
from keras import ops

from kerasformer.training import InverseSquareRoot, SmoothedCrossEntropy, SquaredError

LABELS = np.array([[2, 1, 0], [3, 0, 0]], "int32")  # 0 is padding
RANDOM = np.random.default_rng(0).normal(size=(2, 3, 5)).astype("float32")


def value(x):
    return float(ops.convert_to_numpy(x))


def loss_of(measure, labels, outputs):
    return value(measure(labels, ops.convert_to_tensor(outputs))[0])


def figures_of(measure, *batches):
    """Figures over batches of (labels, outputs)."""
    sums = [ops.convert_to_numpy(measure(labels, ops.convert_to_tensor(outputs))[1]) for labels, outputs in batches]
    return measure.metrics(*map(float, np.sum(sums, axis=0)))


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_it_is_kerass_dense_cross_entropy_over_the_labels_that_are_there(smoothing):
    dense = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=smoothing, reduction=None)
    each = ops.convert_to_numpy(dense(ops.one_hot(LABELS, 5), RANDOM))
    expected = each[LABELS != 0].mean()
    assert loss_of(SmoothedCrossEntropy(smoothing), LABELS, RANDOM) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_its_gradient_is_that_of_kerass_dense_cross_entropy(smoothing):
    def step(loss, labels):
        """Logits that are weights, after one step down the gradient."""
        symbol = keras.Input((3,))
        layer = keras.layers.Embedding(2, 15, embeddings_initializer=keras.initializers.Constant(RANDOM.reshape(2, 15)))
        model = keras.Model(symbol, keras.layers.Reshape((3, 5))(layer(symbol[:, 0])))
        model.compile(optimizer=keras.optimizers.SGD(1.0), loss=loss, jit_compile=False)
        model.train_on_batch(np.array([[0, 0, 0], [1, 1, 1]]), labels)
        return layer.get_weights()[0].reshape(2, 3, 5)

    def dense(labels, logits):
        each = keras.losses.categorical_crossentropy(labels, logits, from_logits=True, label_smoothing=smoothing)
        mask = ops.convert_to_tensor((LABELS != 0).astype("float32"))
        return ops.sum(each * mask) / ops.sum(mask)

    ours = step(lambda labels, logits: SmoothedCrossEntropy(smoothing)(labels, logits)[0], LABELS)
    theirs = step(dense, np.eye(5, dtype="float32")[LABELS])
    np.testing.assert_allclose(ours, theirs, atol=1e-6)
    assert np.abs(ours - RANDOM)[LABELS != 0].max() > 0.1


def test_what_padding_predicts_does_not_count():
    other, measure = RANDOM.copy(), SmoothedCrossEntropy(0.1)
    other[LABELS == 0] = 99.0
    assert loss_of(measure, LABELS, RANDOM) == pytest.approx(loss_of(measure, LABELS, other), rel=1e-6)
    assert figures_of(measure, (LABELS, RANDOM)) == pytest.approx(figures_of(measure, (LABELS, other)), rel=1e-6)


def test_no_labels_at_all_give_no_loss():
    assert loss_of(SmoothedCrossEntropy(0.1), np.zeros_like(LABELS), RANDOM) == 0.0


def test_a_worker_takes_its_part_of_the_mean_over_the_labels_of_all():
    measure = SmoothedCrossEntropy(0.1)
    parts = [value(measure(LABELS[i : i + 1], RANDOM[i : i + 1], all_reduce=lambda count: 3.0)[0]) for i in (0, 1)]
    assert sum(parts) == pytest.approx(loss_of(measure, LABELS, RANDOM), rel=1e-6)


def test_uniform_logits_have_the_perplexity_of_the_vocabulary():
    found = figures_of(SmoothedCrossEntropy(), (LABELS, np.zeros((2, 3, 5), "float32")))
    assert found["perplexity"] == pytest.approx(5.0, rel=1e-5)


def test_accuracy_is_a_share_of_the_labels():
    logits = np.zeros((2, 3, 5), "float32")
    logits[0, 0, 2] = logits[0, 1, 4] = logits[1, 0, 3] = 1.0  # right, wrong, right
    assert figures_of(SmoothedCrossEntropy(), (LABELS, logits))["accuracy"] == pytest.approx(2 / 3)


def test_every_label_has_the_same_weight_in_the_figures_of_several_batches():
    right, wrong = np.zeros((1, 3, 5), "float32"), np.zeros((1, 3, 5), "float32")
    right[..., 1] = wrong[..., 2] = 1.0
    found = figures_of(SmoothedCrossEntropy(), (np.array([[1, 1, 1]]), right), (np.array([[1, 0, 0]]), wrong))
    assert found["accuracy"] == pytest.approx(3 / 4)


def test_another_id_may_stand_for_no_label_and_0_is_a_label_then():
    labels, logits = np.array([0, -1, 1, -1], "int32"), np.zeros((4, 2), "float32")
    logits[:, 0] = np.log(3)  # 3/4 for 0, 1/4 for 1, where there is no label too
    # -ln of 3/4 and of 1/4
    measure = SmoothedCrossEntropy(0.0, ignored=-1)
    assert loss_of(measure, labels, logits) == pytest.approx(np.log(16 / 3) / 2, rel=1e-5)
    found = figures_of(measure, (labels, logits))
    assert (found["perplexity"], found["accuracy"]) == (pytest.approx((16 / 3) ** 0.5, rel=1e-5), 0.5)
    assert loss_of(SmoothedCrossEntropy(0.0), labels[:1], logits[:1]) == 0  # by default 0 stands for no label


def test_the_squared_error_is_the_mean_over_pixels_and_ten_decibels_are_a_tenth_of_it():
    images = np.full((2, 3, 5, 1), 0.5, "float32")
    for difference, decibels in ((1.0, 0.0), (0.1, 20.0), (0.01, 40.0)):
        other = images + np.float32(difference)
        assert loss_of(SquaredError(), images, other) == pytest.approx(difference**2, rel=1e-4)
        assert figures_of(SquaredError(), (images, other))["psnr"] == pytest.approx(decibels, abs=1e-3)
    assert figures_of(SquaredError(), (images, images))["psnr"] == np.inf


def test_decibels_are_of_the_mean_over_all_images_and_no_mean_of_decibels():
    black = np.zeros((1, 4, 4, 1), "float32")
    found = figures_of(SquaredError(), (black, black + 0.1), (black, black + 0.3))["psnr"]
    assert found == pytest.approx(-10 * np.log10((0.01 + 0.09) / 2), abs=1e-4)


def test_the_learning_rate_warms_up_and_decays():
    rate = InverseSquareRoot(peak=0.5, warmup_steps=4)
    assert [value(rate(step)) for step in (0, 1, 3, 15)] == pytest.approx([0.125, 0.25, 0.5, 0.25])


def test_the_cooldown_ends_at_nothing():
    rate = InverseSquareRoot(peak=1.0, warmup_steps=1, total_steps=100, cooldown=0.5)
    plain = InverseSquareRoot(peak=1.0, warmup_steps=1)
    assert value(rate(49)) == pytest.approx(value(plain(49)))
    assert value(rate(74)) == pytest.approx(value(plain(74)) * 26 / 50, rel=1e-5)
    assert value(rate(100)) == 0.0
    assert InverseSquareRoot(**rate.get_config()).get_config() == rate.get_config()
