"""The command that runs the notebooks for the site, and the pages made of them."""

import json
import pathlib
import runpy
import sys

import pytest

SCRIPT = pathlib.Path(__file__).parents[2] / "notebooks" / "build.py"
TEXT = "# 한국어? Is é < è & so?\n\nAn inline $d_k$, and\n\n$$\\frac{1}{2}$$"
FIGURE = "from matplotlib import pyplot\nprint('소년')\n_ = pyplot.plot([0, 1])"


def notebook(*sources):
    """A notebook of a markdown cell and of code cells, as JSON."""
    made = [{"cell_type": "markdown", "id": "text", "metadata": {}, "source": sources[0]}]
    for number, source in enumerate(sources[1:]):
        code = {"cell_type": "code", "id": f"code-{number}", "metadata": {}, "source": source}
        made.append({**code, "execution_count": None, "outputs": []})
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture
def build(monkeypatch):
    """Run the command with arguments; returns its exit code."""

    def run_script(*arguments):
        monkeypatch.setattr(sys, "argv", [SCRIPT.name, *map(str, arguments)])
        try:
            runpy.run_path(str(SCRIPT), run_name="__main__")
        except SystemExit as stopped:
            return stopped.code
        return 0

    return run_script


@pytest.fixture
def _docs():
    for module in ("nbformat", "nbclient", "ipykernel"):
        pytest.importorskip(module, reason='running notebooks needs pip install -e ".[docs]"')


@pytest.mark.usefixtures("_docs")
def test_a_notebook_that_ran_is_a_page_with_its_outputs(build, tmp_path):
    path, out = tmp_path / "a_tiny_one.ipynb", tmp_path / "ran"
    path.write_text(notebook(TEXT, FIGURE), encoding="utf-8")
    assert build(path, "--out", out) == 0
    hooks = runpy.run_path(str(SCRIPT.parents[1] / "docs" / "hooks.py"))
    page, images = hooks["notebook_page"](out / path.name)
    printed = "```{.text .output}\n소년\n```"
    assert page.startswith(f"{TEXT}\n\n```python\n{FIGURE}\n```\n\n{printed}\n\n![Output](a_tiny_one-1.png)")
    assert images["a_tiny_one-1.png"].startswith(b"\x89PNG")
    assert "without outputs" not in page


def test_a_notebook_that_did_not_run_is_a_page_that_says_so(tmp_path):
    path = tmp_path / "a_tiny_one.ipynb"
    path.write_text(notebook("# Why?\n\nSee [attention](attention.ipynb).", FIGURE), encoding="utf-8")
    page, images = runpy.run_path(str(SCRIPT.parents[1] / "docs" / "hooks.py"))["notebook_page"](path)
    assert "Shown without outputs. `python notebooks/build.py notebooks/a_tiny_one.ipynb` runs it" in page
    assert "[attention](attention.md)" in page
    assert not images


@pytest.mark.usefixtures("_docs")
@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (notebook("# Why?", "{}['소년']"), "does not run: KeyError: '소년'"),
        (notebook("# Why?", "import os; os._exit(1)"), "does not run: its kernel died"),
        ("{", "is damaged or not a notebook"),
    ],
    ids=["an error", "a dead kernel", "no notebook"],
)
def test_a_notebook_that_fails_writes_nothing_and_one_line(build, tmp_path, capsys, text, complaint):
    path, out = tmp_path / "bad.ipynb", tmp_path / "ran"
    path.write_text(text, encoding="utf-8")
    assert build(path, "--out", out) == 2
    assert capsys.readouterr().err == f"notebooks/build.py: {path} {complaint}\n"
    assert not out.exists()


def test_without_the_extra_it_says_what_to_install(build, tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "nbclient", None)
    assert build("--out", tmp_path / "ran") == 2
    assert capsys.readouterr().err.endswith('pip install -e ".[docs]"\n')
