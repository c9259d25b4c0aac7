"""`kerasformer translate` over each kind of artefact: texts, pipes, JSON, pictures."""

import io
import json
import subprocess
import sys

import pytest

from kerasformer.cli.main import main

KINDS = ("bundle", "saved_model", "tflite")


pytestmark = pytest.mark.usefixtures("opened_once")


@pytest.fixture(params=KINDS)
def model(request):
    return str(request.getfixturevalue(f"{request.param}_path"))


@pytest.fixture
def pipe(monkeypatch, capfd):
    """Run `translate` over bytes; returns exit code, lines out and what stands on stderr."""

    def run(model, data, *options):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))
        code = main(["translate", "--model", str(model), *options])
        out, err = capfd.readouterr()
        assert out == "" or out.endswith("\n")
        return code, out.split("\n")[:-1], err

    return run


def refused(capsys, *arguments):
    """The one line with which `translate` refuses, or the last line of argparse's."""
    with pytest.raises(SystemExit) as stopped:
        main(["translate", *map(str, arguments)])
    assert stopped.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
    lines = err.strip().splitlines()
    assert len(lines) == 1 or lines[0].startswith("usage: ")
    return lines[-1]


def test_texts(model, capfd):
    assert main(["translate", "--model", model, "Il pleut.", "", "Bonjour."]) == 0
    out, err = capfd.readouterr()
    lines = out.splitlines()
    assert len(lines) == 3
    assert lines[0]
    assert not lines[1]
    assert err == ""


def test_standard_input_that_is_closed_is_empty(tflite_path, monkeypatch, capfd):
    monkeypatch.setattr(sys, "stdin", None)
    assert main(["translate", "--model", str(tflite_path)]) == 0
    assert capfd.readouterr().out == ""


def test_lines_that_cannot_be_translated_leave_the_others_in_place(model, pipe):
    nasty = b"Il pleut.\r\n\nA\0b\n\xff\n" + b"x" * 100_000 + b"\n \nIl pleut."
    code, lines, err = pipe(model, nasty)
    assert code == 2
    assert len(lines) == 7
    assert lines[0] == lines[6] != ""
    assert lines[1] == lines[3] == lines[4] == lines[5].strip() == ""
    said = err.splitlines()
    assert [line.split(":")[:2] for line in said] == [["kerasformer", " line 4"], ["kerasformer", " line 5"]]


def test_all_kinds_answer_alike(bundle_path, saved_model_path, tflite_path, phrases, pipe):
    data = "\n".join(source for source, _ in phrases[:8]).encode()
    answers = [pipe(path, data) for path in (bundle_path, saved_model_path, tflite_path)]
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][0] == 0


def test_nothing_in_nothing_out(tflite_path, pipe):
    assert pipe(tflite_path, b"") == (0, [], "")


def test_a_long_line_stays_one_line(tflite_path, pipe):
    code, lines, _ = pipe(tflite_path, b"Il pleut. \x0b" * 20 + b"\nOui.\n")
    assert (code, len(lines)) == (0, 2)


def test_json_lines(model, pipe):
    code, lines, err = pipe(model, "Où ?\n\n".encode(), "--json")
    first, second = map(json.loads, lines)
    assert (code, err) == (0, "")
    assert first["source"] == "Où ?"
    assert first["translation"] == first["hypotheses"][0]["text"]
    assert first["hypotheses"][0]["score"] < 0
    assert second == {"source": "", "translation": "", "hypotheses": [{"text": "", "score": 0.0}]}


@pytest.mark.parametrize("kind", ["bundle", "saved_model"])
def test_beams_give_the_best_first(kind, request, pipe):
    model = request.getfixturevalue(f"{kind}_path")
    options = "--beam-size", "4", "--num-hypotheses", "3"
    _, lines, _ = pipe(model, b"Il pleut.\n", *options, "--json")
    found = json.loads(lines[0])["hypotheses"]
    scores = [hypothesis["score"] for hypothesis in found]
    assert scores == sorted(scores, reverse=True)
    assert pipe(model, b"Il pleut.\n", *options)[1] == ["\t".join(hypothesis["text"] for hypothesis in found)]


def test_decode_options_reach_the_search(bundle_path, pipe, opened_once):
    options = "--length-penalty", "0.5", "--min-length", "9", "--no-repeat-ngram", "1", "--json"
    _, lines, _ = pipe(bundle_path, b"Il pleut.\n", *options)
    found = opened_once(str(bundle_path), length_penalty=0.5, min_length=9, no_repeat_ngram=1)
    token_ids = found.hypotheses(["Il pleut."])[0][0].token_ids
    assert len(token_ids) == len(set(token_ids)) >= 9
    assert json.loads(lines[0])["translation"] == found("Il pleut.")


def test_what_is_asked_for_beside_the_search_is_in_json(model, pipe, opened_once):
    options = ["--json", "--token-log-probs", "--suppress", "the"]
    beam = {} if model.endswith(".tflite") else {"beam_size": 4}  # a SavedModel needs it
    _, lines, _ = pipe(model, b"Il pleut. Oui.\n", *options, *(["--beam-size", "4"] if beam else []))
    (found,) = json.loads(lines[0])["hypotheses"]
    engine = opened_once(model)
    (expected,) = engine.hypotheses(["Il pleut. Oui."], token_log_probs=True, suppress=("the",), **beam)[0]
    assert found["token_log_probs"] == pytest.approx(expected.token_log_probs, abs=1e-5)
    assert "sentences" not in found
    _, lines, _ = pipe(model, b"Il pleut. Oui.\n", "--alignment")
    rain, yes = json.loads(lines[0])["hypotheses"][0]["sentences"]
    assert (rain["source_words"], yes["source_words"]) == (["Il", "pleut", "."], ["Oui", "."])
    assert [link[1] for link in rain["links"]] == list(range(len(rain["target_words"])))
    assert all(0 <= source < 3 and 0 <= weight <= 1 for source, _, weight in rain["links"])


@pytest.mark.parametrize("kind", ["bundle", "saved_model"])
def test_a_prefix_and_its_alternatives(kind, request, capfd):
    model, beam = str(request.getfixturevalue(f"{kind}_path")), ["--beam-size", "4"]
    assert (
        main(["translate", "--model", model, *beam, "--prefix", "It", "--alternatives", "3", "Il pleut.", "Oui."]) == 0
    )
    lines = capfd.readouterr().out.splitlines()
    assert len(lines) == 2
    for line in lines:
        assert len(set(line.split("\t"))) == 3
        assert all(text.startswith("It") for text in line.split("\t"))


def test_what_cannot_be_asked_for_is_refused(bundle_path, tflite_path, capsys, tmp_path):
    for options, message in (
        (["--prefix", "It"], "for texts of the command line: give TEXT"),
        (["--token-log-probs", "Oui."], "give --json as well"),
        (["--prefix", "It", "Oui. Non."], "text 1 is translated in 2 pieces"),
        (["--alternatives", "2", "Oui."], "a .tflite cannot search alternatives"),
        (["--alternatives", "2", "--num-hypotheses", "2", "Oui."], "both say how many translations are printed"),
        (["--coverage-penalty", "0.2", "Oui."], "give a beam_size above 1"),
        (["--repetition-penalty", "0", "Oui."], "must be above 0"),
    ):
        assert message in refused(capsys, "--model", tflite_path, *options)


def test_what_an_artefact_cannot_do_is_refused(bundle_path, saved_model_path, tflite_path, capsys):
    beam = refused(capsys, "--model", tflite_path, "--beam-size", 4, "Oui.")
    assert beam.startswith("kerasformer: a .tflite is greedy or samples and cannot do beam_size=4")
    other = refused(capsys, "--model", saved_model_path, "--beam-size", 7, "Oui.")
    assert "beam_size 4" in other
    wide = refused(capsys, "--model", bundle_path, "--num-hypotheses", 3, "Oui.")
    assert "num_hypotheses must be between 1 and beam_size = 1, got 3" in wide
    for wrong in (
        ["--beam-size", "0"],
        ["--length-penalty", "nan"],
        ["--min-length", "-1"],
        ["--beam-size", "x"],
    ):
        assert f"argument {wrong[0]}: must be a" in refused(capsys, "--model", tflite_path, *wrong, "Oui.")


def test_attention_is_drawn(model, tmp_path, capfd):
    for options in ([], ["--layer", "1", "--heads"]):
        picture = tmp_path / f"attention{len(options)}.png"
        assert main(["translate", "--model", model, "--plot", str(picture), *options, "Il pleut."]) == 0
        assert picture.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
        assert len(capfd.readouterr().out.splitlines()) == 1


def test_what_cannot_be_drawn_is_refused(tflite_path, tmp_path, capsys):
    plot = ["--model", tflite_path, "--plot", tmp_path / "attention.png"]
    assert "not over 2: give one" in refused(capsys, *plot, "Oui.", "Non.")
    assert "not over 0: give one" in refused(capsys, *plot)
    assert "give --plot FILE" in refused(capsys, "--model", tflite_path, "--heads", "Oui.")
    with pytest.raises(SystemExit):
        main(["translate", *map(str, plot), "Il pleut. " * 30])
    assert "is translated in 30 pieces" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["translate", *map(str, plot), "--layer", "2", "Oui."])
    assert "--layer 2 does not exist: the model has 1" in capsys.readouterr().err
    assert not any(tmp_path.iterdir())


def test_a_text_that_is_not_utf_8_is_named(tflite_path, capsys):
    assert "text 2 is not UTF-8" in refused(capsys, "--model", tflite_path, "Oui.", "\udcff")


def test_a_tflite_needs_no_tensorflow_and_head_may_leave(tflite_path):
    program = (
        "import sys; from kerasformer.cli.main import main; "
        "code = main(sys.argv[1:]); "
        "loaded = {'tensorflow', 'keras', 'matplotlib', 'sacrebleu'} & set(sys.modules); "
        "sys.exit(f'{loaded} came along' if loaded else code)"
    )
    command = [sys.executable, "-c", program, "translate", "--model", str(tflite_path)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdin.write(b"Oui.\n")
    process.stdin.flush()
    assert process.stdout.readline().endswith(b"\n")  # at once, while the pipe stays open
    process.stdout.close()
    process.stdin.write(b"Non.\n" * 2)
    process.stdin.close()
    assert process.stderr.read() == b""
    assert process.wait(30) == 0
    process.stderr.close()


def test_what_must_not_change_is_there_and_a_loss_is_one_line_on_stderr(model, capfd):
    assert main(["translate", "--model", model, "Il pleut à {place}."]) == 0
    out, err = capfd.readouterr()
    assert out.count("{place}") == 1
    lines = err.splitlines()
    assert lines[-1] == "kerasformer: the tokenizer does not know 2 characters of the text: '{' (1), '}' (1)"
    lost = "kerasformer: the translation of 'Il pleut à {place}.' lacked '{place}', which was appended"
    assert lines[:-1] in ([], [lost])
    assert main(["translate", "--model", model, "--no-protect", "Il pleut à {place}."]) == 0
    assert capfd.readouterr().err == lines[-1] + "\n"


def test_a_glossary_of_a_file(model, tmp_path, capfd):
    path = tmp_path / "glossary.tsv"
    path.write_text("demain\tthe day after\n", encoding="utf-8")
    assert main(["translate", "--model", model, "--glossary", str(path), "Il pleut demain."]) == 0
    assert "the day after" in capfd.readouterr().out


def test_a_wrong_glossary_is_refused(tflite_path, tmp_path, capsys):
    path = tmp_path / "glossary.tsv"
    path.write_text("chat\n", encoding="utf-8")
    message = refused(capsys, "--model", tflite_path, "--glossary", path, "Oui.")
    assert message.endswith("glossary.tsv, line 1: expected a source term, a tab and its translation, got 'chat'")


def test_unknown_characters_are_counted_on_stderr(model, pipe):
    code, lines, err = pipe(model, "北 Ł 北\nOui.\n".encode())
    assert (code, lines[0]) == (0, "北 Ł 北")
    assert err == "kerasformer: the tokenizer does not know 3 characters of the text: '北' (2), 'Ł' (1)\n"
    _, _, err = pipe(model, "Ł\n".encode())
    assert err == "kerasformer: the tokenizer does not know 1 character of the text: 'Ł' (1)\n"
