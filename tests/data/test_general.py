"""general-fra-eng: its sets are cleaned, split without overlap, and trained on as often as their weights say."""

import gzip

import numpy as np
import pytest

from kerasformer.data import general, prepared
from kerasformer.data.corpus import load_corpus
from kerasformer.data.general import ATTRIBUTION, HELD_OUT, MADE, SETS
from kerasformer.data.prepared import InMemoryCorpus, PreparedCorpus, open_corpus
from kerasformer.data.training_pairs import drawn
from kerasformer.errors import InputError

NAME, TATOEBA = "general-fra-eng", "tatoeba-fra-eng"
COUNT = 40  # pairs of each set, of which a quarter is held out
NEWS = [("Le texte cds-blog de Paul, no 3 !", "News of today"), ("Rien.", "Nothing.")]


def write(folder, name, pairs):
    folder.mkdir(exist_ok=True)
    for index, side in enumerate(("fr", "en")):
        with gzip.open(folder / f"{name}.{side}.gz", "wt", encoding="utf-8") as file:
            file.writelines(f"{pair[index]}\n" for pair in pairs)


def pairs_of(name):
    return [(f"Le texte {name} de Paul, no {i} !", f"Text {name} of Paul, no {i}!") for i in range(COUNT)]


def cleaned(name):
    return [(source.replace(" !", "!"), target) for source, target in pairs_of(name)]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Small sets, each with a double and a pair in another script."""
    monkeypatch.setattr(general, "MADE", {name: (60, weight) for name, (_, weight) in MADE.items()})
    monkeypatch.setattr(general, "DRAWN", 200)
    for part in SETS[1:]:
        write(tmp_path / NAME, part.name, [*pairs_of(part.name), pairs_of(part.name)[0], ("東京 ici", "東京 here")])
    cat = [(f"Le cœur de {i} chats", f"The heart of {i} cats") for i in range(COUNT)]
    write(tmp_path / TATOEBA, "train", cat)
    write(tmp_path / TATOEBA, "dev", [("Un chien", "A dog")])
    write(tmp_path / "newstest2013", "test", NEWS)
    return tmp_path


def test_each_set_has_held_out_pairs_and_none_of_them_is_trained_on(folder):
    corpus = load_corpus(NAME, data_dir=folder)
    assert list(corpus.tests) == [part.name for part in SETS]
    assert {len(pairs) for pairs in corpus.tests.values()} == {COUNT // 4} != {HELD_OUT}
    assert corpus.validation == [("Un chien", "A dog"), *NEWS]
    held_out = {side for pairs in (corpus.validation, *corpus.tests.values()) for pair in pairs for side in pair}
    assert not held_out & {side for pair in corpus.train for side in pair}
    assert "Le texte cds-blog de Paul, no 3!" not in dict(corpus.train)
    assert not any("東京" in source for source, _ in corpus.train)
    assert len(set(corpus.train)) == len(corpus.train)
    assert load_corpus(NAME, data_dir=folder / NAME) == corpus


def test_each_training_pair_has_the_weight_of_its_set(folder):
    corpus = load_corpus(NAME, data_dir=folder)
    weights = dict(zip(corpus.train, corpus.weights, strict=True))
    for part in SETS[1:]:
        found = [weights[pair] for pair in cleaned(part.name) if pair in weights]
        assert len(found) >= COUNT * 3 // 4 - 1
        assert set(found) == {part.weight}
    assert weights["Le coeur de 7 chats", "The heart of 7 cats"] == 2.0


def test_both_directions_hold_out_the_same_and_learn_from_what_is_typed_on_their_own_side(folder):
    corpus, turned = load_corpus(NAME, data_dir=folder), load_corpus(NAME, "en", "fr", data_dir=folder)
    assert turned.tests == {name: [pair[::-1] for pair in pairs] for name, pairs in corpus.tests.items()}
    assert any("cœur" in target for _, target in turned.train)  # French keeps its ligatures where it is written
    assert not any("coeur" in target for _, target in turned.train)
    for found, beginning in ((corpus, "le texte"), (turned, "text ")):  # as people type it, without capitals
        assert any(source.startswith(beginning) for source, _ in found.train)
        assert not any(target.startswith(("le texte", "text ")) for _, target in found.train)


def test_newstest_may_be_missing_but_no_set_may(folder):
    for path in (folder / "newstest2013").iterdir():
        path.unlink()
    (folder / "newstest2013").rmdir()
    assert load_corpus(NAME, data_dir=folder).validation == [("Un chien", "A dog")]
    (folder / TATOEBA).rename(folder / "elsewhere")
    with pytest.raises(InputError, match="lacks the folder tatoeba-fra-eng: general-fra-eng has Tatoeba as well"):
        load_corpus(NAME, data_dir=folder)
    (folder / NAME / "infobase.fr.gz").unlink()
    with pytest.raises(InputError, match=r"general-fra-eng lacks infobase\.fr \(with .*docs/train\.md"):
        load_corpus(NAME, data_dir=folder)


def test_files_that_are_not_aligned_are_named(folder):
    with gzip.open(folder / NAME / "infobase.fr.gz", "at", encoding="utf-8") as file:
        file.write("un de trop\n")
    with pytest.raises(InputError, match="infobase"):
        load_corpus(NAME, data_dir=folder)


def test_without_a_folder_one_line_says_what_is_needed():
    with pytest.raises(InputError) as error:
        open_corpus(NAME)
    message = str(error.value)
    assert "\n" not in message
    for part in SETS[1:]:
        assert f"{part.name} ({part.place})" in message
    assert "--data-dir" in message
    assert "docs/train.md" in message


def test_the_attribution_is_whole_in_the_corpus_and_short_on_the_screen(folder):
    corpus = load_corpus(NAME, data_dir=folder)
    assert corpus.attribution == ATTRIBUTION
    assert all(part.attribution in ATTRIBUTION for part in SETS)
    shown = corpus.describe()[-1]
    assert shown.startswith("Sentences from tatoeba.org")
    assert shown.endswith("... (the bundle has all of it)")
    assert len(shown) <= 400


def test_it_is_prepared_once_with_its_weights(folder, monkeypatch):
    read = open_corpus(NAME, data_dir=folder, cache_dir=folder / "cache")
    assert isinstance(read, InMemoryCorpus)  # so small are these
    monkeypatch.setattr(prepared, "LARGE", 1)
    monkeypatch.setattr(prepared, "_in_process", lambda function, *arguments: function(*arguments))
    opened = open_corpus(NAME, data_dir=folder, cache_dir=folder / "cache")
    assert isinstance(opened, PreparedCorpus)
    assert opened.corpus.weights == read.corpus.weights
    tokenizer = opened.tokenizer(120, exact=False)
    assert tokenizer.model == read.tokenizer(120, exact=False).model
    np.testing.assert_array_equal(opened.sentences(tokenizer)[0].weights, read.sentences(tokenizer)[0].weights)
    with gzip.open(folder / NAME / "infobase.fr.gz", "at", encoding="utf-8") as file:
        file.write("\n")
    with gzip.open(folder / NAME / "infobase.en.gz", "at", encoding="utf-8") as file:
        file.write("\n")
    assert open_corpus(NAME, data_dir=folder, cache_dir=folder / "cache").folder != opened.folder


def test_the_tokenizer_learns_from_an_epoch(folder):
    corpus = load_corpus(NAME, data_dir=folder)
    pairs = list(drawn(corpus))
    blog = [pair for pair in corpus.train if pair in cleaned("cds-blog")]
    assert sum(pair in blog for pair in pairs) == 3 * len(blog)
    assert list(drawn(corpus)) == pairs
