"""A first run on few pairs of one's own: the seconds of each part of `train.py`, from reading the data to the exports.

    python benchmarks/few_pairs.py --pairs 200

Takes the pairs from the built-in corpus. Prints what train.py prints, each line after the seconds since the start, and
at the end the seconds of each part and those of the processor.
"""

import argparse
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).parents[1]
# The first words of the line, the last such one, with which each part begins.
PARTS = {
    "loading Keras and the data": "loading Keras",
    "building the model": "pairs.tsv",
    "preparing the first step": "stage",
    "training": "step 1/",
    "measuring": "epoch ",
    "comparing: the bundle's answers": "saved",
    "SavedModel": "exporting saved_model",
    "LiteRT, 32-bit floats": "exporting litert-fp32",
    "LiteRT, 8-bit weights": "exporting litert-int8",
    "end": "done in",
}


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=200, help="number of pairs in the file (default: 200)")
    parser.add_argument("--script", type=pathlib.Path, default=ROOT / "train.py", help="train.py of another checkout")
    return parser.parse_args()


def write_pairs(path, count):
    """Write the first pairs of the built-in corpus as source TAB target."""
    from kerasformer.data.corpus import load_corpus

    pairs = load_corpus("everyday").train[:count]
    path.write_text("".join(f"{source}\t{target}\n" for source, target in pairs), encoding="utf-8")


def follow(command):
    """Run a command, and yield the seconds since its start with each line that it prints."""
    began = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        for line in process.stdout:
            yield time.monotonic() - began, line.rstrip()
    if process.returncode:
        raise SystemExit(process.returncode)


def main():
    arguments, begun = parse_arguments(), {"starting": 0.0}
    with tempfile.TemporaryDirectory() as folder:
        data = pathlib.Path(folder) / "pairs.tsv"
        write_pairs(data, arguments.pairs)
        options = ["--data", str(data), "--source", "fr", "--target", "en", "--out", f"{folder}/run"]
        for seconds, line in follow([sys.executable, "-u", str(arguments.script), *options]):
            print(f"{seconds:6.1f}  {line}", flush=True)
            begun.update({part: seconds for part, words in PARTS.items() if line.startswith(words)})
    parts = [*begun]
    for part, following in zip(parts, parts[1:], strict=False):
        print(f"{begun[following] - begun[part]:6.1f} s  {part}")
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"{begun['end']:6.1f} s in all, {used.ru_utime + used.ru_stime:.1f} s of the processor")


if __name__ == "__main__":
    main()
