"""What tests of models share."""

import keras
import pytest
from keras import ops


@pytest.fixture
def zero_weights(monkeypatch):
    """Build models of zeros, because drawing the random weights of a large one takes seconds."""

    def zeros(self, shape, dtype=None, **options):
        return ops.zeros(shape, dtype)

    for name in ("Orthogonal", "RandomNormal", "VarianceScaling"):
        monkeypatch.setattr(getattr(keras.initializers, name), "__call__", zeros)


@pytest.fixture(scope="module")
def without_xla(without_xla):
    """Without XLA, and without TensorFlow's rewriting of graphs, as long as a hundred of the smallest steps."""
    tf = pytest.importorskip("tensorflow")
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    yield
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": False})


@pytest.fixture(scope="session")
def transformer_parameters():
    """Number of parameters of the Transformer by preset; test_transformer.py shows that they are those it has."""
    return {"test": 8_832, "tiny": 2_349_568, "small": 11_469_824, "deep": 8_894_464, "base": 60_524_544}
