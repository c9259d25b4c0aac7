"""Pairs made from pairs keep their translation."""

import random

from kerasformer.data import augmentation


def test_names_and_numbers_are_exchanged_on_both_sides():
    draw = random.Random(0)
    source, target = augmentation.with_other_names("Hier Tom a 35 ans.", "Today Tom is 35.", ["Marie"], draw)
    assert "Tom" not in source + target
    assert "35" not in source + target
    name = target.removeprefix("Today ").split(" is ")[0]
    assert name in source
    assert augmentation.with_other_names("Il dort.", "He sleeps.", ["Marie"], draw) is None


def test_what_is_typed_keeps_its_translation():
    draw = random.Random(0)
    for _ in range(50):
        source, target = augmentation.as_typed("Où est l'école de Paul?", "Where is Paul's school?", draw)
        assert source
        assert target.lower().startswith("where is paul's school")


def test_copies_are_the_same_twice():
    copies = augmentation.to_be_copied([("La NASA a 12", "The NASA has 12")], ["Marie"], random.Random(0), 40)
    assert len(copies) == 40
    assert all(source == target and source for source, target in copies)
