"""Compare training speed: our tiny Transformer beside the same network in KerasHub and PyTorch, on the same batches.

    python benchmarks/training.py --data-dir FOLDER --out runs/training-speed

Each peer is a process that waits while another one trains; they train on the same batches of Multi30k, in turn.
"ours" has the same pairs of sentences, packed into rows as train.py packs them, in the precision that train.py would
choose on this machine; "ours-float32" is the same in float32; "ours-padded" has the arrays of the others. "products"
are bounds: only the matrix products of a step of ours, by TensorFlow's own kernels. Tokens are those of source and
target, without padding. Needs the extra "bench". Writes report.json and report.md to --out.
"""

import argparse
import json
import pathlib
import resource
import statistics
import subprocess
import sys
import time

import numpy as np
from running import add_data_dir, publish

from kerasformer.errors import one_line_errors

PEERS = (
    *("ours", "ours-float32", "ours-padded", "keras-hub", "keras-hub-xla", "torch-eager", "torch-compile"),
    *("products-bfloat16", "products-float32"),
)
PADDED = {"ours-padded", "keras-hub", "keras-hub-xla", "torch-eager", "torch-compile"}
VOCAB, LENGTH, HIDDEN, INNER, HEADS, LAYERS, DROPOUT = 8000, 64, 128, 256, 4, 4, 0.1
RATE, SMOOTHING = 1e-3, 0.1


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_data_dir(parser, "Multi30k", is_downloaded=True)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("runs/training-speed"))
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=PEERS)
    parser.add_argument("--steps", type=int, default=12, help="batches in a round (default: 12)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each peer (default: 5)")
    parser.add_argument("--batch-tokens", type=int, default=4096, help="padded tokens of a side (default: 4096)")
    parser.add_argument("--worker", nargs=2, metavar=("PEER", "BATCHES"), help=argparse.SUPPRESS)
    return parser.parse_args()


def make_batches(arguments):
    """The first `steps` batches of an epoch of German-English Multi30k, each (source, target, labels), and packed."""
    from kerasformer.data.batches import Batches
    from kerasformer.data.corpus import load_corpus
    from kerasformer.tokenizer import train_tokenizer

    corpus = load_corpus(["multi30k"], source="de", target="en", data_dir=arguments.data_dir)
    tokenizer = train_tokenizer((text for pair in corpus.train for text in pair), VOCAB)
    sides = [tokenizer.encode([pair[side] for pair in corpus.train]) for side in (0, 1)]
    batches = Batches(*sides, batch_tokens=arguments.batch_tokens, num_shapes=3, max_length=LENGTH)
    found = []
    for inputs, labels in batches.epoch(0):
        found.append((inputs["source_ids"], inputs["target_ids"], labels))
        if len(found) == arguments.steps:
            return found, pack(found)
    raise SystemExit(f"training.py: an epoch has only {len(found)} batches; choose fewer --steps")


def pack(batches):
    """The same pairs of sentences in packed batches."""
    from kerasformer.data.batches import Batches

    sides = [
        [row[row > 0][:-1].tolist() for batch in batches for row in batch[place] if row.any()]
        for place in (0, 2)  # sources and labels, each less its eos
    ]
    most = max(labels.size for _, _, labels in batches)
    packed = Batches(*sides, batch_tokens=most, num_shapes=2, max_length=LENGTH, packed=True)
    return [(inputs["source_ids"], inputs["target_ids"], labels) for inputs, labels in packed.epoch(0)]


def save(path, batches):
    np.savez(
        path, **{f"{i}-{name}": ids for i, batch in enumerate(batches) for name, ids in zip("stl", batch, strict=True)}
    )


def ours(precision=None):
    import tempfile

    import keras

    from kerasformer.config import TrainingConfig
    from kerasformer.config.presets import preset
    from kerasformer.data.batches import Batches
    from kerasformer.models import build_model
    from kerasformer.training import Trainer, allow_clusters, best_precision, clusters, computing_in

    allow_clusters()
    keras.utils.set_random_seed(0)
    config = preset("tiny", vocab_size=VOCAB, dropout=DROPOUT)
    with computing_in(precision or best_precision(config)):
        model = build_model(config).training
    trainer = Trainer(model, TrainingConfig(learning_rate=RATE, label_smoothing=SMOOTHING), tempfile.mkdtemp(), 1)
    steps = trainer.make_steps(Batches.signature)

    def step(source, target, labels):
        with clusters(model):
            loss, _ = steps.train({"source_ids": source, "target_ids": target}, labels)
            return float(loss)

    return step


def keras_hub(jit_compile):
    import keras
    import keras_hub

    keras.utils.set_random_seed(0)
    layers = keras_hub.layers
    source = keras.Input((None,), dtype="int32")
    target = keras.Input((None,), dtype="int32")
    embedding = layers.TokenAndPositionEmbedding(VOCAB, LENGTH, HIDDEN, mask_zero=True)
    x, y = embedding(source), embedding(target)
    for _ in range(LAYERS):
        x = layers.TransformerEncoder(INNER, HEADS, dropout=DROPOUT, normalize_first=True)(x)
    for _ in range(LAYERS):
        y = layers.TransformerDecoder(INNER, HEADS, dropout=DROPOUT, normalize_first=True)(y, x)
    model = keras.Model([source, target], embedding.token_embedding(y, reverse=True))
    model.compile(
        optimizer=keras.optimizers.Adam(RATE),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0),
        jit_compile=jit_compile,
    )
    return lambda source, target, labels: model.train_on_batch([source, target], labels)


def torch_model(compiled):
    import torch
    from torch import nn

    torch.manual_seed(0)

    class Translator(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = nn.Embedding(VOCAB, HIDDEN)
            self.position = nn.Embedding(LENGTH, HIDDEN)
            sizes = (HIDDEN, HEADS, LAYERS, LAYERS, INNER, DROPOUT)
            self.transformer = nn.Transformer(*sizes, batch_first=True, norm_first=True)

        def embed(self, ids):
            return self.embedding(ids) + self.position(torch.arange(ids.shape[1]))

        def forward(self, source, target):
            causal = nn.Transformer.generate_square_subsequent_mask(target.shape[1]).isinf()
            x = self.transformer(
                self.embed(source), self.embed(target), tgt_mask=causal, tgt_is_causal=True,
                src_key_padding_mask=source == 0, tgt_key_padding_mask=target == 0, memory_key_padding_mask=source == 0,
            )  # fmt: skip
            return x @ self.embedding.weight.T

    model = Translator()
    optimizer = torch.optim.Adam(model.parameters(), RATE)
    forward = torch.compile(model) if compiled else model
    loss_of = nn.CrossEntropyLoss(ignore_index=0, label_smoothing=SMOOTHING)

    def step(source, target, labels):
        source, target, labels = (torch.from_numpy(ids).long() for ids in (source, target, labels))
        optimizer.zero_grad()
        loss = loss_of(forward(source, target).flatten(0, 1), labels.flatten())
        loss.backward()
        optimizer.step()
        return float(loss)

    return step


def shapes_of_products(source, target):
    """Sizes (batch, rows, inner, columns) of all matrix products of a forward pass."""
    batch, (num_sources, num_targets) = len(source), (source.shape[1], target.shape[1])

    def dense(length, *widths):
        return [(1, batch * length, *pair) for pair in zip(widths, widths[1:], strict=False)]

    def attention(queries, keys):
        projections = [*dense(queries, HIDDEN, HIDDEN, HIDDEN), *dense(keys, HIDDEN, HIDDEN, HIDDEN)]
        head = HIDDEN // HEADS
        return [*projections, (batch * HEADS, queries, head, keys), (batch * HEADS, queries, keys, head)]

    encoder = attention(num_sources, num_sources) + dense(num_sources, HIDDEN, INNER, HIDDEN)
    decoder = attention(num_targets, num_targets) + attention(num_targets, num_sources)
    decoder += dense(num_targets, HIDDEN, INNER, HIDDEN)
    return LAYERS * (encoder + decoder) + dense(num_targets, HIDDEN, VOCAB)


def products(dtype):
    import functools

    import tensorflow as tf

    @functools.cache
    def operands(*shapes):
        made = [
            (tf.random.normal((batch, rows, inner)), tf.random.normal((batch, inner, columns)),
             tf.random.normal((batch, rows, columns)))
            for batch, rows, inner, columns in shapes
        ]  # fmt: skip
        return [[tf.cast(x[0] if len(x) == 1 else x, dtype) for x in triple] for triple in made]

    @tf.function
    def multiply(triples):
        results = []
        for left, right, upstream in triples:
            results += [tf.matmul(left, right), tf.matmul(upstream, right, transpose_b=True)]
            results.append(tf.matmul(left, upstream, transpose_a=True))
        return tf.add_n([tf.reshape(result, (-1,))[0] for result in results])

    return lambda source, target, labels: float(multiply(operands(*shapes_of_products(source, target))))


MAKERS = {
    "ours": ours,
    "ours-float32": lambda: ours("float32"),
    "ours-padded": ours,
    "keras-hub": lambda: keras_hub(False),
    "keras-hub-xla": lambda: keras_hub(True),
    "torch-eager": lambda: torch_model(False),
    "torch-compile": lambda: torch_model(True),
    "products-bfloat16": lambda: products("bfloat16"),
    "products-float32": lambda: products("float32"),
}


def work(peer, path):
    """Be one of the peers: compile, print that, and train a round for each line on standard input."""
    with np.load(path) as arrays:
        batches = [tuple(arrays[f"{i}-{name}"] for name in "stl") for i in range(len(arrays.files) // 3)]
    began = time.perf_counter()
    step = MAKERS[peer]()
    for shape in {batch[0].shape for batch in batches}:
        step(*next(batch for batch in batches if batch[0].shape == shape))
    print(json.dumps({"compile_seconds": time.perf_counter() - began}), flush=True)
    for _ in sys.stdin:
        began = time.perf_counter()
        losses = [float(np.ravel(step(*batch))[0]) for batch in batches]
        seconds = time.perf_counter() - began
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"seconds": seconds, "loss": losses[-1], "peak_mb": memory}), flush=True)


class Peer:
    """A process that trains a round when it is asked to."""

    def __init__(self, name, path):
        command = [sys.executable, __file__, "--worker", name, str(path)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ready = self.read()

    def read(self):
        for line in self.process.stdout:
            if line.startswith("{"):
                return json.loads(line)
        raise SystemExit(
            f"training.py: a peer ended with exit code {self.process.wait()}: is the extra 'bench' installed?"
        )

    def round(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.read()


def table(rows):
    """The report in Markdown."""
    fastest = {row["peer"]: row["tokens_per_second"] for row in rows}
    lines = ["| | tokens/s | ours is | peak memory, MB | start and compile, s |", "| --- | ---: | ---: | ---: | ---: |"]
    for row in rows:
        speed, memory = row["tokens_per_second"], row["peak_mb"]
        ratio = f"{fastest['ours'] / speed:.2f} times" if "ours" in fastest and row["peer"] != "ours" else ""
        lines.append(f"| {row['peer']} | {speed:,.0f} | {ratio} | {memory:,.0f} | {row['compile_seconds']:.0f} |")
    return "\n".join(lines)


def main():
    arguments = parse_arguments()
    if arguments.worker:
        return work(*arguments.worker)
    batches, packed = make_batches(arguments)
    arguments.out.mkdir(parents=True, exist_ok=True)
    paths = {name: arguments.out / ("batches.npz" if name in PADDED else "packed.npz") for name in arguments.peers}
    save(arguments.out / "batches.npz", batches)
    save(arguments.out / "packed.npz", packed)
    tokens = sum(int(np.count_nonzero(source) + np.count_nonzero(target)) for source, target, _ in batches)
    for name, form in (("padded", batches), ("packed", packed)):
        places = sum(source.size + target.size for source, target, _ in form)
        share = 100 * (1 - tokens / places)
        print(f"{tokens:,} tokens in {len(form)} {name} batches, {share:.0f} % of which is padding", flush=True)
    peers = {name: Peer(name, path) for name, path in paths.items()}
    rounds = {name: [] for name in peers}
    for number in range(arguments.rounds):
        for name, peer in peers.items():
            rounds[name].append(peer.round())
            print(f"round {number + 1}  {name}: {tokens / rounds[name][-1]['seconds']:,.0f} tokens/s", flush=True)
    rows = []
    for name, found in rounds.items():
        speed = tokens / statistics.median(row["seconds"] for row in found)
        rows.append({"peer": name, "tokens_per_second": speed, **peers[name].ready, **found[-1]})
    publish(arguments.out, rows, table(rows))
    return None


if __name__ == "__main__":
    with one_line_errors("training.py"):
        main()
