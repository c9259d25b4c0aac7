"""The built-in corpus: short pairs, and held-out sentences of which training has neither a copy nor a near copy."""

import lzma

import pytest

from benchmarks import everyday as script
from kerasformer.data.cleaning import overlap_key

FRENCH = ["Tom dort.", "Marie lit.", "Il pleut.", "Où est-il?", "Merci bien.", "Je sais.", "On y va."]


def grams(text, size=4):
    """Character 4-grams within the words of a text, with a space before and after each word."""
    words = [f" {word} " for word in text.split()]
    return {word[i : i + size] for word in words for i in range(max(1, len(word) - size + 1))}


def shared(one, other):
    """Jaccard index of the 4-grams of two texts."""
    one, other = grams(overlap_key(one)), grams(overlap_key(other))
    return len(one & other) / len(one | other)


@pytest.fixture(scope="module")
def held_out(everyday):
    return everyday.validation + everyday.tests["test"]


def test_pairs_near_a_held_out_one_on_either_side_are_dropped():
    held = [("Tom porte une cravate rouge.", "Tom is wearing a red tie.")]
    near = [
        ("Tom porte une cravate.", "He has another one."),  # French alike
        ("Il en a une.", "Tom was wearing a red tie."),  # English alike
    ]
    other = [
        ("Tom aime une chemise noire.", "He likes black shirts."),
        ("Tom is wearing a red tie.", "Tom porte une cravate rouge."),  # only the same side counts
    ]
    assert script.without_near_copies([near[0], other[0], near[1], other[1]], held) == other
    assert [shared(pair[side], held[0][side]) >= script.NEAR for side, pair in enumerate(near)] == [True, True]
    assert max(shared(pair[side], held[0][side]) for pair in other for side in (0, 1)) < script.NEAR


def test_near_means_the_stated_part_of_the_4_grams(everyday, held_out, monkeypatch):
    held, texts = held_out[:20], everyday.train[:200]
    monkeypatch.setattr(script, "NEAR", 0.2)
    monkeypatch.setattr(script, "ROWS", 70)  # compared in several parts
    far = [pair for pair in texts if all(shared(pair[side], other[side]) < 0.2 for other in held for side in (0, 1))]
    assert 0 < len(far) < len(texts)
    assert script.without_near_copies(texts, held) == far


def test_held_out_splits_have_their_sizes_and_share_no_side(monkeypatch):
    monkeypatch.setattr(script, "SIZES", {"test": 2, "validation": 2, "train": 9})
    pairs = [(text, f"English {row // 2}.") for row, text in enumerate(FRENCH)]  # English 0, 0, 1, 1, 2, 2, 3
    splits = script.held_out(pairs)
    assert splits == {"test": [pairs[0], pairs[2]], "validation": [pairs[4], pairs[6]]}


def test_it_takes_short_pairs_and_packs_them_as_the_package_reads_them(tmp_path, monkeypatch):
    monkeypatch.setattr(script, "SIZES", {"test": 1, "validation": 1, "train": 4})
    words = " ".join(f"mot{i}" for i in range(script.MOST_WORDS + 1))
    pairs = [*zip(FRENCH, ("A b.", "C d.", "E f.", "G h.", "I j.", "K l.", "M n."), strict=True), (words, "Too long.")]
    for split, some in (("train", pairs), ("dev", [("x", "y")])):
        for side, language in enumerate(("fr", "en")):
            (tmp_path / f"{split}.{language}").write_text("".join(f"{pair[side]}\n" for pair in some))
    splits = script.everyday(tmp_path)
    assert {name: len(some) for name, some in splits.items()} == script.SIZES
    taken = [pair for some in splits.values() for pair in some]
    assert len(set(taken)) == 6
    assert set(taken) < set(pairs[:-1])
    lines = lzma.decompress(script.packed(splits)).decode().splitlines()
    assert lines == [f"{name}\t{french}\t{english}" for name, some in splits.items() for french, english in some]


def test_the_shipped_corpus_has_the_stated_sizes(everyday):
    sizes = {"test": len(everyday.tests["test"]), "validation": len(everyday.validation), "train": len(everyday.train)}
    assert sizes == script.SIZES
    assert everyday.report["removed_for_overlap"] == 0


def test_the_shipped_corpus_has_short_sentences(everyday, held_out):
    lengths = {len(text.split()) for pair in everyday.train + held_out for text in pair}
    assert max(lengths) == script.MOST_WORDS


@pytest.mark.parametrize("side", [0, 1])
def test_the_splits_of_the_shipped_corpus_share_no_side(everyday, side):
    splits = everyday.train, everyday.validation, everyday.tests["test"]
    train, validation, test = ({overlap_key(pair[side]) for pair in split} for split in splits)
    assert not (train & validation)
    assert not (train & test)
    assert not (validation & test)


def test_the_shipped_corpus_trains_on_no_near_copy(everyday, held_out):
    some = everyday.train[::9]  # all of them take ten times as long
    assert script.without_near_copies(some, held_out) == some


def test_the_licence_and_whom_to_credit_stand_beside_the_data(everyday):
    text = script.PATH.with_name("everyday.md").read_text(encoding="utf-8")
    assert all(part in text and part in everyday.attribution for part in ("CC-BY 2.0 FR", "tatoeba.org"))
    assert f"{sum(script.SIZES.values()):,} pairs" in text
