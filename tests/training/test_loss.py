"""The loss against Keras's dense one, and figures one can work out by hand."""

import keras
import numpy as np
import pytest
from keras import ops

from kerasformer.training import (
    InverseSquareRoot,
    PeakSignalToNoise,
    Perplexity,
    SmoothedCrossEntropy,
    TokenAccuracy,
)

LABELS = np.array([[2, 1, 0], [3, 0, 0]], "int32")  # 0 is padding
RANDOM = np.random.default_rng(0).normal(size=(2, 3, 5)).astype("float32")


def value(x):
    return float(ops.convert_to_numpy(x))


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_it_is_kerass_dense_cross_entropy_over_the_labels_that_are_there(smoothing):
    dense = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=smoothing, reduction=None)
    each = ops.convert_to_numpy(dense(ops.one_hot(LABELS, 5), RANDOM))
    expected = each[LABELS != 0].mean()
    assert value(SmoothedCrossEntropy(smoothing)(LABELS, RANDOM)) == pytest.approx(expected, rel=1e-5)


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

    ours = step(SmoothedCrossEntropy(smoothing), LABELS)
    theirs = step(dense, np.eye(5, dtype="float32")[LABELS])
    np.testing.assert_allclose(ours, theirs, atol=1e-6)
    assert np.abs(ours - RANDOM)[LABELS != 0].max() > 0.1


def test_what_padding_predicts_does_not_count():
    other = RANDOM.copy()
    other[LABELS == 0] = 99.0
    for measure in (SmoothedCrossEntropy(0.1), TokenAccuracy(), Perplexity()):
        assert value(measure(LABELS, RANDOM)) == pytest.approx(value(measure(LABELS, other)), rel=1e-6)


def test_no_labels_at_all_give_no_loss():
    assert value(SmoothedCrossEntropy(0.1)(np.zeros_like(LABELS), RANDOM)) == 0.0


def test_uniform_logits_have_the_perplexity_of_the_vocabulary():
    assert value(Perplexity()(LABELS, np.zeros((2, 3, 5), "float32"))) == pytest.approx(5.0, rel=1e-5)


def test_accuracy_is_a_share_of_the_labels():
    logits = np.zeros((2, 3, 5), "float32")
    logits[0, 0, 2] = logits[0, 1, 4] = logits[1, 0, 3] = 1.0  # right, wrong, right
    assert value(TokenAccuracy()(LABELS, logits)) == pytest.approx(2 / 3)


def test_metrics_weigh_every_label_alike_over_batches():
    accuracy = TokenAccuracy()
    right, wrong = np.zeros((1, 3, 5), "float32"), np.zeros((1, 3, 5), "float32")
    right[..., 1] = wrong[..., 2] = 1.0
    accuracy.update_state(np.array([[1, 1, 1]]), right)
    accuracy.update_state(np.array([[1, 0, 0]]), wrong)
    assert value(accuracy.result()) == pytest.approx(3 / 4)


def test_another_id_may_stand_for_no_label_and_0_is_a_label_then():
    labels, logits = np.array([0, -1, 1, -1], "int32"), np.zeros((4, 2), "float32")
    logits[:, 0] = np.log(3)  # 3/4 for 0, 1/4 for 1, where there is no label too
    # -ln of 3/4 and of 1/4
    assert value(SmoothedCrossEntropy(0.0, ignored=-1)(labels, logits)) == pytest.approx(np.log(16 / 3) / 2, rel=1e-5)
    assert value(Perplexity(ignored=-1)(labels, logits)) == pytest.approx((16 / 3) ** 0.5, rel=1e-5)
    assert value(TokenAccuracy(ignored=-1)(labels, logits)) == 0.5
    assert value(SmoothedCrossEntropy(0.0)(labels[:1], logits[:1])) == 0  # where nothing is said, 0 stands for none


@pytest.mark.parametrize("measure", [SmoothedCrossEntropy(0.2, ignored=-1), TokenAccuracy(ignored=7), Perplexity()])
def test_what_is_ignored_is_kept_in_the_config(measure):
    again = type(measure).from_config(measure.get_config())
    assert again.ignored == measure.ignored
    assert again.get_config() == measure.get_config()


def test_ten_decibels_are_a_tenth_of_the_squared_error():
    images, psnr = np.full((2, 3, 5, 1), 0.5, "float32"), PeakSignalToNoise()
    for difference, decibels in ((1.0, 0.0), (0.1, 20.0), (0.01, 40.0)):
        psnr.reset_state()
        psnr.update_state(images, images + difference)
        assert value(psnr.result()) == pytest.approx(decibels, abs=1e-3)


def test_decibels_are_of_the_mean_over_all_images_and_no_mean_of_decibels():
    psnr, black = PeakSignalToNoise(), np.zeros((1, 4, 4, 1), "float32")
    psnr.update_state(black, black + 0.1)
    psnr.update_state(black, black + 0.3)
    assert value(psnr.result()) == pytest.approx(-10 * np.log10((0.01 + 0.09) / 2), abs=1e-4)


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
