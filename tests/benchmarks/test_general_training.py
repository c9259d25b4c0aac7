"""The training program for the pretrained models computes what the product does."""

import importlib.util
import pathlib
import sys

import numpy as np
import pytest

from kerasformer.config import ModelConfig
from kerasformer.models import build_model

jax = pytest.importorskip("jax")
jnp = jax.numpy


@pytest.fixture(scope="module")
def train():
    path = pathlib.Path(__file__).parents[2] / "benchmarks" / "general" / "train.py"
    spec = importlib.util.spec_from_file_location("general_train", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    except OSError:
        pytest.skip("fast.c needs gcc")
    return module


def test_its_logits_equal_those_of_the_model(train):
    sizes = train.Sizes(60, 16, 24, 2, 2, 1)
    rng = np.random.default_rng(0)
    flat = sizes.initial(0) + 0.1 * rng.normal(size=sizes.total).astype("float32")
    config = ModelConfig(
        vocab_size=60,
        max_length=128,
        num_layers=2,
        num_decoder_layers=1,
        hidden_dim=16,
        intermediate_dim=24,
        num_heads=2,
    )
    model = build_model(config).training
    weights = train.weights_for_keras(sizes, flat)
    assert sum(value.size for value in weights.values()) == model.count_params()
    for variable in model.trainable_variables:
        variable.assign(weights[variable.path])
    ids = train.Ragged(rng.integers(4, 60, 300), [10, 20, 30, 40, 50, 60, 50, 40])
    source, target = train.pack(ids, ids, rng).astype("int32").transpose(1, 0, 2)
    expected = np.asarray(model({"source_ids": source, "target_ids": target}, training=False))
    w = sizes.split(jnp.asarray(flat))

    @jax.jit
    def logits(source, target):
        hidden = train.hidden_states(sizes, w, source, target, train.Drop(0.0, None), jnp.float32)
        return hidden @ w["embedding"].T

    found = np.asarray(logits(source, target))
    assert np.abs(found - expected)[target != 0].max() < 1e-4


def test_packed_rows_hold_every_pair_whole(train):
    rng = np.random.default_rng(0)
    lengths = rng.integers(1, 60, 200)
    ids = train.Ragged(rng.integers(4, 60, lengths.sum()), lengths)
    packed = train.pack(ids, ids, rng)
    assert np.count_nonzero(packed[:, 0]) == np.count_nonzero(packed[:, 1]) == lengths.sum() + 200
    sources = [tuple(part) for row in packed[:, 0] for part in np.split(row, np.flatnonzero(row == train.EOS) + 1)]
    pairs = sorted(part[:-1] for part in sources if part and part[0])
    wanted = sorted(tuple(ids.flat[a : a + n]) for a, n in zip(ids.starts, ids.lengths, strict=True))
    assert pairs == wanted


def test_translations_that_repeat_themselves_or_lose_a_name_are_not_used(train):
    source = train.Ragged([5, 6, 7, 8, 9], [5])
    hard = np.zeros(20, bool)
    hard[7] = True
    assert train.usable(source, source, source, hard).tolist() == [0]
    assert not len(train.usable(source, train.Ragged([5] * 8, [8]), source, np.zeros(20, bool)))
    assert not len(train.usable(source, train.Ragged([5, 6, 6, 8, 9], [5]), source, hard))
