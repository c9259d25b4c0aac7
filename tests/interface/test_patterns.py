"""What the patterns find: hand-made sentences of each kind, and ordinary text in which there is nothing to find."""

import pytest

from kerasformer.interface.glossary import Glossary
from kerasformer.interface.patterns import PATTERNS
from kerasformer.interface.protection import Protection

FOUND = {
    "Il coûte 1 234,56 € ou $1,234.56, le 3 mars 2024.": "number: 1 234,56 €|$1,234.56|3|2024",
    "Il fait -5 °C, 30 % de 3,5 kg font 1,05 kg.": "number: -5 °C|30 %|3,5 kg|1,05 kg",
    "Le 12/03/2024 ou 2024-03-12, 5-6 km, 3/4, 10 000 yens.": "number: 12/03/2024|2024-03-12|5-6 km|3/4|10 000",
    "Tél. 01 23 45 67 89 ou +33 1 23 45 67 89.": "number: 01 23 45 67 89|+33 1 23 45 67 89",
    "Écris à jean.d@exemple.fr, s'il te plaît.": "email: jean.d@exemple.fr",
    "Va sur https://exemple.fr/a?id=3, www.x.org/y ou exemple.fr.": "url: https://exemple.fr/a?id=3|www.x.org/y|exemple.fr",
    "Bonjour {name}, {0}, {{ x }}, ${home}": "placeholder: {name}|{0}|{{ x }}|${home}",
    "%d messages de %(user)s, %s et %1$s": "placeholder: %d|%(user)s|%s|%1$s",
    "<b>Oui</b>, <a href='x y'>ici</a><br/>&nbsp;<!--x-->": "tag: <b>|</b>|<a href='x y'>|</a>|<br/>|&nbsp;|<!--x-->",
    "**Très** ~~bien~~, *un* _mot_ et [le guide](x.html)": "markdown: **|**|~~|~~|*|*|_|_|[|](x.html)",
    "# Le titre": "markdown: #",
    "Oui 😀👩‍👩‍👧, non 👍🏽 et 🇫🇷 3️⃣ ❤️": "emoji: 😀👩‍👩‍👧|👍🏽|🇫🇷|3️⃣|❤️",
    "Tape `git commit -m 'x. Y'` ou ``a`b``.": "code: `git commit -m 'x. Y'`|``a`b``",
    "De 12:34:56,789 à 14:30": "time: 12:34:56,789|14:30",
}  # fmt: skip
NOTHING = (
    "Il est fini.Il part au 19e siècle, le 1er, vers 14h30.",
    "COVID-19, A4, R2-D2, snake_case et a*b < c > d.",
    "AT&T; « Oui ! » dit-il : l'œuf (entier) – 'bien'…",
)


@pytest.mark.parametrize("text", FOUND)
def test_spans_of_each_kind(text):
    kind, texts = FOUND[text].split(": ", 1)
    spans = Protection(PATTERNS).find(text)
    assert [span.text for span in spans] == texts.split("|")
    assert {span.name for span in spans} == {kind}
    assert all(text[span.start : span.end] == span.text for span in spans)


def test_every_kind_is_tested():
    assert {line.split(": ")[0] for line in FOUND.values()} == set(PATTERNS)


@pytest.mark.parametrize("text", NOTHING)
def test_ordinary_text_has_no_spans(text):
    assert [span.text for span in Protection(PATTERNS).find(text)] == []


def test_only_the_named_patterns_are_used():
    text = "Le 3 : <b>oui</b>"
    assert [span.text for span in Protection(("tag",)).find(text)] == ["<b>", "</b>"]
    assert Protection(()).find(text) == []


def test_words_with_unknown_characters_are_spans():
    spans = Protection(PATTERNS).find("J'ai vu Łukasz et 北京大学 hier.", "Ł北京大学")
    assert [(span.name, span.text) for span in spans] == [("unknown", "Łukasz"), ("unknown", "北京大学")]


def test_terms_match_whole_words_the_longest_first_and_carry_a_capital():
    glossary = Glossary({"carte": "card", "carte  de crédit": "credit card", "l'État": "the State", "서울": "Seoul"})
    text = "Carte de\ncrédit, carte, cartes, L'État et l’État, CARTE, 서울에서"
    spans = Protection(PATTERNS, (), glossary).find(text)
    assert [(text[span.start : span.end], span.text) for span in spans] == [
        ("Carte de\ncrédit", "Credit card"),
        ("carte", "card"),
        ("L'État", "The State"),
        ("l’État", "the State"),
        ("서울", "Seoul"),
    ]


def test_a_term_is_used_before_a_pattern():
    spans = Protection(PATTERNS, (), Glossary({"3 mars": "the Ides"})).find("Le 3 mars 44")
    assert [span.text for span in spans] == ["the Ides", "44"]
