"""A large corpus is prepared once; the cache holds what would be read and tokenized again."""

import dataclasses
import os
import shutil

import numpy as np
import pytest

from kerasformer.config import TrainingConfig
from kerasformer.data import prepared
from kerasformer.data.batches import make_batches
from kerasformer.data.corpus import load_corpus
from kerasformer.data.prepared import InMemoryCorpus, PreparedCorpus, open_corpus
from kerasformer.data.training_pairs import taught
from kerasformer.errors import InputError
from kerasformer.jobs.translation import Translation

PAIRS = [(f"la phrase {i} \t\x0b fin", f"sentence {i} end {i % 7}") for i in range(60)]


@pytest.fixture
def files(tmp_path):
    """Two parallel files with a few things to clean."""
    paths = [tmp_path / f"text.{language}" for language in ("fr", "en")]
    for side, path in enumerate(paths):
        path.write_text("".join(f"{pair[side]}\n" for pair in [*PAIRS, *PAIRS[:3], ("", "")]), encoding="utf-8")
    return [str(path) for path in paths]


@pytest.fixture
def opened(files, tmp_path, monkeypatch):
    """A `PreparedCorpus` of the files, made in this process."""
    monkeypatch.setattr(prepared, "LARGE", 0)
    monkeypatch.setattr(prepared, "_in_process", lambda function, *arguments: function(*arguments))
    return open_corpus(files, cache_dir=tmp_path / "cache")


def test_a_small_corpus_is_not_cached(files, tmp_path, monkeypatch):
    opened = open_corpus(files, cache_dir=tmp_path / "cache")
    assert isinstance(opened, InMemoryCorpus)
    assert opened.corpus == load_corpus(files)
    monkeypatch.setattr(prepared, "LARGE", 1)
    assert open_corpus("everyday").corpus.name == "everyday"
    assert not (tmp_path / "cache").exists()


def test_a_prepared_corpus_equals_the_corpus_that_is_read(opened, files):
    expected = load_corpus(files)
    assert isinstance(opened, PreparedCorpus)
    assert (list(opened.corpus.train), len(opened.corpus.train)) == (expected.train, len(expected.train))
    assert dataclasses.replace(opened.corpus, train=expected.train) == expected
    assert opened.corpus.describe() == expected.describe()


def test_nothing_is_prepared_twice(opened, files, tmp_path, monkeypatch, capfd):
    tokenizer = opened.tokenizer(90, exact=False)
    first = opened.sentences(tokenizer)

    def never(*_):
        raise AssertionError("made again")

    for name in ("_in_process", "_write_ids"):
        monkeypatch.setattr(prepared, name, never)
    again = open_corpus(files, cache_dir=tmp_path / "cache")
    assert again.tokenizer(90, exact=False).model == tokenizer.model
    for one, other in zip(again.sentences(tokenizer), first, strict=True):
        np.testing.assert_array_equal(one.flat, other.flat)
    assert "as prepared in" in capfd.readouterr().err


def test_mapped_ids_equal_those_in_memory(opened, files, monkeypatch):
    monkeypatch.setattr(prepared, "_CHUNK", 17)  # several, and a last one that is smaller
    tokenizer = opened.tokenizer(90, exact=False)
    fresh = InMemoryCorpus(load_corpus(files))
    assert fresh.tokenizer(90, exact=False).model == tokenizer.model
    for mapped, made in zip(opened.sentences(tokenizer), fresh.sentences(tokenizer), strict=True):
        assert isinstance(mapped.flat.base, np.memmap)
        assert mapped.flat.dtype == "uint16"
        for name in ("flat", "lengths", "offsets"):
            np.testing.assert_array_equal(getattr(mapped, name), getattr(made, name))


@pytest.mark.parametrize("name", ["", "train.source", "ids-*/target.ids"], ids=["all", "text", "ids"])
def test_removed_files_are_prepared_again(name, opened, files, tmp_path):
    tokenizer = opened.tokenizer(90, exact=False)
    expected = [side.flat.tolist() for side in opened.sentences(tokenizer)]
    if name:
        next(opened.folder.glob(name)).unlink()
    else:
        shutil.rmtree(opened.folder)
    again = open_corpus(files, cache_dir=tmp_path / "cache")
    assert list(again.corpus.train) == load_corpus(files).train
    assert [side.flat.tolist() for side in again.sentences(tokenizer)] == expected


def test_an_error_says_that_the_process_was_killed():
    with pytest.raises(InputError, match="was killed, probably because memory ran out"):
        prepared._in_process(os._exit, 9)


def test_subwords_are_sampled_only_for_a_corpus_in_memory(opened, files, monkeypatch):
    tokenizer, training = opened.tokenizer(90, exact=False), TrainingConfig(subword_sampling=0.2, seed=4)
    monkeypatch.setattr("kerasformer.jobs.translation.open_corpus", lambda data, **options: opened)
    with pytest.raises(InputError, match="--subword-sampling and --both-ways prepare the pairs anew.*set both to 0"):
        Translation(files).check(training)
    batches, _ = make_batches(load_corpus(files), tokenizer, 100, training)
    texts = [tokenizer.decode(batches.redraw(number)[1].flat.tolist()) for number in (0, 1)]
    assert texts[0] == texts[1]
    assert batches.redraw(0)[1].flat.tolist() != batches.redraw(1)[1].flat.tolist()
    np.testing.assert_array_equal(batches.redraw(1)[1].flat, batches.redraw(1)[1].flat)


def test_pairs_are_swapped_in_the_first_epochs_only(files):
    corpus = load_corpus(files)
    tokenizer = InMemoryCorpus(corpus).tokenizer(90, exact=False)
    training = TrainingConfig(both_ways=0.5, epochs=4)
    batches, _ = make_batches(corpus, tokenizer, 100, training)
    targets_of_pairs = [target for _, target, _ in taught(corpus, tokenizer.marks)]
    plain = [tokenizer.decode(ids) for ids in tokenizer.encode(targets_of_pairs)]

    def targets(number):
        sides = batches.redraw(number)[1]
        parts = np.split(sides.flat, sides.offsets[1:-1])
        return np.array([tokenizer.decode(part.tolist()) for part in parts])

    shares = [(targets(number) != plain).mean() for number in range(4)]
    assert 0.3 < shares[0] < 0.7
    assert shares[2:] == [0, 0]
    assert (targets(0) != targets(1)).any()


def test_other_text_or_options_are_prepared_separately(opened, files, tmp_path):
    swapped = open_corpus(files, source="en", target="fr", cache_dir=tmp_path / "cache")
    assert swapped.corpus.source == "en"
    assert open_corpus(files, seed=5, cache_dir=tmp_path / "cache").folder != opened.folder
    test = [tmp_path / "test.fr", tmp_path / "test.en"]
    for path in test:
        path.write_text("un de plus\n", encoding="utf-8")
    with_test = open_corpus(files, test=map(str, test), cache_dir=tmp_path / "cache")
    assert (with_test.corpus.tests, with_test.folder != opened.folder) == ({"test": [("un de plus",) * 2]}, True)
    as_validation = open_corpus(files, validation=map(str, test), cache_dir=tmp_path / "cache")
    assert (as_validation.corpus.validation, as_validation.corpus.tests) == ([("un de plus",) * 2], {})
    with_columns = tmp_path / "mine.tsv"
    with_columns.write_text("".join(f"{i}\t{a[:12]}\t{b}\n" for i, (a, b) in enumerate(PAIRS)), encoding="utf-8")
    folders = {
        open_corpus(str(with_columns), columns=columns, cache_dir=tmp_path / "cache").folder
        for columns in (None, ["2", "3"], ["3", "2"])
    }
    assert len(folders) == 3
    with open(files[0], "a", encoding="utf-8") as source, open(files[1], "a", encoding="utf-8") as target:
        source.write("une de plus\n")
        target.write("one more\n")
    longer = open_corpus(files, cache_dir=tmp_path / "cache")
    assert len(longer.corpus.train) == len(opened.corpus.train) + 1


def test_errors_of_the_other_process_reach_the_user(files, tmp_path, monkeypatch):
    monkeypatch.setattr(prepared, "LARGE", 0)
    with open(files[0], "a", encoding="utf-8") as source:
        source.write("une de plus\n")
    with pytest.raises(InputError, match="lines"):
        open_corpus(files, cache_dir=tmp_path / "cache")
    assert [path.suffix for path in (tmp_path / "cache" / "prepared").glob("*")] == [".lock"]
