"""The printed table: what is there, in columns that line up, on a terminal of any width."""

import re

import pytest

from kerasformer.evaluation import tables as scoreboard

QUALITY = {"sentences": 1591, "bleu": 23.353, "chrf": 26.083, "moses_bleu": 28.03, "exact_match": 23.519}
SPEED = {"sentences_per_second": 1234.5, "tokens_per_second": 6789.1, "signature": "sig b", "chrf_signature": "sig c"}
BUNDLE = {**QUALITY, **SPEED, "token_accuracy": 41.26, "perplexity": 1017.234}
WITH_BASELINES = {**BUNDLE, "baselines": {"most_frequent_answer": QUALITY, "nearest_question": QUALITY}}


def test_rows_line_up_and_baselines_stand_under_their_split(capsys):
    scoreboard.show({"test_a": WITH_BASELINES, "test_b": BUNDLE})
    heading, *rows = capsys.readouterr().out.splitlines()
    assert "exact match  token accuracy  perplexity  sentences/s  tokens/s" in heading
    names = ["test_a", "most frequent answer", "nearest question", "test_b"]
    for name, row in zip(names, rows, strict=False):
        assert row.startswith(f"{name} ")
        assert len(row) == len(heading)
    quality = ["1,591", "23.35", "26.08", "28.03", "23.5", "%"]
    assert rows[0].split() == ["test_a", *quality, "41.3", "%", "1,017.23", "1,234.5", "6,789"]
    assert rows[2].split() == ["nearest", "question", *quality, "-", "-", "-", "-"]
    assert rows[4:6] == ["BLEU  sig b", "chrF  sig c"]


def test_what_no_split_has_is_no_column(capsys):
    scoreboard.show({"test": {**QUALITY, **SPEED}})
    assert "perplexity" not in capsys.readouterr().out


def test_a_language_that_moses_does_not_tokenise_has_no_moses_bleu(capsys):
    scoreboard.show({"test": {**QUALITY, **SPEED, "moses_bleu": None}})
    assert "Moses" not in capsys.readouterr().out


@pytest.mark.parametrize(("width", "rows"), [(200, 3), (100, 9)])
def test_rows_too_wide_for_a_terminal_become_columns(width, rows, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", str(width))
    scoreboard.show({"test": WITH_BASELINES})
    out = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)  # without bold type
    assert sum(line.startswith("│") for line in out.splitlines()) == rows
    assert max(map(len, out.splitlines())) <= width
    for shown in ("most frequent answer", "token accuracy", "41.3 %", "1,017.23"):
        assert shown in out
