"""One form of typography, in text and in the tokenizer."""

import pytest

from kerasformer.data.typography import alike, charsmap, with_ligatures
from kerasformer.tokenizer import train_tokenizer


@pytest.mark.parametrize(
    ("text", "spelt"),
    [
        ("Où est l’hôtel ?", "Où est l'hôtel?"),
        ("«\u00a0Bonjour\u202f!\u00a0»", '"Bonjour!"'),
        ("“No” – he said…", '"No" - he said...'),
        ("e\u0301te\u0301", "été"),
        ("un mot\u00adclé", "un motclé"),
        ("never—or now", "never - or now"),
    ],
)
def test_one_spelling(text, spelt):
    assert alike(text) == spelt
    assert alike(spelt) == spelt


def test_ligatures_stand_where_french_has_them():
    text = "Ma soeur a un coeur et un oeil; Oeuvre, foetus, poésie, coexister, moelle"
    assert with_ligatures(text) == "Ma sœur a un cœur et un œil; Œuvre, fœtus, poésie, coexister, moelle"


def test_a_tokenizer_with_the_rules_meets_them():
    tokenizer = train_tokenizer(["Où est l'hôtel?", '"Bonjour!" dit-il - oui'], 60, exact=False, rules=charsmap())
    assert tokenizer.encode("Où est l’hôtel\u00a0?") == tokenizer.encode("Où est l'hôtel?")
    assert tokenizer.encode("« Bonjour ! » dit-il — oui") == tokenizer.encode('"Bonjour!" dit-il - oui')
