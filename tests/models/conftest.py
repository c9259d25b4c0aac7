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


@pytest.fixture(scope="session")
def transformer_parameters():
    """Number of parameters of the Transformer by preset; test_transformer.py shows that they are those it has."""
    return {"test": 8_832, "tiny": 2_349_568, "small": 11_469_824, "base": 60_524_544}
