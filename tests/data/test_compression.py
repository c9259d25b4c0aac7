"""Files are unpacked whatever their names, and what cannot be unpacked is named."""

import bz2
import gzip
import io
import lzma
import zipfile

import pytest

from kerasformer.data import compression
from kerasformer.data.compression import decompress, members
from kerasformer.errors import InputError

TEXT = "Où est la gare ?\n".encode() * 9


def zst(data):
    zstd = pytest.importorskip("backports.zstd")
    return zstd.compress(data)


def zipped(files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


PACKERS = {"gzip": gzip.compress, "xz": lzma.compress, "bzip2": bz2.compress, "zstd": zst}


@pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS)
def test_compressed_files_of_one_or_several_parts(pack):
    assert decompress(pack(TEXT)) == TEXT
    assert decompress(pack(TEXT) + pack(b"encore\n")) == TEXT + b"encore\n"


@pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS)
def test_damaged_files_are_named(pack):
    with pytest.raises(InputError, match=r"^my file is damaged or encrypted \(.*\): copy or download it again$"):
        decompress(pack(TEXT)[:-9], "my file")
    with pytest.raises(InputError, match="a.zip is a damaged archive"):
        members(zipped({"a": TEXT})[:-9], "a.zip")


@pytest.mark.parametrize("pack", [*PACKERS.values(), lambda data: zipped({"a": data})], ids=[*PACKERS, "zip"])
def test_what_expands_too_much_is_refused(pack, monkeypatch):
    monkeypatch.setattr(compression, "ALWAYS_ALLOWED", 1000)
    monkeypatch.setattr(compression, "MAX_EXPANSION", 2)
    with pytest.raises(InputError, match="bomb.* expands to more than 2 times its size"):
        members(pack(bytes(100_000)), "bomb")


def test_text_is_not_taken_for_an_archive():
    for text in (b"", b"BZh is no word", b"PK is short", TEXT):
        assert members(text, "folder/a.txt") == {"a.txt": text}


def test_zip_archives_of_one_or_two_files():
    about = {"README": "x", "LICENSE.txt": "x", "_about.txt": "x", "__MACOSX/._a": "x", "X.en-fr.xml": "x", "dir/": ""}
    assert members(zipped({"dir/a.tsv": TEXT, **about}), "a.zip") == {"dir/a.tsv": TEXT}
    assert len(members(zipped({"fr/a.txt": "un", "en/a.txt": "one"}), "a.zip")) == 2
    pair = {"X.en-fr.en": b"one", "X.en-fr.fr": gzip.compress(b"un")}
    assert members(zipped({**about, **pair}), "a.zip") == {"X.en-fr.en": b"one", "X.en-fr.fr": b"un"}


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "a.zip is a zip archive with 0 files of text, but one or two"),
        (dict.fromkeys("abcde", "x"), r"with 5 files of text \(a, b, c, d, ...\), but one or two.*unpack it"),
        ({"[Content_Types].xml": "x", "xl/workbook.xml": "x"}, "a document of an office program: save it as CSV"),
        ({"mimetype": "x", "content.xml": "x"}, "a document of an office program: save it as CSV"),
    ],
)
def test_other_zip_archives(files, message):
    with pytest.raises(InputError, match=message):
        members(zipped(files), "a.zip")


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "compression", None)
    monkeypatch.setitem(__import__("sys").modules, "backports", None)
    with pytest.raises(InputError, match="pip install backports.zstd"):
        decompress(b"\x28\xb5\x2f\xfd" + bytes(20), "a.zst")
