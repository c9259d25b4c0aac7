"""Marks in training pairs: in place of what both sides share, always in the same pairs."""

import re
import types

import pytest

from kerasformer.config import TrainingConfig
from kerasformer.data.batches import make_batches
from kerasformer.data.corpus import load_corpus
from kerasformer.data.prepared import InMemoryCorpus
from kerasformer.data.training_pairs import hardly_seen, marks_for, taught, with_marks
from kerasformer.tokenizer import MARKS, train_tokenizer

NUMBERS = [(f"Il a {i} ans, dit Nora {i}.", f"Nora {i} says: {i} years old.") for i in range(200)]
WORDS = [(f"Le chat {word} dort.", f"The cat {word} sleeps.") for word in ("ab" * i for i in range(1, 400))]


def marked(pairs, marks, held_out=(), languages=("fr", "en")):
    names = dict(zip(("source", "target"), languages, strict=True))
    corpus = types.SimpleNamespace(**names, train=pairs, validation=list(held_out), tests={}, weights=[])
    return [(source, target) for source, target, _ in taught(corpus, marks)]


def changed(pairs):
    return [(pair, new) for pair, new in zip(pairs, marked(pairs, MARKS), strict=True) if pair != new]


def test_half_of_the_pairs_that_share_something_have_marks_on_both_sides():
    found = changed(NUMBERS)
    assert 70 <= len(found) <= 130
    for (source, _), (new_source, new_target) in found:
        marks = re.findall(r"<p\d>", new_source)
        assert sorted(marks) == sorted(re.findall(r"<p\d>", new_target))
        assert len(set(marks)) == len(marks) == 2
        number = source.split()[2]
        assert not re.search(rf"\b{number}\b", new_source + new_target)


def test_each_mark_stands_for_the_same_on_both_sides():
    pairs = [(f"De 1{i} à {{x}} pour <b>", f"<b> for {{x}} from 1{i}") for i in range(40)]
    for (source, _), (new_source, new_target) in changed(pairs):
        number, name, tag = re.findall(r"<p\d>", new_source)
        assert new_target == f"{tag} for {name} from {number}"
        assert new_source == source.replace(source.split()[1], number).replace("{x}", name).replace("<b>", tag)


def test_shared_names_have_marks_too():
    pairs = [(f"Il voit {name}, oui.", f"Yes, {name} he sees.") for name in ("Nora" + "a" * i for i in range(1, 99))]
    found = [new for _, new in changed(pairs)]
    assert 12 <= len(found) <= 50
    assert sum(re.fullmatch(r"Il voit (<p\d>), oui\.", source) is not None for source, _ in found) > len(found) / 2


def test_a_few_other_pairs_get_a_mark_at_an_end():
    found = [new for _, new in changed(WORDS)]
    assert 5 <= len(found) <= 40
    for source, target in found:
        assert re.fullmatch(r"<p\d> Le chat \w+ dort\.|Le chat \w+ dort <p\d>\.", source)
        assert re.fullmatch(r"<p\d> The cat \w+ sleeps\.|The cat \w+ sleeps <p\d>\.", target)


def test_the_same_pairs_have_the_same_marks_each_time():
    assert marked(NUMBERS[::-1], MARKS)[::-1] == marked(NUMBERS, MARKS)
    assert [with_marks(*pair, MARKS) for pair in NUMBERS] == marked(NUMBERS, MARKS)


def test_single_sentences_of_a_pair_are_taught_too_unless_they_are_held_out():
    pairs = [("Le lit ? Il est là.", "The bed? It is there."), ("Oui. Non.", "Yes, no."), ("Il dort.", "He sleeps.")]
    found = marked(pairs, MARKS)
    assert found == [pairs[0], ("Le lit ?", "The bed?"), ("Il est là.", "It is there."), *pairs[1:]]
    assert marked(pairs, MARKS, [("le lit ?", "A bed?")]) == [pairs[0], found[2], *pairs[1:]]
    assert marked(pairs, MARKS, [("Voici le lit.", "It is there.")]) == [pairs[0], found[1], *pairs[1:]]


def test_without_marks_single_sentences_are_taught_and_nothing_is_marked():
    two = ("Il dort. Elle a 7 ans.", "He sleeps. She is 7.")
    assert marked([*NUMBERS, two], ()) == [*NUMBERS, two, ("Il dort.", "He sleeps."), ("Elle a 7 ans.", "She is 7.")]
    assert marked([two], (), languages=("question", "answer")) == [two]
    assert marks_for("question", "answer") == ()
    assert marks_for("fr", "en") == MARKS


def test_all_that_is_shared_beyond_the_marks_stays():
    text = " et ".join(str(i) for i in range(20, 34))
    found = {with_marks(f"{text} {i}", f"{text} {i}", MARKS) for i in range(9)}
    assert max(len(re.findall(r"<p\d>", source)) for source, _ in found) == len(MARKS)


def test_characters_that_the_training_text_hardly_has():
    pairs = [("Le chat dort.", "The cat sleeps.")] * 5000 + [("ñ ñ 北 {", "ñ 北 }")] * 4
    tokenizer = train_tokenizer([text for pair in pairs for text in pair], 60, exact=False, symbols=MARKS)
    assert hardly_seen(pairs, tokenizer) == "{}"
    assert hardly_seen(pairs[:900], tokenizer) == "{}ñ"  # which have none of them
    few = [("Le chat {", "The cat")] * 20
    assert "{" not in hardly_seen(few, train_tokenizer([text for pair in few for text in pair], 40, exact=False))


@pytest.mark.parametrize("options", [{}, {"both_ways": 0.5}, {"subword_sampling": 0.3}])
def test_batches_have_marks(tmp_path, options):
    path = tmp_path / "pairs.tsv"
    path.write_text("".join(f"{source}\t{target}\n" for source, target in NUMBERS), encoding="utf-8")
    opened = InMemoryCorpus(load_corpus([str(path)]))
    tokenizer = opened.tokenizer(120, exact=False)
    assert tokenizer.marks == MARKS
    train, validation = make_batches(opened.corpus, tokenizer, 64, TrainingConfig(**options))
    of_mark = {tokenizer.encode(mark)[-1] for mark in MARKS}
    for batches, has_marks in ((train, True), (validation, False)):
        [(inputs, labels), *_] = batches.epoch(0)
        for side in (inputs["source_ids"], labels):
            assert bool(of_mark & set(side.ravel().tolist())) == has_marks
