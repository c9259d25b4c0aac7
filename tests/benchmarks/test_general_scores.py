"""Scores of the general translators: names and numbers that are kept, and what is printed of each set."""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "benchmarks" / "general"))
import scores
from scores import kept


def test_names_and_numbers_of_source_and_reference_are_looked_for_in_the_translation():
    sources = ["The City of London has 9,000 cats.", "Mr Manning left the city.", "Tom's cat, No. 7"]
    references = ["The City de Londres a 9,000 chats.", "M. Manning a quitté la ville.", "Le chat de Tom, no 7"]
    translations = ["The City a 9,000 chats.", "Il a quitté la ville.", "Le chat de Tomas, no 7."]
    assert kept(sources, references, translations) == (2, 4)  # 9,000 and 7 of these, Manning and Tom


def test_each_set_is_scored_and_its_first_translations_are_shown(monkeypatch, capsys):
    sets = {name: [("Un chat.", "A cat."), ("Deux.", "Two.")] for name in scores.TESTS}
    monkeypatch.setattr(scores, "read_tests", lambda data_dir, run: sets.items())
    monkeypatch.setattr(scores, "open_translator", lambda model: Loud())
    monkeypatch.setattr(sys, "argv", ["scores.py", "--model", "en-fr", "--data-dir", ".", "--show", "1"])
    scores.main()
    lines = capsys.readouterr().out.splitlines()
    assert lines[1:3] == ["A cat.", "    A CAT."] == lines[4:6]
    assert [json.loads(lines[i])["set"] for i in (0, 3)] == list(sets)


class Loud:
    """Translates from English into capitals."""

    source = "en"

    def __call__(self, texts):
        return [text.upper() for text in texts]
