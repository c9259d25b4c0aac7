"""The benchmark of one-hot encodings against embeddings counts right and says what is wrong."""

import pathlib
import runpy
import sys

import pytest

SCRIPT = pathlib.Path(__file__).parents[2] / "benchmarks" / "embedding.py"


@pytest.fixture
def run(monkeypatch):
    """Run the benchmark with arguments; returns its exit code."""

    def run_script(*arguments):
        monkeypatch.setattr(sys, "argv", [SCRIPT.name, *map(str, arguments)])
        try:
            runpy.run_path(str(SCRIPT), run_name="__main__")
        except SystemExit as stopped:
            return stopped.code
        return 0

    return run_script


def test_a_one_hot_batch_is_as_many_times_larger_as_there_are_words(run, tmp_path, capsys):
    table, picture = tmp_path / "cost.md", tmp_path / "cost.png"
    assert run("--sizes", 7, 1000, "--repeats", 1, "--out", table, "--plot", picture) == 0
    printed = capsys.readouterr().out
    assert table.read_text(encoding="utf-8") == printed
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in printed.splitlines()]
    assert [len(row) for row in cells] == [7] * 4
    # 64 * 20 ids of 4 bytes each; one-hot vectors of 7 and of 1,000 floats of 4 bytes
    assert [row[:4] for row in cells[2:]] == [["7", "5.1", "36", "7"], ["1,000", "5.1", "5,120", "1,000"]]
    assert all(float(cell) > 0 for row in cells[2:] for cell in row[4:])
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("arguments", [("--sizes", 100, 0), ("--repeats", 0)])
def test_sizes_that_cannot_be_are_refused_before_anything_is_measured(run, capsys, arguments):
    assert run(*arguments) == 2
    assert capsys.readouterr().err == "benchmarks/embedding.py: --sizes and --repeats must be 1 or more\n"
