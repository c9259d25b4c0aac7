"""Texts are split at sentence ends and newlines, in several languages, and not within names and abbreviations."""

import random

import pytest

from kerasformer.interface.sentence_ends import split_sentences


def sentences(text):
    return [sentence for sentence, _ in split_sentences(text)]


@pytest.mark.parametrize("seed", range(40))
def test_sentences_and_separators_joined_are_the_text(seed):
    alphabet = "aB.3!?…。！？,;:«»\"'()[] \n\t\r\u00a0\u2028é가"
    text = "".join(random.Random(seed).choices(alphabet, k=300))
    pairs = split_sentences(text)
    assert "".join(sentence + separator for sentence, separator in pairs) == text
    assert not any(separator.strip() for _, separator in pairs)
    assert all(sentence == sentence.strip() for sentence, _ in pairs)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("M. Dupont et Mme. Lune sont là. Oui.", ["M. Dupont et Mme. Lune sont là.", "Oui."]),
        ("Dr. Who met Mrs. May on St. John St. today.", ["Dr. Who met Mrs. May on St. John St. today."]),
        (
            "Use fruit, e.g. apples, i.e. food etc. daily. Go.",
            ["Use fruit, e.g. apples, i.e. food etc. daily.", "Go."],
        ),
        ("Hut bzw. Mütze usw. und mehr. Ja.", ["Hut bzw. Mütze usw. und mehr.", "Ja."]),
        ("Une portée étendue (c.-à-d. tout). Oui.", ["Une portée étendue (c.-à-d. tout).", "Oui."]),
        ("It starts on Dec. 6. We wait.", ["It starts on Dec. 6.", "We wait."]),
        (
            "Le 1er janv. 2024 il est parti. Le 6 févr. il part.",
            ["Le 1er janv. 2024 il est parti.", "Le 6 févr. il part."],
        ),
        (
            "Am 3. Oktober 1990 war es. Am 21. Dez. 2020 nicht.",
            ["Am 3. Oktober 1990 war es.", "Am 21. Dez. 2020 nicht."],
        ),
        ("Es ist z. B. ein Hund. Er bellt.", ["Es ist z. B. ein Hund.", "Er bellt."]),
        ("Viele, d. h. alle, u. a. Tom. D. h. ich.", ["Viele, d. h. alle, u. a. Tom.", "D. h. ich."]),
        (
            "Er zahlt 3. Maik nicht. Im Jahr 1990. Mai ist da.",
            ["Er zahlt 3.", "Maik nicht.", "Im Jahr 1990.", "Mai ist da."],
        ),
        ("J. K. Rowling wrote. We read.", ["J. K. Rowling wrote.", "We read."]),
        ("The U.S. army. J.-P. Sartre.", ["The U.S. army.", "J.-P. Sartre."]),
        ("It is 3.5 km. See www.a.org now.", ["It is 3.5 km.", "See www.a.org now."]),
        ("Really?! Yes!!! No... Well.", ["Really?!", "Yes!!!", "No...", "Well."]),
        ("Quoi ? ! Non !", ["Quoi ? !", "Non !"]),
        ("Well... maybe. He left… then came.", ["Well... maybe.", "He left… then came."]),
        ("« Viens ! » Il part.", ["« Viens ! »", "Il part."]),
        ("« Viens ! » dit-il.", ["« Viens ! » dit-il."]),
        ('"Go." (He left.) So.', ['"Go."', "(He left.)", "So."]),
        ("1. First. 2. Second.", ["1. First.", "2. Second."]),
        ("a man . a woman .", ["a man .", "a woman ."]),
        ("一。二！「三？」四", ["一。", "二！", "「三？」", "四"]),
        ("On va au ciné...Il était tard.", ["On va au ciné...", "Il était tard."]),
        ("Bon…Alors viens.Il part.Oui", ["Bon…", "Alors viens.", "Il part.", "Oui"]),
        ("Quoi ?Non !L'école ferme.", ["Quoi ?", "Non !", "L'école ferme."]),
        ("J'ai vu Tom.Il va bien.", ["J'ai vu Tom.", "Il va bien."]),
        ("Fini en 2024.À demain.", ["Fini en 2024.", "À demain."]),
        ("« Viens ! »Il part. Fin...« Oui »", ["« Viens ! »", "Il part.", "Fin...", "« Oui »"]),
        ("Дом стоит.Он старый.", ["Дом стоит.", "Он старый."]),
        ("Ａ．Ｂ｡", ["Ａ．", "Ｂ｡"]),
        ("안녕하세요. 저는 학생이다. 네", ["안녕하세요.", "저는 학생이다.", "네"]),
        ("Title\nLine one\r\n\r\nLine two", ["Title", "Line one", "Line two"]),
    ],
)
def test_a_text_is_split_at_its_sentence_ends(text, expected):
    assert sentences(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Use it, e.g.This one",
        "The U.S.A is big",
        "A Ph.D is long",
        "We use node.js and Asp.Net here",
        "Take v1.2.Final now",
        "Open rapport.Pdf or my_file.Final",
        "Open Report.Final.pdf and Main.Java",
        "Call System.Out.println(x) and foo().Bar",
        "See https://x.fr/a.Page?Name=b or www.X.Org",
        "Write to jean.Paul@x.fr",
        "M.Dupont vit à St.John avec Jean.Paul",
        "De A...Z, bon...enfin bref",
        'Il a dit "oui."Non',
        ".NET et ../Dossier",
        "...Oui.",
        "- ...et puis rien.",
        "...",
    ],
)
def test_names_and_abbreviations_are_not_split(text):
    assert sentences(text) == [text]
