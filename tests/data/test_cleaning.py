import pytest

from kerasformer.data.cleaning import clean, clean_pair, overlap_key, remove_overlap, split_key
from kerasformer.data.entities import decode_splits
from kerasformer.errors import InputError


def changes(counts):
    return {key: count for key, count in counts.items() if count}


def test_pairs_are_cleaned_as_a_translator_cleans_what_it_reads():
    assert clean_pair(("L’œuf\u00ad\u202f?", "The\u00a0egg’s œ ?")) == ("L'oeuf?", "The egg’s œ ?")


def test_splits_are_those_of_the_first_version():
    assert split_key("« L’Œuf » ﬁn\u200d") == "« l’œuf » fin"


def test_every_step_is_counted():
    pairs = [
        ("bon", "good"),
        ("bo\u200bn", "good"),  # invisible, then a duplicate
        ("ﬁn", "end"),  # NFKC
        ("deux  mots", "two words"),  # white space
        ("", "nothing"),
        ("rien", " \u200b "),  # invisible, white space, empty
        ("x" * 31, "y"),
        ("oui", "z" * 15),  # five times as long
        ("oui", "z" * 16),  # more, but short
        ("non" * 4, "w" * 61),
        ("l" * 101, "m" * 100),
        ("bon", "fine"),
    ]
    kept, counts, examples = clean(pairs, max_characters=100, max_length_ratio=5)
    assert list(kept) == [
        ("bon", "good"),
        ("fin", "end"),
        ("deux mots", "two words"),
        ("oui", "z" * 15),
        ("oui", "z" * 16),
        ("bon", "fine"),
    ]
    assert counts == {
        "before": 12,
        "invisible_removed": 2,
        "normalised": 1,
        "whitespace_joined": 2,
        "empty": 2,
        "too_long": 1,
        "length_ratio": 2,
        "untranslated": 0,
        "duplicate": 1,
        "after": 6,
    }
    assert examples == {
        "invisible_removed": ["bo\u200bn", "bon"],
        "duplicate": ["bon", "good"],
        "normalised": ["ﬁn", "fin"],
        "whitespace_joined": ["deux  mots", "deux mots"],
        "empty": ["", "nothing"],
        "length_ratio": ["x" * 31, "y"],
        "too_long": ["l" * 101, "m" * 100],
    }


@pytest.mark.parametrize(
    ("source", "target", "is_kept"),
    [
        ("Ludwig van Beethoven, 1770", "Ludwig van Beethoven, 1770", True),
        ("This is not translated yet.", "This is not translated yet.", False),
        ("This is not translated yet.", "this is not translated YET.", False),
        ("This is not translated yet.", "This is not translated yet!", True),
        ("x" * 39, "x" * 39, True),
        ("x" * 40, "x" * 40, False),
    ],
)
def test_a_target_that_is_its_source_is_dropped_unless_it_may_be_a_name(source, target, is_kept):
    kept, counts, examples = clean([(source, target)])
    assert (len(kept), counts["untranslated"]) == (is_kept, not is_kept)
    assert ("untranslated" in examples) != is_kept


def test_html_entities_are_decoded_and_counted():
    pairs = [("l&#39;&eacute;t&#xe9;", "R&D"), ("a &amp; b", "a &lt; b"), ("&amp;lt; & co; &bad;", "&copy 2020")]
    splits, count, example = decode_splits({"train": pairs, "test": pairs}, ["train"])
    assert splits["train"] == [("l'été", "R&D"), ("a & b", "a < b"), ("&lt; & co; &bad;", "&copy 2020")]
    assert (splits["test"], count, example) == (pairs, 4, ["l&#39;&eacute;t&#xe9;", "l'été"])
    assert decode_splits({"train": [("un", "one")]}, ["train"]) == ({"train": [("un", "one")]}, 0, None)


def test_each_pair_that_is_left_has_its_own_weight():
    pairs = [("un", ""), ("deux", "two"), ("deux ", "two"), ("trois", "three")]
    assert clean(pairs, weights=[1.0, 2.0, 3.0, 0.5])[0] == {("deux", "two"): 2.0, ("trois", "three"): 0.5}


def test_limits_are_inclusive():
    pair = ("s" * 25, "t" * 5)
    assert clean([pair], max_characters=25, max_length_ratio=5)[0] == {pair: 1.0}
    assert changes(clean([pair], max_characters=24)[1]) == {"before": 1, "too_long": 1}
    assert changes(clean([pair], max_length_ratio=4.9)[1]) == {"before": 1, "length_ratio": 1}


@pytest.mark.parametrize("limits", [{"max_characters": 0}, {"max_length_ratio": 0.5}])
def test_limits_below_1_are_refused(limits):
    with pytest.raises(InputError, match="must be at least 1"):
        clean([("a", "b")], **limits)


def test_overlap_is_counted_and_removed_from_train_only():
    train = [("un", "one"), ("deux", "two"), ("trois", "three"), ("quatre", "four"), ("cinq", "five")]
    validation = [("UN\u00a0", "a single one"), ("six", "six")]
    test = [("une paire", "Two"), ("six", "half a dozen"), ("trois", "three")]
    left, overlap, removed = remove_overlap(train, {"validation": validation, "test": test})
    assert left == [("quatre", "four"), ("cinq", "five")]
    assert removed == 3
    assert overlap == {
        "train/validation": {"source": 1, "target": 0},
        "train/test": {"source": 1, "target": 2},
        "validation/test": {"source": 1, "target": 0},
    }


@pytest.mark.parametrize(
    ("sides", "kept"), [(("source", "target"), ["d"]), (("source",), ["c", "d"]), (("target",), ["b", "d"])]
)
def test_overlap_is_removed_on_the_sides_asked_for(sides, kept):
    train = [("a", "A"), ("b", "B"), ("c", "C"), ("d", "D")]
    left, overlap, removed = remove_overlap(train, {"test": [("a", "A"), ("b", "x"), ("y", "C")]}, sides)
    assert [source for source, _ in left] == kept
    assert removed == 4 - len(kept)
    assert overlap == {"train/test": {"source": 2, "target": 2}}  # counted on both, whatever is removed


def test_overlap_key_folds_case_and_form():
    assert overlap_key("STRASSE ﬁn\u200b") == overlap_key("straße  fin")
    assert overlap_key("L’œuf ?") == overlap_key("L'oeuf?")
    assert overlap_key("fin") != overlap_key("fin.")
