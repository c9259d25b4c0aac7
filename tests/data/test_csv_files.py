"""Two columns of a CSV file are read with any content; errors name file and line."""

import gzip

import pytest

from kerasformer.data.csv_files import is_csv, read_csv
from kerasformer.errors import InputError


@pytest.fixture
def write(tmp_path):
    def write_file(data, name="chat.csv"):
        path = tmp_path / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    return write_file


@pytest.mark.parametrize(
    ("data", "pairs"),
    [
        ("Q,A,label\nhi,hello,0\nbye,see you,1\n", [("hi", "hello"), ("bye", "see you")]),
        ("Q,A\r\nhi,hello\r\nbye,see you", [("hi", "hello"), ("bye", "see you")]),
        ("Q,A\rhi,hello\r", [("hi", "hello")]),
        ("\ufeffQ,A\nhi,hello\n", [("hi", "hello")]),
        ("label,ANSWER, question \n0,hello,hi\n", [("hi", "hello")]),
        ('Q,A\n"hi, you","say ""hello"""\n', [("hi, you", 'say "hello"')]),
        ('Q,A\n6" or 7"?,"6"""\n', [('6" or 7"?', '6"')]),
        ('"Q","A"\n"two\nlines","three\r\n\r\n lines "\n', [("two lines", "three lines")]),
        ('Q,A\n"\n a\u00a0\tb\u2028c","d"\n', [("a b c", "d")]),
        ('Q,A\nhi,\n,hello\n\n"",""\n', [("hi", ""), ("", "hello"), ("", "")]),
        (gzip.compress("Q,A\n안녕,반가워요.\n".encode(), mtime=0), [("안녕", "반가워요.")]),
    ],
)
def test_rows(write, data, pairs):
    assert read_csv(write(data)) == ("question", "answer", pairs)


@pytest.mark.parametrize(
    ("asked", "names", "pair"),
    [
        ((None, None), ("question", "answer"), ("hi", "hello")),
        (("A", None), ("answer", "question"), ("hello", "hi")),
        ((None, "q"), ("answer", "question"), ("hello", "hi")),
        (("QUESTION", "french"), ("question", "french"), ("hi", "salut")),
        ((" French ", None), ("french", "answer"), ("salut", "hello")),
    ],
)
def test_columns_are_chosen_by_name(write, asked, names, pair):
    path = write("Q,A,French\nhi,hello,salut\n")
    assert read_csv(path, *asked) == (*names, [pair])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            "Q,reply\nhi,hello\n",
            "chat.csv, line 1: the file has no column 'answer'; the columns are Q, reply",
        ),
        ("Q;A\nhi;hello\n", "line 1: the file has no column 'question'; the columns are Q;A"),
        (
            "Q,A,question\n1,2,3\n",
            "line 1: the file has more than one column 'question'; the columns are Q, A",
        ),
        ("Q,A,label\nhi,hello,0\nbye\n", "chat.csv, line 3: the row has 1 fields, the header 3"),
        (
            'Q,A\n"1\n2\n3",x\nhi, you,hello\n',
            "chat.csv, line 5: the row has 3 fields, the header 2; put quotes",
        ),
        (
            'Q,A\nhi,hello\n"bye,see you\nno,yes\n',
            "chat.csv, line 3: this row is not valid CSV .*quote",
        ),
        ('Q,A\n"bye,see you\n"no",yes\n', "chat.csv, line 2: this row is not valid CSV"),
        ('Q,A\n"' + "hi,hello\n" * 20_000, "chat.csv, line 2: this row is not valid CSV"),
        ("Q,A\nhi,hello\n안녕,네\n".encode("cp949"), "chat.csv, line 3: byte 0xbe is not UTF-8; convert"),
        ("Q,A\nhi,hello\n".encode("utf-16"), "chat.csv, line 1: byte 0xff is not UTF-8"),
        ("", "chat.csv is empty: it needs a header row"),
        ("\ufeff\r\n\n", "chat.csv is empty: it needs a header row"),
        ("Q,A,label\n", "chat.csv, line 1: the file has a header but no rows"),
        ("Q,A,label\n\n\n", "chat.csv, line 1: the file has a header but no rows"),
    ],
)
def test_errors_name_file_and_line(write, data, message):
    with pytest.raises(InputError, match=message):
        read_csv(write(data))


def test_a_column_cannot_be_both_sides(write):
    with pytest.raises(InputError, match="source and target are both 'question': choose two columns"):
        read_csv(write("Q,A\nhi,hello\n"), "Q", "question")


def test_csv_is_recognised_by_its_name():
    assert all(is_csv(name) for name in ("a.csv", "A.CSV", "folder/a.b.csv.gz"))
    assert not any(is_csv(name) for name in ("a.tsv", "a.csv.fr", "csv", "a.gz"))
