"""The scripts in export/ write what they promise and replace nothing they did not write."""

import pathlib
import runpy
import sys

import pytest

from kerasformer.formats import describe
from kerasformer.inference.opening import open_translator

SCRIPTS = pathlib.Path(__file__).parents[2] / "export"


@pytest.fixture
def run(monkeypatch):
    """Run a script of export/ with arguments; returns its exit code."""

    def run_script(name, *arguments):
        monkeypatch.setattr(sys, "argv", [name, *map(str, arguments)])
        try:
            runpy.run_path(str(SCRIPTS / name), run_name="__main__")
        except SystemExit as stopped:
            return stopped.code
        return 0

    return run_script


def test_litert(run, bundle_path, int8_path, tmp_path, capsys, exported_already):
    exported_already({"int8": int8_path})
    path = tmp_path / "translator.int8.tflite"
    assert run("litert.py", bundle_path, "--out", path, "--format", "litert-int8") == 0
    assert not describe(path).is_exact
    assert open_translator(path).source == "fr"
    assert f"kerasformer verify --model {path}" in capsys.readouterr().out


def test_saved_model(run, bundle_path, tmp_path, monkeypatch):
    exported = []
    monkeypatch.setattr("kerasformer.exporting.saved_model.export_saved_model", lambda *given: exported.append(given))
    assert run("saved_model.py", bundle_path, "--out", tmp_path / "new") == 0
    [(bundle, out)] = exported
    assert (bundle.source, out) == ("fr", str(tmp_path / "new"))


def test_nothing_else_is_replaced(run, bundle_path, tmp_path, capsys):
    (tmp_path / "thesis.tex").write_text("years of work")
    assert run("saved_model.py", bundle_path, "--out", tmp_path) == 2
    assert run("litert.py", bundle_path, "--out", tmp_path) == 2
    assert run("all.py", bundle_path, "--out", tmp_path) == 2
    assert capsys.readouterr().err.count("\n") == 3
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.tex"]


def test_all_needs_a_bundle(run):
    assert "all.py BUNDLE --out FOLDER" in run("all.py")
    assert run("all.py", "--help") == 0


@pytest.mark.parametrize("script", ["all.py", "litert.py", "saved_model.py"])
def test_scripts_are_short(script):
    assert len((SCRIPTS / script).read_text(encoding="utf-8").splitlines()) <= 40
