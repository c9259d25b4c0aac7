"""The fit itself: epochs, validation, early stop, checkpoints and their average."""

import dataclasses
import json
import pathlib
import time

import keras
import numpy as np
import tensorboard.summary

from kerasformer import atomic
from kerasformer.errors import InputError
from kerasformer.training.backup import load_backup, save_backup
from kerasformer.training.callbacks import OrderlyStop, ProgressBar
from kerasformer.training.loss import Perplexity, SmoothedCrossEntropy, TokenAccuracy
from kerasformer.training.schedule import InverseSquareRoot


class Interrupted(Exception):
    """Training was stopped by a signal; what it had learned is in the backup."""


class Trainer:
    """Trains a model on batches, and can go on where it was stopped.

    Args:
        model: a `keras.Model` from what batches hold to what `loss` takes.
        config: `TrainingConfig`.
        folder: where `backup.npz`, one file an epoch for the average, and `history.json` are kept.
        steps_per_epoch: int, batches of an epoch.
        tensorboard: folder for TensorBoard, or None.
        loss: a `keras.losses.Loss`; None for the smoothed cross-entropy of tokens.
        metrics: list of `keras.metrics.Metric`; None for accuracy and perplexity of tokens.
    """

    def __init__(self, model, config, folder, steps_per_epoch, tensorboard=None, loss=None, metrics=None):
        self.model = model
        self.config = config
        self.folder = pathlib.Path(folder)
        self.tensorboard = tensorboard
        self.history = []
        self.seconds = 0.0
        total = config.epochs * steps_per_epoch
        rate = InverseSquareRoot(config.learning_rate, config.warmup_steps, total, config.cooldown)
        optimizer = keras.optimizers.Adam(rate, beta_1=0.9, beta_2=0.98, epsilon=1e-9, global_clipnorm=config.clip_norm)
        model.compile(
            optimizer=optimizer,
            loss=loss or SmoothedCrossEntropy(config.label_smoothing),
            metrics=metrics or [TokenAccuracy(name="accuracy"), Perplexity(name="perplexity")],
            jit_compile=keras.backend.backend() != "torch",
        )
        optimizer.build(model.trainable_variables)

    def fit(self, batches, validation, *, resume=False):
        """Train until the epochs, the minutes or the patience are used up; leave the average in the model.

        Args:
            batches: `Batches` to train on.
            validation: `Batches` to validate on after each epoch.
            resume: bool, go on from the backup in the folder.

        Returns:
            list of dicts, one an epoch: losses, accuracies, perplexities, learning rate and seconds.

        Raises:
            Interrupted: after Ctrl-C, when the backup is written.
            InputError: if there is nothing to resume, or the loss is no number.
        """
        if resume:
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
            OrderlyStop(seconds_left) as stop,
            ProgressBar(total, tokens_per_step, seconds_left, step) as bar,
        ):
            while self._step() < total and not (self._is_out_of_patience() or stop.reason):
                self._epoch(batches, validation, bar, stop)
        if stop.reason == "signal":
            raise Interrupted
        self._average()
        return self.history

    def _epoch(self, batches, validation, bar, stop):
        number, done = divmod(self._step(), len(batches))
        bar.epoch = number + 1
        result = self.model.fit(
            _feed(batches, number, done),
            shuffle=False,  # Batches has done it
            callbacks=[bar, stop],
            verbose=0,
        )
        logs = {name: values[-1] for name, values in result.history.items()}
        if not np.isfinite(logs["loss"]):
            raise InputError(f"the loss is {logs['loss']} in epoch {number + 1}; choose a lower learning_rate")
        if stop.reason != "signal":
            feed = _feed(validation, 0, shuffle=False)
            checks = self.model.evaluate(feed, return_dict=True, verbose=0)
            logs.update({f"val_{name}": value for name, value in checks.items()})
            row = {"epoch": number + 1, "step": self._step(), **logs, "seconds": round(self.seconds, 1)}
            row["learning_rate"] = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))
            self.history.append(row)
            self._keep_epoch(number + 1)
            _write_scalars(self.tensorboard, row)
            figures = ", ".join(_shown(name, value) for name, value in checks.items())
            bar.say(f"epoch {row['epoch']:>3}  {_shown('loss', row['loss'])}  validation: {figures}")
        progress = {
            "history": self.history,
            "seconds": self.seconds,
            "config": dataclasses.asdict(self.config),
        }
        save_backup(self.folder / "backup.npz", self._variables(), progress)
        atomic.write_text(self.folder / "history.json", json.dumps(self.history, indent=1))

    def _step(self):
        return int(keras.ops.convert_to_numpy(self.model.optimizer.iterations))

    def _variables(self):
        # model.variables also holds the states of the dropout seeds.
        return [*self.model.variables, *self.model.optimizer.variables]

    def _is_out_of_patience(self):
        losses = [row["val_loss"] for row in self.history]
        return bool(self.config.patience and losses) and len(losses) - 1 - np.argmin(losses) >= self.config.patience

    def _epoch_files(self):
        return sorted(self.folder.glob("epoch-*.npz"))

    def _keep_epoch(self, number):
        save_backup(self.folder / f"epoch-{number:05d}.npz", self.model.weights, {"epoch": number})
        for old in self._epoch_files()[: -self.config.average_last]:
            old.unlink()

    def _average(self):
        """Replace the weights by the mean of those after each of the last epochs."""
        files = self._epoch_files()
        total = None
        for file in files:
            load_backup(file, self.model.weights)
            weights = [keras.ops.convert_to_numpy(weight).astype("float64") for weight in self.model.weights]
            total = weights if total is None else [a + b for a, b in zip(total, weights, strict=True)]
        for variable, value in zip(self.model.weights, total, strict=True):
            variable.assign((value / len(files)).astype(str(variable.dtype)))

    def _restore(self):
        progress = load_backup(self.folder / "backup.npz", self._variables())
        self.history, self.seconds = progress["history"], progress["seconds"]

    def _forget(self):
        for old in [*self._epoch_files(), self.folder / "backup.npz", self.folder / "history.json"]:
            old.unlink(missing_ok=True)


def _write_scalars(folder, row):
    """Append an epoch's figures for TensorBoard."""
    if folder is not None:
        writer = tensorboard.summary.Writer(str(folder))
        for name, value in row.items():
            writer.add_scalar(name, value, step=row["epoch"])
        writer.close()


def _shown(name, value):
    if name == "accuracy":
        return f"accuracy {100 * value:.1f} %"
    return f"{name} {value:.3g}" if abs(value) < 0.1 else f"{name} {value:.3f}"


def _feed(batches, number, start=0, shuffle=True):
    """An epoch as `fit` takes it: on TensorFlow of declared shape, and prepared beside the step."""
    epoch = batches.epoch(number, start, shuffle)
    if keras.backend.backend() != "tensorflow":
        return epoch
    import tensorflow as tf

    signature = keras.tree.map_structure(lambda spec: tf.TensorSpec(spec.shape, spec.dtype), batches.signature)
    feed = tf.data.Dataset.from_generator(lambda: epoch, output_signature=signature)
    return feed.apply(tf.data.experimental.assert_cardinality(len(batches) - start)).prefetch(2)
