"""Splits have every class in proportion, and depend on the seed only."""

import numpy as np
import pytest

from kerasformer.data.images.splits import stratified

SHARES = {"train": 70, "validation": 10, "test": 20}


@pytest.mark.parametrize(
    ("count", "shares", "sizes"),
    [
        (10, SHARES, (7, 1, 2)),
        (178, SHARES, (125, 18, 35)),
        (13, SHARES, (9, 1, 3)),
        (5, SHARES, (3, 1, 1)),
        (3, SHARES, (1, 1, 1)),
        (7, {"train": 2, "test": 1}, (5, 2)),
        (11, {"all": 1}, (11,)),
    ],
)
def test_stratified_shares(count, shares, sizes):
    labels = np.array([4] * count + [2] * count)
    rows = stratified(labels, shares, seed=0)
    assert list(rows) == list(shares)
    for part, size in zip(rows.values(), sizes, strict=True):
        assert np.bincount(labels[part]).tolist() == [0, 0, size, 0, size]
        assert (np.diff(part) > 0).all()
    assert sorted(np.concatenate([*rows.values()])) == [*range(2 * count)]


def test_stratified_is_decided_by_the_seed_only():
    labels = np.arange(60) % 3
    first, again, other = (stratified(labels, SHARES, seed) for seed in (1, 1, 2))
    assert all((first[name] == again[name]).all() for name in SHARES)
    assert first["test"].tolist() != other["test"].tolist()


def test_stratified_refuses_too_few_rows():
    with pytest.raises(ValueError, match="label 1 has 2 rows: 3 splits need at least one each"):
        stratified(np.array([0, 0, 0, 1, 1]), SHARES, seed=0)
