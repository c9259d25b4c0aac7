"""What must not change comes out alike from a bundle, a SavedModel and a `.tflite`, of a model that copies nothing."""

import dataclasses

import pytest

from kerasformer.interface.carrying import ProtectionWarning
from kerasformer.interface.rules import TextRules
from kerasformer.tokenizer import MARKS

TEXTS = {
    "Il coûte 1 234,56 €. Le 3 mars, {name}.": ["1 234,56 €", "3", "{name}"],
    "Écris à jean@exemple.fr, ou va sur https://exemple.fr/a?id=3.": ["jean@exemple.fr", "https://exemple.fr/a?id=3"],
    "<p>Il <b>pleut</b>.</p>": ["<p>", "<b>", "</b>", "</p>"],
    "Merci 😀👩‍👩‍👧 à demain, Łukasz !": ["😀👩‍👩‍👧", "Łukasz"],
    "Tape `git pull` à 12:34:56, %d fois, **oui**.": ["`git pull`", "12:34:56", "%d", "**"],
    "Il part à 15 h 30, fait 120 km/h en 10 s et dort 5 min.": ["15 h 30", "120 km/h", "10 s", "5 min"],
    "Ouvre {0:>10}, {a['b']}, %-5.2f, {{x}} et $t(key).": ["{0:>10}", "{a['b']}", "%-5.2f", "{{x}}", "$t(key)"],
    "Il a {n, plural,\n one {# chat. Oui}\n other {{m} chats}}.": [
        "{n, plural,\n one {# chat. Oui}\n other {{m} chats}}"
    ],
    "...Oui.": ["..."],
    "J'ai un chat.": ["feline"],
}
GLOSSARY = {"chat": "feline"}


@pytest.fixture(params=[(), MARKS], ids=["stand-ins", "marks"])
def engines(request, opened_once, bundle_path, saved_model_path, tflite_path, monkeypatch):
    """The engines of the three forms."""
    found = [opened_once(path) for path in (bundle_path, saved_model_path, tflite_path)]
    for engine in found:
        monkeypatch.setattr(engine, "rules", dataclasses.replace(engine.rules, marks=request.param, unseen="z"))
    return found


@pytest.mark.filterwarnings("ignore::kerasformer.interface.carrying.ProtectionWarning")
def test_all_engines_keep_the_same_spans(engines):
    answers = [engine(list(TEXTS), glossary=GLOSSARY) for engine in engines]
    assert answers[0] == answers[1] == answers[2]
    for answer, spans in zip(answers[0], TEXTS.values(), strict=True):
        assert [span for span in spans if span not in answer] == []


def test_all_engines_know_the_same_characters(engines):
    assert {engine.unknown_characters(TEXTS) for engine in engines} == {engines[0].unknown_characters(TEXTS)}
    assert set("😀👧Ł") <= set(engines[0].unknown_characters(TEXTS))


def test_what_is_appended_is_warned_of(engines):
    for engine in engines:
        with pytest.warns(ProtectionWarning, match="the translation of .* lacked '{name}', which was appended"):
            engine("J'ai un chat {name}.")


def test_all_engines_can_be_told_not_to_protect(engines):
    answers = {engine("J'ai 3 chats.", protect=False, glossary={"rien": "nothing"}) for engine in engines}
    assert len(answers) == 1


def test_the_rules_travel(engines, bundle):
    opened = {dataclasses.replace(engine.rules, marks=(), unseen="") for engine in engines}
    assert opened == {bundle.text_rules} == {TextRules(bundle.text_rules.cleaning)}
