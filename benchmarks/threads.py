"""What more interpreters of a translator's .tflite bring several threads, and cost: python benchmarks/threads.py FILE

An engine opens as many interpreters as threads run it at once, up to the number of cores. Each row is measured in a
process of its own (on Linux).
"""

import argparse
import multiprocessing
import pathlib
import time
from concurrent.futures import ThreadPoolExecutor

from running import memory

from kerasformer.runtime.interpreter import SharedInterpreter
from kerasformer.runtime.metadata import describe_litert
from kerasformer.system.quiet import quiet_loading
from kerasformer.tokenizer import EOS_ID, Tokenizer, pad_rows

NUMBERS = ("deux", "trois", "quatre", "cinq", "six", "sept")


def measure(path, threads, most, repeats):
    """Sentences a second, and the memory of the interpreters in MB."""
    description = describe_litert(path)
    encode, length = Tokenizer(description.tokenizer).encode, description.metadata["max_length"]
    rows = [[*encode(f"J'ai {number} chats et un chien."), EOS_ID] for number in NUMBERS] * repeats
    inputs = [pad_rows([row], length) for row in rows]
    before = memory("RssAnon")
    interpreter = SharedInterpreter(path, most=most)
    with quiet_loading():  # LiteRT writes a message in its first run
        interpreter.run("translate", source_ids=inputs[0])

    def run(source_ids):
        return interpreter.run("translate", source_ids=source_ids)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(run, inputs))  # opens the interpreters
        start = time.perf_counter()
        list(pool.map(run, inputs))
        return len(inputs) / (time.perf_counter() - start), memory("RssAnon") - before


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=pathlib.Path, metavar="FILE", help="a translator's .tflite")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2, 8], metavar="N")
    parser.add_argument("--repeats", type=int, default=32, metavar="N", help=f"of the {len(NUMBERS)} sentences")
    arguments = parser.parse_args()
    print("| threads | at most so many interpreters | sentences a second | MB |\n|---:|---:|---:|---:|")
    for threads in arguments.threads:
        for most in sorted({1, min(2, threads), threads}):
            with multiprocessing.get_context("spawn").Pool(1) as process:
                speed, megabytes = process.apply(measure, (arguments.path, threads, most, arguments.repeats))
            print(f"| {threads} | {most} | {speed:.0f} | {megabytes:.0f} |", flush=True)


if __name__ == "__main__":
    main()
