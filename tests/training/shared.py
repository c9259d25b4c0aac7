"""A small run that two workers share: `python shared.py FOLDER` starts them, and trains or goes on.

In a second folder they then train from the beginning. The first worker prints the results.
"""

import contextlib
import json
import os
import subprocess
import sys

import keras
import numpy as np
from forks import Forked
from killed import SlowBatches, fit_in_each

from kerasformer.config import TrainingConfig
from kerasformer.config.presets import preset
from kerasformer.data.batches import Batches
from kerasformer.errors import InputError
from kerasformer.models import build_model
from kerasformer.system.launch import launch
from kerasformer.training import Trainer, fit, join

CONFIG = TrainingConfig(
    epochs=2, batch_tokens=64, num_shapes=1, learning_rate=1e-2, warmup_steps=4, average_last=1, backup_steps=4, seed=7
)


def main(count, *folders):
    """Train in each folder: the results; the weights are written to the folder."""
    workers = join(count)
    workers.check_same(b"as the others")
    if count > 1:
        with contextlib.suppress(InputError):
            workers.check_same(bytes(workers.index))
            raise SystemExit("workers that differ were not noticed")
    rng = np.random.default_rng(0)
    rows = [rng.integers(4, 14, rng.integers(2, 7)).tolist() for _ in range(80)]  # shares differ in their tokens
    sizes = {"batch_tokens": CONFIG.batch_tokens, "num_shapes": 1, "max_length": 16, "workers": 2}
    batches, validation = SlowBatches(rows, rows, seed=CONFIG.seed, **sizes), Batches(rows[:20], rows[:20], **sizes)
    keras.utils.set_random_seed(CONFIG.seed)
    with workers.scope():
        model = build_model(preset("test", vocab_size=14, dropout=0.2)).training

    def make_trainer(folder):
        return Trainer(model, CONFIG, folder, len(batches), workers=workers)

    results = []
    for trainer, result in fit_in_each(folders, batches, validation, make_trainer):
        results.append(result)
        if workers.index == 0:
            # A bias on the keys adds the same to all scores of a query: only rounding moves it.
            moved = [weight for weight in model.trainable_weights if "key/bias" not in weight.path]
            np.savez(trainer.folder / "weights.npz", *map(keras.ops.convert_to_numpy, moved))
    return results


if __name__ == "__main__":
    if "TF_CONFIG" in os.environ:
        SlowBatches.seconds = 0.1 if len(sys.argv) == 2 else 0.0  # nothing kills a run in two folders
        fit.SHARE = float("inf")  # a backup whenever one is due
        print(json.dumps(main(2, *sys.argv[1:])), flush=True)
    else:
        subprocess.Popen = Forked  # of this process, which has imported Keras
        sys.exit(launch(2, [sys.executable, *sys.argv]))
