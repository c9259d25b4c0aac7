"""A run has its folder to itself, and takes the place of an older one there only then."""

import pytest

from kerasformer.config import TrainingConfig
from kerasformer.config.presets import preset
from kerasformer.errors import InputError
from kerasformer.system.processes import locked
from kerasformer.tokenizer import train_tokenizer
from kerasformer.training import Run, backups


@pytest.fixture(scope="module")
def tokenizer():
    return train_tokenizer(["a cat sees a dog", "the dog sees no cat"], 17)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "backup-000000200.npz").write_bytes(b"of an older run")
    (tmp_path / "run.json").write_text("{}")
    return tmp_path


def run(**data):
    return Run(data, "0" * 64, preset("test"), TrainingConfig())


@pytest.mark.parametrize("resume", [True, False])
def test_backups_are_kept_for_a_run_that_goes_on_only(folder, tokenizer, resume):
    with run(data=["everyday"]).locked_into(folder, tokenizer, resume):
        assert bool(backups(folder)) == resume
        loaded, with_tokenizer = Run.load(folder)
        assert loaded == run(data=["everyday"])
        assert with_tokenizer.model == tokenizer.model


def test_nothing_is_touched_where_another_trains(folder, tokenizer):
    def refused():
        with run().locked_into(folder, tokenizer, resume=False):
            raise AssertionError("it was let in")

    with locked(folder / "lock"), pytest.raises(InputError, match="another process is training into .*: wait for it"):
        refused()
    assert [backup.read_bytes() for backup in backups(folder)] == [b"of an older run"]
    assert (folder / "run.json").read_text() == "{}"


def test_a_kill_before_the_record_is_written_leaves_no_older_one(folder, tokenizer, monkeypatch):
    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("kerasformer.training.run.write_text", killed)
    with pytest.raises(KeyboardInterrupt), run().locked_into(folder, tokenizer, resume=False):
        pass
    with pytest.raises(InputError, match="nothing to resume"):
        Run.load(folder)


def test_held_out_files_may_move_but_the_columns_stay(tmp_path):
    begun = run(data=["a.tsv"], validation=["b.tsv"], columns=["1", "2"])
    moved = str(tmp_path / "b.tsv")
    with pytest.raises(InputError, match="keeps its --validation b.tsv"):
        begun.resumed_with({"validation": [moved]})
    (tmp_path / "b.tsv").touch()
    assert begun.resumed_with({"validation": [moved]}).data == {**begun.data, "validation": [moved]}
    with pytest.raises(InputError, match="keeps its --columns 1 2"):
        begun.resumed_with({"columns": ["2", "1"]})
    with pytest.raises(InputError, match="keeps its --test"):
        begun.resumed_with({"test": ["c.tsv"]})


def test_a_damaged_record_is_said(folder):
    with pytest.raises(InputError, match="run.json is damaged"):
        Run.load(folder)
