"""`train.py --resume` refuses every option that it would ignore, and says which may change."""

import argparse
import pathlib
import runpy
import types

import pytest

from kerasformer.config import TrainingConfig
from kerasformer.config.presets import preset
from kerasformer.errors import InputError
from kerasformer.tokenizer import train_tokenizer
from kerasformer.training import Run
from kerasformer.training.run import CHANGEABLE

SCRIPT = runpy.run_path(str(pathlib.Path(__file__).parents[1] / "train.py"))
PARSER = SCRIPT["build_parser"]()
OBEYED = {"help", "resume", "out", "no_export", "data_dir", *CHANGEABLE}
KEPT = [action for action in PARSER._actions if action.dest not in OBEYED]


def words(action):
    """An option with a value that the run of the tests does not have."""
    if isinstance(action, argparse.BooleanOptionalAction):
        return [action.option_strings[getattr(TrainingConfig(), action.dest, False)]]
    value = {int: "7", float: "0.123"}.get(action.type, "float32" if action.dest == "precision" else "other")
    return [action.option_strings[0], *[value] * (action.nargs if isinstance(action.nargs, int) else 1)]


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """The folder of a run that has not trained."""
    folder = tmp_path_factory.mktemp("run")
    tokenizer = train_tokenizer(["a cat sees a dog", "the dog sees no cat"], 17)
    Run({"data": ["everyday"], "seed": 0}, "0" * 64, preset("test"), TrainingConfig()).save(
        folder / "training", tokenizer
    )
    return folder


@pytest.fixture
def resume(out, monkeypatch):
    """Read what is needed to resume the run with some options, without its data; gives the `Run`."""
    job = types.SimpleNamespace(sha256="0" * 64, name="everyday", check=lambda training: None)
    monkeypatch.setattr("kerasformer.jobs.open_job", lambda config, data: job)

    def read(*options):
        return SCRIPT["resume"](PARSER.parse_args(["--resume", "--out", str(out), *options]))[2]

    return read


@pytest.mark.parametrize("action", KEPT, ids=lambda action: action.dest)
def test_an_option_that_would_be_ignored_is_refused(action, resume):
    with pytest.raises(InputError) as error:
        resume(*words(action))
    said = str(error.value)
    assert said.startswith(f"a resumed run keeps its --{action.dest.replace('_', '-')}")
    assert "\n" not in said
    for name in (*CHANGEABLE, "data", "data_dir"):
        assert f"--{name.replace('_', '-')}" in said.partition("may change only")[2]


@pytest.mark.parametrize("name", CHANGEABLE)
def test_an_option_that_may_change_changes(name, resume):
    [action] = [action for action in PARSER._actions if action.dest == name]
    option, value = words(action)
    assert getattr(resume(option, value).training, name) == (action.type or str)(value)


def test_options_that_the_run_has_already_may_be_repeated(resume):
    run = resume("--model", "transformer", "--data", "everyday", "--epochs", "30", "--hidden-dim", "16")
    assert (run.training.epochs, run.model) == (30, preset("test"))


def test_the_same_data_may_have_moved(resume):
    assert resume("--data-dir", "elsewhere").data == {"data": ["everyday"], "seed": 0, "data_dir": "elsewhere"}


def test_without_a_folder_the_only_run_goes_on(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"needs the folder of the run: give --out \(in runs: none\)"):
        SCRIPT["find_run"]()
    for name in ("one", "two"):
        (tmp_path / "runs" / name / "training").mkdir(parents=True)
    (tmp_path / "runs" / "one" / "training" / "run.json").touch()
    assert SCRIPT["find_run"]() == pathlib.Path("runs/one")
    (tmp_path / "runs" / "two" / "training" / "run.json").touch()
    with pytest.raises(InputError, match="in runs: runs/one, runs/two"):
        SCRIPT["find_run"]()


def test_the_launcher_takes_the_number_of_workers_from_the_run(out, monkeypatch):
    started = []
    monkeypatch.setitem(SCRIPT["launch_workers"].__globals__, "launch", lambda count, command: started.append(count))
    monkeypatch.setitem(SCRIPT["launch_workers"].__globals__, "configs", None)  # reads no recipe and no data
    record = out / "training" / "run.json"
    text = record.read_text(encoding="utf-8")
    SCRIPT["launch_workers"](PARSER.parse_args(["--resume", "--out", str(out)]))
    assert started == []
    record.write_text(text.replace('"workers": 1', '"workers": 2'), encoding="utf-8")
    with pytest.raises(SystemExit):
        SCRIPT["launch_workers"](PARSER.parse_args(["--resume", "--out", str(out)]))
    record.write_text(text, encoding="utf-8")
    assert started == [2]
