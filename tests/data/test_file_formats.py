"""TMX, JSON lines and archives are read as tables, recognised by what they hold."""

import io
import json
import zipfile

import pytest

from kerasformer.data.file_formats import read_table, read_two_files
from kerasformer.errors import InputError

TMX = """<?xml version="1.0" encoding="{encoding}"?>
<!DOCTYPE tmx SYSTEM "tmx14.dtd">
<tmx version="1.4"><header srclang="fr"/><body>
<tu><note>x</note><tuv xml:lang="fr-FR"><seg>Bonjour <bpt i="1">&lt;b&gt;</bpt>à tous<ept i="1"/> !</seg></tuv>
<tuv xml:lang="EN"><seg>Hello,
 <hi>everybody</hi> &amp; all!</seg></tuv></tu>
<tu><tuv lang="en"><seg>Yes</seg></tuv></tu>
</body></tmx>"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_tmx(write, encoding):
    table = read_table(write("memory.tmx", TMX.format(encoding=encoding).encode(encoding)))
    assert (table.kind, table.header) == ("TMX", ("fr", "en"))
    assert table.rows == [("Bonjour à tous !", "Hello, everybody & all!"), ("", "Yes")]


def test_tmx_of_two_kinds_of_french_keeps_them_apart(write):
    units = "".join(f'<tuv xml:lang="{code}"><seg>{code}</seg></tuv>' for code in ("fr-FR", "fr-CA", "en_US"))
    table = read_table(write("memory", f"<tmx><body><tu>{units}</tu></body></tmx>"))
    assert table.header == ("fr-fr", "fr-ca", "en-us")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<?xml version='1.0'?>\n<xliff/>", "XML but not TMX: convert it to TMX"),
        ("<?xml version='1.0'?>\n<tmx><body>\n<tu></body></tmx>", "memory, line 3: not valid XML"),
        ("<tmx><body></body></tmx>", "no translation units"),
        ('<!DOCTYPE tmx [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><tmx>&b;</tmx>', "defines entities of XML"),
    ],
)
def test_other_xml(write, text, message):
    with pytest.raises(InputError, match=message):
        read_table(write("memory", text))


RECORDS = [{"id": 1, "translation": {"fr": "Oui.", "en": "Yes."}, "ok": True}, {"translation": {"fr": "Non.\n"}}]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.jsonl", "".join(f"{json.dumps(record)}\n\n" for record in RECORDS)),
        ("a.json", json.dumps(RECORDS)),
        ("a", json.dumps(RECORDS, indent=1)),
        ("a.txt", "\n".join(map(json.dumps, RECORDS))),
    ],
)
def test_json(write, name, text):
    table = read_table(write(name, text))
    assert table.header == ("id", "fr", "en")
    assert table.rows == [("1", "Oui.", "Yes."), ("", "Non.", "")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"fr": "a"}\n{"fr": \n', "a.jsonl, line 2: not valid JSON"),
        ('{"fr": "a"}\n"b"\n', "item 2 is not a JSON object"),
        ("[1,", "a.jsonl: not valid JSON"),
        ('{"fr": ["a", "b"], "en": ["c", "d"]}', "a.jsonl has no texts in its objects: each needs two, such as"),
        ("\n", "a.jsonl is empty"),
    ],
)
def test_bad_json(write, text, message):
    with pytest.raises(InputError, match=message):
        read_table(write("a.jsonl", text))


def test_text_in_brackets_is_not_json(write):
    assert read_table(write("a.tsv", "[Musique]\t[Music]\n")).rows == [("[Musique]", "[Music]")]


def test_a_zip_archive_of_two_files_and_of_a_csv_file(write):
    def zipped(files):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for name, text in files.items():
                archive.writestr(name, text)
        return buffer.getvalue()

    table = read_table(write("a.zip", zipped({"X.en-fr.en": "one\n", "X.en-fr.fr": "un\n", "README": "?"})))
    assert (table.header, table.rows, table.files) == (("en", "fr"), [("one", "un")], ("X.en-fr.en", "X.en-fr.fr"))
    assert read_table(write("b.zip", zipped({"b.csv": "a,b\nc,d\n"}))).kind == "CSV with commas"
    with pytest.raises(InputError, match=r"c\.zip, b\.csv, line 2: the row has 1 fields"):
        read_table(write("c.zip", zipped({"b.csv": "a,b\nc\n"})))
    with pytest.raises(InputError, match=r"a\.zip holds X\.en-fr\.en and X\.en-fr\.fr, but one file is needed"):
        read_two_files(write("un.fr", "un\n"), write("a.zip", zipped({"X.en-fr.en": "one", "X.en-fr.fr": "un"})))


@pytest.mark.parametrize(
    ("names", "header"),
    [
        (("a.fr", "a.en"), ("fr", "en")),
        (("X.en-fr.en.gz", "X.en-fr.fr"), ("en", "fr")),
        (("a.fra", "a.eng"), ("fr", "en")),
        (("a.fr.txt", "a.pt-BR.txt"), ("fr", "pt-BR")),
        (("a.txt", "b.en"), None),
        (("fr", "en"), None),
        (("a.fr", "b.fr"), None),
    ],
)
def test_the_names_of_two_files_say_their_languages(write, names, header):
    assert read_two_files(*(write(name, f"{name}\n") for name in names)).header == header
