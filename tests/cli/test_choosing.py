"""`kerasformer translate` without --model: the languages choose the pretrained model, and the text shows its own."""

import io
import sys

import pytest

from kerasformer.cli import translation
from kerasformer.cli.main import main
from kerasformer.interface.answers import Hypothesis


class Echo:
    """Gives each text after the name of the model."""

    source, target = "fr", "en"

    def __init__(self, name):
        self.name = name

    def unknown_characters(self, texts):
        return ""

    def hypotheses(self, texts):
        return [[Hypothesis(f"{self.name}: {text}", 0.0, ())] for text in texts]


@pytest.fixture(autouse=True)
def echoing(monkeypatch):
    """Models are chosen but not loaded."""
    monkeypatch.setattr(translation, "open_artefact", lambda description, **options: Echo(description.path.name))


@pytest.fixture
def translate(capsys, monkeypatch):
    """Run `translate`; returns lines out and what stands on stderr."""

    def run(*arguments, stdin=b""):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        assert main(["translate", *map(str, arguments)]) == 0
        out, err = capsys.readouterr()
        return out.splitlines(), err

    return run


FRENCH = "kerasformer: the text looks like French (fr), so fr-en translates it (--from names its language)\n"
ENGLISH = "kerasformer: the text looks like English (en), so en-fr translates it (--from names its language)\n"


@pytest.mark.parametrize("options", [[], ["--to", "en"], ["--to", "English"]])
def test_the_language_of_the_text_is_guessed_and_said(translate, options):
    assert translate(*options, "Où est la gare ?", "OK") == (["fr-en: Où est la gare ?", "fr-en: OK"], FRENCH)


@pytest.mark.parametrize("options", [["--from", "fr"], ["--from", "fra", "--to", "en"], ["--model", "fr-en"]])
def test_languages_that_are_named_are_not_guessed(translate, options):
    assert translate(*options, "Where is the station?") == (["fr-en: Where is the station?"], "")


def test_a_text_too_short_to_tell_is_translated_where_there_is_one_model(translate):
    assert translate("--to", "en", "Merci") == (["fr-en: Merci"], "")
    assert translate("--to", "en", "") == (["fr-en: "], "")


def test_standard_input_is_read_until_it_shows_its_language_and_then_translated_whole(translate):
    lines = ["OK", "Paris", "Where is the station?", "Où ?"]
    expected = [f"en-fr: {line}" for line in lines]
    assert translate(stdin="\n".join(lines).encode()) == (expected, ENGLISH)
    assert translate("--to", "en", stdin=b"OK\n") == (["fr-en: OK"], "")
    assert translate() == ([], "")


def test_a_whole_file_shows_its_language(translate, tmp_path):
    source, target = tmp_path / "a.srt", tmp_path / "b.srt"
    source.write_text("1\n00:00:01,000 --> 00:00:02,000\nWhere is the station?\n", encoding="utf-8")
    _, err = translate("--in", source, "--out", target)
    assert err.startswith(ENGLISH)
    assert target.read_text(encoding="utf-8").endswith("en-fr: Where is the station?\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["OK"], "does not show its language, as it is short or has words of several: name the language of the text"),
        (["--to", "en", "Ich habe Hunger."], "looks like German (de), which no pretrained model translates"),
        (["Ich habe Hunger."], "looks like German (de), which no pretrained model translates: give --model, or name"),
        (["--to", "en", "I am hungry."], "looks like English (en) already, into which it was to be translated"),
        (["--to", "de", "Oui."], "no pretrained model to de: there are en-fr (from en to fr), fr-en (from fr to en)"),
        (["--from", "de", "Ja."], "there is no pretrained model from de: there are en-fr (from en to fr)"),
        (["--from", "fr", "--to", "fr", "Oui."], "there is no pretrained model from fr to fr"),
        (
            ["--model", "fr-en", "--to", "de", "Oui."],
            "fr-en translates French (fr) into English (en), not --to de: leave out --model or --to",
        ),
        (["--model", "de-en", "Ja."], "de-en does not exist"),
    ],
)
def test_what_cannot_be_chosen_is_one_line_that_says_what_to_do(complaint, arguments, said):
    assert said in complaint("translate", *arguments)


def test_of_several_models_for_a_source_one_must_be_named(complaint, monkeypatch):
    for module in ("kerasformer.pretrained", "kerasformer.cli.choosing"):
        monkeypatch.setattr(f"{module}.available", lambda: ["fr-de", "fr-en"])
    assert "several pretrained models fit, fr-de, fr-en: give --to" in complaint("translate", "--from", "fr", "Oui.")
