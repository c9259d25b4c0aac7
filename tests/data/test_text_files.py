import gzip

import pytest

from kerasformer.data.text_files import choose_direction, read_folder, read_lines, read_parallel, read_tsv
from kerasformer.errors import InputError


@pytest.fixture
def write(tmp_path):
    def write_file(name, data):
        path = tmp_path / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    return write_file


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        ("a\nb\n", ["a", "b"]),
        ("a\nb", ["a", "b"]),
        ("a\n\nb\n\n", ["a", "", "b", ""]),
        ("\ufeffa\r\nb\r\n", ["a", "b"]),
        ("a\u2028b\x85c\fd\x1ee\rf\n", ["a\u2028b\x85c\fd\x1ee\rf"]),
        (" a \t\n", [" a \t"]),
        (gzip.compress("é\n".encode(), mtime=0), ["é"]),
    ],
)
def test_lines(write, data, lines):
    assert read_lines(write("any.name", data)) == lines


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"a\nb\nc \xe9t\xe9\n", "text, line 3: byte 0xe9 is not UTF-8"),
        ("a\n".encode("utf-16"), "text, line 1: byte 0xff is not UTF-8"),
        (b"", "text is empty"),
        (b"\r\n\n", "text is empty"),
        (gzip.compress(b"sentence\n" * 99, mtime=0)[:-9], "text is a damaged gzip file"),
        (gzip.compress(b"sentence\n" * 99, mtime=0)[:5], "text is a damaged gzip file"),
        (gzip.compress(b"sentence\n", mtime=0)[:-8] + bytes(8), "text is a damaged gzip file"),
    ],
)
def test_bad_text(write, data, message):
    with pytest.raises(InputError, match=message):
        read_lines(write("text", data))


def test_missing_file_and_folder_for_a_file(tmp_path):
    with pytest.raises(InputError, match="nothing.fr does not exist"):
        read_lines(tmp_path / "nothing.fr")
    with pytest.raises(InputError, match="is a folder"):
        read_lines(tmp_path)


def test_unequal_line_counts_name_both_files(write):
    with pytest.raises(InputError, match=r"a\.fr has 3 lines but .*a\.en has 2"):
        read_parallel(write("a.fr", "un\ndeux\ntrois\n"), write("a.en", "one\ntwo\n"))


def test_tsv(write):
    assert read_tsv(write("a.tsv", "un\tone\nDeux\ttwo\tCC-BY\t7\n\n\tthree\n")) == [
        ("un", "one"),
        ("Deux", "two"),
        ("", "three"),
    ]
    with pytest.raises(InputError, match=r"b\.tsv, line 2: the line has one column, but two are needed"):
        read_tsv(write("b.tsv", "un\tone\ndeux two\n"))


def test_folder(write, tmp_path):
    for split in ("train", "dev", "test_b", "test_a", "notes"):
        write(f"{split}.fr", f"{split} source\n")
        write(f"{split}.en.gz", gzip.compress(f"{split} target\n".encode(), mtime=0))
    write("test_c.fr", "alone\n")
    write("test_c.de", "allein\n")
    write("README.md", "about")
    splits, notes = read_folder(tmp_path, "fr", "en")
    assert list(splits) == ["train", "validation", "test_a", "test_b"]
    assert splits["validation"] == [("dev source", "dev target")]
    assert notes == ["test_c left out: there is no test_c.en"]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["test.fr", "test.en"], "no training split: it needs train.fr and train.en"),
        (["train.fr"], "lacks train.en"),
        (["train.fr", "train.en", "val.fr"], "lacks val.en"),
        (["train.fr", "train.en", "val.fr", "val.en", "dev.fr", "dev.en"], "two validation splits"),
    ],
)
def test_incomplete_folder(write, tmp_path, names, message):
    for name in names:
        write(name, "text\n")
    with pytest.raises(InputError, match=message):
        read_folder(tmp_path, "fr", "en")


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
