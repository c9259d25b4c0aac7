"""How long a fresh process needs for its first answer, and the memory of one that goes on answering.

    python benchmarks/first_answers.py BUNDLE SAVED_MODEL FILE.tflite
    python benchmarks/first_answers.py BUNDLE SAVED_MODEL FILE.tflite --calls 10000

Every figure is of a process of its own (on Linux); the processes take turns, and the median counts. Seconds are shown
beside those of `import tensorflow` alone. A bundle that has a LiteRT twin has a row for each of the two engines.
"""

import argparse
import json
import multiprocessing
import statistics
import subprocess
import sys

from running import memory

from kerasformer.formats import describe
from kerasformer.inference.opening import open_translator
from kerasformer.inference.twin import find_twin

TEXT = "Mon frère travaille à Paris."
WORDS = ("deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze")
IMPORTS = ("tensorflow", "kerasformer")
# Started by a small process, because Linux counts the memory of the process that starts another one as that one's.
_LAUNCH = """
import json, resource, subprocess, sys, time
began = time.perf_counter()
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
seconds, used = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))
sys.exit(code)
"""


def commands(paths):
    """What is measured: dict of the name of a row to the command."""
    found = {f"import {name}": [sys.executable, "-c", f"import {name}"] for name in IMPORTS}
    for name, (path, engine) in engines(paths).items():
        options = ["--engine", engine] if engine else []
        found[name] = [sys.executable, "-m", "kerasformer.cli.main", "translate", "--model", path, *options, TEXT]
    return found


def engines(paths):
    """The name of each row, and the path and the engine: dict of str to (str, str)."""
    found = {}
    for path in paths:
        description = describe(path, "translation")
        if description.form.name != "bundle":
            found[description.path.name] = path, "auto"
            continue
        found[f"{description.path.name}, engine xla"] = path, "xla"
        if find_twin(description):
            found[f"{description.path.name}, engine litert"] = path, "litert"
    return found


def measure(command):
    """Seconds, seconds of the processor and the peak of the memory in MB of a process that runs a command."""
    launched = subprocess.run([sys.executable, "-c", _LAUNCH, *map(str, command)], stdout=subprocess.PIPE, text=True)
    if launched.returncode:
        raise SystemExit(f"{' '.join(map(str, command))} ended with status {launched.returncode}")
    return json.loads(launched.stdout)


def steady(path, engine, calls):
    """The memory in MB of a process after a tenth of the calls, and after all of them; the answers all differ."""
    translate = open_translator(path, engine=engine)
    for number in range(calls):
        translate(" ".join(["J'ai", *(WORDS[int(digit)] for digit in str(number)), "chats."]))
        if number + 1 == calls // 10:
            early = memory()
    return early, memory()


def show_first(paths, repeats):
    """Print the table of first answers."""
    found = {name: [] for name in commands(paths)}
    for _ in range(repeats):
        for name, command in commands(paths).items():
            found[name].append(measure(command))
    medians = {name: [statistics.median(values) for values in zip(*rows, strict=True)] for name, rows in found.items()}
    print("| process | seconds | beyond `import tensorflow` | seconds of the processor | MB at most |")
    print("|---|---:|---:|---:|---:|")
    for name, (seconds, cpu, megabytes) in medians.items():
        beyond = seconds - medians["import tensorflow"][0]
        print(f"| {name} | {seconds:.2f} | {beyond if beyond > 0 else 0:.2f} | {cpu:.2f} | {megabytes:.0f} |")


def show_steady(paths, calls):
    """Print the table of processes that go on answering."""
    print(f"| process | MB after {calls // 10:,} calls | MB after {calls:,} calls |\n|---|---:|---:|")
    for name, (path, engine) in engines(paths).items():
        with multiprocessing.get_context("spawn").Pool(1) as process:
            early, late = process.apply(steady, (path, engine, calls))
        print(f"| {name} | {early:.0f} | {late:.0f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+", metavar="PATH", help="translators: bundle, SavedModel or .tflite")
    parser.add_argument("--repeats", type=int, default=3, metavar="N")
    parser.add_argument("--calls", type=int, metavar="N", help="measure the memory over N calls instead")
    arguments = parser.parse_args()
    if arguments.calls:
        show_steady(arguments.paths, arguments.calls)
    else:
        show_first(arguments.paths, arguments.repeats)


if __name__ == "__main__":
    main()
