"""Text with columns: which delimiter it has, and which quotation marks belong to the text."""

import pytest

from kerasformer.data.delimited import is_csv, read
from kerasformer.errors import InputError


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("un\tone\ndeux\ttwo", [("un", "one"), ("deux", "two")]),
        ("un\tone\r\n\r\ndeux\ttwo\tCC-BY\t7\r\n", [("un", "one", "", ""), ("deux", "two", "CC-BY", "7")]),
        ("un\tone\rdeux\ttwo\r", [("un", "one"), ("deux", "two")]),
        ("\ttwo\nun\t\n", [("", "two"), ("un", "")]),
        ("oui, non; si\tyes, no; yes\nun, deux; trois\tone, two; three\n", [
            ("oui, non; si", "yes, no; yes"), ("un, deux; trois", "one, two; three")
        ]),
    ],
)  # fmt: skip
def test_tabs(text, rows):
    assert read(text, "a.tsv").rows == rows
    assert read(text, "a.csv").rows == rows


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ('"Oui," dit-il.\tYes.\n"Ah !"\t"Oh!"\n', [('"Oui," dit-il.', "Yes."), ('"Ah !"', '"Oh!"')]),
        ('6" de long\t6" long\n"\tquote\n', [('6" de long', '6" long'), ('"', "quote")]),
        ('"Il a dit : ""Va !"""\tHe said\nUn "mot"\tA "word"\n', [
            ('Il a dit : "Va !"', "He said"), ('Un "mot"', 'A "word"')
        ]),
        ('"Il dit ""Oui"""\tYes\n"Non," dit-il\t"No, no"\n', [('Il dit "Oui"', "Yes"), ('"Non," dit-il', "No, no")]),
        ('"un"\t"one"\n"deux"\t"two"\n', [("un", "one"), ("deux", "two")]),
        ('"un\ndeux"\t"one\n two"\n"trois"\t"three"\n', [("un deux", "one two"), ("trois", "three")]),
    ],
)  # fmt: skip
def test_quotation_marks_in_text_with_tabs(text, rows):
    assert read(text, "a.tsv").rows == rows


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("hi,hello,0\r\nbye,see you,1", [("hi", "hello", "0"), ("bye", "see you", "1")]),
        ("oui, oui;yes, yes\nnon;no, no\n", [("oui, oui", "yes, yes"), ("non", "no, no")]),
        ('"hi, you","say ""hello"""\n6" or 7"?,x\n', [("hi, you", 'say "hello"'), ('6" or 7"?', "x")]),
        ('"two\nlines","\n a\u00a0\tb\u2028c"\n', [("two lines", "a b c")]),
    ],
)
def test_csv(text, rows):
    assert read(text, "a.csv").rows == rows


def test_semicolons_are_delimiters_whatever_the_name_and_commas_in_csv_only():
    assert read("un;one\ndeux;two\n", "a.txt").kind == "CSV with semicolons"
    assert read("un,one\ndeux,two\n", "a.CSV.gz").kind == "CSV with commas"
    with pytest.raises(InputError, match="the line has one column"):
        read("un,one\ndeux,two\n", "a.txt")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Q,A,label\nhi,hello,0\nbye\n", "chat.csv, line 3: the row has 1 fields, the first row 3"),
        ('Q,A\n"1\n2\n3",x\nhi, you,hello\n', "chat.csv, line 5: the row has 3 fields, the first row 2; put quotes"),
        ('Q,A\nhi,hello\n"bye,see you\nno,yes\n', "chat.csv, line 3: this row is not valid CSV .*quote"),
        ('Q,A\n"bye,see you\n"no",yes\n', "chat.csv, line 2: this row is not valid CSV"),
        ('Q,A\n"' + "hi,hello\n" * 20_000, "chat.csv, line 2: this row is not valid CSV"),
        ("", "chat.csv is empty"),
        ("\r\n\n", "chat.csv is empty"),
    ],
)
def test_errors_name_file_and_line(text, message):
    with pytest.raises(InputError, match=message):
        read(text, "chat.csv")


def test_a_line_of_one_column_is_named():
    with pytest.raises(InputError, match=r"b\.tsv, line 3: the line has one column, but two are needed"):
        read("un\tone\n\ndeux two\n", "b.tsv")


def test_csv_is_recognised_by_its_name():
    assert all(is_csv(name) for name in ("a.csv", "A.CSV", "folder/a.b.csv.gz", "a.csv.xz"))
    assert not any(is_csv(name) for name in ("a.tsv", "a.csv.fr", "csv", "a.gz"))
