"""`kerasformer translate --in FILE --out FILE`."""

import pytest

from kerasformer.cli.main import main
from kerasformer.cli.whole_files import _Progress

pytestmark = pytest.mark.usefixtures("opened_once")


def test_a_file_is_translated_as_its_texts_are_one_by_one(tflite_path, opened_once, tmp_path, capsys):
    (tmp_path / "a.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nLe chat\ndort.\n")
    options = ["--in", tmp_path / "a.srt", "--out", tmp_path / "b.srt"]
    assert main(["translate", "--model", str(tflite_path), *map(str, options)]) == 0
    before, after = ((tmp_path / name).read_text().split("\n") for name in ("a.srt", "b.srt"))
    assert before[:2] == after[:2]
    assert " ".join(after[2:]).strip() == opened_once(tflite_path)("Le chat dort.")
    assert capsys.readouterr() == ("", "1 of 1 texts\n")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--in", "a.txt"], "--in needs --out FILE: give both"),
        (["--out", "a.txt"], "--out needs --in FILE: give both"),
        (["--encoding", "cp1252", "un"], "--encoding is for whole files: give --in FILE and --out FILE as well"),
        (["--in", "a.txt", "--out", "b.txt", "un"], "give either TEXT or --in FILE, not both"),
        (["--in", "a.txt", "--out", "b.txt", "--json"], "--json is not for whole files: leave it out"),
        (["--in", "a.txt", "--out", "b.txt", "--num-hypotheses", "2"], "--num-hypotheses is not for whole files"),
        (["--in", "a.docx", "--out", "b.docx"], "a.docx cannot be translated as a whole file"),
        (["--in", "a.txt", "--out", "b.txt"], "No such file or directory: 'a.txt'"),
    ],
)
def test_misuse_is_said_in_one_line(tflite_path, complaint, monkeypatch, tmp_path, options, said):
    monkeypatch.chdir(tmp_path)
    assert said in complaint("translate", "--model", tflite_path, *options)


def test_progress_is_a_line_at_the_end_and_says_what_was_there(capsys):
    progress = _Progress()
    for done in (3, 67, 70):
        progress(done, 70)
    assert capsys.readouterr().err == "resuming: 3 of 70 texts are already translated\n67 of 70 texts\n70 of 70 texts\n"
