"""What changes in a file of each format when its text is translated, and what stays byte for byte."""

import pytest
from file_texts import texts_of, translated

from kerasformer.documents.formats import FORMATS, format_of
from kerasformer.errors import InputError

TXT = "  Un titre\r\n\r\npomme\npoire\n\t- une figue\n\n12 345\nSans fin"
WRAPPED = """Un paragraphe assez long, qui a été coupé à la même
largeur par un éditeur de texte, et qui se termine
ici.
"""
SRT = """\ufeff1
00:00:01,000 --> 00:00:02,500 X1:10
<i>Bonjour à tous</i>
et bienvenue.

2
00:00:03,000 --> 00:00:04,500
- Tu viens ?
- Non.

3
00:00:05,000 --> 00:00:06,500
{\\an8}Le train

de midi
1984

4
00:00:07,000 --> 00:00:08,000
♪ 12 ♪
"""
VTT = """WEBVTT - Un titre

NOTE une note
de deux lignes

STYLE
::cue { color: red }

début
00:01.000 --> 00:02.500 align:start
<v Jean>Toi &amp; <b>moi</b>
et <c.red>lui</c>.

NOTE une autre
00:03.000 --> 00:04.500
Salut
"""
HTML = """<!DOCTYPE html>
<html lang=xx><head><meta charset="utf-8"><title>Un &amp; deux</title>
<meta name="description" content="Une page"><meta name="generator" content="Un outil">
<style>p { color: red }</style><script>var texte = "un <b>texte";</script></head>
<!-- un commentaire -->
<body class=corps><h1 id="haut">Bonjour
   le <em>monde</em> !</h1>
<p>Le <b>chat</b> dort sur <a href="lit.html" title="Voir le lit">le lit</a>.<br>
Tapez <code>ls -l</code> ici <img src=a.png alt='Un chat'> ou là.
<ul><li>Un<li>Deux <span lang="yy">katten</span> trois</ul>
<pre>ne pas toucher</pre><p translate=no>Kerasformer</p><textarea>rien</textarea>
<input type=submit value="Envoyer" placeholder="Ici"><input value="rien">
<p>5 &lt; 6 et "trois"</p><p>12 <a href="#">34</a></p>
</body></html>
"""
MD = """---
title: Un titre
---

# Le *titre* #

Un [lien](http://exemple.fr "titre"), du `code`, **du gras** et une \\* étoile,
sur deux lignes.\x20\x20
Une [référence][1] et <http://exemple.fr> &amp; ![un chat](chat.png).

> - Une citation
>   coupée ici
>
>       du code

| un | deux \\| trois |
|----|:-----:|
| 12 | `a` et b |

```python
print("rien")
```

<p align="center">Un <b>bloc</b></p>

[1]: http://exemple.fr
"""
JSON = """{
   "titre" : "Le chat",  "n": [1, null, true, "un \\"mot\\"", {"clé": "été\\n2"}],
   "vide": "", "nombre": "12"
}
"""
PO = """# Un commentaire
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"

#: a.py:1
#, python-format
msgid "Hello %s"
msgstr ""

#, fuzzy
msgid "Cat"
msgstr "Chat"

msgctxt "menu"
msgid ""
"A long\\n"
"message"
msgstr ""

msgid "%d cat"
msgid_plural "%d cats"
msgstr[0] ""
msgstr[1] ""

msgid "Done"
msgstr ""
"Fini"

#~ msgid "Old"
#~ msgstr ""
"""
FILES = {".txt": TXT, ".srt": SRT, ".vtt": VTT, ".html": HTML, ".md": MD, ".json": JSON}


def differing(text, other):
    """The lines of the second text that are not those of the first."""
    return [line for one, line in zip(text.split("\n"), other.split("\n"), strict=True) if one != line]


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["unix", "windows"])
@pytest.mark.parametrize("suffix", FILES)
def test_a_translator_that_changes_nothing_leaves_every_byte(suffix, newline):
    text = FILES[suffix].replace("\r\n", "\n").replace("\n", newline)
    assert translated(text, suffix, str) == text


@pytest.mark.parametrize("suffix", FILES)
def test_marks_and_line_breaks_stand_where_they_stood_around_words_that_changed(suffix):
    """Capitals stand where small letters stood, so that everything else must be what it was."""
    changed = translated(FILES[suffix], suffix, str.upper)
    assert changed != FILES[suffix]
    assert changed.upper() == FILES[suffix].upper().replace("> &AMP; !", "> & !")  # which Markdown need not escape


def test_each_line_of_plain_text_is_a_text_but_a_wrapped_paragraph_is_one():
    assert texts_of(TXT + "\n\n" + WRAPPED, ".txt") == [
        "Un titre", "pomme", "poire", "une figue", "Sans fin", " ".join(WRAPPED.split()),
    ]  # fmt: skip


def test_a_line_break_is_left_out_where_the_translation_has_no_space_for_it():
    assert translated(SRT.replace("Tu viens ?", "Au\nrevoir"), ".srt", lambda _: "Goodbye").count("- Goodbye\n") == 2


def test_a_wrapped_paragraph_keeps_its_number_of_lines():
    assert translated(WRAPPED, ".txt", lambda _: "one two three four five six").splitlines() == [
        "one two three", "four five", "six",
    ]  # fmt: skip


def test_two_lines_of_a_cue_are_one_text_and_lines_of_a_dialogue_are_two():
    assert texts_of(SRT, ".srt") == [
        "Bonjour à tous et bienvenue.", "Bonjour à tous", "Tu viens ?", "Non.", "Le train", "de midi 1984",
    ]  # fmt: skip


def test_a_tag_around_a_whole_dialogue_stays_around_it():
    cue = SRT.replace("- Tu viens ?\n- Non.", "<i>- Tu viens ?\n- Non.</i>")
    assert "<i>- OUI\n- OUI</i>\n" in translated(cue, ".srt", lambda _: "OUI")


def test_cues_of_webvtt_are_decoded_and_its_notes_and_styles_stay():
    changed = translated(VTT, ".vtt", lambda text: text.upper().replace("TOI &", "< &"))
    assert differing(VTT, changed) == ["<v Jean>&lt; &amp; <b>MOI</b>", "ET <c.red>LUI</c>.", "SALUT"]


def test_text_attributes_and_language_of_a_page_change_and_code_scripts_and_foreign_text_stay():
    changed = translated(HTML.replace("lang=xx", "lang=fr").replace('"utf-8"', "utf-8"), ".html", str.upper)
    for kept in ("texte = ", "commentaire", "ls -l", "katten", "ne pas toucher", "Kerasformer", "rien", "Un outil"):
        assert kept in changed
    for new in (
        "lang=xx",
        "UN &amp; DEUX",
        '"UNE PAGE"',
        "'UN CHAT'",
        '"VOIR LE LIT"',
        '"ENVOYER"',
        '"ICI"',
        "5 &lt; 6",
    ):
        assert new in changed
    assert not any(f">{word}<" in changed for word in ("Un", "Bonjour", "monde", "chat", "le lit"))


def test_an_element_goes_to_the_translation_of_its_words_wherever_that_stands():
    page = "<p>Le <b>chat</b> <i>noir</i> de <code>a.py</code> dort.</p>"
    answers = {"Le chat noir de `a.py` dort.": "The black cat of a.py sleeps.", "chat": "Cat.", "noir": "black"}
    wanted = "<p>The <i>black</i> <b>cat</b> of <code>a.py</code> sleeps.</p>"
    assert translated(page, ".html", answers.get) == wanted


def test_an_element_whose_words_are_not_found_goes_to_the_same_place_of_the_sentence():
    page = "<p>Le <b>petit chat</b> noir<img src=a> dort.</p>"
    answers = {"Le petit chat noir dort.": "The black kitten is asleep.", "petit chat": "cat"}
    assert translated(page, ".html", answers.get) == "<p>The <b>black kitten</b> is<img src=a> asleep.</p>"


def test_an_element_never_goes_into_a_word():
    cue = "WEBVTT\n\n00:01.000 --> 00:02.000\n<c>Le</c> chat dort.\n"
    answers = {"Le chat dort.": "Cats sleep.", "Le": "le"}
    assert "\n<c>Cats</c> sleep.\n" in translated(cue, ".vtt", answers.get)


def test_the_commands_of_a_template_separate_texts():
    page = "<p>Un {{ nom }}. {% if a and b %}<b>Deux</b>{% endif %} trois {# rien #}</p>"
    assert texts_of(page, ".html") == ["Un {{ nom }}.", "Deux", "trois"]
    assert translated(page, ".html", str.upper).lower() == page.lower()


def test_elements_within_each_other_stay_within_each_other():
    page = '<p><a href="/">Le <b>chat</b></a> dort. <i>Oui</i></p>'
    answers = {"Le chat dort. Oui": "Yes. The cat sleeps", "Le chat": "The cat", "chat": "cat", "Oui": "Yes."}
    assert translated(page, ".html", answers.get) == '<p><i>Yes.</i> <a href="/">The <b>cat</b></a> sleeps</p>'


def test_text_without_spaces_keeps_its_marks_and_lines():
    page = "<p>Le <b>chat</b> noir\ndort</p>"
    answers = {"Le chat noir dort": "那只黑猫睡着了", "chat": "猫"}
    assert translated(page, ".html", answers.get) == "<p>那只黑<b>猫</b>睡\n着了</p>"


def test_comments_and_line_breaks_around_a_text_stay():
    page = "<div><p>Un</p>\n<!-- c -->\n<a>Le petit chat noir dort</a>\n<!-- d --> <!-- e -->\n</div>"
    answers = {"Un": "One", "Le petit chat noir dort": "The little black cat sleeps"}
    wanted = page.replace("Un", "One").replace("Le petit chat noir dort", "The little black cat sleeps")
    assert translated(page, ".html", answers.get) == wanted


def test_tags_that_are_not_closed_and_damaged_pages_lose_nothing():
    for page in (
        "<p>Un <b>deux<p>trois</b> quatre",
        "un < deux <",
        "<a title='un",
        "<script>un",
        "&nbsp;un &foo; </>",
        "<p>un <![ deux> trois</p><![x",
        "",
    ):
        assert translated(page, ".html", str) == page


@pytest.mark.parametrize("rest", ["<!-- deux <p>trois</p>", "<a title='deux> <p>trois</p>", "<![CDATA[ deux"])
def test_what_does_not_end_goes_to_the_end_of_the_page_and_stays(rest):
    assert translated(f"<p>un</p>{rest}", ".html", str.upper) == f"<p>UN</p>{rest}"


def test_a_command_of_a_template_that_does_not_end_is_text():
    assert texts_of("<p>un {% deux {% if trois %} quatre</p>", ".html") == ["un {% deux", "quatre"]


def test_marks_of_markdown_are_escaped_only_where_they_were_no_marks():
    assert translated("un deux\n", ".md", lambda _: "a_b *c* <d>") == "a\\_b \\*c\\* \\<d\\>\n"
    assert translated("5 * 3 un\n", ".md", lambda _: "5 * 3 [a]") == "5 * 3 \\[a\\]\n"


def test_a_line_of_markdown_never_begins_a_list_that_was_none():
    assert translated("Un texte\nde mots\n", ".md", lambda _: "a text - of words") == "a text -\nof words\n"


def test_markdown_between_lists_tags_and_odd_white_space_loses_nothing():
    for page in (
        "<div>\n- ![\\|)<br>||   \n",
        "1. 1. un\n> - 2 trois\n",
        "un\x0b\u2028deux\tx\n",
        "[un](",
        "![un][a]\n\n[a]: b",
    ):
        assert translated(page, ".md", str) == page


def test_front_matter_code_and_addresses_of_markdown_stay():
    changed = translated(MD, ".md", str.upper)
    for kept in (
        "title: Un titre",
        '(http://exemple.fr "titre")',
        "`code`",
        "      du code",
        'print("rien")',
        "chat.png",
    ):
        assert kept in changed
    for new in ("# LE *TITRE* #", "[LIEN]", "**DU GRAS**", "![UN CHAT]", "| DEUX \\| TROIS |", "<b>BLOC</b>"):
        assert new in changed


def test_values_of_json_change_and_its_keys_numbers_and_layout_stay():
    assert translated(JSON, ".json", lambda text: text.upper() + '"ß') == JSON.replace(
        "Le chat", 'LE CHAT\\"ß'
    ).replace('un \\"mot\\"', 'UN \\"MOT\\"\\"ß').replace("été\\n2", 'ÉTÉ\\"ß\\n2')


def test_json_of_ascii_with_escapes_stays_ascii():
    assert translated('["\\u00e9t\\u00e9"]', ".json", str.upper) == '["\\u00c9T\\u00c9"]'
    assert translated('["ete"]', ".json", lambda _: "été") == '["été"]'


def test_empty_messages_are_filled_and_marked_fuzzy_and_the_others_stay():
    changed = translated(PO, ".po", str.upper, source="en")
    assert changed == PO.replace("#, python-format\n", "#, python-format, fuzzy\n").replace(
        'Hello %s"\nmsgstr ""', 'Hello %s"\nmsgstr "HELLO %S"'
    ).replace('msgctxt "menu"', '#, fuzzy\nmsgctxt "menu"').replace(
        '"message"\nmsgstr ""', '"message"\nmsgstr "A LONG\\nMESSAGE"'
    ).replace('msgid "%d cat"', '#, fuzzy\nmsgid "%d cat"').replace('[0] ""', '[0] "%D CAT"').replace(
        '[1] ""', '[1] "%D CATS"'
    )
    assert translated(changed, ".po", str.lower, source="en") == changed


def test_a_po_file_without_messages_stays_empty():
    assert translated("", ".po", str.upper) == ""


def test_the_single_form_of_a_language_without_plurals_is_made_from_the_plural():
    text = 'msgid "a cat"\nmsgid_plural "%d cats"\nmsgstr[0] ""\n'
    assert translated(text, ".po", str.upper, source="en").endswith('msgstr[0] "%D CATS"\n')


@pytest.mark.parametrize(
    ("suffix", "text", "said"),
    [
        (".json", "{'a': 1}", "it is not JSON: Expecting property name"),
        (".po", "Hello", r"it is not a PO file: Syntax error in po file \(line 1\)"),
        (".srt", "Bonjour", "there is no cue such as 00:00:01,000 --> 00:00:02,000"),
    ],
)
def test_a_file_that_is_not_of_its_format_is_refused(suffix, text, said):
    with pytest.raises(InputError, match=said):
        translated(text, suffix, str)


def test_a_missing_package_is_named_with_the_extra_that_brings_it(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "markdown_it", None)
    with pytest.raises(
        InputError, match=r"^\.md files need the package markdown_it: pip install 'kerasformer\[documents\]'"
    ):
        translated("un", ".md", str)


def test_every_suffix_has_one_format():
    suffixes = [suffix for known in FORMATS for suffix in known.suffixes]
    assert len(suffixes) == len(set(suffixes))
    with pytest.raises(InputError, match=r"a\.docx cannot .* are \.txt, \.srt, \.vtt, \.html"):
        format_of("a.docx")
