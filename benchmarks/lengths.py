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
WIDTHS = (8, 16, 32, 64, 128)  # a row has the sentences of at most so many tokens with eos, and of more than the last


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
    found = {path: [] for path in arguments.paths}
    for _ in range(arguments.rounds):
        for path, measured in found.items():
            with multiprocessing.get_context("spawn").Pool(1) as process:
                measured.append(process.apply(measure, (path, arguments.repeats)))
    print("| file | MB | MB in memory | sentences | tokens | tokens of the translation | ms |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for path, measured in found.items():
        megabytes = min(used for used, _ in measured)
        rows = [(*row[:2], min(each[i][2] for _, each in measured)) for i, row in enumerate(measured[0][1])]
        for low, high in zip((0, *WIDTHS), WIDTHS, strict=False):
            of_width = [row for row in rows if low < row[0] + 1 <= high]
            if of_width:
                means = (f"{sum(column) / len(of_width):.1f}" for column in zip(*of_width, strict=True))
                size = path.stat().st_size / 1e6
                print(f"| {path.name} | {size:.2f} | {megabytes:.0f} | {len(of_width)} | {' | '.join(means)} |")


if __name__ == "__main__":
    main()
