"""Glossaries: files and dicts, and what is wrong with them."""

import pytest

from kerasformer.errors import InputError
from kerasformer.interface.glossary import Glossary, read_glossary


def write(tmp_path, text):
    path = tmp_path / "glossary.tsv"
    path.write_bytes(text.encode("utf-8-sig") if isinstance(text, str) else text)
    return path


def test_a_file_has_a_pair_in_each_line(tmp_path):
    path = write(tmp_path, "voiture\tmotor-car\r\n\r\nl'eau  de vie \t brandy\nvoiture\tmotor-car\n")
    assert read_glossary(path) == {"voiture": "motor-car", "l'eau de vie": "brandy"}
    assert Glossary.of(str(path)).translation("L’eau de vie") == "Brandy"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\tb\nc d\n", "line 2: expected a source term, a tab and its translation, got 'c d'"),
        ("a\tb\tc\n", "line 1: expected a source term, a tab and its translation"),
        ("\n a\t \n", "line 2: expected"),
        ("a\tb\nb\tc\na\td\n", "line 3: 'a' has another translation in line 1"),
        ("\n\n", "is empty"),
        (b"\xff\xfe", "is not UTF-8: convert it to UTF-8"),
    ],
)
def test_a_wrong_line_is_named(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        read_glossary(write(tmp_path, text))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match="none.tsv cannot be read: No such file"):
        read_glossary(tmp_path / "none.tsv")


def test_a_translation_with_capitals_of_its_own_keeps_them():
    glossary = Glossary({"téléphone": "iPhone", "école": "academy", "l'oms": "WHO"})
    assert [glossary.translation(term) for term in ("Téléphone", "École", "L'oms")] == ["iPhone", "Academy", "WHO"]
    assert glossary.entry("École") == glossary.entry("école") == "academy"


@pytest.mark.parametrize("glossary", [{"a": ""}, {" ": "b"}, {"a": 3}, ["a"], 3])
def test_misuse(glossary):
    with pytest.raises(InputError, match="a glossary "):
        Glossary.of(glossary)
