"""A small run that tests kill: `python killed.py PRECISION SECONDS FOLDER` trains or goes on, and prints its result.

It trains on what is drawn anew each epoch, several sentences to a row, and takes SECONDS to write a file. In a
second folder the same model then trains from the beginning, which saves a process that compiles it again.
"""

import hashlib
import json
import sys
import time

import keras
import numpy as np

from kerasformer.config import TrainingConfig
from kerasformer.config.presets import preset
from kerasformer.data.batches import Batches
from kerasformer.data.sentences import Sentences
from kerasformer.models import build_model
from kerasformer.system import files as system_files
from kerasformer.tokenizer import BOS_ID, EOS_ID
from kerasformer.training import Trainer, allow_clusters, computing_in, fit

CONFIG = TrainingConfig(
    epochs=3, batch_tokens=64, num_shapes=1, learning_rate=1e-2, warmup_steps=4, average_last=2, backup_steps=3, seed=7
)


class SlowBatches(Batches):
    """Batches that can take their time, so that a run can be killed between any two of them."""

    seconds = 0.0

    def epoch(self, number, start=0, shuffle=True):
        for batch in super().epoch(number, start, shuffle):
            time.sleep(self.seconds)
            yield batch


def sleep_before(function, seconds):
    def slow(*arguments):
        time.sleep(seconds)
        return function(*arguments)

    return slow


def drawn(number):
    rows = np.random.default_rng(number).integers(4, 14, (80, 5)).tolist()
    return Sentences.of(rows, after=[EOS_ID]), Sentences.of(rows, before=[BOS_ID], after=[EOS_ID])


def result(trainer, history):
    """The digest of all variables, and the history without times."""
    digest = hashlib.sha256()
    for variable in (*trainer.model.variables, *trainer.optimizer.variables):
        digest.update(keras.ops.convert_to_numpy(variable).tobytes())
    curve = [{name: value for name, value in row.items() if "seconds" not in name} for row in history]
    return {"sha256": digest.hexdigest(), "curve": curve}


def fit_in_each(folders, batches, validation, make_trainer):
    """Train or go on in the first folder, then from the beginning in the others: each trainer and its result."""
    first = make_trainer(folders[0])
    variables = [*first.model.variables, *first.optimizer.variables]
    beginning = [keras.ops.convert_to_numpy(variable) for variable in variables]
    yield first, result(first, first.fit(batches, validation, resume=True))
    for folder in folders[1:]:
        trainer = make_trainer(folder)
        trainer.optimizer, trainer.make_steps = first.optimizer, lambda signature: first.steps
        for variable, value in zip(variables, beginning, strict=True):
            variable.assign(value)
        yield trainer, result(trainer, trainer.fit(batches, validation, resume=True))


def main(precision, seconds, *folders):
    allow_clusters()
    fit.SHARE = float("inf")  # a backup whenever one is due
    SlowBatches.seconds = 0.05 if len(folders) == 1 else 0.0  # nothing kills it in two
    system_files._sync = sleep_before(system_files._sync, float(seconds))
    sizes = {"batch_tokens": CONFIG.batch_tokens, "num_shapes": 1, "max_length": 16, "packed": True}
    batches = SlowBatches(*drawn(0), redraw=drawn, seed=CONFIG.seed, **sizes)
    validation = Batches(*drawn(99), **sizes)
    keras.utils.set_random_seed(CONFIG.seed)
    with computing_in(precision):
        model = build_model(preset("test", vocab_size=14, dropout=0.2)).training
    runs = fit_in_each(folders, batches, validation, lambda folder: Trainer(model, CONFIG, folder, len(batches)))
    print(json.dumps([found for _, found in runs]), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
