"""A small run that several workers share: `python shared.py FOLDER WORKERS` prints what came of it, or goes on."""

import contextlib
import hashlib
import json
import pathlib
import sys

import keras
import numpy as np
from killed import SlowBatches

from kerasformer.config import TrainingConfig
from kerasformer.config.presets import preset
from kerasformer.data.batches import Batches
from kerasformer.errors import InputError
from kerasformer.models import build_model
from kerasformer.training import Trainer, fit, join

CONFIG = TrainingConfig(
    epochs=2, batch_tokens=64, num_shapes=1, learning_rate=1e-2, warmup_steps=4, average_last=1, backup_steps=4, seed=7
)


def main(folder, count):
    SlowBatches.seconds = 0.1
    fit.SHARE = float("inf")  # a backup whenever one is due
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
    trainer = Trainer(model, CONFIG, folder, len(batches), workers=workers)
    print("ready", flush=True)
    history = trainer.fit(batches, validation, resume=True)
    weights = [keras.ops.convert_to_numpy(weight) for weight in model.trainable_weights]
    if workers.index == 0:
        # A bias on the keys adds the same to all scores of a query: only rounding moves it.
        moved = [weight for weight in model.trainable_weights if "key/bias" not in weight.path]
        np.savez(folder / f"weights-{count}.npz", *map(keras.ops.convert_to_numpy, moved))
        digest = hashlib.sha256(b"".join(weight.tobytes() for weight in weights)).hexdigest()
        curve = [{name: value for name, value in row.items() if "seconds" not in name} for row in history]
        print(json.dumps({"sha256": digest, "curve": curve}), flush=True)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), int(sys.argv[2]))
