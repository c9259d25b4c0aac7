"""The command that builds the notebooks' pages: whole, in Korean too, and with nothing fetched from elsewhere."""

import json
import pathlib
import re
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
    for module in ("nbformat", "nbclient", "nbconvert", "ipykernel", "latex2mathml"):
        pytest.importorskip(module, reason='the pages need pip install -e ".[docs]"')


@pytest.mark.usefixtures("_docs")
def test_a_page_holds_what_its_notebook_shows_and_the_index_its_question(build, tmp_path):
    path, site = tmp_path / "a_tiny_one.ipynb", tmp_path / "site"
    path.write_text(notebook(TEXT, FIGURE), encoding="utf-8")
    assert build(path, "--out", site) == 0
    assert sorted(file.name for file in site.iterdir()) == ["a_tiny_one.html", "index.html"]
    page = (site / "a_tiny_one.html").read_text(encoding="utf-8")
    assert "<pre>소년\n</pre>" in page
    assert 'src="data:image/png;base64,' in page
    assert page.count("<math") == 2
    assert "<msub><mi>d</mi><mi>k</mi></msub>" in page
    assert not re.findall(r"""<(?:script|link)|(?:src|href)=["']?(?:https?:)?//|@import""", page)
    index = (site / "index.html").read_text(encoding="utf-8")
    assert '<a href="a_tiny_one.html">A tiny one</a></dt><dd>한국어? Is é &lt; è &amp; so?</dd>' in index


@pytest.mark.usefixtures("_docs")
@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (notebook("# Why?", "{}['소년']"), "does not run: KeyError: '소년'"),
        (notebook("# Why?", "import os; os._exit(1)"), "does not run: its kernel died"),
        ("{", "is damaged or no notebook"),
    ],
    ids=["an error", "a dead kernel", "no notebook"],
)
def test_a_notebook_that_fails_leaves_no_page_and_one_line(build, tmp_path, capsys, text, complaint):
    path, site = tmp_path / "bad.ipynb", tmp_path / "site"
    path.write_text(text, encoding="utf-8")
    assert build(path, "--out", site) == 2
    assert capsys.readouterr().err == f"notebooks/build.py: {path} {complaint}\n"
    assert not site.exists()


def test_without_the_extra_it_says_what_to_install(build, tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "nbformat", None)
    assert build("--out", tmp_path / "site") == 2
    assert capsys.readouterr().err.endswith('pip install -e ".[docs]"\n')
