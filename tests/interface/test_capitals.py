"""Sentences in capitals reach the model in lower case, and their translations come back in capitals."""

import pytest

from kerasformer.interface.answers import Hypothesis
from kerasformer.interface.capitals import in_capitals, in_lower_case
from kerasformer.interface.rules import TextRules
from kerasformer.interface.text import BaseTranslator


class Echo(BaseTranslator):
    """An engine that repeats its source; names of its vocabulary are one token with a capital."""

    def __init__(self, **rules):
        super().__init__("fr", "en", 60, TextRules("nfkc", **rules))
        self.asked = []

    def count(self, texts):
        return [1 if text in ("Lyon", "été") else 2 for text in texts]

    def knows(self, texts):
        return [True] * len(texts)

    def decode(self, pieces, **options):
        self.asked += pieces
        return [[Hypothesis(piece, 0.0, ())] for piece in pieces]


@pytest.mark.parametrize("text", ["IL PLEUT", "PRéSIDENT DU SéNAT", "JE SUIS à PARIS", "WEIßE STRAßE"])
def test_text_in_capitals(text):
    assert in_capitals(text)


@pytest.mark.parametrize(
    "text",
    ["", "ATTENTION !", "NATO", "EU, USA", "L'OTAN", "Le PDG de la SNCF", "EDF et GDF", "McDonald's", "한국 NATO"],
)
def test_text_not_in_capitals(text):
    assert not in_capitals(text)
    assert in_lower_case(text, [], lambda texts: [1] * len(texts)) is None


@pytest.mark.parametrize("marks", [(), ("<p0>", "<p1>")])
def test_the_model_gets_lower_case_with_capitals_of_names(marks):
    translate = Echo(marks=marks, lower_capitals=True)
    assert translate("LE TRAIN POUR LYON PART EN ÉTÉ.") == "LE TRAIN POUR LYON PART EN ÉTÉ."
    assert translate.asked == ["Le train pour Lyon part en été."]


def test_what_must_not_change_stays_as_it_is():
    translate = Echo(lower_capitals=True)
    text = "<b>VOIR</b> https://Exemple.fr/A?id=3 ET {Name}, 5 km/h POUR LYON 😀"
    assert translate(text) == text
    assert translate.asked == ["Voir</b> https://Exemple.fr/A?id=3 et {Name}, 5 km/h pour Lyon"]


def test_terms_of_a_glossary_are_found_and_put_in_capitals():
    translate = Echo(lower_capitals=True)
    assert translate("MA VOITURE ROUGE", glossary={"voiture": "motor-car"}) == "MA MOTOR-CAR ROUGE"


def test_each_sentence_is_judged_alone():
    translate = Echo(lower_capitals=True)
    assert translate("ATTENTION ! La SNCF part. IL PLEUT ICI.") == "ATTENTION ! La SNCF part. IL PLEUT ICI."
    assert translate.asked == ["ATTENTION !", "La SNCF part.", "Il pleut ici."]


@pytest.mark.parametrize(("rules", "options"), [({}, {}), ({"lower_capitals": True}, {"protect": False})])
def test_a_model_without_the_rule_and_an_unprotected_text_keep_their_capitals(rules, options):
    translate = Echo(**rules)
    translate("IL PLEUT ICI.", **options)
    assert translate.asked == ["IL PLEUT ICI."]


def test_a_letter_whose_small_form_is_longer_stays():
    assert in_lower_case("İYİ GÜNLER", [], lambda texts: [1] * len(texts)) == "İyİ günler"
