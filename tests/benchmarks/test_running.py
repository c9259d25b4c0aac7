"""A benchmark trains what is not there, and takes nothing for its own that was trained otherwise."""

import json
import pathlib
import sys

import pytest

from kerasformer.errors import InputError
from kerasformer.presets import RECIPES

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "benchmarks"))
from running import publish, train

RECIPE = RECIPES["multi30k"]


@pytest.fixture
def there(tmp_path):
    """The folder of a run that is done, of 3 epochs over the recipe."""
    (tmp_path / "bundle").mkdir()
    (tmp_path / "training").mkdir()
    run = {"model": {"vocab_size": RECIPE["vocab_size"]}, "training": {**RECIPE, "epochs": 3, "seed": 1}}
    (tmp_path / "training" / "run.json").write_text(json.dumps(run))
    return tmp_path


def test_what_is_there_is_taken_where_it_was_trained_so(there, monkeypatch):
    begun = []
    monkeypatch.setattr("subprocess.Popen", lambda *command: begun.append(command))
    train(there, "--data", "multi30k", "--recipe", "multi30k", "--seed", 1, "--epochs", 3, "--no-export")
    assert begun == []


def test_a_report_is_for_programs_and_for_people(tmp_path, capsys):
    publish(tmp_path / "new", [{"bleu": 1.5}], "| 1.5 |")
    assert json.loads((tmp_path / "new" / "report.json").read_text()) == [{"bleu": 1.5}]
    assert (tmp_path / "new" / "report.md").read_text() == capsys.readouterr().out == "| 1.5 |\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--recipe", "multi30k", "--seed", 1], f"was trained with epochs 3, not {RECIPE['epochs']}: remove it"),
        (["--recipe", "multi30k", "--epochs", 3, "--seed", 2], "was trained with seed 1, not 2"),
        (["--epochs", 3, "--dropout", 0.5], "was trained with dropout 0.25, not 0.5"),
    ],
)
def test_what_was_trained_otherwise_is_refused(there, options, message):
    with pytest.raises(InputError, match=message):
        train(there, *options)


def test_a_training_that_fails_is_said_and_goes_on_the_next_time(tmp_path):
    with pytest.raises(InputError, match="ended with exit code 2; the same command goes on with it"):
        train(tmp_path, "--recipe", "no such")
