"""Which strings of JSON are translated."""

import json

import pytest
from file_texts import texts_of, translated

from kerasformer.documents.json_strings import CODES, is_prose

NO_PROSE = {
    "address": ["https://exemple.fr/a?b=c", "mailto:a@b.fr", "www.exemple.fr", "jean@exemple.fr", "tel:+33123"],
    "path": ["/usr/lib", "./a", "../img", "C:\\Program Files\\x", "images/chat.png", "été.jpg", "img/", "a/b/c"],
    "media type": ["text/html", "text/html; charset=utf-8", "application/vnd.ms-excel", "image/*"],
    "locale": ["fr-FR", "en_US", "zh-Hans-CN", "zh-Hans", "es-419", "en_US.UTF-8"],
    "colour": ["#ff00aa", "#FFF", "rgb(0, 0, 0)", "hsla(1, 2%, 3%, .5)"],
    "identifier": [
        "user.name", "com.example.app", "camelCase", "MyComponent", "snake_case", "MAX_SIZE", "--main-color", "@user",
        "#id", ".btn-primary",
    ],
    "number, version or key": [
        "550e8400-e29b-41d4-a716-446655440000", "v1.2.3", "1.2.3-beta", "2024-05-01T10:00:00Z", "PT15M",
        "M10,10 L20,20", "a94a8fe5ccb19ba61c4c0873d391e987982fbbd3", "12",
    ],
    "date": ["DD/MM/YYYY", "yyyy-MM-dd HH:mm", "HH:mm:ss"],
    "placeholder": ["{name}", "%s", "%(name)s", "{{count}}/{{total}}", "${HOME}"],
}  # fmt: skip
PROSE = [
    "chat", "Chat", "ANNULER", "OK", "or", "1er", "Oui/Non", "fichier(s)", "porte-monnaie", "aujourd'hui",
    "Télécharger...", "...suite", "...et", "étudiant·e·s", "_mot_", "你好，世界。", "Bonjour {name} !", "Erreur 404",
    "Voir https://exemple.fr", "Fichier a.txt introuvable",
]  # fmt: skip


@pytest.mark.parametrize("name", CODES)
def test_strings_that_are_no_prose_stay(name):
    assert [text for text in NO_PROSE[name] if is_prose(text)] == []


def test_words_and_sentences_are_prose():
    assert [text for text in PROSE if not is_prose(text)] == []


def test_the_code_of_a_language_stays_where_the_key_says_that_it_is_one():
    text = '{"lang": "fr", "locales": ["fr", "en"], "metal": "or", "nom": ["fr"]}'
    assert texts_of(text, ".json") == ["or", "fr"]


def test_names_with_hyphens_stay_where_the_key_says_that_they_are_some():
    text = '{"icon": "fa-user", "className": "btn btn-primary", "type": "bouton", "nom": "porte-clefs"}'
    assert texts_of(text, ".json") == ["bouton", "porte-clefs"]


def test_a_string_of_several_lines_keeps_what_a_plain_text_keeps():
    value = "  Titre\n\n- un\n- deux\tdix | vingt "
    changed = json.loads(translated(json.dumps([value]), ".json", str.upper))
    assert changed == [value.upper()]
    assert texts_of(json.dumps([value]), ".json") == ["Titre", "un", "deux", "dix", "vingt"]


@pytest.mark.parametrize(
    ("message", "texts"),
    [
        ("{n, plural, one {# chat} other {# chats}}", ["chat", "chats"]),
        ("Il a {n,plural,offset:1 =0{rien} other{{n} amis}} ici.", ["Il a", "rien", "{n} amis", "ici."]),
        ("{g, select, f {{n, plural, one {une} other {des}} fois} other {non}}", ["une", "des", "fois", "non"]),
        ("un {nom} et {n, plural, one {un}", ["un {nom} et {n, plural, one {un}"]),
        ("Bonjour {nom}, {date, date, long}", ["Bonjour {nom}, {date, date, long}"]),
    ],
    ids=["plural", "text around it", "choice in a choice", "not closed", "no choice"],
)
def test_each_branch_of_a_choice_is_a_text(message, texts):
    assert texts_of(json.dumps([message]), ".json") == texts
    changed = json.loads(translated(json.dumps([message]), ".json", str.upper))[0]
    assert changed.lower() == message.lower()
    assert "SELECT" not in changed
