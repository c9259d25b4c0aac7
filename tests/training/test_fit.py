"""A run learns, stops in good order, and goes on as if it had never stopped."""

import dataclasses
import errno
import functools
import json
import os
import shutil
import signal
import time

import keras
import numpy as np
import pytest

from kerasformer.config import TrainingConfig
from kerasformer.config.presets import preset
from kerasformer.data.batches import Batches
from kerasformer.data.sentences import Sentences
from kerasformer.errors import InputError
from kerasformer.models import build_model
from kerasformer.system import files as system_files
from kerasformer.tokenizer import BOS_ID, EOS_ID
from kerasformer.training import Interrupted, Run, Trainer
from kerasformer.training.backup import backups, restore, restore_newest, save, write_backup
from kerasformer.training.progress import OrderlyStop

CONFIG = TrainingConfig(
    epochs=3, batch_tokens=64, num_shapes=1, learning_rate=1e-2, warmup_steps=4, average_last=2, seed=7
)


def pairs(count, seed=0):
    """Sources of five digits, and as targets the same digits."""
    rows = np.random.default_rng(seed).integers(4, 14, (count, 5)).tolist()
    return rows, rows


def make_batches(config=CONFIG):
    sizes = {"batch_tokens": config.batch_tokens, "num_shapes": 1, "max_length": 16}
    return Batches(*pairs(60), seed=config.seed, **sizes), Batches(*pairs(20, seed=1), **sizes)


def build():
    keras.utils.set_random_seed(CONFIG.seed)
    return build_model(preset("test", vocab_size=14, dropout=0.2)).training


@functools.cache
def compiled():
    """A trainer, its steps, and all variables as they are at the beginning: compiling takes longer than these runs."""
    trainer = Trainer(build(), CONFIG, "nowhere", 1)
    return trainer, trainer.make_steps(Batches.signature), values_of(trainer._variables())


def make_trainer(folder, config=CONFIG, **options):
    """A trainer at the beginning of a run; all of them share one model and its compiled steps."""
    first, steps, beginning = compiled()
    trainer = Trainer(first.model, config, folder, len(make_batches(config)[0]), **options)
    trainer.optimizer, trainer.make_steps = first.optimizer, lambda signature: steps
    for variable, value in zip(trainer._variables(), beginning, strict=True):
        variable.assign(value)
    return trainer


def values_of(variables):
    return [keras.ops.convert_to_numpy(variable) for variable in variables]


def weights_of(trainer):
    return values_of(trainer.model.weights)


def curve_of(trainer):
    """What a run wrote down of its epochs, but for how long it took."""
    return [{name: value for name, value in row.items() if "seconds" not in name} for row in trainer.history]


def all_equal(first, second):
    return all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


class Interrupting:
    """Batches that send a signal while the batch of a given epoch is being made."""

    def __init__(self, batches, epoch, batch):
        self.batches, self.when = batches, (epoch, batch)
        self.num_tokens, self.signature = batches.num_tokens, batches.signature

    def __len__(self):
        return len(self.batches)

    def epoch(self, number, start=0, shuffle=True):
        for i, batch in enumerate(self.batches.epoch(number, start, shuffle), start):
            if (number, i) == self.when:
                os.kill(os.getpid(), signal.SIGINT)
            yield batch


@pytest.fixture(scope="module", autouse=True)
def a_backup_whenever_one_is_due(without_xla):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kerasformer.training.fit.SHARE", float("inf"))
        yield


class Finished:
    """A run that nobody disturbed: its trainer, weights and step at the end, before other runs use the model."""

    def __init__(self, trainer, weights, step):
        self.weights, self.step, self.curve = weights, step, curve_of(trainer)
        self.folder, self.history, self.tensorboard = trainer.folder, trainer.history, trainer.tensorboard


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    trainer = make_trainer(folder, tensorboard=folder / "tensorboard")
    trainer.fit(*make_batches())
    return Finished(trainer, weights_of(trainer), trainer._step())


def test_the_history_tells_of_every_epoch(finished):
    assert [row["epoch"] for row in finished.history] == [1, 2, 3]
    assert finished.history[-1]["val_loss"] < finished.history[0]["val_loss"]
    assert json.loads((finished.folder / "history.json").read_text()) == finished.history
    for row in finished.history:
        assert {"loss", "accuracy", "perplexity", "val_loss", "val_accuracy", "val_perplexity"} <= set(row)
        assert 0 < row["learning_rate"] <= CONFIG.learning_rate


def test_tensorboard_gets_the_figures(finished):
    assert sum(file.stat().st_size for file in finished.tensorboard.iterdir()) > 100


def test_the_result_is_the_mean_of_the_last_epochs(finished):
    files = sorted(finished.folder.glob("epoch-*.npz"))
    assert [file.stem for file in files] == ["epoch-00002", "epoch-00003"]
    trainer, kept = make_trainer(finished.folder), []
    for file in files:
        restore(file, trainer.model.weights)
        kept.append(weights_of(trainer))
    for mean, first, second in zip(finished.weights, *kept, strict=True):
        np.testing.assert_allclose(mean, (first.astype("float64") + second) / 2, atol=1e-7)


def test_a_backup_is_written_when_it_is_due_and_at_the_end(finished):
    assert CONFIG.backup_steps > finished.step
    assert [file.name for file in backups(finished.folder)] == [f"backup-{finished.step:09d}.npz"]


def test_the_same_seed_gives_the_same_weights(finished, tmp_path):
    again = make_trainer(tmp_path)
    again.fit(*make_batches())
    assert all_equal(weights_of(again), finished.weights)
    assert all_equal(weights_of(make_trainer(tmp_path)), values_of(build().weights))


def test_ctrl_c_saves_and_resume_ends_with_the_same_weights(finished, tmp_path, capsys):
    trainer = make_trainer(tmp_path)
    batches, validation = make_batches()
    with pytest.raises(Interrupted):
        trainer.fit(Interrupting(batches, epoch=1, batch=3), validation)
    step = trainer._step()
    assert 0 < step < CONFIG.epochs * len(batches)
    (tmp_path / "epoch-00009.npz").write_bytes(b"of a run that went on after the backup and was killed")
    (tmp_path / ".backup-000000007.npz.x1y2").mkdir()  # and left by one that was killed while it wrote
    (tmp_path / "backup-000000099.npz").write_bytes(b"and one that the disk has damaged")
    resumed = make_trainer(tmp_path)
    resumed.fit(batches, validation, resume=True)
    assert f"continuing from backup-{step:09d}.npz" in capsys.readouterr().err
    assert not [*tmp_path.glob(".*"), *tmp_path.glob("*99.npz")]
    assert all_equal(weights_of(resumed), finished.weights)
    assert curve_of(resumed) == finished.curve


def test_a_finished_run_that_is_resumed_ends_with_the_same_weights(finished, tmp_path):
    shutil.copytree(finished.folder, tmp_path, dirs_exist_ok=True)
    resumed = make_trainer(tmp_path)
    resumed.fit(*make_batches(), resume=True)
    assert all_equal(weights_of(resumed), finished.weights)
    (tmp_path / "epoch-00002.npz").write_bytes(b"")
    with pytest.raises(InputError, match="the run had [0-9]+ batches per epoch, now there are 1: start a new run"):
        Trainer(resumed.model, CONFIG, tmp_path, 1).fit(*make_batches(), resume=True)
    with pytest.raises(
        InputError, match="epoch-00002.npz is damaged.*remove it, and --resume averages the other epochs"
    ):
        make_trainer(tmp_path).fit(*make_batches(), resume=True)


def test_tokens_drawn_anew_each_epoch_go_on_as_if_never_stopped(tmp_path):
    def of_epoch(number):
        rows = pairs(60, seed=number)[0]
        return Sentences.of(rows, after=[EOS_ID]), Sentences.of(rows, before=[BOS_ID], after=[EOS_ID])

    def redrawn():
        sizes = {"batch_tokens": 64, "num_shapes": 1, "max_length": 16}
        return Batches(*of_epoch(0), seed=7, redraw=of_epoch, **sizes)

    validation = make_batches()[1]
    whole = make_trainer(tmp_path / "whole")
    whole.fit(redrawn(), validation)
    expected = weights_of(whole)
    with pytest.raises(Interrupted):
        make_trainer(tmp_path / "stopped").fit(Interrupting(redrawn(), 1, 2), validation)
    resumed = make_trainer(tmp_path / "stopped")
    resumed.fit(redrawn(), validation, resume=True)
    assert curve_of(resumed) == curve_of(whole)
    assert all_equal(weights_of(resumed), expected)


def test_a_full_disk_leaves_the_last_backup_and_a_way_to_go_on(finished, tmp_path, monkeypatch):
    batches, validation = make_batches()
    whole = system_files.write_bytes

    def write(path, data):
        if "backup-000000008" in str(path):
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        whole(path, data)

    config = dataclasses.replace(CONFIG, backup_steps=4)
    monkeypatch.setattr("kerasformer.training.backup.write_bytes", write)
    with pytest.raises(
        InputError, match="No space left on device.*fix that, and --resume continues from backup-000000004.npz"
    ):
        make_trainer(tmp_path, config).fit(batches, validation)
    monkeypatch.undo()
    resumed = make_trainer(tmp_path, config)
    resumed.fit(batches, validation, resume=True)
    assert all_equal(weights_of(resumed), finished.weights)


def test_what_tensorboard_cannot_write_is_said(tmp_path, monkeypatch):
    def fail(*arguments, **options):
        raise RuntimeError("no room")  # TensorFlow's errors are not OSErrors either

    monkeypatch.setattr("tensorboard.summary.Writer.add_scalar", fail)
    with pytest.raises(InputError, match="TensorBoard's files in .* cannot be written: no room: fix that"):
        make_trainer(tmp_path, tensorboard=tmp_path / "tensorboard").fit(*make_batches())


@pytest.mark.parametrize(("share", "fewest", "most"), [(float("inf"), 4, 99), (1e-9, 2, 2)], ids=["all", "least"])
def test_backups_take_no_more_than_their_share_of_the_time(share, fewest, most, tmp_path, monkeypatch):
    written = []
    monkeypatch.setattr("kerasformer.training.fit.SHARE", share)
    monkeypatch.setattr("kerasformer.training.fit.write_backup", lambda *arguments: written.append(arguments[1]))
    trainer = make_trainer(tmp_path, dataclasses.replace(CONFIG, backup_steps=1, epochs=1))
    trainer.fit(*make_batches())
    assert fewest <= len(written) <= most
    assert (written[0], written[-1]) == (1, trainer._step())


def test_a_second_ctrl_c_stops_at_once():
    before = signal.getsignal(signal.SIGINT)  # a job in the background may ignore it
    with OrderlyStop(lambda: 1.0) as stop:
        os.kill(os.getpid(), signal.SIGINT)
        assert stop.reason == "signal"
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_time_that_is_up_ends_the_run_in_good_order(tmp_path):
    trainer = make_trainer(tmp_path, dataclasses.replace(CONFIG, minutes=1e-4))
    history = trainer.fit(*make_batches())
    assert len(history) == 1
    assert "val_loss" in history[0]
    expected = weights_of(trainer)
    resumed = make_trainer(tmp_path, trainer.config)  # as after a run killed while it exported
    assert resumed.fit(*make_batches(), resume=True) == history
    assert all_equal(weights_of(resumed), expected)


def test_time_that_is_up_while_it_validates_costs_no_further_step(tmp_path, monkeypatch):
    trainer = make_trainer(tmp_path, dataclasses.replace(CONFIG, minutes=9.0))
    validate = trainer._validate

    def take_long(validation):
        now = time.monotonic()
        monkeypatch.setattr("kerasformer.training.fit.time.monotonic", lambda: now + 600.0)
        return validate(validation)

    monkeypatch.setattr(trainer, "_validate", take_long)
    history = trainer.fit(*make_batches())
    assert [row["step"] for row in history] == [trainer.steps_per_epoch]


def test_more_time_goes_on_within_the_epoch_and_tells_of_it_once(finished, tmp_path):
    trainer = make_trainer(tmp_path, dataclasses.replace(CONFIG, minutes=1e-4))
    assert [row["step"] for row in trainer.fit(*make_batches())] == [1]
    resumed = make_trainer(tmp_path)
    history = resumed.fit(*make_batches(), resume=True)
    assert [row["step"] for row in history] == [row["step"] for row in finished.history]
    assert all_equal(weights_of(resumed), finished.weights)


def test_where_patience_runs_out_the_average_ends_with_the_best_epoch(tmp_path, monkeypatch):
    config = dataclasses.replace(CONFIG, epochs=50, patience=3)
    trainer = make_trainer(tmp_path, config)
    worse, after = iter([5.0, 3.0, 4.0, 2.0, 3.0, 3.0, float("nan"), 1.0]), []

    def validate(validation):
        after.append(weights_of(trainer))
        return {"loss": next(worse)}

    monkeypatch.setattr(trainer, "_validate", validate)
    history = trainer.fit(*make_batches())
    assert [row["val_loss"] for row in history] == [5.0, 3.0, 4.0, 2.0, 3.0, 3.0, None]
    assert trainer.outcome == history[3]
    for mean, first, second in zip(weights_of(trainer), *after[2:4], strict=True):
        np.testing.assert_allclose(mean, (first.astype("float64") + second) / 2, atol=1e-7)
    assert trainer.epoch_weights.files()[0].stem == "epoch-00003"  # those before are not needed any more

    for name in ("epoch-00003.npz", "epoch-00004.npz"):  # as where patience was given only now
        (tmp_path / name).unlink()
    resumed = make_trainer(tmp_path, config)
    resumed.fit(*make_batches(), resume=True)
    for mean, first, second in zip(weights_of(resumed), *after[5:7], strict=True):
        np.testing.assert_allclose(mean, (first.astype("float64") + second) / 2, atol=1e-7)


def test_a_loss_that_is_not_finite_is_not_an_improvement(tmp_path):
    trainer = make_trainer(tmp_path, dataclasses.replace(CONFIG, patience=2))
    trainer.history = [{"val_loss": 5.0}, {"val_loss": None}]
    assert not trainer._is_out_of_patience()
    trainer.history.append({"val_loss": None})
    assert trainer._is_out_of_patience()


def test_steps_that_are_not_finite_end_the_run_and_the_last_good_state_is_kept(tmp_path):
    trainer = make_trainer(tmp_path)
    batches, validation = make_batches()
    with pytest.raises(Interrupted):
        trainer.fit(Interrupting(batches, epoch=0, batch=2), validation)
    norm = next(weight for weight in trainer.model.weights if weight.path.endswith("decoder_norm/gamma"))
    norm.assign(norm * np.nan)
    save(backups(tmp_path)[0], trainer._variables(), {"history": [], "seconds": 0.0, "sums": [0.0]})
    before = {path: path.read_bytes() for path in backups(tmp_path)}
    last = trainer._step() + 3
    with pytest.raises(
        InputError, match=f"the last 3 steps before step {last} had no finite gradient.*--learning-rate"
    ):
        make_trainer(tmp_path).fit(batches, validation, resume=True)
    assert before == {path: path.read_bytes() for path in backups(tmp_path)}


def test_nothing_to_resume_is_said(tmp_path):
    with pytest.raises(InputError, match="nothing to resume"):
        Run.load(tmp_path)


def test_a_damaged_backup_is_said(tmp_path):
    variable = keras.Variable(np.arange(3.0))
    save(tmp_path / "b.npz", [variable], {"step": 3})
    variable.assign(np.zeros(3))
    assert restore(tmp_path / "b.npz", [variable]) == {"step": 3}
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(variable), [0, 1, 2])
    with pytest.raises(InputError, match="other sizes"):
        restore(tmp_path / "b.npz", [keras.Variable(np.zeros(4))])
    data = (tmp_path / "b.npz").read_bytes()
    (tmp_path / "b.npz").write_bytes(data[: len(data) // 2])
    with pytest.raises(InputError, match="damaged"):
        restore(tmp_path / "b.npz", [variable])


@pytest.mark.parametrize(
    "place",
    [lambda data: len(data) // 2, lambda data: data.index(b"PK\1\2") + 8, lambda data: data.index(b"PK\1\2") + 10],
    ids=["payload", "flags", "method"],
)
def test_the_newest_two_backups_are_kept_and_a_damaged_one_gives_way_to_the_older(place, tmp_path):
    variable, said = keras.Variable(np.zeros(3)), []
    for step in (3, 6, 9):
        variable.assign(np.full(3, float(step)))
        write_backup(tmp_path, step, [variable], {"step": step})
    newest, older = backups(tmp_path)
    assert [newest.name, older.name] == ["backup-000000009.npz", "backup-000000006.npz"]
    assert restore_newest(tmp_path, [variable], said.append) == {"step": 9}
    data = bytearray(newest.read_bytes())
    data[place(data)] ^= 1
    newest.write_bytes(data)
    assert restore_newest(tmp_path, [variable], said.append) == {"step": 6}
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(variable), [6, 6, 6])
    assert said[0] == "continuing from backup-000000009.npz"
    assert "backup-000000009.npz is damaged" in said[1]
    assert said[1].endswith("trying the older backup-000000006.npz")
    assert said[2:] == ["continuing from backup-000000006.npz"]
    older.write_bytes(b"")
    with pytest.raises(
        InputError, match="backup-000000006.npz is damaged.*remove it, and --resume starts from the beginning"
    ):
        restore_newest(tmp_path, [variable], said.append)
