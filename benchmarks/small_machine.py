"""A translator's .tflite on a small machine: one thread, little memory: python benchmarks/small_machine.py FILE

Needs Linux and kerasformer-runtime. The process limits itself to one core, and its data to --megabytes (RLIMIT_DATA:
memory that is no mapping of a file); its peak counts files as well (VmHWM). Times are processor time.
"""

import argparse
import os
import pathlib
import resource
import time

SENTENCES = pathlib.Path(__file__).parent / "general" / "golden.tsv"
SIZES = (5, 15, 25)  # tokens of a source; a row has sentences, or two that follow each other, with one less to one more
MOST = 10  # sentences of a row


def limit(megabytes):
    """Limit this process, before it imports anything that takes memory or starts threads."""
    resource.setrlimit(resource.RLIMIT_DATA, (megabytes << 20, megabytes << 20))
    os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])
    os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def seconds(function):
    """What a function returns, and the processor time that it takes."""
    began = time.process_time()
    return function(), time.process_time() - began


def import_runtime():
    from kerasformer.runtime import LiteRTTranslator

    return LiteRTTranslator


def measure(translator, repeats):
    """Rows of the number of sentences, and of the mean tokens of the source, of the translation, and milliseconds."""
    texts = [line.split("\t")[0] for line in SENTENCES.read_text(encoding="utf-8").splitlines()]
    texts += map(" ".join, zip(texts, texts[1:], strict=False))
    counts = translator.count(texts)
    for size in SIZES:
        rows = []
        for text, count in [pair for pair in zip(texts, counts, strict=True) if abs(pair[1] - size) <= 1][:MOST]:
            found = [seconds(lambda text=text: translator.decode([text])) for _ in range(repeats)]
            rows.append((count, len(found[0][0][0][0].token_ids), 1000 * min(took for _, took in found)))
        yield len(rows), *(sum(column) / len(rows) for column in zip(*rows, strict=True))


def peak():
    """The most memory that this process has had, in MB, files included."""
    status = pathlib.Path("/proc/self/status").read_text(encoding="utf-8")
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", metavar="FILE", help="a translator's .tflite")
    parser.add_argument("--megabytes", type=int, default=256, metavar="N", help="the limit of memory (default: 256)")
    parser.add_argument("--repeats", type=int, default=5, metavar="N", help="translations of each; the fastest counts")
    arguments = parser.parse_args()
    limit(arguments.megabytes)
    import numpy  # noqa: F401 (its time is not that of kerasformer)

    engine, importing = seconds(import_runtime)
    translator, loading = seconds(lambda: engine(arguments.path, num_threads=1, workers=1))
    print("| sentences | tokens of the source | of the translation | ms |\n|---:|---:|---:|---:|")
    for count, *means in measure(translator, arguments.repeats):
        print(f"| {count} | {' | '.join(f'{mean:.1f}' for mean in means)} |")
    print(f"import beyond numpy {importing:.2f} s, load and first run {loading:.2f} s, peak {peak():.0f} MB", end="")
    print(f" of {arguments.megabytes} MB")


if __name__ == "__main__":
    main()
