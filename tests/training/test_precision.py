"""Training in bfloat16 is chosen where it is faster, ends where float32 ends, and leaves float32 weights."""

import dataclasses
import json

import keras
import numpy as np
import pytest

from kerasformer.config import TrainingConfig
from kerasformer.config.presets import preset
from kerasformer.data.batches import Batches
from kerasformer.models import build_model, rebuilt
from kerasformer.training import Run, Trainer, allow_clusters, best_precision, computing_in, precision

HAS_IT, HAS_IT_NOT = "flags : fma avx2 avx512f avx512_bf16 avx512_vnni", "flags : fma avx2 avx512f"


@pytest.mark.parametrize(
    ("processor", "kind", "workers", "best"),
    [
        (HAS_IT, "transformer", 1, "bfloat16"),
        (HAS_IT.replace("avx512_bf16", "amx_bf16"), "transformer", 1, "bfloat16"),
        (HAS_IT_NOT, "transformer", 1, "float32"),
        ("", "transformer", 1, "float32"),
        (HAS_IT, "transformer", 2, "float32"),
        (HAS_IT, "attention", 1, "float32"),
        (HAS_IT, "vit", 1, "float32"),
    ],
)
def test_it_is_chosen_where_it_is_faster(processor, kind, workers, best, monkeypatch):
    monkeypatch.setattr(precision, "_processor", lambda: processor)
    monkeypatch.setattr(precision, "_has_gpu", lambda: False)
    monkeypatch.setattr(keras.backend, "backend", lambda: "tensorflow")
    assert best_precision(preset("test", kind=kind), workers) == best


def test_it_is_not_chosen_on_another_backend(monkeypatch):
    monkeypatch.setattr(precision, "_processor", lambda: HAS_IT)
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    assert best_precision(preset("test")) == "float32"


def test_it_is_not_chosen_where_there_is_a_gpu(monkeypatch):
    monkeypatch.setattr(precision, "_processor", lambda: HAS_IT)
    monkeypatch.setattr(precision, "_has_gpu", lambda: True)
    assert best_precision(preset("test")) == "float32"


def test_what_somebody_says_of_xla_is_left_alone(monkeypatch):
    monkeypatch.setenv("TF_XLA_FLAGS", "--tf_xla_auto_jit=0")
    allow_clusters()
    assert precision.os.environ["TF_XLA_FLAGS"] == "--tf_xla_auto_jit=0"


def test_only_what_is_built_within_computes_in_it():
    with computing_in("bfloat16"):
        within = build_model(preset("test")).training
    assert within.compute_dtype == "bfloat16"
    assert {str(weight.dtype) for weight in within.trainable_weights} == {"float32"}
    assert build_model(preset("test")).training.compute_dtype == "float32"


def test_the_policy_is_set_back_after_an_error():
    with pytest.raises(RuntimeError), computing_in("bfloat16"):
        raise RuntimeError
    assert keras.config.dtype_policy().name == "float32"


def test_a_run_of_before_there_was_a_choice_goes_on_in_float32(tmp_path):
    Run({}, "", preset("test", kind="vit"), TrainingConfig()).save(tmp_path, None)
    record = tmp_path / "run.json"
    values = json.loads(record.read_text())
    assert values["training"].pop("precision") == "auto"
    record.write_text(json.dumps(values))
    assert Run.load(tmp_path)[0].training.precision == "float32"


def trained(name, folder):
    """A model that has learned to copy, and its history."""
    config = TrainingConfig(
        epochs=6, batch_tokens=256, num_shapes=1, learning_rate=1e-2, warmup_steps=10, average_last=1, precision=name
    )
    rows = np.random.default_rng(0).integers(4, 14, (160, 5)).tolist()
    sizes = {"batch_tokens": config.batch_tokens, "num_shapes": 1, "max_length": 16}
    batches, validation = Batches(rows[:128], rows[:128], **sizes), Batches(rows[128:], rows[128:], **sizes)
    keras.utils.set_random_seed(0)
    with computing_in(name):
        model = build_model(preset("test", vocab_size=14, dropout=0.0))
    return model, Trainer(model.training, config, folder, len(batches)).fit(batches, validation)


def test_it_ends_where_float32_ends_and_computes_in_float32_afterwards(without_xla, tmp_path):
    # Without XLA, so that the precisions alone differ: in bfloat16 a step is not compiled whole.
    (low, lows), (_, highs) = (trained(name, tmp_path / name) for name in ("bfloat16", "float32"))
    for one, other in zip(lows, highs, strict=True):
        assert one["loss"] == pytest.approx(other["loss"], abs=0.02)
        assert one["val_loss"] == pytest.approx(other["val_loss"], abs=0.05)
    assert lows[-1]["loss"] < lows[0]["loss"] - 0.1  # something was learned
    after = rebuilt(low)
    assert after.training.compute_dtype == "float32"
    for one, other in zip(after.training.get_weights(), low.training.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_trainer_refuses_a_model_of_another_precision(tmp_path):
    model = build_model(preset("test")).training
    with pytest.raises(ValueError, match="build the model within computing_in.'bfloat16'.; it computes in float32"):
        Trainer(model, TrainingConfig(precision="bfloat16"), tmp_path, 1)


def test_a_precision_that_there_is_not_is_named():
    with pytest.raises(ValueError, match="precision must be one of auto, float32, bfloat16, got 'float64'"):
        dataclasses.replace(TrainingConfig(), precision="float64")
