"""The language of texts is identified, and languages have codes and names."""

import pytest

from kerasformer.data.languages import choose_direction, guess, identify, language_of_name, shown
from kerasformer.errors import InputError

TEXTS = {
    "fr": ["Où est la gare ?", "Il pleut depuis ce matin.", "Je voudrais un café.", "Nous avons deux chats."],
    "en": ["Where is the station?", "It has been raining.", "I would like a coffee.", "We have two cats."],
    "de": ["Wo ist der Bahnhof?", "Es regnet seit heute.", "Ich möchte einen Kaffee.", "Wir haben Katzen."],
    "ko": ["역이 어디에 있어요?", "오늘 아침부터 비가 와요.", "커피 한 잔 주세요.", "고양이가 두 마리 있어요."] * 2,
}  # fmt: skip


@pytest.mark.parametrize("language", TEXTS)
def test_a_few_sentences_show_their_language(language):
    assert identify(TEXTS[language] * 2) == language


def test_too_little_text_shows_nothing():
    assert identify(["Oui.", "Non."]) is None
    assert identify([str(number) for number in range(1000)]) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Où est la gare ?", "fr"),
        ("ou est la gare", "fr"),
        ("J'ai froid.", "fr"),
        ("Bonjour", "fr"),
        ("Le chat dort.", "fr"),
        ("I'm cold.", "en"),
        ("Thank you", "en"),
        ("Ich habe Hunger.", "de"),
        ("¿Dónde está la estación?", "es"),
        ("커피 한 잔 주세요.", "ko"),
        ("OK", None),
        ("Paris", None),
        ("table", None),
        ("12 345", None),
        ("", None),
    ],
)
def test_a_short_sentence_shows_its_language_or_nothing(text, code):
    assert guess(text, {"fr", "en"}) == code


def test_names_of_languages():
    names = ("fr", "fra", "French", "FRENCH ", "pt-BR", "zh_Hans", "cmn", "xx")
    assert [language_of_name(name) for name in names] == ["fr", "fr", "fr", "fr", "pt-BR", "zh_Hans", "zh", "xx"]
    assert [language_of_name(name) for name in ("txt", "source", "FR?", "")] == [None] * 4
    assert (shown("fr"), shown("source")) == ("French (fr)", "source")


@pytest.mark.parametrize(
    ("source", "target", "chosen"),
    [
        (None, None, ("fr", "en")),
        ("en", None, ("en", "fr")),
        ("de", None, ("de", "en")),
        (None, "fr", ("en", "fr")),
        (None, "de", ("fr", "de")),
        ("en", "de", ("en", "de")),
    ],
)
def test_direction(source, target, chosen):
    assert choose_direction(("de", "en", "fr"), source, target, ("fr", "en")) == chosen


@pytest.mark.parametrize(
    ("source", "target", "message"),
    [
        ("it", None, "the data has no language 'it': choose from de, en, fr"),
        ("en", "en", "both 'en'"),
        (None, "fr", "give both source and target language: choose from de, en, fr"),
    ],
)
def test_bad_direction(source, target, message):
    with pytest.raises(InputError, match=message):
        choose_direction(("de", "en", "fr"), source, target)
