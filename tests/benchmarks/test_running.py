"""A benchmark trains what is not there, and takes nothing for its own that was trained otherwise."""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import types

import pytest

from kerasformer.config.presets import choose
from kerasformer.data.corpora import MULTI30K
from kerasformer.errors import InputError

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "benchmarks"))
from running import add_data_dir, family, memory, publish, train

RECIPE = MULTI30K.recipe


@pytest.fixture
def there(tmp_path):
    """The folder of a run that is done, of 3 epochs over the recipe."""
    (tmp_path / "training").mkdir()
    (tmp_path / "training" / "backup-000000009.npz").touch()
    (tmp_path / "bundle").mkdir()
    model, training = choose("transformer", "tiny", {"epochs": 3, "seed": 1, "precision": "bfloat16"}, RECIPE)
    run = {"model": vars(model), "training": vars(training), "data": {"data": ["multi30k"], "target": "fr"}}
    (tmp_path / "training" / "run.json").write_text(json.dumps(run))
    return tmp_path


@pytest.fixture
def begun(monkeypatch):
    """The commands that were begun; none runs."""
    begun = []

    class Done:
        def __init__(self, command):
            begun.append(command)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def wait(self):
            return 0

    monkeypatch.setattr("running.subprocess", types.SimpleNamespace(Popen=Done))
    return begun


def test_what_is_there_is_taken_where_it_was_trained_so(there, begun):
    options = ("--data", "multi30k", "--target", "fr", "--recipe", "multi30k", "--seed", 1, "--epochs", 3)
    train(there, *options, "--no-export")
    assert begun == []
    os.utime(there / "bundle", (0, 0))  # as of a run that went on, and was killed
    train(there, *options)
    assert "--resume" in begun[0]


def test_the_folder_with_the_corpora_is_named_unless_the_environment_does_or_they_are_downloaded(monkeypatch, capsys):
    def parsed(*options, **settings):
        parser = argparse.ArgumentParser()
        add_data_dir(parser, "the corpora", **settings)
        return parser.parse_args(options).data_dir

    monkeypatch.setenv("KERASFORMER_DATA", "there")
    assert parsed() == parsed(is_downloaded=True) == pathlib.Path("there")
    assert parsed("--data-dir", "here") == pathlib.Path("here")
    monkeypatch.delenv("KERASFORMER_DATA")
    assert parsed(is_downloaded=True) is None
    with pytest.raises(SystemExit):
        parsed()
    assert "required: --data-dir" in capsys.readouterr().err


@pytest.mark.skipif(not pathlib.Path("/proc/self/status").exists(), reason="Linux only")
def test_the_memory_of_a_process_grows_by_what_it_holds():
    before = memory("RssAnon")
    held = bytearray(b"x" * 50_000_000)
    assert 40 < memory("RssAnon") - before < 150
    assert memory() > memory("RssAnon") > len(held) / 1e6


@pytest.mark.skipif(not pathlib.Path("/proc/self/task").exists(), reason="Linux only")
def test_a_process_is_found_with_its_children_and_theirs():
    script = "sleep 60 & echo $!; wait"
    with subprocess.Popen(["sh", "-c", f"sh -c '{script}'; true"], stdout=subprocess.PIPE, text=True) as process:
        sleeping = int(process.stdout.readline())
        found = family(process.pid)
        os.kill(sleeping, 9)
    assert found[0] == process.pid
    assert len(found) == 3
    assert found[-1] == sleeping
    assert family(process.pid) == [process.pid]  # it has ended


def test_a_report_is_for_programs_and_for_people(tmp_path, capsys):
    publish(tmp_path / "new", [{"bleu": 1.5}], "| 1.5 |")
    assert json.loads((tmp_path / "new" / "report.json").read_text()) == [{"bleu": 1.5}]
    assert (tmp_path / "new" / "report.md").read_text() == capsys.readouterr().out == "| 1.5 |\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--seed", 1], f"was trained with epochs 3, not {RECIPE['epochs']}: remove it"),
        (["--epochs", 3, "--seed", 2], "was trained with seed 1, not 2"),
        (["--epochs", 3, "--seed", 1, "--dropout", 0.5], "was trained with dropout 0.25, not 0.5"),
        (["--epochs", 3, "--seed", 1, "--no-packed"], "was trained with packed True, not False"),
        (["--epochs", 3, "--seed", 1, "--num-heads", 2], "was trained with num_heads 4, not 2"),
        (["--epochs", 3, "--seed", 1, "--vocab-size", 9000], "was trained with vocab_size 10000, not 9000"),
        (["--epochs", 3, "--seed", 1, "--target", "de"], "was trained with target fr, not de"),
    ],
)
def test_what_was_trained_otherwise_is_refused(there, options, message):
    with pytest.raises(InputError, match=message):
        train(there, "--data", "multi30k", *options)


def test_a_training_that_fails_is_said_and_goes_on_the_next_time(tmp_path):
    with pytest.raises(InputError, match="ended with exit code 2; run the same command again to resume"):
        train(tmp_path, "--recipe", "no such")
