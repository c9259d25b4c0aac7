"""Which two columns of a table are read: as asked, by their names, or by what they hold."""

import pytest

from kerasformer.data.columns import choose_columns
from kerasformer.data.table import Table
from kerasformer.errors import InputError

FRENCH = ["Où est la gare ?", "Il pleut depuis ce matin.", "Je voudrais un café.", "Nous avons deux chats noirs."]
ENGLISH = ["Where is the station?", "It has been raining.", "I would like a coffee.", "We have two black cats."]
GERMAN = ["Wo ist der Bahnhof?", "Es regnet seit heute.", "Ich möchte einen Kaffee.", "Wir haben zwei Katzen."]
ROWS = range(60)
NUMBERS = [str(1000 + row) for row in ROWS]
FR, EN, DE = ([f"{texts[row % 4]} ({row})" for row in ROWS] for texts in (FRENCH, ENGLISH, GERMAN))


def table(*columns, header=None, kind="text with tabs", **options):
    return Table(kind, [*([header] if header else []), *zip(*columns, strict=True)], **options)


def chosen(*columns, header=None, kind="text with tabs", **asked):
    choice = choose_columns(table(*columns, header=header, kind=kind), "mine", **asked)
    return (*choice.places, choice.source, choice.target)


@pytest.mark.parametrize(
    "other",
    [
        NUMBERS,
        [f"{row / 60:.3f}" for row in ROWS],
        [f"2024-03-{row % 28 + 1:02}" for row in ROWS],
        [f"https://example.org/{row}" for row in ROWS],
        [f"someone{row}@example.org" for row in ROWS],
        [f"s-{row:04}" for row in ROWS],
        [f"CC-BY 2.0 (France) Attribution: tatoeba.org #{row}" for row in ROWS],
        ["fra"] * 60,
        [""] * 60,
    ],
    ids=["numbers", "scores", "dates", "links", "e-mail", "ids", "licences", "constant", "empty"],
)
def test_a_column_that_is_no_text_is_left_out(other):
    assert chosen(other, FR, EN) == (1, 2, "source", "target")
    assert chosen(FR, other, EN, source="fr", target="en") == (0, 2, "fr", "en")


def test_what_is_left_out_is_named():
    choice = choose_columns(table(NUMBERS, FR, NUMBERS, EN), "mine")
    assert choice.left_out == ["column 1 (numbers)", "column 3 (numbers)"]


def test_two_columns_of_digits_are_taken_but_not_one():
    assert chosen(NUMBERS, NUMBERS[::-1])[:2] == (0, 1)
    with pytest.raises(
        InputError, match="not clear which two columns.*column 1: numbers, such as '1000'; column 2: text"
    ):
        chosen(NUMBERS, FR)


@pytest.mark.parametrize("header", [None, tuple("x" * 500 + str(place) for place in range(40))])
def test_a_table_of_many_long_columns_gives_a_short_error(header):
    wide = table(*[[text * 20 for text in FRENCH]] * 40, header=header)
    with pytest.raises(InputError, match=r"not clear which .*column 6.*; and 34 more\): choose") as error:
        choose_columns(wide, "mine")
    assert len(str(error.value)) < 1000
    with pytest.raises(InputError, match="no column '41'") as error:
        choose_columns(wide, "mine", columns=["1", "41"])
    assert len(str(error.value)) < 1000


@pytest.mark.parametrize("count", [12, 60])
@pytest.mark.parametrize("kind", ["text with tabs", "CSV with commas"])
def test_names_of_languages_in_every_row_are_no_header(count, kind):
    choice = choose_columns(table(["fra"] * count, FR[:count], ["eng"] * count, EN[:count], kind=kind), "mine")
    assert (choice.table.header, len(choice.table.rows)) == (None, count)
    assert choice.places == (1, 3)


def test_a_header_is_one_although_a_row_of_a_dictionary_has_its_word():
    choice = choose_columns(table(["French", *FR], ["français", *EN], header=("French", "English")), "mine")
    assert choice.table.header == ("French", "English")


def test_chinese_with_digits_is_text():
    chinese = [f"我有{row}本书" for row in ROWS]
    assert chosen(NUMBERS, chinese, EN)[:2] == (1, 2)


def test_of_three_languages_the_two_asked_for_are_taken():
    assert chosen(FR, EN, DE, source="de", target="en") == (2, 1, "de", "en")
    with pytest.raises(InputError, match="column 3: text, such as 'Wo ist .*choose with --columns SOURCE TARGET"):
        chosen(FR, EN, DE)


@pytest.mark.parametrize(
    ("header", "asked", "expected"),
    [
        (("id", "French", "English"), {}, (1, 2, "fr", "en")),
        (("id", "French", "English"), {"source": "en"}, (2, 1, "en", "fr")),
        (("id", "eng", "fra"), {}, (1, 2, "en", "fr")),
        (("nr", "SOURCE", "target"), {}, (1, 2, "source", "target")),
        (("nr", "target", "source"), {}, (2, 1, "source", "target")),
        (("nr", "src", "tgt"), {"source": "fr", "target": "en"}, (1, 2, "fr", "en")),
        (("nr", "src", "tgt"), {"source": "target", "target": "source"}, (2, 1, "target", "source")),
        (("nr", "phrase", "traduction"), {"source": "fr", "target": "en"}, (1, 2, "fr", "en")),
        (("nr", "phrase", "traduction"), {"source": "traduction", "target": "phrase"}, (2, 1, "traduction", "phrase")),
        (("nr", "A", "q"), {}, (2, 1, "question", "answer")),
        (("nr", "A", "q"), {"source": "answer"}, (1, 2, "answer", "question")),
        (("nr", "A", "q"), {"source": "nr", "target": "Q"}, (0, 2, "nr", "question")),
    ],
)
def test_a_header_names_the_columns(header, asked, expected):
    assert chosen(NUMBERS, FR, EN, header=header, **asked) == expected


@pytest.mark.parametrize(
    ("columns", "asked", "expected"),
    [
        (["3", "2"], {}, (2, 1, "source", "target")),
        (["2", "3"], {"source": "fr", "target": "en"}, (1, 2, "fr", "en")),
        (["English", "french"], {"header": ("id", "French", "English")}, (2, 1, "en", "fr")),
        (["phrase", "1"], {"header": ("nr", "phrase", "more")}, (1, 0, "source", "target")),
    ],
)
def test_columns_are_chosen_by_number_or_name(columns, asked, expected):
    assert chosen(NUMBERS, FR, EN, columns=columns, **asked) == expected


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (["1", "4"], "mine has no column '4': it has 3 columns without names"),
        (["0", "1"], "no column '0'"),
        (["phrase", "1"], "no column 'phrase'"),
        (["2", "2"], "--columns 2 2 is one column twice"),
    ],
)
def test_columns_that_do_not_exist(columns, message):
    with pytest.raises(InputError, match=message):
        chosen(NUMBERS, FR, EN, columns=columns)


@pytest.mark.parametrize(
    ("header", "kind", "is_header"),
    [
        (("fr", "en"), "text with tabs", True),
        (("French", "English"), "text with tabs", True),
        (("Source", "Target"), "text with tabs", True),
        (("question", "reply"), "CSV with commas", True),
        (("question", "reply"), "text with tabs", True),
        (("phrase", "traduction"), "CSV with commas", True),
        (("phrase", "traduction"), "text with tabs", True),
        (("Français", "Anglais"), "text with tabs", True),
        (("Deutsch", "Englisch"), "CSV with semicolons", True),
        (("Source text", "Translation"), "CSV with commas", True),
        (("French sentence", "English_sentence"), "text with tabs", True),
        (("text_fr", "text_en"), "text with tabs", True),
        (("Satz", "phrase"), "text with tabs", True),
        (("中文", "英文"), "text with tabs", True),
        (("French", "Français"), "text with tabs", False),
        (("phrase", "phrase"), "text with tabs", False),
        (("Texte français.", "English text."), "text with tabs", False),
        (("Bonne phrase.", "Good sentence."), "text with tabs", False),
        (("Oui", "No"), "text with tabs", False),
        (("ah", "oh"), "text with tabs", False),
    ],
)
def test_the_first_row_is_a_header_or_a_pair(header, kind, is_header):
    choice = choose_columns(table(FR, EN, header=header, kind=kind), "mine")
    assert len(choice.table.rows) == 60 + (not is_header)
    assert choice.table.header == (header if is_header else None)


WORDS = [("chat", "cat"), ("chien", "dog"), ("un mot", "a word"), ("texte", "text")]


@pytest.mark.parametrize(
    ("rows", "header", "told"),
    [
        (
            [("phrase", "traduction"), *zip(FR, EN, strict=True)],
            True,
            "'phrase' and 'traduction', is read as the names",
        ),
        ([("Oui", "No"), *zip(FR, EN, strict=True)], False, "'Oui' and 'No', is read as a pair: delete it if it has"),
        ([("mot", "traduction"), *WORDS], True, "'mot' and 'traduction', is read as the names"),
        ([("mot", "word"), *WORDS], False, "'mot' and 'word', is read as a pair"),
        ([("texte", "traduction"), *WORDS], False, ""),
        (WORDS, False, ""),
        (list(zip(FR, EN, strict=True)), False, ""),
    ],
    ids=["titles", "no titles", "of words", "of words, in doubt", "recurs", "words", "sentences"],
)
def test_it_is_told_what_the_first_row_was_taken_for(rows, header, told):
    choice = choose_columns(Table("text with tabs", rows), "mine")
    assert (len(choice.table.rows), choice.places) == (len(rows) - header, (0, 1))
    assert choice.first_row == "" if not told else choice.first_row.startswith(f"the first row, {told}")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (("nr", "Anglais", "Français"), ("en", "fr")),
        (("nr", "French sentence", "English sentence"), ("fr", "en")),
        (("nr", "text_fr", "text_en"), ("fr", "en")),
    ],
)
def test_titles_say_the_languages_in_several_languages(header, expected):
    assert chosen(NUMBERS, FR, EN, header=header) == (1, 2, *expected)
    assert chosen(NUMBERS, FR, EN, header=header, source=expected[1]) == (2, 1, *expected[::-1])


@pytest.mark.parametrize("header", [("traduction", "phrase"), ("Target text", "Source text"), ("texte", "original")])
def test_titles_say_which_side_is_the_source(header):
    assert chosen(EN, FR, header=header) == (1, 0, "source", "target")


def test_wrong_names():
    with pytest.raises(InputError, match="no language 'it': choose from fr, en"):
        chosen(FR, EN, header=("fr", "en"), source="it", target="en")
    with pytest.raises(InputError, match="more than one column 'question': choose two with --columns"):
        chosen(FR, EN, DE, header=("Q", "A", "question"))
    with pytest.raises(InputError, match="source and target are both 'fr'"):
        chosen(FR, EN, source="fr", target="fr")
    with pytest.raises(InputError, match="mine, line 1: the file has a header but no rows"):
        choose_columns(Table("CSV with commas", [("Q", "A")]), "mine")


def test_files_are_columns_whatever_they_hold():
    choice = choose_columns(table(NUMBERS, FR, files=("a.txt", "b.txt")), "mine")
    assert (choice.places, choice.table.title(1)) == ((0, 1), "b.txt")
