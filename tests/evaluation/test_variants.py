"""Difficult texts and faults, by hand."""

import random

import pytest

from kerasformer.evaluation.variants import LONG, Case, clean_pairs, faults, has_loop, make_cases, read_texts

PAIRS = [
    ("Hier, Zoé a payé 1 200 euros à Martin.", "Yesterday, Zoé paid 1,200 euros to Martin."),
    ("Où est la gare ?", "Where is the station?"),
]


def count(texts):
    return [len(text.split()) for text in texts]


def made(seed=0):
    return make_cases(PAIRS, "fr", "en", count, random.Random(seed))


def test_each_kind_changes_the_text_as_its_name_says():
    cases = made()
    texts = {kind: [(case.text, case.reference) for case in of_kind] for kind, of_kind in cases.items()}
    assert texts["clean"] == PAIRS
    assert texts["all capitals"][1] == ("OÙ EST LA GARE ?", "WHERE IS THE STATION?")
    assert texts["no capitals"][1] == ("où est la gare ?", "Where is the station?")
    assert texts["no final stop"][1] == ("Où est la gare", "Where is the station")
    assert texts["no accents"][0] == ("Hier, Zoe a paye 1 200 euros a Martin.", PAIRS[0][1])
    assert texts["repeated punctuation"][1] == ("Où est la gare??????", "Where is the station??????")
    assert all(new[0] != old[0] and new[1] == old[1] for new, old in zip(texts["typos"], PAIRS, strict=True))
    for kind in ("emoji", "web address"):
        for case, (source, target) in zip(cases[kind], PAIRS, strict=True):
            inserted = case.inserted
            assert inserted == case.names[-1]
            assert case.text.replace(f"{inserted} ", "") == source
            assert case.reference.replace(f"{inserted} ", "") == target
    assert len(texts["names"]) == 1  # only one pair has names
    assert "Zoé" not in texts["names"][0][0]
    assert set(texts["number list"][0][0]) <= set("0123456789, ")
    assert all(case.text.islower() and case.text in PAIRS[0][0] + PAIRS[1][0] for case in cases["single words"])
    assert {case.text for case in cases["another language"]} >= {row[0] for row in read_texts()["de"]}
    assert all((row[0],) not in read_texts()["fr"] for row in texts["another language"])


def test_a_long_text_is_made_of_clean_sentences_without_their_stops():
    [case] = made()[f"{LONG} tokens, no stop"]
    assert count([case.text])[0] >= LONG
    sources, targets = zip(*((PAIRS[i][0][:-1].strip(), PAIRS[i][1][:-1]) for i in case.twins), strict=True)
    assert (case.text, case.reference) == (" ".join(sources), " ".join(targets))


def test_the_seed_decides_and_nothing_else():
    assert made(1) == made(1)
    assert made(1) != made(2)


def test_a_text_that_a_change_leaves_alone_is_left_out():
    cases = make_cases([("你好", "hello")], "zh", "en", count, random.Random(0))
    assert not {"all capitals", "no capitals", "no final stop", "no accents", "typos", "names"} & set(cases)
    assert len(cases["address"]) == sum(len(rows) for kind, rows in read_texts().items() if "address" in kind)


def test_the_texts_of_the_package_go_both_ways():
    pairs = clean_pairs("fr", "en")
    assert len(pairs) == 40
    assert clean_pairs("en", "fr") == [(target, source) for source, target in pairs]
    assert clean_pairs("de", "en") == []
    for source, target in pairs:  # a perfect translation has no fault
        found = faults(make_cases([(source, target)], "fr", "en", count, random.Random(0))["clean"][0], target)
        assert not any([found["loop"], found["copy"], found["empty"], found["numbers"][0], found["names"][0]])


@pytest.mark.parametrize(
    ("source", "translation", "expected"),
    [
        ("Il pleut.", "It rains rains rains rains.", False),
        ("Il pleut.", "It rains rains rains rains rains.", True),
        ("Il rit.", "Ririririri.", True),
        ("Il rit.", "No, no! No... no, no.", True),
        ("Non, non, non, non, non !", "No, no, no, no, no!", False),
        ("Non, non, non, non, non !", "No, no, no, no, no, no, no!", True),
        ("Mille milliards.", "1,000,000,000,000", False),  # a number may repeat its digits
        ("Il pleut...", "It rains----------", False),
        ("Russe", "Russssssian", True),
        ("Il dort.", "I see the cat. I see the dog. I see the tree. I see the sea. I see the man.", True),
        ("Il dort.", "I see the cat. I see the dog. I see the tree. I see the sea.", False),
        ("Il dort.", "", False),
    ],
)
def test_loops_are_what_the_source_does_not_repeat(source, translation, expected):
    assert has_loop(source, translation) == expected


def test_faults_by_hand():
    case = Case("Hier, Zoé a 12 chats et 1 200 euros.", "Yesterday, Zoé had 12 cats and 1,200 euros.", ("Zoé",))
    fine = faults(case, "yesterday, ZOÉ had 1.200 euros and 12 cats.")
    assert fine == {"loop": False, "copy": False, "empty": False, "numbers": (0, 2), "names": (0, 1)}
    assert faults(case, "Yesterday, Zoe had 1 cat.") == {**fine, "numbers": (2, 2), "names": (1, 1)}
    assert faults(case, "hier Zoé a 12 chats, et 1 200 euros") == {**fine, "copy": True}
    assert faults(case, " ") == {**fine, "empty": True, "numbers": (2, 2), "names": (1, 1)}
    assert not faults(Case("12, 7", "12, 7"), "12, 7")["copy"]  # it may stay as it is
    assert faults(Case("3 tables", "Three tables"), "Tables")["numbers"] == (0, 0)  # the reference has no digits
    assert faults(Case("3 tables"), "Tables")["numbers"] == (1, 1)
