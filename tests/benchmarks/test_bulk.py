"""The benchmark of files in bulk reckons a hundred machines from what it has measured."""

import pathlib
import sys
import types

from kerasformer.serving.shards import plan, translate_shard

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "benchmarks"))
from bulk import reckon, run, table

ROW = {"workers": 2, "start s": 4.0, "lines/s": 10.0, "lost": 0.25, "wrong": 0, "is killed": True}


def translate_files(paths, out, model, workers, lines, report):
    """Stands for the workers of Ray: translates into capitals."""
    for shard in plan(paths, out, lines, "text"):
        report(shard, (*translate_shard(shard, lambda texts: [text.upper() for text in texts], "text"), 0))


def test_every_line_comes_back_and_the_start_is_not_counted(monkeypatch):
    monkeypatch.setitem(sys.modules, "kerasformer.serving.bulk", types.SimpleNamespace(translate_files=translate_files))
    row, found = run(["oui", "", "non"] * 4, "fr-en", workers=2, shard=3)
    assert found == ["OUI", "", "NON"] * 4
    assert row["workers"] == 2
    assert row["lines/s"] > 0


def test_a_row_for_each_run():
    assert table(7, [ROW]).splitlines()[2:] == [
        "| *the engine alone* | | 7 | | |",
        "| 2, one is killed | 4.0 | 10 | 25% | 0 |",
    ]


def test_a_hundred_machines_are_reckoned_from_one_worker():
    rate, parts = reckon([ROW], {"divide s": 2.0, "hand out s": 0.01})
    assert "at most 16,000 lines a second" in rate  # 100 machines x 16 cores x 10 lines
    assert "600 lines" in parts  # of a minute
    assert "60,000 lines a second" in parts  # 600 lines in 0.01 s
    assert "divide files at 500,000 lines a second" in parts
