"""Missing twins are made beside the service, and its models are loaded again."""

import asyncio
import os
import shutil
import sys
import types

import pytest

from kerasformer.errors import InputError
from kerasformer.serving import server, twins


@pytest.fixture
def improved(in_service, log, monkeypatch):
    """Let a service make its missing twins; returns the paths asked for, the workers before, and those afterwards."""

    def improve(missing, succeeds=True):
        asked = []

        async def make(paths):
            asked.extend(paths)
            return succeeds

        async def start(service):
            for key in missing:
                service.engine.about[key]["may_have_twin"] = True
            before = set(service.engine.working)
            await server._improve(service)
            translated = await service.translate(["Oui."], "fr", "en")
            assert translated[0].text == "OUI."
            return before, set(service.engine.working), {model.key: model.path for model in service.models}

        monkeypatch.setattr(twins, "make", make)
        before, after, places = in_service(start)
        return [key for key, path in places.items() if path in asked], before, after

    return improve


def test_twins_that_are_missing_are_made_and_the_models_loaded_again(improved, capsys):
    asked, before, after = improved(["fr-en/1"])
    assert asked == ["fr-en/1"]
    assert not before & after
    assert "a faster copy of fr-en is being made" in capsys.readouterr().err


@pytest.mark.parametrize(("missing", "succeeds"), [([], True), (["fr-en/1"], False)], ids=["none missing", "failed"])
def test_the_workers_stay_where_no_twin_was_made(improved, missing, succeeds):
    asked, before, after = improved(missing, succeeds)
    assert asked == missing
    assert before == after


@pytest.mark.skipif(not shutil.which("true"), reason="there is no command `true`")
@pytest.mark.parametrize(("command", "made"), [("true", True), ("false", False)])
def test_the_exit_code_of_the_process_says_whether_they_were_made(monkeypatch, command, made):
    monkeypatch.setattr(sys, "executable", shutil.which(command))
    assert asyncio.run(twins.make(["some/bundle"])) is made


@pytest.fixture
def run_main(monkeypatch, tmp_path):
    """Function of paths that runs the process's `main` in this one, with a fake that makes twins; the paths it made."""
    made = []

    def make_twin(description, bundle):
        if description == "broken":
            raise InputError("its answers differ")
        made.append(description)

    fakes = {"kerasformer.bundle": {"load_bundle": str}, "kerasformer.exporting.twin": {"make_twin": make_twin}}
    for name, values in fakes.items():
        monkeypatch.setitem(sys.modules, name, types.SimpleNamespace(**values))
    monkeypatch.setattr("kerasformer.formats.describe", lambda path, task: path)
    monkeypatch.setattr("kerasformer.inference.twin.find_twin", lambda description: description == "has one")
    monkeypatch.setattr("kerasformer.inference.twin.twin_lock", lambda: tmp_path / "lock")
    monkeypatch.setattr("kerasformer.system.processes.exit_with_parent", lambda parent: None)
    monkeypatch.setattr(os, "nice", lambda more: None, raising=False)
    return lambda *paths: (twins.main(paths), made)


def test_a_twin_is_made_of_each_bundle_that_has_none(run_main):
    assert run_main("a", "has one", "b") == (0, ["a", "b"])


def test_a_twin_that_cannot_be_made_is_one_line(run_main, capfd):
    assert run_main("broken") == (1, [])
    assert capfd.readouterr().err == "kerasformer: there is no faster copy of a model: its answers differ\n"
