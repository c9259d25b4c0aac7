"""What benchmarks share: trainings that are started, resumed or already there, an option, processes, and reports."""

import contextlib
import dataclasses
import json
import os
import pathlib
import subprocess
import sys

from kerasformer.errors import InputError
from kerasformer.system.files import write_text

ROOT = pathlib.Path(__file__).parents[1]
DECIDED_LATER = {"vocab_size", "height", "width", "channels", "num_classes", "precision"}  # by data and processor


def add_data_dir(parser, corpora, is_downloaded=False):
    """Add --data-dir, the folder with the corpora. Its default is $KERASFORMER_DATA; without it, they are downloaded,
    or the option is required."""
    default = os.environ.get("KERASFORMER_DATA")
    text = f"folder with {corpora} (default: $KERASFORMER_DATA{', else it is downloaded' if is_downloaded else ''})"
    required = not (default or is_downloaded)
    parser.add_argument("--data-dir", type=pathlib.Path, default=default, required=required, help=text)


def memory(kind="VmRSS"):
    """The memory of this process in MB, on Linux; kind "RssAnon" leaves mapped files out."""
    status = pathlib.Path("/proc/self/status").read_text(encoding="utf-8")
    return int(next(line for line in status.splitlines() if line.startswith(kind)).split()[1]) / 1024


def family(pid):
    """The ids of a process and of its children, of all generations, on Linux."""
    found = [pid]
    for each in found:
        with contextlib.suppress(OSError):  # it has ended
            for children in pathlib.Path(f"/proc/{each}/task").glob("*/children"):
                found += map(int, children.read_text().split())
    return found


def train(out, *options, result="bundle"):
    """Train with train.py into a folder, or resume there, unless the `result` in it is there and newer than the run.

    Ctrl-C stops the training in order, and then the benchmark.

    Args:
        out: `pathlib.Path`, the folder.
        *options: of train.py.
        result: the file or folder that exists at the end.

    Raises:
        InputError: if what is there was trained with other options, or if the training ends early; the same call
            resumes it.
    """
    from kerasformer.training import is_unfinished

    options, run = [*map(str, options)], out / "training" / "run.json"
    if run.exists():
        _check_same(out, json.loads(run.read_text(encoding="utf-8")), options)
    if (out / result).exists() and not is_unfinished(out / "training", out / result):
        return
    if run.exists():  # with its first options, which were compared above
        options = ["--resume", *(["--no-export"] if "--no-export" in options else [])]
    with subprocess.Popen([sys.executable, str(ROOT / "train.py"), *options, "--out", str(out)]) as process:
        try:
            code = process.wait()
        except KeyboardInterrupt:  # train.py gets it too, and saves its state
            code = process.wait()
    if code:
        raise InputError(f"training into {out} ended with exit code {code}; run the same command again to resume")


def publish(out, found, text):
    """Write the results into `out` as report.json, and a text for people as report.md; print the text."""
    write_text(out / "report.json", json.dumps(found, indent=1) + "\n")
    write_text(out / "report.md", text + "\n")
    print(text)


def _check_same(out, run, options):
    """Raise unless the run has the options that train.py would start it with."""
    sys.path.insert(0, str(ROOT))
    import train as script

    arguments = script.build_parser().parse_args(options)
    said = script.given(arguments)
    model, training = map(dataclasses.asdict, script.configs(arguments))
    data = {name: getattr(arguments, name) for name in ("data", "source", "target") if getattr(arguments, name)}
    for found, asked in ((run["model"], model), (run["training"], training), (run["data"], data)):
        for name in asked.keys() - (DECIDED_LATER - said.keys()):
            if found.get(name) != asked[name]:
                raise InputError(
                    f"{out} was trained with {name} {found.get(name)}, not {asked[name]}: remove it, or give another "
                    "--out"
                )
