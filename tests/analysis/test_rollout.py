"""Attention multiplied through the layers, on matrices one can multiply on paper."""

import numpy as np
import pytest

from kerasformer.analysis.rollout import rollout, rollout_map
from kerasformer.config import ViTConfig
from kerasformer.errors import InputError
from kerasformer.models import build_model


def one(*layers):
    """Weights (1, layers, 1, tokens, tokens) of layers with a single head."""
    return np.array(layers, float)[None, :, None]


def test_one_layer_gives_the_attention_of_the_class_token():
    looks = [[0.2, 0.6, 0.2], [0, 1, 0], [0, 0, 1]]
    # With half the identity: 0.6, 0.3, 0.1; of the patches alone 3/4 and 1/4.
    np.testing.assert_allclose(rollout(one(looks)), [[0.75, 0.25]])


def test_two_layers_are_multiplied_the_later_one_first():
    first = [[1, 0, 0], [0, 0, 1], [0, 0, 1]]  # patch 1 fetches patch 2
    second = [[0, 1, 0], [0, 1, 0], [0, 0, 1]]  # the class token fetches what is then at patch 1
    # The class token ends as half itself and half of what patch 1 had become, half patch 1 and half patch 2.
    np.testing.assert_allclose(rollout(one(first, second)), [[0.5, 0.5]])
    # The other way round it fetches patch 1 before that has fetched anything.
    np.testing.assert_allclose(rollout(one(second, first)), [[1, 0]])


def test_heads_are_averaged():
    to_first, to_second = (np.eye(3) for _ in range(2))
    to_first[0], to_second[0] = [0, 1, 0], [0, 0, 1]
    weights = np.stack([to_first, to_first, to_first, to_second])[None, None]
    np.testing.assert_allclose(rollout(weights), [[0.75, 0.25]])


def test_uniform_attention_gives_equal_shares():
    found = rollout(np.full((2, 3, 5, 7, 7), 1 / 7))
    np.testing.assert_allclose(found, np.full((2, 6), 1 / 6))


def test_shares_add_up_to_1_and_each_image_has_its_own():
    weights = np.random.default_rng(0).dirichlet(np.ones(7), (4, 3, 5, 7))
    found = rollout(weights)
    assert found.min() >= 0
    np.testing.assert_allclose(found.sum(axis=1), 1)
    np.testing.assert_allclose(rollout(weights[2:3])[0], found[2])


def test_a_map_has_the_patches_where_they_lie_in_the_image():
    config = ViTConfig(height=4, width=6)
    weights = np.eye(7)[None, None, None].copy()
    weights[..., 0, :] = [0, 0, 0, 0, 1, 0, 0]  # the fourth patch: row 1, column 0
    assert rollout_map(weights, config).tolist() == [[[0, 0, 0], [1, 0, 0]]]


def test_it_follows_the_attention_of_a_model():
    config = ViTConfig(height=6, width=4, num_layers=2, hidden_dim=8, intermediate_dim=5, num_heads=2)
    images = np.random.default_rng(0).random((3, 6, 4, 1)).astype("float32")
    found = rollout_map(build_model(config).attention(images, training=False), config)
    assert found.shape == (3, 3, 2)
    np.testing.assert_allclose(found.sum(axis=(1, 2)), 1, atol=1e-6)


@pytest.mark.parametrize("shape", [(2, 3, 3), (1, 2, 3, 4, 5), (1, 2, 3, 1, 1)])
def test_weights_of_another_shape_are_refused(shape):
    with pytest.raises(InputError, match=r"weights must have the shape \(batch, layers, heads, tokens, tokens\), .*"):
        rollout(np.ones(shape))


def test_weights_of_another_model_are_refused():
    with pytest.raises(InputError, match="the weights have 6 patches, the config 4 x 4"):
        rollout_map(np.ones((1, 1, 1, 7, 7)), ViTConfig())
