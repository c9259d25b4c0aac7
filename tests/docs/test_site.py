"""The documentation: the site builds without a warning, loads nothing from elsewhere, and names only what exists."""

import ast
import importlib.util
import json
import os
import pathlib
import re
import runpy
import subprocess
import sys

import pytest

import kerasformer

ROOT = pathlib.Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
README = ROOT / "README.md"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site, built strictly: a warning, such as a link to nowhere, is an error."""
    out = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "--site-dir", str(out)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False, env={**os.environ, "NO_COLOR": "1"}
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return out


def test_the_site_has_the_pages_notebooks_and_reference(site):
    pages = {path.relative_to(site).as_posix() for path in site.rglob("*.html")}
    written = {f"{page.stem}.html" for page in (ROOT / "docs").glob("*.md")}
    notebooks = {f"notebooks/{path.stem}.html" for path in (ROOT / "notebooks").glob("*.ipynb")}
    rooms = {f"api/{path.name}.html" for path in (ROOT / "kerasformer").iterdir() if any(path.glob("*.py"))}
    assert written | notebooks | rooms | {"index.html", "ko.html", "changelog.html"} <= pages
    assert "MultiHeadAttention" in (site / "api" / "layers.html").read_text(encoding="utf-8")


def test_search_finds_english_and_korean_words(site):
    index = json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))
    found = {entry["location"].split("#")[0]: entry["text"] for entry in index["docs"] if "은닉 상태" in entry["text"]}
    assert {"notebooks/sequence_to_sequence.html", "notebooks/attention.html"} <= set(found)
    assert "api/layers.html#kerasformer.layers.attention" in {entry["location"] for entry in index["docs"]}
    assert index["config"]["lang"] == ["en", "ko"]


def test_formulas_are_mathml_and_pages_load_nothing_from_elsewhere(site):
    for path in site.rglob("*.html"):
        page = path.read_text(encoding="utf-8")
        assert 'class="arithmatex"' not in page, path
        loaded = (
            r"""<(?:script|img|iframe)[^>]*\ssrc=["']?(?:https?:)?//|<link[^>]*rel=["']?stylesheet[^>]*(?:https?:)?//"""
        )
        assert not re.search(loaded, page), path
    assert "<math" in (site / "notebooks" / "transformer.html").read_text(encoding="utf-8")


def test_the_readme_is_short_and_its_first_block_is_the_two_commands():
    text = README.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 150
    first, second = re.search(r"```bash\n(.*?)```", text, re.DOTALL)[1].splitlines()
    assert first.startswith("python3 -m venv .venv && .venv/bin/pip install")
    assert first.endswith("train.py")
    assert second.endswith("-m pytest")


def test_the_tree_in_the_docs_is_the_tree_on_disk():
    tree = runpy.run_path(str(ROOT / "docs" / "tree.py"))["tree"]()
    page = (ROOT / "docs" / "code.md").read_text(encoding="utf-8")
    assert re.search(r"```text\n(.*?)```", page, re.DOTALL)[1] == tree, "run: python docs/tree.py"


# All of the repository's; beside them there may be an environment with very many files.
FOLDERS = ("kerasformer", "tests", "docs", "notebooks", "benchmarks", "export", "runtime", ".ci", ".github")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_that_a_page_names_exist(page):
    text = page.read_text(encoding="utf-8")
    places = rf"(?:{'|'.join(map(re.escape, FOLDERS))})/[\w./-]*"
    named = set(re.findall(rf"(?<![\w/.])({places})", text)) | set(re.findall(r"(?<=[`( ])[\w-]+\.(?:py|yml)\b", text))
    for name in named:
        name = name.rstrip(".")
        assert (ROOT / name).exists() or any(any((ROOT / folder).rglob(name)) for folder in FOLDERS), name


@pytest.fixture(scope="module")
def options():
    """The help of train.py and of each command of `kerasformer`: dict of name to text."""
    from kerasformer.cli.main import build_parser

    commands = next(action.choices for action in build_parser()._actions if action.choices)
    train = subprocess.run([sys.executable, ROOT / "train.py", "--help"], capture_output=True, text=True, check=True)
    return {"train.py": train.stdout, **{name: command.format_help() for name, command in commands.items()}}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_options_in_commands_exist(page, options):
    text = page.read_text(encoding="utf-8").replace("\\\n", " ")
    for program, arguments in re.findall(r"(?:python |kerasformer )(train\.py|[a-z]+)( [^\n|&#`<>]*)?", text):
        for option in re.findall(r"(?<= )--[a-z-]+", arguments) if program in options else ():
            assert option in options[program], (program, option)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_names_that_examples_import_exist(page):
    for block in re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
        for node in ast.walk(ast.parse(block)):
            if isinstance(node, ast.ImportFrom) and node.module == "kerasformer":
                assert {alias.name for alias in node.names} <= set(kerasformer.__all__)
            elif isinstance(node, ast.ImportFrom) and node.module.startswith("kerasformer."):
                source = pathlib.Path(importlib.util.find_spec(node.module).origin).read_text(encoding="utf-8")
                assert all(re.search(rf"\b{alias.name}\b", source) for alias in node.names), node.module
