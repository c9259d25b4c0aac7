"""Spans that must not change come back, through engines that lose, double, move or rewrite them."""

import re
import warnings

import pytest

from kerasformer.errors import InputError
from kerasformer.interface.answers import Hypothesis
from kerasformer.interface.carrying import ProtectionWarning
from kerasformer.interface.forms import STAND_INS
from kerasformer.interface.patterns import PATTERNS, VERSION
from kerasformer.interface.rules import TextRules
from kerasformer.interface.text import BaseTranslator

MARKS = ("<p0>", "<p1>")
SENTENCES = (
    "Ce livre coûte 1 234,56 €.",
    "Nous arrivons le 3 mars 2024.",
    "Écrivez à jean@exemple.fr avant demain.",
    "Regarde https://exemple.fr/a?id=3 quand tu peux.",
    "Bonjour {name}, tu as %d messages.",
    "Il reste %d%% de la batterie.",
    "Ceci est <b>très</b> important.",
    "Merci beaucoup 😀 à demain",
    "❝Merci beaucoup 😀 à demain❞",
    "Tapez `git commit. Fin` pour enregistrer.",
    "Le film commence à 12:34:56.",
    "Voir [le guide](https://x.fr/y) pour les **détails**.",
    "Il a vu Łukasz hier.",
    "Le train part à 15 h 30 et roule à 120 km/h.",
    "Il reste {n, plural, one {# jour. Oui} other {{m} jours}} ici.",
    "Ouvre {0:>10}, {a['b']}, %-5.2f et $t(key) ici.",
)


class Fake(BaseTranslator):
    """An engine whose translation is the source after `change`; it knows Latin letters and a few signs."""

    def __init__(self, change, marks=(), **options):
        super().__init__("fr", "en", 60, TextRules("nfkc", 1, marks=marks))
        self.options, self.change, self.asked = self.configure(**options), change, []

    def count(self, texts):
        return [len(re.findall(r"<p\d>|\w+|\S", text)) for text in texts]

    def knows(self, texts):
        return [re.fullmatch(r"[\w\s.,;:!?'/@#()*`%<>{}=€$-]*", text) is not None and "Ł" not in text for text in texts]

    def decode(self, pieces, **options):
        self.asked += pieces
        return [[Hypothesis(self.change(piece), 0.0, ())] for piece in pieces]


def shouted(text):
    """Words in capitals; spans in the plain form are spoilt, marks are kept."""
    return re.sub(r"<p\d>|www\.x\d\.com|\w+", lambda match: match[0] if match[0][0] in "<w" else match[0].upper(), text)


@pytest.mark.parametrize("marks", [MARKS, ()], ids=["symbols", "stand-ins"])
@pytest.mark.parametrize("text", SENTENCES)
def test_what_must_not_change_comes_back_in_its_place(text, marks):
    translate = Fake(str, marks)
    assert translate(text) == text


@pytest.mark.parametrize("text", SENTENCES)
def test_a_model_that_spoils_spans_gets_marks(text):
    translate = Fake(
        lambda source: re.sub(r"(?<!<p)(?<!www\.x)\d+|{\w+}|%d|`[^`]+`|</?b>|\S+@\S+|//\S+|\*\*|\]\(", "?", source)
    )
    assert translate(text) == text


def test_the_marked_form_comes_first_if_the_model_knows_the_marks():
    translate = Fake(str, MARKS)
    translate("Ceci, <b>très</b> bien, {a}, coûte 3 €.")
    assert translate.asked == ["Ceci, <p0> très <p1> bien, {a}, coûte 3 €."]
    translate = Fake(str)
    translate("Il a 3 ans.")
    assert translate.asked == ["Il a 3 ans."]


def test_a_sentence_is_decoded_again_in_the_other_form_if_a_span_is_missing():
    lossy = Fake(lambda source: source.replace("<p0>", ""), MARKS)
    assert lossy("Il a 3 ans.") == "Il a 3 ans."
    assert lossy.asked == ["Il a <p0> ans.", "Il a 3 ans."]
    other = Fake(lambda source: source.replace("3 ", ""))
    assert other("Il a 3 ans.") == "Il a 3 ans."
    assert other.asked == ["Il a 3 ans.", f"Il a {STAND_INS[0]} ans."]


def test_a_mark_that_comes_twice_is_a_fault():
    translate = Fake(lambda source: source.replace("<p0>", "<p0> <p0>"), MARKS)
    assert translate("Il a 3 ans.") == "Il a 3 ans."
    assert translate.asked[1] == "Il a 3 ans."


def test_what_is_still_missing_is_appended_with_one_warning():
    translate = Fake(lambda source: "Yes.", MARKS)
    with pytest.warns(ProtectionWarning) as caught:
        found = translate(["Il a 3 ans et {x}.", "Oui.", "Le 4."])
    assert found == ["Yes. 3 {x}", "Yes.", "Yes. 4"]
    [warning] = caught
    expected = "the translation of 'Il a 3 ans et {x}.' lacked '3', '{x}', which was appended, and so on for 1 more"
    assert str(warning.message) == expected


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("15:30", "15 h 30"),
        ("15 h30", "15h30"),
        ("3 h 30", "3:30"),
        ("102", "10²"),
        ("1,234.56 €", "1 234,56 €"),
        ("€1,234.56", "1 234,56 €"),
        ("30 percent", "30 %"),
        ("$ 5", "5 $"),
        ("3", "3"),
    ],
)
def test_a_number_in_the_form_of_the_other_language_is_put_back(written, wanted):
    translate = Fake(lambda source: f"It is {written}, yes.")
    assert translate(f"Cela fait {wanted}, oui.") == f"It is {wanted}, yes."
    assert len(translate.asked) == 1


def test_digits_within_other_numbers_are_not_taken_for_a_number():
    translate = Fake(lambda source: "It is 13 or 3.5." if "www" not in source else source)
    assert translate("Il a 3 ans.") == "Il a 3 ans."


def test_markup_at_the_ends_needs_no_model():
    translate = Fake(shouted)
    assert translate("<p><b>Il pleut.</b></p>") == "<p><b>IL PLEUT.</b></p>"
    assert translate("## Titre 😀") == "## TITRE 😀"
    assert translate.asked == ["Il pleut.", "Titre"]


@pytest.mark.parametrize("text", ["https://x.fr/a", "3,5 kg !", "{name}: %d", "😀", "<br/>", "Łukasz"])
def test_a_text_without_other_words_needs_no_model(text):
    translate = Fake(shouted)
    assert translate(text) == text
    assert translate.asked == []


def test_a_sentence_does_not_end_within_a_span_but_does_before_a_closing_tag():
    translate = Fake(shouted, MARKS)
    assert translate("Tape `a. B` ici.  <i>Oui.</i> Non.") == "TAPE `a. B` ICI.  <i>OUI.</i> NON."
    assert translate.asked == ["Tape <p0> ici.", "Oui.", "Non."]


@pytest.mark.parametrize(("marks", "symbol"), [(MARKS, "<p0>"), ((), STAND_INS[0])])
def test_a_long_address_counts_as_its_mark_and_is_not_cut(marks, symbol):
    url = "https://exemple.fr/" + "/".join("abcdefgh" * 9)
    translate = Fake(shouted, marks)
    assert translate(f"Regarde {url} demain.") == f"REGARDE {url} DEMAIN."
    assert translate.asked == [f"Regarde {symbol} demain."]


def test_a_form_that_is_too_long_for_the_model_is_not_tried():
    translate = Fake(lambda source: "No.", MARKS)
    with pytest.warns(ProtectionWarning):
        translate("Regarde https://exemple.fr/" + "/".join("abcdefgh" * 9))
    assert translate.asked == ["Regarde <p0>"]


def test_without_symbols_a_text_that_fits_only_as_it_is_is_translated_so():
    translate = Fake(str, glossary={"a": "b " * 99})
    with pytest.warns(ProtectionWarning):
        translate(" ".join(["Ł", "a", *"c" * 58]))
    assert len(translate.asked) == 1
    assert translate.count(translate.asked) == [60]


@pytest.mark.parametrize("marks", [MARKS, ()])
def test_a_glossary_goes_the_same_way(marks):
    translate = Fake(shouted, marks, glossary={"voiture": "motor-car"})
    assert translate("Ma voiture ! Voiture ?") == "MA motor-car ! Motor-car ?"
    assert translate("Ma voiture.", glossary={"ma": "our"}) == "Our VOITURE."


def test_the_translation_of_a_term_may_have_a_capital_of_the_model():
    translate = Fake(lambda source: source.capitalize(), glossary={"voiture": "motor-car"})
    assert translate("voiture rouge") == "motor-car rouge"


@pytest.mark.parametrize("marks", [MARKS, ()])
@pytest.mark.parametrize(
    ("source", "before", "after", "expected"),
    [
        ("L'école ferme.", "", " closes.", "Academy closes."),
        ("L'école ferme.", '"', '" closes.', '"Academy" closes.'),
        ("l'école ferme", "", " closes", "academy closes"),
        ("École fermée.", "The ", " is closed.", "The academy is closed."),
        ("École fermée.", "", " closed.", "Academy closed."),
        ("Dans l'École, oui.", "In the ", ", yes.", "In the Academy, yes."),
        ("Un téléphone sonne.", "", " rings.", "iPhone rings."),
    ],
)
def test_a_term_has_a_capital_where_it_begins_a_sentence(source, before, after, expected, marks):
    def translated(source):
        return before + re.search(r"<p\d>|www\.x\d\.com|academy|iPhone", source, re.IGNORECASE)[0] + after

    assert Fake(translated, marks, glossary={"école": "academy", "téléphone": "iPhone"})(source) == expected


@pytest.mark.parametrize(
    "text",
    [
        "...Oui.",
        "... oui.",
        "…Oui.",
        "- ...Oui.",
        '"...Oui !"',
        "...<b>oui</b> ?",
        "<i>...Oui.</i>",
        "...?! ...",
        "... Oui ?",
    ],
)
def test_dots_before_a_sentence_stay_and_the_model_does_not_get_them(text):
    translate = Fake(lambda source: "..." if "..." in source or "…" in source else shouted(source), MARKS)
    assert translate(text) == text.replace("Oui", "OUI").replace("oui", "OUI")
    assert all(any(map(str.isalpha, source)) for source in translate.asked)


@pytest.mark.parametrize(
    "text", ["- Oui.\n- Non.", "— Où ?\n—\u00a0Là.", "* un\n  • ...deux\n- - trois", "- <b>Oui</b>."]
)
def test_a_dash_or_bullet_before_a_sentence_stays_and_the_model_does_not_get_it(text):
    translate = Fake(lambda source: re.sub(r"^\W+ ", "", shouted(source)), MARKS)
    assert translate(text) == text.upper().replace("B>", "b>")
    assert not any(source[0] in "-—*•" for source in translate.asked)


def test_the_sign_of_a_number_and_markup_are_no_bullets():
    translate = Fake(str)
    assert translate("-5 degrés\n-* a") == "-5 degrés\n-* a"
    assert translate.asked == ["-5 degrés", "-* a"]


def test_without_symbols_the_model_gets_no_emoji_between_words():
    translate = Fake(lambda source: shouted(source) + " Vraiment oui.")
    text = "Il a 3 chats 😀 et 👍 2 chiens, tu 🍕 vois."
    assert translate(text) == "IL A 3 CHATS ET 😀 2 👍 CHIENS, TU VOIS. Vraiment 🍕 oui."  # 11 words for 9
    assert translate.asked == ["Il a 3 chats et 2 chiens, tu vois."]
    assert Fake(str)("C'est beau😀, oui") == "C'est beau😀, oui"


@pytest.mark.parametrize("marks", ["!!!", "!!!!!!", "?!?!", "......", "!!! 😀"])
def test_the_model_gets_one_of_repeated_marks(marks):
    translate = Fake(lambda source: shouted(source).rstrip("!?. ") + ".")
    assert translate(f"Il pleut {marks}") == f"IL PLEUT{marks}"
    assert translate.asked == [f"Il pleut {marks[0]}"]


@pytest.mark.parametrize("marks", ["...", "!", "?!", "!!"])
def test_an_ellipsis_and_two_marks_are_no_repeated_marks(marks):
    translate = Fake(str)
    translate(f"Il pleut {marks}")
    assert translate.asked == [f"Il pleut {marks}"]


def test_a_quotation_mark_before_dots_is_written_as_the_model_writes_them():
    assert Fake(lambda source: source.replace(" »", '"'))("« ...oui »") == '"...oui"'


def test_a_placeholder_with_line_breaks_stays_whole():
    text = "Il y a {n, plural,\n  one {# chat.}\n  other {# chats.}\n} ici.\nOui."
    for marks in (MARKS, ()):
        assert Fake(str, marks)(text) == text


@pytest.mark.parametrize(
    ("source", "written", "expected"),
    [
        ("Il coûte 3,5 millions d'euros.", "It costs $3.5 million.", "It costs €3,5 million."),
        ("Il coûte 3,5 millions d'euros.", "It costs €3.5 million.", "It costs €3,5 million."),
        ("Il coûte cinq livres sterling.", "It costs $5.", "It costs £5."),
        ("Il coûte cinq francs.", "It costs $5 now.", "It costs 5 now."),
        ("Il en a cinq.", "He has 5 $.", "He has 5."),
        ("Il paie en $ et en yens.", "He pays $ and ¥.", "He pays $ and ¥."),
        ("Он заплатил пять долларов.", "He paid $5.", "He paid $5."),
    ],
)
def test_a_translation_has_no_currency_sign_that_its_source_does_not_name(source, written, expected):
    translate = Fake(lambda source: written if "www" not in source else "Lost www.x1.com and a $.")
    translate.knows = lambda texts: [True] * len(texts)
    assert translate(source) == expected


def test_a_sentence_with_an_invented_currency_is_translated_in_its_next_form():
    translate = Fake(
        lambda source: "It costs www.x1.com million euros." if "www" in source else "It costs $3.5 million."
    )
    assert translate("Il coûte 3,5 millions d'euros.") == "It costs 3,5 million euros."
    assert len(translate.asked) == 2
    assert translate("Il coûte 3,5 millions d'euros.", protect=False) == "It costs $3.5 million."


def test_protection_can_be_turned_off_for_a_call_or_for_all():
    text = "<b>Oui</b> 3 😀"
    assert Fake(shouted)(text, protect=False) == shouted(text)
    assert Fake(shouted, protect=False)(text) == shouted(text)
    off = Fake(shouted, protect=False, glossary={"oui": "yes"})
    assert off("Oui 3 oui") == "Yes 3 yes"
    assert off(text, protect=True, glossary={"non": "no"}) == "<b>OUI</b> 3 😀"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"protect": 1}, "protect must be True or False, got 1"),
        ({"glossary": 3}, "a glossary must be a dict or the path of a TSV file, got 3"),
    ],
)
def test_misuse(options, message):
    with pytest.raises(InputError, match=message):
        Fake(str, **options)
    with pytest.raises(InputError, match=message):
        Fake(str)("Oui.", **options)


def test_nothing_is_protected_in_a_conversation():
    translate = Fake(lambda source: "Fine.")
    translate.source, translate.target = "question", "answer"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert translate("3 < 4 😀") == "Fine."


def test_characters_that_the_tokenizer_does_not_know():
    translate = Fake(str)
    assert (
        translate.unknown_characters(["Łódź ❝a❞ ", "e\u0301 \U0001f44d\U0001f3fd\u200d"]) == "Ł❝❞\U0001f3fd\U0001f44d"
    )


def test_letters_that_the_model_hardly_saw_are_protected_with_their_words():
    translate = Fake(shouted, MARKS)
    translate.rules = TextRules("nfkc", 1, marks=MARKS, unseen="ñ{")
    assert translate("El niño va.") == "EL niño VA."
    assert translate.asked == ["El <p0> va."]


def test_letters_that_cleaning_replaces_are_not_protected():
    translate = Fake(shouted, MARKS)
    translate.rules = TextRules("typography-oe", 1, marks=MARKS, unseen="œ")
    assert translate("Le cœur va.") == "LE COEUR VA."


def test_several_hypotheses_have_their_spans():
    class Two(Fake):
        def decode(self, pieces, **options):
            return [[Hypothesis(piece, -1.0, (7,)), Hypothesis("Well.", -2.0, (8,))] for piece in pieces]

    [[first, second]] = Two(str, MARKS).hypotheses(["Il a 3 ans."])
    assert (first, second) == (Hypothesis("Il a 3 ans.", -1.0, (7,)), Hypothesis("Well. 3", -2.0, (8,)))


@pytest.mark.parametrize("values", [{"protected": ["number", "smell"]}, {"patterns_version": VERSION + 1}])
def test_rules_of_a_newer_version_are_refused(values):
    with pytest.raises(InputError, match="patterns of a newer kerasformer"):
        TextRules.of(values)


def test_rules_of_an_older_version_are_read():
    assert TextRules.of({"patterns_version": VERSION - 1}).protected == tuple(PATTERNS)


def test_rules_come_back_from_json():
    rules = TextRules(protected=("tag",), marks=MARKS, unseen="ñ")
    assert TextRules.of({"protected": ["tag"], "marks": list(MARKS), "unseen": "ñ"}) == rules
