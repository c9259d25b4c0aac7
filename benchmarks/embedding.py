"""Compare the costs of one-hot encoding and embedding for growing vocabularies: python benchmarks/embedding.py

Both give the same vectors, for 64 sentences of 20 tokens, 128 numbers wide: one looks up rows of a table, the other
multiplies one-hot vectors by it. Times are medians, the two measured in turn: compare their ratio.
"""

import argparse
import statistics
import time

from kerasformer.errors import InputError, one_line_errors
from kerasformer.system.files import write_text
from kerasformer.system.quiet import quiet_loading

BATCH, LENGTH, HIDDEN = 64, 20, 128
COLUMNS = ("vocabulary", "ids, kB", "one-hot, kB", "ratio", "lookup, ms", "product, ms", "ratio")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    sizes = (100, 320, 1000, 3200, 10000, 32000)
    parser.add_argument("--sizes", nargs="+", type=int, default=sizes, metavar="WORDS", help="vocabularies to measure")
    parser.add_argument("--repeats", type=int, default=15, help="repetitions of each measurement (default: 15)")
    parser.add_argument("--out", metavar="FILE.md", help="also write the table to a file")
    parser.add_argument("--plot", metavar="FILE.png", help="also draw it")
    arguments = parser.parse_args()
    if min(*arguments.sizes, arguments.repeats) < 1:
        raise InputError("--sizes and --repeats must be 1 or more")
    return arguments


def measure(vocab_size, repeats):
    """Bytes of the ids and of their one-hot vectors, seconds of the lookup and of the product."""
    import numpy as np
    import tensorflow as tf

    from kerasformer.layers import OneHotEncoding, TokenEmbedding

    encoding, embedding = OneHotEncoding(vocab_size), TokenEmbedding(vocab_size, HIDDEN)
    embedding.build()
    token_ids = tf.constant(np.random.default_rng(0).integers(vocab_size, size=(BATCH, LENGTH)), "int32")
    lookup = tf.function(embedding)
    product = tf.function(lambda ids: tf.matmul(encoding(ids), embedding.embeddings) * HIDDEN**0.5)
    np.testing.assert_allclose(lookup(token_ids), product(token_ids), rtol=1e-6)  # which also compiles both
    seconds = {lookup: [], product: []}
    for _ in range(repeats):
        for way, taken in seconds.items():
            began = time.perf_counter()
            way(token_ids).numpy()
            taken.append(time.perf_counter() - began)
    num_bytes = [tensor.numpy().nbytes for tensor in (token_ids, encoding(token_ids))]
    return *num_bytes, *map(statistics.median, seconds.values())


def markdown(rows):
    """The measurements as a Markdown table."""
    lines = [f"| {' | '.join(COLUMNS)} |", "|" + " ---: |" * len(COLUMNS)]
    for vocab_size, ids, one_hot, lookup, product in rows:
        memory = f"{ids / 1e3:,.1f} | {one_hot / 1e3:,.0f} | {one_hot / ids:,.0f}"
        times = f"{1e3 * lookup:.2f} | {1e3 * product:.2f} | {product / lookup:.3g}"
        lines.append(f"| {vocab_size:,} | {memory} | {times} |")
    return "\n".join(lines)


def draw(rows, path):
    """Memory and time over the size of the vocabulary, on logarithmic axes."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter, NullFormatter

    from kerasformer.plotting.figure import finish

    vocab_sizes, ids, one_hot, lookup, product = zip(*rows, strict=True)
    figure = Figure((9, 3.8), layout="constrained")
    left, right = figure.subplots(1, 2)
    for axes, title, curves, scale in (
        (left, "memory, kB", {"one-hot vectors": one_hot, "ids": ids}, 1e-3),
        (right, "time, ms", {"one-hot product": product, "lookup": lookup}, 1e3),
    ):
        for name, values in curves.items():
            axes.loglog(vocab_sizes, [scale * value for value in values], marker="o", label=name)
        for axis in (axes.xaxis, axes.yaxis):  # 10,000 and not a power in TeX
            axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
            axis.set_minor_formatter(NullFormatter())
        axes.set_title(title)
        axes.set_xlabel("words in the vocabulary")
        axes.grid(alpha=0.3)
        axes.legend()
    finish(figure, path)


def main():
    arguments = parse_arguments()
    rows = []
    with quiet_loading():
        for vocab_size in arguments.sizes:
            rows.append((vocab_size, *measure(vocab_size, arguments.repeats)))
    table = markdown(rows)
    print(table)
    if arguments.out:
        write_text(arguments.out, table + "\n")
    if arguments.plot:
        draw(rows, arguments.plot)


if __name__ == "__main__":
    with one_line_errors("benchmarks/embedding.py"):
        main()
