"""A small run that tests kill: `python killed.py FOLDER PRECISION` trains or goes on, and prints what came of it.

What it trains on is drawn anew each epoch, several sentences to a row. A third argument is how many seconds it takes to
write a file.
"""

import hashlib
import json
import pathlib
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
    """Batches that take their time, so that a run can be killed between any two of them."""

    seconds = 0.05

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


def main(folder, precision, seconds=0.0):
    allow_clusters()
    fit.SHARE = float("inf")  # a backup whenever one is due
    system_files._sync = sleep_before(system_files._sync, seconds)
    sizes = {"batch_tokens": CONFIG.batch_tokens, "num_shapes": 1, "max_length": 16, "packed": True}
    batches = SlowBatches(*drawn(0), redraw=drawn, seed=CONFIG.seed, **sizes)
    validation = Batches(*drawn(99), **sizes)
    keras.utils.set_random_seed(CONFIG.seed)
    with computing_in(precision):
        model = build_model(preset("test", vocab_size=14, dropout=0.2)).training
    trainer = Trainer(model, CONFIG, folder, len(batches))
    print("ready", flush=True)
    history = trainer.fit(batches, validation, resume=True)
    digest = hashlib.sha256()
    for variable in (*model.variables, *trainer.optimizer.variables):
        digest.update(keras.ops.convert_to_numpy(variable).tobytes())
    curve = [{name: value for name, value in row.items() if "seconds" not in name} for row in history]
    print(json.dumps({"sha256": digest.hexdigest(), "curve": curve}), flush=True)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), sys.argv[2], *map(float, sys.argv[3:]))
