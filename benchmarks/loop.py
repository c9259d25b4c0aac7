"""Compare the training loops of two checkouts: time of a step, and loss, on the same random sentences.

    python benchmarks/loop.py CHECKOUT CHECKOUT --preset test --precision float32 --batch-tokens 256

Each checkout trains in its own process; the two take turns, one epoch each. The first epoch compiles and
is not counted.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

VOCAB, MAX_LENGTH = 2000, 32


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkouts", nargs="*", type=pathlib.Path, help="folders of two checkouts")
    parser.add_argument("--preset", default="test", help="sizes of the model (default: test)")
    parser.add_argument("--precision", choices=("float32", "bfloat16"), default="float32")
    parser.add_argument("--batch-tokens", type=int, default=256, help="padded tokens of a side (default: 256)")
    parser.add_argument("--steps", type=int, default=50, help="steps of an epoch (default: 50)")
    parser.add_argument("--epochs", type=int, default=7, help="epochs, the first of which is not counted (default: 7)")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def make_batches(steps, batch_tokens, wait=lambda: None):
    """Batches of random sentences with about `steps` steps an epoch; `wait` is called before each epoch of training."""
    import numpy as np

    from kerasformer.data.batches import Batches

    class Waiting(Batches):
        def epoch(self, number, start=0, shuffle=True):
            if shuffle and not start:
                wait()
            yield from super().epoch(number, start, shuffle)

    rng = np.random.default_rng(0)
    rows = [rng.integers(4, VOCAB, rng.integers(5, 14)).tolist() for _ in range(40_000)]
    sizes = {"batch_tokens": batch_tokens, "num_shapes": 1, "max_length": MAX_LENGTH, "packed": True}
    rows = rows[: len(rows) * steps // len(Batches(rows, rows, **sizes))]
    return Waiting(rows, rows, **sizes), Batches(rows[:50], rows[:50], **{**sizes, "batch_tokens": 256})


def work(arguments):
    """Train; before each epoch, print the seconds of the last one as JSON and wait for a line."""
    import keras

    from kerasformer.config import TrainingConfig
    from kerasformer.config.presets import preset
    from kerasformer.models import build_model
    from kerasformer.training import Trainer, allow_clusters, computing_in

    began = []

    def wait():
        if began:
            report()
        sys.stdin.readline()
        began[:] = time.perf_counter(), time.process_time()

    def report(**more):
        wall, cpu = time.perf_counter() - began[0], time.process_time() - began[1]
        print(json.dumps({"wall": wall, "cpu": cpu, **more}), flush=True)

    allow_clusters()
    batches, validation = make_batches(arguments.steps, arguments.batch_tokens, wait)
    keras.utils.set_random_seed(0)
    with computing_in(arguments.precision):
        model = build_model(preset(arguments.preset, vocab_size=VOCAB)).training
    config = TrainingConfig(epochs=arguments.epochs, average_last=1, warmup_steps=100, learning_rate=1e-3)
    history = Trainer(model, config, tempfile.mkdtemp(), len(batches)).fit(batches, validation)
    report(steps=len(batches), loss=history[-1]["loss"])


def start(checkout):
    """A process that trains with the code of a checkout."""
    environment = {**os.environ, "PYTHONPATH": str(checkout.resolve()), "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, __file__, *sys.argv[1:], "--worker"]
    return subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def next_epoch(process):
    """Let a process train one epoch; return its figures."""
    process.stdin.write("\n")
    process.stdin.flush()
    for line in process.stdout:
        if line.startswith("{"):
            return json.loads(line)
    raise SystemExit(f"loop.py: a training ended with exit code {process.wait()}")


def main():
    arguments = parse_arguments()
    if arguments.worker:
        return work(arguments)
    processes = [start(checkout) for checkout in arguments.checkouts]
    epochs = [[next_epoch(process) for process in processes] for _ in range(arguments.epochs)]
    for checkout, *found in zip(arguments.checkouts, *epochs, strict=True):
        wall, cpu = (statistics.median(row[name] for row in found[1:]) / found[-1]["steps"] for name in ("wall", "cpu"))
        print(f"{checkout}: {1e3 * cpu:.1f} ms of CPU and {1e3 * wall:.1f} ms a step, loss {found[-1]['loss']:.3f}")
    return None


if __name__ == "__main__":
    main()
