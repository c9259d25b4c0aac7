"""Attention rollout: how much each patch contributes to the class token, through all layers of a Vision Transformer.

In the last layer every token is already a mixture of patches, so its weights alone are misleading. Rollout multiplies
the weights of all layers.
"""

import numpy as np

from kerasformer.errors import InputError


def rollout(weights):
    """The share of each patch in the class token, averaged over heads and multiplied over layers.

    Each layer is the mean of its attention and the identity, which stands for the residual connection. The class
    token's share in itself is left out, and the shares of the patches are scaled to add up to 1.

    Args:
        weights: float (batch, layers, heads, tokens, tokens), query before key, the class token first, as the
            attention graph of an `ImageClassifier` returns them.

    Returns:
        float (batch, patch); each row adds up to 1.

    Raises:
        InputError: for weights of another shape.

    Reference: Abnar and Zuidema 2020, "Quantifying Attention Flow in Transformers", section 3; Dosovitskiy et al.
    2021, "An Image is Worth 16x16 Words", appendix D.8.
    """
    weights = np.asarray(weights, dtype=float)
    if weights.ndim != 5 or weights.shape[-1] != weights.shape[-2] or weights.shape[-1] < 2:
        expected = "(batch, layers, heads, tokens, tokens), with a class token and a patch at least"
        raise InputError(f"weights must have the shape {expected}, got {weights.shape}")
    layers = (weights.mean(axis=2) + np.eye(weights.shape[-1])) / 2  # (batch, layers, query, key)
    shares = layers[:, -1, :1]  # (batch, 1, key): of the class token, from the last layer down
    for i in range(layers.shape[1] - 2, -1, -1):
        shares = shares @ layers[:, i]
    of_patches = shares[:, 0, 1:]
    return of_patches / of_patches.sum(axis=-1, keepdims=True)


def rollout_map(weights, config):
    """`rollout` in the shape of the grid of patches.

    Args:
        weights: as for `rollout`.
        config: the `ViTConfig` of the model.

    Returns:
        float (batch, row, column).

    Raises:
        InputError: if the model has another number of patches.
    """
    shares = rollout(weights)
    rows, columns = config.grid
    if shares.shape[1] != config.num_patches:
        raise InputError(f"the weights have {shares.shape[1]} patches, the config {rows} x {columns}")
    return shares.reshape(-1, rows, columns)
