"""What stays in plain text, and which of its lines are one text."""

import pytest
from file_texts import texts_of, translated


@pytest.mark.parametrize(
    "before",
    ["– ", "- ", "—", "-", "* ", "• ", "1. ", "12) ", "a) ", "> ", ">> ", "# ", "\t- ", "> - "],
)
def test_what_a_line_begins_with_stays(before):
    assert translated(f"{before}Oui.\n", ".txt", lambda _: "Yes.") == f"{before}Yes.\n"


def test_a_line_with_a_dash_begins_a_text_and_may_go_on_in_the_next_line():
    dialogue = "– Bonjour, dit le chien, où vas-tu ce matin avec\nton grand sac ?\n– À la plage.\n- Bien.\n"
    assert texts_of(dialogue, ".txt") == [
        "Bonjour, dit le chien, où vas-tu ce matin avec ton grand sac ?", "À la plage.", "Bien.",
    ]  # fmt: skip
    assert translated(dialogue, ".txt", str.upper) == dialogue.upper()


@pytest.mark.parametrize("title", ["-- Fin --", "*** Fin ***", "  == Fin =="])
def test_the_ornaments_of_a_title_stay(title):
    assert texts_of(title, ".txt") == ["Fin"]


def test_a_minus_sign_is_no_dash():
    assert texts_of("-5 degrés\n", ".txt") == ["-5 degrés"]


@pytest.mark.parametrize("between", ["\t", "\t\t", " \t ", "     ", " | "])
def test_columns_are_texts_and_what_is_between_them_stays(between):
    row = between.join(["Un chat", "noir", "12"])
    assert texts_of(row, ".txt") == ["Un chat", "noir"]
    assert translated(row, ".txt", str.upper) == row.upper()


def test_long_lines_with_tabs_are_no_wrapped_paragraph():
    rows = "Un chat noir qui dort dans la maison\tici\nUn chien blanc qui court dans le jardin\tlà\n"
    assert len(texts_of(rows, ".txt")) == 4


@pytest.mark.parametrize(
    ("first", "second"), [("   Il", ""), ("- Il", "  "), ("> Il", "> ")], ids=["first line", "list", "mail"]
)
def test_a_wrapped_paragraph_may_have_another_first_line(first, second):
    lines = f"{first} était une fois un petit chat qui vivait\n{second}dans une grande maison au bord de la mer.\n"
    wanted = "Il était une fois un petit chat qui vivait dans une grande maison au bord de la mer."
    assert texts_of(lines, ".txt") == [wanted]
    assert translated(lines, ".txt", str.upper) == lines.upper()


def test_an_indented_title_does_not_unwrap_the_paragraph_below_it():
    page = "    Titre\nIl était une fois un petit chat qui vivait\ndans une grande maison au bord de la mer.\n"
    assert texts_of(page, ".txt") == ["Titre", " ".join(page.split()[1:])]
