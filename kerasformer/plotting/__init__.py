"""Plots: attention, learning curves, images; each function returns a `Figure` and writes it if there is a path."""

from kerasformer.plotting.attention import attention_heads, attention_map, embedding_map, mask_table, position_table
from kerasformer.plotting.curves import gradient_norms, learning_curves, scores_by_length
from kerasformer.plotting.images import codebook, confusion_matrix, gallery, image_grid, map_grid, rollout_maps

__all__ = [
    "attention_heads",
    "attention_map",
    "codebook",
    "confusion_matrix",
    "embedding_map",
    "gallery",
    "gradient_norms",
    "image_grid",
    "learning_curves",
    "map_grid",
    "mask_table",
    "position_table",
    "rollout_maps",
    "scores_by_length",
]
