"""Splits of labelled images, stratified by class and drawn by a hash of the row and the seed."""

import hashlib

import numpy as np

SHARES = {"train": 70, "validation": 10, "test": 20}  # per cent


def stratified(labels, shares, seed):
    """Split rows so that each class is in every split in proportion, and at least once.

    Args:
        labels: int (count,).
        shares: Dict of split name to int: {"train": 9, "test": 1} is nine to one.
        seed: int, decides which rows go where; the same on every machine.

    Returns:
        Dict of split name to ascending rows, int64 (rows,). A split gets its exact share of each class, rounded up or
        down, and at least one row.
    """
    splits = {name: [] for name in shares}
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label).tolist()
        if len(rows) < len(shares):
            raise ValueError(f"label {label} has {len(rows)} rows: {len(shares)} splits need at least one each")
        rows.sort(key=lambda row: hashlib.blake2b(f"{seed}\n{row}".encode()).digest())
        for name, size in zip(shares, _apportion(len(rows), list(shares.values())), strict=True):
            splits[name] += rows[:size]
            rows = rows[size:]
    return {name: np.array(sorted(rows), "int64") for name, rows in splits.items()}


def _apportion(count, shares):
    """Divide `count` by the largest remainder method, and give every share at least 1."""
    whole = sum(shares)
    sizes = [count * share // whole for share in shares]
    remainders = [-(count * share % whole) for share in shares]
    for place in np.argsort(remainders, kind="stable")[: count - sum(sizes)]:
        sizes[place] += 1
    while min(sizes) < 1:
        sizes[sizes.index(max(sizes))] -= 1
        sizes[sizes.index(min(sizes))] += 1
    return sizes
