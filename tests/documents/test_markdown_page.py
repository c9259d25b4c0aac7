"""What stays in a Markdown page with the common extensions, and what is translated of it."""

import pytest
from file_texts import texts_of, translated

# Each page, and its texts: everything else stays.
PAGES = {
    "tasks": ("- [ ] un\n- [x] deux\n  1. [X] trois\n     quatre\n", ["un", "deux", "trois quatre"]),
    "math block": ("un\n\n$$\na = b\n\n- c\n$$\n\ndeux\n\n> $$\n> d\n> $$\n", ["un", "deux"]),
    "math block in a paragraph": ("un :\n$$\na = b\n$$\ndeux\n", ["un :", "deux"]),
    "containers": (
        ":::: note Attention\nun\n::: {.b}\n- deux\n:::\n::::\n\n:::{tip}\n# trois\n:::\nquatre\n",
        ["un", "deux", "trois", "quatre"],
    ),
    "definitions": (
        "un\n: deux\n  trois\n: quatre\n\ncinq\n\n:   six\n\n    sept\n",
        ["un", "deux trois", "quatre", "cinq", "six", "sept"],
    ),
    "definition of two terms": ("un\ndeux\n: trois\n  quatre\n: cinq\n", ["un", "deux", "trois quatre", "cinq"]),
    "footnotes": (
        "un[^1] deux.[^note]\n\n[^1]: trois\n[^note]:\n    quatre\n\n    cinq\n",
        ["un deux.", "trois", "quatre", "cinq"],
    ),
    "alert": ("> [!NOTE]\n> un\n> deux\n\n> [!tip]- trois\n> quatre\n", ["un deux", "trois quatre"]),
    "admonitions": (
        '!!! note\n    un\n\n??? tip "deux"\n\n    trois\n\n    - quatre\n\n!!! Note\n    cinq\n',
        ["un", "deux", "trois", "quatre", "cinq"],
    ),
    "abbreviations": ("un\n\n*[CD]: deux\n*[DVD]: trois\n", ["un", "deux", "trois"]),
    "attributes": ("# un {#haut}\n\ndeux\n{: .classe }\n\ntrois\n{.classe}\n", ["un", "deux", "trois"]),
    "table of contents and templates": ("[TOC]\n\n{% include 'a.html' %}\nun\n\n{{< youtube a >}}\n", ["un"]),
    "commands of templates": (
        "un {% if a %}deux{% else %}*trois*{% endif %} quatre\n",
        ["un", "deux", "trois", "quatre"],
    ),
    "names of emoji": (":smile: un :+1:\n", ["un"]),
    "table": ("| un | $a$ |\n|---|:-:|\n| deux \\| trois | `a \\| b` |\n", ["un", "deux | trois"]),
    "cell of two lines": ("| un<br>deux | 3 |\n|---|---|\n", ["un", "deux"]),
    "comments": ("<!-- rien -->\nun\n\n<!--\n# rien\n\nrien\n-->\n\ndeux <!-- rien -->\n", ["un", "deux"]),
    "block of HTML in a list": ("- un\n\n  <div class='a'>deux</div>\n", ["un", "deux"]),
    "block of HTML in a quotation": ("> <div>\n> un\n> </div>\n", []),
    "front matter": ("+++\ntitle = 'rien'\n+++\nun\n", ["un"]),
}


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["unix", "windows"])
@pytest.mark.parametrize("name", PAGES)
def test_only_the_texts_change(name, newline):
    page, texts = PAGES[name]
    page = page.replace("\n", newline)
    assert texts_of(page, ".md") == texts
    assert translated(page, ".md", str) == page
    changed = translated(page, ".md", str.upper)
    assert changed.lower() == page.lower()
    assert all(word.upper() in changed for text in texts for word in text.split())


@pytest.mark.parametrize(
    "math",
    ["$x$", r"$\frac{a}{b}$", "$a_1 + b^2$", "$`x`$", "$$E = mc^2$$", r"\(a + b\)", r"\[x^2\]", r"$\text{si le cas}$"],
)
def test_math_in_a_line_stays_and_is_read_as_code(math):
    page = f"Soit {math} un nombre.\n"
    assert texts_of(page, ".md") == [f"Soit `{math}` un nombre."]
    answer = {f"Soit `{math}` un nombre.": f"A number is `{math}`, you know."}
    assert translated(page, ".md", answer.get) == f"A number is {math}, you know.\n"


@pytest.mark.parametrize(
    "prices",
    [
        "de $5 ou $10 par mois",
        "de 5$ et 10$ ici",
        "entre $20 par jour et 30$.",
        "$HOME et $PATH ici",
        "un \\$5 et \\$6",
    ],
)
def test_prices_are_no_math(prices):
    assert texts_of(prices, ".md") == [prices.replace("\\", "")]


def test_a_footnote_stays_at_the_end_of_a_word_and_on_its_side_of_punctuation():
    page = "Un chat[^1] noir. Il dort.[^2] Il rêve[^3], dit-on.\n"
    answer = {"Un chat noir. Il dort. Il rêve, dit-on.": "A black cat. It is asleep. It dreams, people say."}
    wanted = "A black[^1] cat. It is asleep.[^2] It dreams[^3], people say.\n"
    assert translated(page, ".md", answer.get) == wanted


def test_a_link_or_image_whose_text_is_its_label_keeps_the_label():
    page = "[Le site] et [la\npage][] sont ![un chat].\n\n"
    labels = "[le site]: a\n[la page]: b\n[un chat]: c\n"
    assert translated(page + labels, ".md", str) == page + labels
    wanted = "[LE SITE][Le site] ET [LA\nPAGE][la page] SONT ![UN CHAT][un chat].\n\n"
    assert translated(page + labels, ".md", str.upper) == wanted + labels


@pytest.mark.parametrize("begin", ["1986.", "1)", "-", "+", "*", "#", "##"])
def test_a_paragraph_never_becomes_a_list_or_a_heading(begin):
    escaped = f"{begin[:-1]}\\{begin[-1]}" if begin[0].isdigit() else f"\\{begin}"
    assert translated("un\n", ".md", lambda _: f"{begin} one") == f"{escaped} one\n"
    assert translated("# un\n", ".md", lambda _: f"{begin} one").count("\\") <= begin.count("*")


def test_a_line_never_begins_a_definition_that_was_none():
    assert ":" not in translated("un texte\nde mots\n", ".md", lambda _: "a text : of words").split("\n")[1][:1]
