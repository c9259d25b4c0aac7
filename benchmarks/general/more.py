"""Continue the training of the students of `train.py`: python benchmarks/general/more.py RUN OUT SECONDS

RUN holds what `train.py` wrote: the students, and the teacher's translations of the corpus.
"""

import json
import lzma
import pathlib
import shutil
import sys
import time

import jax.numpy as jnp
import numpy as np

import train
from train import Ragged, Runner, Sizes, Stream, describe, load, make_trainer, packed_sets, save_student


def read_translations(path):
    """{set: (which of its sources, their translations)}."""
    found, data = {}, pathlib.Path(path).read_bytes()
    at = 4 + int.from_bytes(data[:4], "little")
    for name, count, _, size in json.loads(data[4:at]):
        raw, at = lzma.decompress(data[at : at + size]), at + size
        which = np.cumsum(np.frombuffer(raw[: 4 * count], "uint32").astype("int64")) - 1
        lengths = np.frombuffer(raw[4 * count : 5 * count], "uint8")
        found[name] = which, Ragged(np.frombuffer(raw[5 * count :], "uint16"), lengths)
    return found


def main(run, out, seconds):
    pathlib.Path(out).mkdir(parents=True, exist_ok=True)
    shutil.copy(f"{run}/tokenizer.model", out)
    sets, about = load(f"{run}/data.npz")
    weights, rng = about["weights"], np.random.default_rng(7)
    sizes = Sizes(about["vocab"], 256, 1024, 8, 6, 2)
    step = make_trainer(sizes, 0.05, jnp.bfloat16)
    translations = {side: read_translations(f"{run}/distilled-{side}.bin") for side in ("fr", "en")}
    runners = []
    for source, target in (("fr", "en"), ("en", "fr")):
        name = f"{source}-{target}"
        forward = {n: {source: sets[n][source].take(i), target: x} for n, (i, x) in translations[source].items()}
        back = {n: {source: x, target: sets[n][target].take(i)} for n, (i, x) in translations[target].items()}
        found = packed_sets(sets, weights, source, rng, scale=0.6) + packed_sets(forward, weights, source, rng)
        found += packed_sets(back, weights, source, rng, scale=0.5, with_joined=False)
        describe(name, found)
        runner = Runner(name, sizes, step, Stream(found, 256, 9), 80, 7e-4, 200, 0.0, 3)
        flat = jnp.asarray(np.concatenate([np.load(f"{run}/{name}.{i}.npy") for i in (0, 1)]).astype("float32"))
        _, first, second, _, count = runner.state
        runner.state = flat, first, second, jnp.array(flat, copy=True), count
        runners.append(runner)
    train.train(runners, float(seconds) - (time.time() - train.START) - 4, lambda done, is_last: None, every=20)
    for runner in runners:
        save_student(out, runner.name, runner.state[0])


if __name__ == "__main__":
    main(*sys.argv[1:])
