"""The fit itself: epochs, validation, early stop, backups, checkpoints and their average."""

import contextlib
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
from kerasformer.training.backup import DamagedBackup, backup_name, backups, restore, restore_newest, save, write_backup
from kerasformer.training.callbacks import OrderlyStop, ProgressBar
from kerasformer.training.loss import Perplexity, SmoothedCrossEntropy, TokenAccuracy
from kerasformer.training.optimizer import LIMIT, SteadyAdam
from kerasformer.training.precision import clusters, is_compiled_whole
from kerasformer.training.schedule import InverseSquareRoot
from kerasformer.training.workers import Alone

SHARE = 0.02  # of the time that backups may take: where steps are quick they are written less often


class Interrupted(Exception):
    """Training was stopped by a signal; what it had learned is in the backup."""


class Trainer:
    """Trains a model on batches, and can go on where it was stopped.

    Args:
        model: a `keras.Model` from what batches hold to what `loss` takes.
        config: `TrainingConfig`.
        folder: where backups, one file an epoch for the average, and `history.json` are kept.
        steps_per_epoch: int, batches of an epoch.
        tensorboard: folder for TensorBoard, or None.
        loss: a `keras.losses.Loss`; None for the smoothed cross-entropy of tokens.
        metrics: list of `keras.metrics.Metric`; None for accuracy and perplexity of tokens.
        workers: those that train it together, `Workers` in whose scope the model was built; None for this process
            alone.
    """

    def __init__(
        self, model, config, folder, steps_per_epoch, tensorboard=None, loss=None, metrics=None, workers=None
    ):  # fmt: skip
        self.model = model
        self.config = config
        self.folder = pathlib.Path(folder)
        self.tensorboard = pathlib.Path(tensorboard) if tensorboard else None
        self.history = []
        self.seconds = self.backup_seconds = 0.0
        self._backed_up = 0, float("-inf"), 0.0  # the step, when, and how many seconds it took
        self.steps_per_epoch = steps_per_epoch
        total = config.epochs * steps_per_epoch
        rate = InverseSquareRoot(config.learning_rate, config.warmup_steps, total, config.cooldown)
        computed = "float32" if model.compute_dtype == "float32" else "bfloat16"
        if config.precision not in ("auto", computed):
            raise ValueError(f"build the model within computing_in({config.precision!r}); it computes in {computed}")
        self.workers = workers or Alone()
        loss = loss or SmoothedCrossEntropy(config.label_smoothing)
        loss.total = self.workers.total
        with self.workers.scope():
            optimizer = SteadyAdam(rate, config.clip_norm, beta_1=0.9, beta_2=0.98, epsilon=1e-9)
            optimizer.workers = self.workers
            metrics = metrics or [TokenAccuracy(name="accuracy"), Perplexity(name="perplexity")]
            can_compile = keras.backend.backend() != "torch" and self.workers.count == 1 and is_compiled_whole(model)
            model.compile(optimizer=optimizer, loss=loss, metrics=metrics, jit_compile=can_compile)
            optimizer.build(model.trainable_variables)
        self.workers.mend(model)
        of_loss = model.metrics[0]
        self._metrics_variables = [variable for metric in (of_loss, *metrics) for variable in metric.variables]

    def fit(self, batches, validation, *, resume=False):
        """Train until the epochs, the minutes or the patience are used up; leave the average in the model.

        It is that of the weights after each of the last epochs; where patience ran out, of those up to the best one.

        Args:
            batches: `Batches` to train on.
            validation: `Batches` to validate on after each epoch.
            resume: bool, go on from the newest backup in the folder; from the beginning where there is none yet.

        Returns:
            list of dicts, one an epoch: losses, accuracies, perplexities, learning rate, and the seconds since the
            start, with those of them that writing backups took.

        Raises:
            Interrupted: after Ctrl-C, when the backup is written.
            InputError: if no backup can be read, too many steps in a row are no number, or a file cannot be written
                or read, as when the disk is full.
        """
        if resume and backups(self.folder):
            self._restore()
        else:
            self._forget()
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
            clusters(self.model),
        ):
            try:
                while self._step() < total and not (self._is_out_of_patience() or stop.reason):
                    if self.history and self.history[-1]["step"] == self._step() and seconds_left() <= 0:
                        stop.reason = "time"  # after validation, or as it was stopped the last time
                    else:
                        self._stretch(batches, validation, bar, stop)
                if self._backed_up[0] != self._step():
                    self._back_up()
            except OSError as error:
                kept = backups(self.folder)
                way_on = f"mend that and go on with --resume from {kept[0].name}" if kept else "mend that"
                raise InputError(f"{error}: {way_on}") from error
        if stop.reason == "signal":
            raise Interrupted
        if self.workers.index == 0:  # whose files they are
            self._average()
        return self.history

    def _stretch(self, batches, validation, bar, stop):
        """Train until the next backup is due, or the epoch ends, or somebody stops it; do what is due then."""
        number, done = divmod(self._step(), len(batches))
        due = self.config.backup_steps - self._step() % self.config.backup_steps
        if not done:
            self.model.reset_metrics()
        bar.epoch = number + 1
        end = min(done + due, len(batches))
        with _metrics_kept(self.model):
            result = self.model.fit(
                self._feed(batches, number, done, end),
                steps_per_epoch=end - done,
                shuffle=False,  # Batches has done it
                callbacks=[bar, stop],
                verbose=0,
            )
        if self.model.optimizer.is_stuck:
            raise InputError(
                f"{LIMIT} steps in a row before step {self._step()} gave no number: nothing of them is kept; go on "
                "with --resume and a lower --learning-rate"
            )
        if self._step() % len(batches) == 0 or stop.reason == "time":
            self._end_epoch(number + 1, {name: values[-1] for name, values in result.history.items()}, validation, bar)
        if self._step() % self.config.backup_steps == 0:
            self.workers.level(self._metrics_variables)  # whether or not a backup is written, so that none tells
            _, when, took = self._backed_up
            if self.workers.first(time.monotonic() - when >= took / SHARE):  # clocks of workers differ
                self._back_up()

    def _back_up(self):
        progress = {name: getattr(self, name) for name in ("history", "seconds", "backup_seconds", "steps_per_epoch")}
        began = time.monotonic()
        write_backup(self.folder, self._step(), self._variables(), progress, self.workers.index == 0)
        now = time.monotonic()
        self.backup_seconds += now - began
        self._backed_up = self._step(), now, now - began

    def _end_epoch(self, number, logs, validation, bar):
        """Validate, and write down what the epoch has come to."""
        checks = self.model.evaluate(
            self._feed(validation, 0, shuffle=False, shared=False), steps=len(validation), return_dict=True, verbose=0
        )
        self.model.reset_metrics()
        began = time.monotonic()
        if self.workers.index == 0:
            save(self._epoch_file(number), self.model.weights, {"epoch": number})
        self.backup_seconds += time.monotonic() - began
        logs.update({f"val_{name}": value for name, value in checks.items()})
        row = {"epoch": number, "step": self._step(), **logs, "seconds": round(self.seconds, 1)}
        row["backup_seconds"] = round(self.backup_seconds, 2)
        row["learning_rate"] = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))
        skipped = int(keras.ops.convert_to_numpy(self.model.optimizer.skipped))
        if self.history and self.history[-1]["epoch"] == number:  # when its time was up, which now goes on
            del self.history[-1]
        self.history.append({name: value if np.isfinite(value) else None for name, value in row.items()})
        if self.workers.index == 0:
            self._drop_epoch_files()
            write_text(self.folder / "history.json", json.dumps(self.history, indent=1))
            _write_scalars(self.tensorboard, row)
        figures = ", ".join(_shown(name, value) for name, value in checks.items())
        warning = f"  ({skipped} steps so far gave no number and were left out)" if skipped else ""
        bar.say(f"epoch {number:>3}  {_shown('loss', row['loss'])}  validation: {figures}{warning}")

    def _feed(self, batches, number, start=0, end=None, shuffle=True, shared=True):
        """Batches `start` to `end` of an epoch as `fit` takes them: on TensorFlow of declared shape, made beside it."""
        end = len(batches) if end is None else end

        def epoch(take=lambda rows: rows):
            for batch in itertools.islice(batches.epoch(number, start, shuffle), end - start):
                yield keras.tree.map_structure(take if shared else lambda rows: rows, batch)

        if keras.backend.backend() != "tensorflow":
            return epoch()
        import tensorflow as tf

        signature = keras.tree.map_structure(lambda spec: tf.TensorSpec(spec.shape, spec.dtype), batches.signature)
        options = tf.data.Options()
        options.autotune.enabled = False  # there is nothing to tune, and its thread takes seconds to end

        def make(take):
            feed = tf.data.Dataset.from_generator(lambda: epoch(take), output_signature=signature)
            feed = feed.with_options(options).apply(tf.data.experimental.assert_cardinality(end - start))
            return feed.prefetch(2)

        return self.workers.feed(make)

    def _step(self):
        return int(keras.ops.convert_to_numpy(self.model.optimizer.iterations))

    def _variables(self):
        # Those of the model hold the states of the dropout seeds too, those of the metrics the epoch so far.
        return [*self.model.variables, *self.model.optimizer.variables, *self._metrics_variables]

    def _best(self):
        """The place in the history of the epoch with the lowest validation loss."""
        return int(np.argmin([np.inf if row["val_loss"] is None else row["val_loss"] for row in self.history]))

    def _is_out_of_patience(self):
        patience = self.config.patience
        return bool(patience and self.history) and len(self.history) - 1 - self._best() >= patience

    @property
    def outcome(self):
        """The row of the history of the last epoch in the average: where patience ran out the best one's."""
        return self.history[self._best() if self._is_out_of_patience() else -1]

    def _epoch_file(self, number):
        return self.folder / f"epoch-{number:05d}.npz"

    def _epoch_files(self):
        return sorted(self.folder.glob("epoch-*.npz"))

    def _drop_epoch_files(self):
        """Remove those that no average can need any more: with patience the best epoch may become the last in it."""
        last = self.history[self._best() if self.config.patience else -1]["epoch"]
        for file in self._epoch_files():
            if file <= self._epoch_file(max(0, last - self.config.average_last)):
                file.unlink()

    def _average(self):
        """Replace the weights by the mean of those after each of the last epochs up to the `outcome`."""
        files = self._epoch_files()
        # Patience that was given only when the run went on may find that those up to the best are gone.
        files = [file for file in files if file <= self._epoch_file(self.outcome["epoch"])] or files
        files = files[-self.config.average_last :]
        if not files:  # the epochs were made fewer than had been trained: the weights stay as they are
            return
        total = None
        for file in files:
            try:
                restore(file, self.model.weights)
            except DamagedBackup as error:
                raise InputError(f"{error}: remove it, and --resume averages the others") from None
            weights = [keras.ops.convert_to_numpy(weight).astype("float64") for weight in self.model.weights]
            total = weights if total is None else [a + b for a, b in zip(total, weights, strict=True)]
        for variable, value in zip(self.model.weights, total, strict=True):
            variable.assign((value / len(files)).astype(str(variable.dtype)))

    def _restore(self):
        progress = restore_newest(self.folder, self._variables(), functools.partial(print, file=sys.stderr))
        steps = progress.get("steps_per_epoch", self.steps_per_epoch)
        if steps != self.steps_per_epoch:  # another version of a library has cut the text into other tokens
            raise InputError(
                f"the run had {steps} batches an epoch, now there are {self.steps_per_epoch}: start a new one"
            )
        self._backed_up = self._step(), float("-inf"), 0.0
        self.history = progress["history"]
        self.seconds, self.backup_seconds = progress["seconds"], progress.get("backup_seconds", 0.0)
        if self.workers.index == 0:
            last = self._epoch_file(self.history[-1]["epoch"] if self.history else 0)
            for file in self._epoch_files():
                if file > last:  # an epoch that will be trained again
                    file.unlink()
            for backup in backups(self.folder):
                if backup.name > backup_name(self._step()):  # a damaged one, which would count as one of the newest
                    backup.unlink()
            clear(self.folder)

    def _forget(self):
        drawn = self.tensorboard.glob("events.*") if self.tensorboard else ()
        for old in [*self._epoch_files(), *backups(self.folder), self.folder / "history.json", *drawn]:
            old.unlink(missing_ok=True)
        if self.workers.index == 0:
            clear(self.folder)


@contextlib.contextmanager
def _metrics_kept(model):
    """Let `fit` go on with the metrics as they stand, which it would set back to nothing."""
    model.reset_metrics = lambda: None
    try:
        yield
    finally:
        del model.reset_metrics


def _write_scalars(folder, row):
    """Append an epoch's figures for TensorBoard."""
    if folder is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    try:
        writer = tensorboard.summary.Writer(str(folder))
        for name, value in row.items():
            writer.add_scalar(name, value, step=row["epoch"])
        writer.close()
    except Exception as error:  # with TensorFlow there it writes through its files, which raise errors of their own
        raise OSError(f"TensorBoard's files in {folder} cannot be written: {error}") from error


def _shown(name, value):
    if name == "accuracy":
        return f"accuracy {100 * value:.1f} %"
    return f"{name} {value:.3g}" if abs(value) < 0.1 else f"{name} {value:.3f}"
