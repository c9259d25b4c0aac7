import pytest

from kerasformer.data.splits import carve, split_by_target
from kerasformer.errors import InputError

NAMES = ("validation", "test")


def numbered(count, repeats=1):
    return [(f"phrase {i // repeats}", f"sentence {i}") for i in range(count)]


@pytest.mark.parametrize(("count", "held_out"), [(20, 1), (59, 2), (1000, 50), (23000, 1000)])
def test_sizes(count, held_out):
    pairs = numbered(count)
    splits = carve(pairs, NAMES)
    assert {name: len(part) for name, part in splits.items()} == {
        "train": count - 2 * held_out,
        "validation": held_out,
        "test": held_out,
    }
    assert sorted(sum(splits.values(), [])) == sorted(pairs)


def test_equal_sources_stay_together_whatever_their_case():
    pairs = [(source.upper() if i % 3 else source, target) for i, (source, target) in enumerate(numbered(999, 3))]
    sources = [{source.casefold() for source, _ in part} for part in carve(pairs, NAMES).values()]
    assert sum(map(len, sources)) == len(set().union(*sources)) == 333


def test_seed_decides_and_repeats():
    pairs = numbered(500)
    assert carve(pairs, NAMES, seed=1) == carve(pairs, NAMES, seed=1)
    assert carve(pairs, NAMES, seed=1)["test"] != carve(pairs, NAMES, seed=2)["test"]
    kept = carve(pairs, NAMES)["test"]
    assert set(carve(pairs[::-1], NAMES)["test"]) == set(kept)


def test_a_frequent_source_stays_in_train():
    pairs = [("oui", f"yes {i}") for i in range(80)] + numbered(20)
    splits = carve(pairs, NAMES)
    assert {len(splits[name]) for name in NAMES} == {5}
    assert all(source != "oui" for name in NAMES for source, _ in splits[name])


def test_empty_sides_are_never_held_out():
    pairs = numbered(40) + [("", "nothing")] * 50 + [("rien", "\u200b")] * 50
    splits = carve(pairs, NAMES)
    assert all(source.startswith("phrase") for name in NAMES for source, _ in splits[name])
    assert len(splits["train"]) == 136


@pytest.mark.parametrize(
    ("pairs", "message"),
    [(numbered(19), "only 19 usable"), ([("oui", "yes")] * 30, "too few different source")],
)
def test_too_few_pairs_are_refused(pairs, message):
    with pytest.raises(InputError, match=message):
        carve(pairs, NAMES)


def test_split_by_target_keeps_equal_targets_together():
    pairs = [(f"phrase {i}", f"sentence {i // 2}") for i in range(20_000)]
    splits = split_by_target(pairs, per_mille=15)
    train, validation = ({target for _, target in splits[name]} for name in ("train", "validation"))
    assert not train & validation
    assert 240 <= len(splits["validation"]) <= 360  # 300 expected, standard deviation 24
