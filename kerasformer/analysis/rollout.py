"""How much of each patch ends up in what a Vision Transformer says: attention followed through all its layers.

The weights of the last layer alone say what the class token looks at there, but each of those tokens is a mixture by
then. Rollout multiplies the layers out.
"""

import numpy as np

from kerasformer.errors import InputError


def rollout(weights):
    """The share that each patch has in the class token, heads averaged and layers multiplied.

    To the attention of each layer half of the identity is added, for the residual connection hands on each token as it
    was; rows that add up to 1 do so in the end too. What the class token has of itself is left out.

    Args:
        weights: float (batch, layers, heads, tokens, tokens), query before key, the class token first, as the
            attention graph of an `ImageClassifier` gives them.

    Returns:
        float (batch, patch), each row of which adds up to 1.

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
    """`rollout` laid out as the patches lie in the image.

    Args:
        weights: as `rollout` takes them.
        config: the `ViTConfig` of the model they are of.

    Returns:
        float (batch, row, column).

    Raises:
        InputError: for weights of a model with another number of patches.
    """
    shares = rollout(weights)
    rows, columns = config.grid
    if shares.shape[1] != config.num_patches:
        raise InputError(f"the weights have {shares.shape[1]} patches, the config {rows} x {columns}")
    return shares.reshape(-1, rows, columns)
