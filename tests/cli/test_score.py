"""`kerasformer score`: a number or a JSON object for each pair, from every kind of artefact."""

import json

import pytest

SOURCES = ["Il pleut.", "Oui.", "Je mange une pomme."]
TARGETS = ["It rains.", "", "I eat an apple."]


@pytest.fixture
def files(tmp_path):
    paths = [tmp_path / "source.txt", tmp_path / "target.txt", tmp_path / "pairs.tsv"]
    pairs = "".join(f"{source}\t{target}\n" for source, target in zip(SOURCES, TARGETS, strict=True))
    for path, text in zip(paths, ("\n".join(SOURCES) + "\n", "\n".join(TARGETS) + "\n", pairs), strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


@pytest.mark.parametrize("kind", ["bundle_path", "saved_model_path", "tflite_path"])
def test_every_kind_scores_pairs_in_two_files_and_in_one(kind, request, files, answer, opened_once):
    path = request.getfixturevalue(kind)
    expected = opened_once(path).score(SOURCES, TARGETS)
    printed = [float(line) for line in answer("score", "--model", path, *files[:2]).splitlines()]
    assert printed == pytest.approx([score.score for score in expected], abs=1e-6)
    lines = [json.loads(line) for line in answer("score", "--model", path, "--json", files[2]).splitlines()]
    for source, target, line, score in zip(SOURCES, TARGETS, lines, expected, strict=True):
        assert (line["source"], line["target"], tuple(line["tokens"])) == (source, target, score.tokens)
        assert line["log_prob"] == pytest.approx(sum(line["token_log_probs"]), abs=1e-6)
        assert line["score"] == pytest.approx(score.score, abs=1e-6)


def test_a_pair_that_cannot_be_scored_leaves_the_others_in_place(tflite_path, tmp_path, capsys, opened_once):
    from kerasformer.cli.main import main

    path = tmp_path / "pairs.tsv"
    path.write_text("Oui.\tYes.\n\tNo.\nOui.\tYes.\n", encoding="utf-8")
    assert main(["score", "--model", str(tflite_path), str(path)]) == 2
    out, err = capsys.readouterr()
    first, second, third, end = out.split("\n")
    assert (first, second, end) == (third, "", "")
    assert err.startswith("kerasformer: line 2: source 1 is empty")


def test_files_that_do_not_fit_are_refused(tflite_path, files, tmp_path, complaint):
    wrong = tmp_path / "wrong.tsv"
    wrong.write_text("Oui.\tYes.\nNon.\n", encoding="utf-8")
    assert "wrong.tsv, line 2 has 0 tabs: put one" in complaint("score", "--model", tflite_path, wrong)
    assert "has 3 lines and" in complaint("score", "--model", tflite_path, files[0], wrong)
    assert "not 3" in complaint("score", "--model", tflite_path, *files)
