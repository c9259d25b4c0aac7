"""Texts as people have them, through the bundle, the SavedModel and the .tflite: nothing is lost, all is cleaned."""

import dataclasses

import pytest

from kerasformer.formats import describe
from kerasformer.generation.loops import LONGEST_LOOP
from kerasformer.inference.translator import Translator
from kerasformer.interface.cleaning import LATEST
from kerasformer.interface.rules import TextRules
from kerasformer.runtime.litert import LiteRTTranslator

SENTENCES = ["Je mange une pomme.", "Où est le chat ?", "Il est trois heures.", "Nous avons froid !", "Oui."]
SPELT = "L'oeuf de ma soeur est là, malade?"
SPELLINGS = [
    "L’œuf de ma sœur est là, malade ?",
    "L'oeuf de ma soeur est la\u0300,\u00a0malade\u202f?",
    "L\u2060'œuf de ma so\u00adeur est là, ma\u00adlade?",
    "\ufeffL'oeuf de\u2003ma soeur est là,\x00 ma\u200dlade?",
]


@pytest.fixture(params=["bundle_path", "saved_model_path", "tflite_path", "int8_path"])
def engine(request, opened_once):
    return opened_once(request.getfixturevalue(request.param))


@pytest.mark.parametrize(
    "layout",
    ["{} {}", "{} {} {}", "{}  {} {}\u00a0{} {}", "{}\n{}\n", "\n\n{}\r\n\r\n\t{} {}\n    {}\n", "  {}\u2028{}  "],
)
def test_a_text_is_translated_sentence_by_sentence(layout, engine):
    count = layout.count("{}")
    one_by_one = engine(SENTENCES[:count])
    assert all(one_by_one)
    assert sum(engine.count_tokens([layout.format(*SENTENCES[:2], "", "", "")])) < engine.max_tokens  # it would fit
    assert engine(layout.format(*SENTENCES[:count])) == layout.format(*one_by_one)


def test_every_spelling_is_read_alike(engine):
    assert engine(SPELLINGS) == [engine(SPELT)] * 4
    assert engine.count_tokens(SPELLINGS) == engine.count_tokens([SPELT]) * 4
    shown = engine.attention(SPELLINGS[0], "He\u00ad is\u00a0ill.")
    assert shown.source_tokens == engine.attention(SPELT, "").source_tokens
    assert shown.target_tokens == engine.attention("", "He is ill.").target_tokens


def test_every_artefact_carries_its_rules(engine):
    assert engine.rules == TextRules(LATEST, 1)


def test_artefacts_without_rules_clean_as_they_were_trained(tflite_path, bundle):
    description = describe(tflite_path)
    metadata = {name: value for name, value in description.metadata.items() if name != "text_rules"}
    for old in (
        LiteRTTranslator(dataclasses.replace(description, metadata=metadata)),
        Translator(dataclasses.replace(bundle, text_rules=TextRules())),
    ):
        assert old.rules == TextRules("nfkc", 1)
        assert old.clean("L’œuf\u00ad ?") == old.clean("L’œuf\u200d\u00a0?") == "L’œuf ?"


def test_a_bundle_of_longer_stretches_gets_them(bundle):
    translate = Translator(dataclasses.replace(bundle, text_rules=TextRules(LATEST, 2)))
    planned = translate.plan(["Oui.  Non. Oui.\nNon. Oui."])
    assert planned.pieces == ["Oui.  Non.", "Oui.", "Non. Oui."]
    (found,) = translate.hypotheses(["Oui.  Non."])[0]
    assert [found] == translate.decode(["Oui. Non."])[0]


def times_in_a_row(token_ids):
    """How often the same 1 to `LONGEST_LOOP` tokens stand in a row, at most."""
    most = 0
    for size in range(1, LONGEST_LOOP + 1):
        same = 0
        for i in range(size, len(token_ids)):
            same = same + 1 if token_ids[i] == token_ids[i - size] else 0
            most = max(most, 1 + same // size)
    return most


def test_no_engine_falls_into_a_loop(engine, bundle):
    free = Translator(bundle, max_repeats=0).hypotheses(SENTENCES)
    assert max(times_in_a_row(answers[0].token_ids) for answers in free) > 4  # nobody trained this model
    for options in ({}, {"temperature": 0.01, "beam_size": 1}):
        kept = engine.hypotheses(SENTENCES, **options)
        assert max(times_in_a_row(answers[0].token_ids) for answers in kept) <= 4
