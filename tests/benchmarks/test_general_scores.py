"""Scores of the general translators: names and numbers that are kept, and what is printed of each set."""

import json
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "benchmarks" / "general"))
import scores
from scores import kept


def test_names_and_numbers_of_source_and_reference_are_looked_for_in_the_translation():
    sources = ["The City of London has 9,000 cats.", "Mr Manning left the city.", "Tom's cat, No. 7"]
    references = ["The City de Londres a 9,000 chats.", "M. Manning a quitté la ville.", "Le chat de Tom, no 7"]
    translations = ["The City a 9,000 chats.", "Il a quitté la ville.", "Le chat de Tomas, no 7."]
    # 9,000 and 7 of these, Manning and Tom
    assert kept(sources, references, translations) == {"kept": 2, "shared": 4, "whole": 1, "sentences_with": 3}


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the script with options and a model that translates into capitals; returns the lines that it prints."""

    def run_script(*options):
        sets = {name: [("Un chat.", "A cat."), ("Deux.", "Two.")] for name in scores.TESTS}
        monkeypatch.setattr(scores, "read_tests", lambda data_dir, run: sets.items())
        monkeypatch.setattr(scores, "open_translator", lambda model: Loud())
        monkeypatch.setattr(sys, "argv", ["scores.py", "--model", "en-fr", "--data-dir", ".", *options])
        scores.main()
        return capsys.readouterr().out.splitlines()

    return run_script


def test_each_set_is_scored_and_its_first_translations_are_shown(run):
    lines = run("--show", "1")
    assert lines[1:3] == ["A cat.", "    A CAT."] == lines[4:6]
    assert [json.loads(lines[i])["set"] for i in (0, 3)] == list(scores.TESTS)


def test_only_the_sets_asked_for_are_scored(run, capsys):
    assert [json.loads(line)["set"] for line in run("--sets", "tatoeba-dev")] == ["tatoeba-dev"]
    with pytest.raises(SystemExit):
        run("--sets", "php-doc")
    assert "the held-out pairs need --run" in capsys.readouterr().err


class Loud:
    """Translates from English into capitals."""

    source = "en"

    def __call__(self, texts):
        return [text.upper() for text in texts]
