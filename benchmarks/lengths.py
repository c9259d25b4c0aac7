"""How long a translator's .tflite takes by the length of sentences, and its memory: python benchmarks/lengths.py FILE

One thread translates the sources of benchmarks/general/golden.tsv. Several files take turns in processes of their own
(on Linux), and the shortest time of each sentence counts, so that other work on the machine matters little.
"""

import argparse
import multiprocessing
import pathlib
import time

from running import memory

from kerasformer.data.text_files import read_lines
from kerasformer.runtime import LiteRTTranslator

SENTENCES = pathlib.Path(__file__).parent / "general" / "golden.tsv"
# Fewest and most tokens of the sources of a row: as many as a signature takes, and about 15.
LENGTHS = ((1, 7), (8, 15), (16, 31), (32, 63), (64, 127), (14, 16))


def measure(path, repeats):
    """The megabytes of memory, and for each sentence its tokens, those of its translation, and the milliseconds."""
    before = memory("RssAnon")
    translator = LiteRTTranslator(path)
    rows = []
    sentences = [line.split("\t")[0] for line in read_lines(SENTENCES)]
    for text in [*sentences, " ".join(sentences[:2]), " ".join(sentences[:4])]:
        took = []
        for _ in range(repeats):
            began = time.process_time()
            [[found]] = translator.decode([text])
            took.append(1000 * (time.process_time() - began))
        rows.append((*translator.count([text]), len(found.token_ids), min(took)))
    return memory("RssAnon") - before, rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", type=pathlib.Path, nargs="+", metavar="FILE", help="a translator's .tflite")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="processes for each file")
    parser.add_argument("--repeats", type=int, default=5, metavar="N", help="translations of a sentence in a process")
    arguments = parser.parse_args()
    rounds = {path: [] for path in arguments.paths}
    for _ in range(arguments.rounds):
        for path, measured in rounds.items():
            with multiprocessing.get_context("spawn").Pool(1) as process:
                measured.append(process.apply(measure, (path, arguments.repeats)))
    print("| file | MB | MB in memory | of so many tokens | sentences | tokens | tokens of the translation | ms |")
    print("|---|---:|---:|---|---:|---:|---:|---:|")
    for path, measured in rounds.items():
        megabytes = min(used for used, _ in measured)
        rows = [(*row[:2], min(each[i][2] for _, each in measured)) for i, row in enumerate(measured[0][1])]
        for low, high in LENGTHS:
            found = [row for row in rows if low <= row[0] <= high]
            if found:
                means = (f"{sum(column) / len(found):.1f}" for column in zip(*found, strict=True))
                size, tokens = f"{path.stat().st_size / 1e6:.2f}", f"{low} to {high}"
                print(f"| {path.name} | {size} | {megabytes:.0f} | {tokens} | {len(found)} | {' | '.join(means)} |")


if __name__ == "__main__":
    main()
