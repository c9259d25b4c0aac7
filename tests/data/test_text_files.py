import codecs
import gzip

import pytest

from kerasformer.data.text_files import find_splits, read_folder, read_lines, read_parallel
from kerasformer.errors import InputError


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        ("a\nb\n", ["a", "b"]),
        ("a\nb", ["a", "b"]),
        ("a\n\nb\n\n", ["a", "", "b", ""]),
        ("\ufeffa\r\nb\r\n", ["a", "b"]),
        ("a\rb\r\rc", ["a", "b", "", "c"]),
        ("a\rb\rc\n", ["a", "b", "c"]),
        ("a\rb\rc\r\n", ["a", "b", "c"]),
        ("a\rb\nc\n", ["a\rb", "c"]),
        ("a\rb\r\nc\r\n", ["a\rb", "c"]),
        ("é\r\nb\r\n".encode("utf-16"), ["é", "b"]),
        (codecs.BOM_UTF16_BE + "é\nb".encode("utf-16-be"), ["é", "b"]),
        ("é\nb\n".encode("utf-32"), ["é", "b"]),
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
        (b"a\nb\nc \xe9t\xe9\n", "text, line 3: byte 0xe9 is not UTF-8; .*iconv -f WINDOWS-1252 -t UTF-8"),
        ("a\nb".encode("utf-16") + b"\n", "text, line 2: byte 0x0a is not UTF-16-LE"),
        ("sentence\n".encode("utf-16-le") * 20, "zero bytes.*: if it is UTF-16, iconv"),
        (b"", "text is empty"),
        (b"\r\n\n", "text is empty"),
        (gzip.compress(b"sentence\n" * 99, mtime=0)[:-9], "text is damaged or encrypted"),
        (gzip.compress(b"sentence\n" * 99, mtime=0)[:5], "text is damaged or encrypted"),
        (gzip.compress(b"sentence\n", mtime=0)[:-8] + bytes(8), "text is damaged or encrypted"),
    ],
)
def test_bad_text(write, data, message):
    with pytest.raises(InputError, match=message):
        read_lines(write("text", data))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"PAR1....", "a Parquet file: save it as CSV"),
        (b"%PDF-1.7", "a PDF document: copy its sentences"),
        (b"\xd0\xcf\x11\xe0\xa1", "a document of an old office program: save it as CSV"),
        (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive: unpack it"),
        (b"a/b" + bytes(254) + b"ustar  ", "a tar archive: unpack it"),
        (gzip.compress(b"a/b" + bytes(254) + b"ustar  ", mtime=0), "a tar archive: unpack it"),
        (b"SQLite format 3\0", "an SQLite database: export"),
        (b"\n<!DOCTYPE html><html>", "a web page: download the file"),
        (b"version https://git-lfs.github.com/spec/v1\n", "a pointer of Git LFS.*git lfs pull"),
    ],
)
def test_files_that_are_no_text_are_named_with_the_way_out(write, data, message):
    with pytest.raises(InputError, match=f"mine is {message}"):
        read_lines(write("mine", data))


def test_missing_file_and_folder_for_a_file(tmp_path):
    with pytest.raises(InputError, match="nothing.fr does not exist"):
        read_lines(tmp_path / "nothing.fr")
    with pytest.raises(InputError, match="is a folder"):
        read_lines(tmp_path)


def test_unequal_line_counts_name_both_files(write):
    with pytest.raises(InputError, match=r"a\.fr has 3 lines but .*a\.en has 2"):
        read_parallel(write("a.fr", "un\ndeux\ntrois\n"), write("a.en", "one\ntwo\n"))


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
    ("names", "splits"),
    [
        (["train.fr-en.fr", "train.fr-en.en.xz", "dev.fr-en.fr", "dev.fr-en.en"], ["dev", "train"]),
        (["Tatoeba.en-fr.en", "Tatoeba.en-fr.fr", "README", "LICENSE", "notes.md"], ["train"]),
        (["A.en-fr.en", "A.en-fr.fr", "B.en-fr.en", "B.en-fr.fr"], []),
    ],
)
def test_names_of_moses_and_opus(write, tmp_path, names, splits):
    for name in names:
        write(name, "text\n")
    found = find_splits(tmp_path)
    assert list(found) == splits
    assert all(set(files) == {"en", "fr"} for files in found.values())


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
