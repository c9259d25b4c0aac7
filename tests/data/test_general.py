"""The sets are cleaned, split without overlap, and the same for a seed."""

import gzip

import pytest

from kerasformer.data import general
from kerasformer.data.general import MADE, SETS, read_general
from kerasformer.errors import InputError


def write(stem, pairs):
    for index, side in enumerate(("fr", "en")):
        with gzip.open(f"{stem}.{side}.gz", "wt", encoding="utf-8") as file:
            file.writelines(f"{pair[index]}\n" for pair in pairs)


@pytest.fixture
def folder(tmp_path):
    for part in SETS:
        pairs = [(f"Le texte {part.name} de Paul, no {i} !", f"Text {part.name} of Paul, no {i}!") for i in range(12)]
        stem = "train" if part.name == "tatoeba" else part.name
        write(tmp_path / stem, [*pairs, pairs[0], ("東京 ici", "東京 here")])
    write(tmp_path / "test", [("Le texte cds-blog de Paul, no 3 !", "other")])
    return tmp_path


def test_what_is_held_out_is_not_trained_on(folder, monkeypatch):
    monkeypatch.setattr(general, "MADE", {name: (20, weight) for name, (_, weight) in MADE.items()})
    monkeypatch.setattr(general, "DRAWN", 200)
    paths = folder / "test.fr.gz", folder / "test.en.gz"
    corpus = read_general(folder, folder, [paths])
    assert corpus.held_out["infobase"]
    for part in SETS:
        held_out = {side for pair in corpus.held_out[part.name] for side in pair}
        assert not held_out & {side for pair in corpus.train[part.name] for side in pair}
        assert corpus.counts[part.name]["new"] == 12  # neither the double nor the letters of other scripts
    assert "Le texte cds-blog de Paul, no 3!" not in dict(corpus.train["cds-blog"])
    assert 0 < len(corpus.train["names"]) <= len(corpus.train["typed-fr"]) == 20
    assert set(corpus.weights) == set(corpus.train)
    assert read_general(folder, folder, [paths]).train == corpus.train


def test_files_that_are_not_aligned_are_named(folder):
    with gzip.open(folder / "infobase.fr.gz", "at", encoding="utf-8") as file:
        file.write("un de trop\n")
    with pytest.raises(InputError, match="infobase"):
        read_general(folder, folder)
