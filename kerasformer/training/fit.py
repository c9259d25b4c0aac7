"""The training loop: epochs, validation, early stop, backups, and the average of the last epochs' weights."""

import concurrent.futures
import functools
import itertools
import json
import pathlib
import sys
import time

import keras
import numpy as np
import tensorboard.summary

from kerasformer.errors import InputError
from kerasformer.system.files import clear, write_text
from kerasformer.training.average import EpochWeights
from kerasformer.training.backup import backup_name, backups, restore_newest, write_backup
from kerasformer.training.loss import SmoothedCrossEntropy
from kerasformer.training.optimizer import LIMIT, SteadyAdam
from kerasformer.training.precision import clusters
from kerasformer.training.progress import OrderlyStop, ProgressBar
from kerasformer.training.schedule import InverseSquareRoot
from kerasformer.training.step import make_steps
from kerasformer.training.workers import Alone

SHARE = 0.02  # of the time may go into backups: where steps are quick, backups are written less often


class Interrupted(Exception):
    """A signal stopped training; all that was learned is in the backup."""


class Trainer:
    """Trains a model on batches, and can continue a run that was stopped.

    Args:
        model: a `keras.Model` from the inputs of a batch to the outputs that `loss` takes.
        config: `TrainingConfig`.
        folder: where backups, one file per epoch for the average, and `history.json` are written.
        steps_per_epoch: int, batches of an epoch.
        tensorboard: folder for TensorBoard, or None.
        loss: see `training.loss`; None for the smoothed cross-entropy of tokens.
        workers: the `Workers` that train it together, in whose scope the model was built; None for this process alone.
    """

    def __init__(self, model, config, folder, steps_per_epoch, tensorboard=None, loss=None, workers=None):
        self.model = model
        self.config = config
        self.folder = pathlib.Path(folder)
        self.tensorboard = pathlib.Path(tensorboard) if tensorboard else None
        self.epoch_weights = EpochWeights(folder, model.weights)
        self.history = []
        self.seconds = self.backup_seconds = 0.0
        self._backed_up = 0, float("-inf"), 0.0  # the step, when, and how many seconds it took
        self._sums = [0.0]  # of the epoch so far: of the loss of every label, and those of `loss`
        self.steps_per_epoch = steps_per_epoch
        total = config.epochs * steps_per_epoch
        rate = InverseSquareRoot(config.learning_rate, config.warmup_steps, total, config.cooldown)
        computed = "float32" if model.compute_dtype == "float32" else "bfloat16"
        if config.precision not in ("auto", computed):
            raise ValueError(f"build the model within computing_in({config.precision!r}); it computes in {computed}")
        self.workers = workers or Alone()
        self.loss = loss or SmoothedCrossEntropy(config.label_smoothing)
        adam = {"beta_1": 0.9, "beta_2": 0.98, "epsilon": 1e-9, "num_workers": self.workers.count}
        with self.workers.scope():
            self.optimizer = SteadyAdam(rate, config.clip_norm, **adam)
            self.optimizer.build(model.trainable_variables)

    def fit(self, batches, validation, *, resume=False):
        """Train until the epochs, the minutes or the patience are used up; leave the averaged weights in the model.

        The average is over the weights after each of the last epochs; after an early stop, of those up to the best.

        Args:
            batches: `Batches` to train on.
            validation: `Batches` to validate on after each epoch.
            resume: bool, whether to continue from the newest backup in the folder, if there is one.

        Returns:
            list of dicts, one per epoch: losses, accuracies, perplexities, learning rate, seconds since the start, and
            how many of them went into backups.

        Raises:
            Interrupted: after Ctrl-C, when the backup is written.
            InputError: if no backup can be read, too many steps in a row are not finite, or a file cannot be written
                or read, for instance because the disk is full.
        """
        self.steps = self.make_steps(batches.signature)
        if resume and backups(self.folder):
            self._restore()
        else:
            self._start_over()
        earlier, began = self.seconds, time.monotonic()
        limit = self.config.minutes * 60 or float("inf")

        def seconds_left():
            self.seconds = earlier + time.monotonic() - began
            return limit - self.seconds

        total, step = self.config.epochs * len(batches), self._step()
        tokens_per_step = batches.num_tokens / len(batches)
        with (
            OrderlyStop(seconds_left, is_alone=self.workers.count == 1) as stop,
            ProgressBar(total, tokens_per_step, seconds_left, step) as bar,
            clusters(self.model, self.config.compiled),
        ):
            try:
                while self._step() < total and not (self._is_out_of_patience() or stop.reason):
                    if self.history and self.history[-1]["step"] == self._step() and seconds_left() <= 0:
                        stop.reason = "time"  # reached during validation, or before the last stop
                    else:
                        self._train_until_backup(batches, validation, bar, stop)
                if self._backed_up[0] != self._step():
                    self._back_up()
            except OSError as error:
                kept = backups(self.folder)
                advice = f"fix that, and --resume continues from {kept[0].name}" if kept else "fix that and start again"
                raise InputError(f"{error}: {advice}") from error
        if stop.reason == "signal":
            raise Interrupted
        if self.workers.index == 0:  # the others have no files
            self.epoch_weights.average(self.outcome["epoch"], self.config.average_last)
        return self.history

    def make_steps(self, signature):
        """The `Steps` of the model on batches of a signature, a pair of nests of `Spec`s."""
        return make_steps(self.model, self.optimizer, self.loss, self.workers, signature, self.config.compiled)

    def _train_until_backup(self, batches, validation, bar, stop):
        """Train until the next backup is due, the epoch ends or training is to stop; do what is due then."""
        number, done = divmod(self._step(), len(batches))
        due = self.config.backup_steps - self._step() % self.config.backup_steps
        # On JAX the steps hold the optimizer's state until the epoch ends.
        found, sees_stuck = [], keras.backend.backend() != "jax"
        for batch in _prefetch(itertools.islice(batches.epoch(number, done), min(due, len(batches) - done))):
            found.append(self.steps.train(*keras.tree.map_structure(self.workers.share, batch)))
            bar.advance(number + 1, found[-1][0])
            if stop.is_due() or sees_stuck and self.optimizer.is_stuck:
                break
        self.steps.sync()
        if self.optimizer.is_stuck:
            raise InputError(
                f"the last {LIMIT} steps before step {self._step()} had no finite gradient and were not kept: continue "
                "with --resume and a lower --learning-rate"
            )
        self._sums = _add_sums(found, self._sums)
        if self._step() % len(batches) == 0 or stop.reason == "time":
            self._end_epoch(number + 1, validation, bar)
        if self._step() % self.config.backup_steps == 0:
            _, when, took = self._backed_up
            if self.workers.broadcast(time.monotonic() - when >= took / SHARE):  # clocks of workers differ
                self._back_up()

    def _back_up(self):
        names = "history", "seconds", "backup_seconds", "steps_per_epoch"
        progress = {"sums": self._sums, **{name: getattr(self, name) for name in names}}
        began = time.monotonic()
        write_backup(self.folder, self._step(), self._variables(), progress, self.workers.index == 0)
        now = time.monotonic()
        self.backup_seconds += now - began
        self._backed_up = self._step(), now, now - began

    def _end_epoch(self, number, validation, bar):
        """Validate, and write down the figures of the epoch."""
        checks = self._validate(validation)
        logs = self._metrics(self._sums)
        if self._step() % self.steps_per_epoch == 0:
            self._sums = [0.0]
        began = time.monotonic()
        if self.workers.index == 0:
            self.epoch_weights.save(number)
        self.backup_seconds += time.monotonic() - began
        logs.update({f"val_{name}": value for name, value in checks.items()})
        row = {"epoch": number, "step": self._step(), **logs, "seconds": round(self.seconds, 1)}
        row["backup_seconds"] = round(self.backup_seconds, 2)
        row["learning_rate"] = float(keras.ops.convert_to_numpy(self.optimizer.learning_rate))
        skipped = int(keras.ops.convert_to_numpy(self.optimizer.skipped))
        if self.history and self.history[-1]["epoch"] == number:  # written when the time limit cut the epoch
            del self.history[-1]
        self.history.append({name: value if np.isfinite(value) else None for name, value in row.items()})
        if self.workers.index == 0:
            # No average needs those before; with patience it may end with the best epoch so far.
            last = self.history[self._best() if self.config.patience else -1]["epoch"]
            self.epoch_weights.remove(last=last - self.config.average_last)
            write_text(self.folder / "history.json", json.dumps(self.history, indent=1))
            _write_scalars(self.tensorboard, row)
        figures = ", ".join(_shown(name, value) for name, value in checks.items())
        warning = f"  ({skipped} steps so far gave no finite gradient and were skipped)" if skipped else ""
        bar.say(f"epoch {number:>3}  {_shown('loss', row['loss'])}  validation: {figures}{warning}")

    def _validate(self, validation):
        """The figures of all batches to validate on: dict."""
        return self._metrics(_add_sums([self.steps.check(*batch) for batch in validation.epoch(0, shuffle=False)]))

    def _metrics(self, sums):
        return {"loss": sums[0] / sums[-1], **self.loss.metrics(*sums[1:])}

    def _step(self):
        return int(keras.ops.convert_to_numpy(self.optimizer.iterations))

    def _variables(self):
        return [*self.model.variables, *self.optimizer.variables]  # the states of the dropout seeds among them

    def _best(self):
        """The index in the history of the epoch with the lowest validation loss."""
        return int(np.argmin([np.inf if row["val_loss"] is None else row["val_loss"] for row in self.history]))

    def _is_out_of_patience(self):
        patience = self.config.patience
        return bool(patience and self.history) and len(self.history) - 1 - self._best() >= patience

    @property
    def outcome(self):
        """The row of the history for the last epoch in the average: after an early stop that of the best epoch."""
        return self.history[self._best() if self._is_out_of_patience() else -1]

    def _restore(self):
        progress = restore_newest(self.folder, self._variables(), functools.partial(print, file=sys.stderr))
        steps = progress.get("steps_per_epoch", self.steps_per_epoch)
        if steps != self.steps_per_epoch:  # another version of a library splits the text into other tokens
            raise InputError(
                f"the run had {steps} batches per epoch, now there are {self.steps_per_epoch}: start a new run"
            )
        self._sums = progress["sums"]
        self._backed_up = self._step(), float("-inf"), 0.0
        self.history = progress["history"]
        self.seconds, self.backup_seconds = progress["seconds"], progress.get("backup_seconds", 0.0)
        if self.workers.index == 0:
            next_epoch = self.history[-1]["epoch"] + 1 if self.history else 1
            self.epoch_weights.remove(first=next_epoch)  # it will be trained again
            for backup in backups(self.folder):
                if backup.name > backup_name(self._step()):  # damaged, but it would count as one of the newest
                    backup.unlink()
            clear(self.folder)

    def _start_over(self):
        events = self.tensorboard.glob("events.*") if self.tensorboard else ()
        self.epoch_weights.remove()
        for old in [*backups(self.folder), self.folder / "history.json", *events]:
            old.unlink(missing_ok=True)
        if self.workers.index == 0:
            clear(self.folder)


def _prefetch(batches):
    """Yield the same batches; each is made while the one before it is trained on."""
    with concurrent.futures.ThreadPoolExecutor(1) as executor:
        future = executor.submit(next, batches, None)
        while (batch := future.result()) is not None:
            future = executor.submit(next, batches, None)
            yield batch


def _add_sums(found, sums=(0.0,)):
    """Add the sums of some steps to earlier sums: list of float, first the sum of the loss over all that counts.

    Args:
        found: list of (loss, sums), as steps return them; the last of the sums counts what the loss is the mean of.
        sums: the earlier sums.
    """
    for loss, added in found:
        added = keras.ops.convert_to_numpy(added).astype("float64")
        new = [float(keras.ops.convert_to_numpy(loss)) * added[-1], *added]
        sums = [float(a + b) for a, b in itertools.zip_longest(sums, new, fillvalue=0.0)]
    return list(sums)


def _write_scalars(folder, row):
    """Append the figures of an epoch for TensorBoard."""
    if folder is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    try:
        writer = tensorboard.summary.Writer(str(folder))
        for name, value in row.items():
            writer.add_scalar(name, value, step=row["epoch"])
        writer.close()
    except Exception as error:  # where TensorFlow is installed it writes the files, with errors of its own
        raise OSError(f"TensorBoard's files in {folder} cannot be written: {error}") from error


def _shown(name, value):
    if name == "accuracy":
        return f"accuracy {100 * value:.1f} %"
    return f"{name} {value:.3g}" if abs(value) < 0.1 else f"{name} {value:.3f}"
