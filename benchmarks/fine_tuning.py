"""Train fr-en further on Multi30k, beside a new model that trains for as long.

    python benchmarks/fine_tuning.py --data-dir FOLDER --out runs/fine-tuning
    python benchmarks/fine_tuning.py --data-dir FOLDER --minutes 0.3 --limit 50 --out runs/a-trial

Trains with train.py what is not trained yet and resumes what was stopped. Scores both, fr-en as it is, and with
--complete BUNDLE a model that went through all of the recipe multi30k, on both tests, by greedy search. Writes
report.md and report.json to --out.
"""

import argparse
import pathlib

from running import add_data_dir, publish, train

from kerasformer.errors import one_line_errors
from kerasformer.system.quiet import quiet_loading

BASE = "fr-en"
METRICS = ("bleu", "chrf")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add_data_dir(parser, "Multi30k", is_downloaded=True)
    add("--out", type=pathlib.Path, default=pathlib.Path("runs/fine-tuning"))
    add("--minutes", type=float, default=10.0, help="of training, for each model (default: 10)")
    # As many as end within the minutes on two cores, because the learning rate falls to 0 in the last epochs.
    add("--epochs-further", type=int, default=2, help="epochs of the training further (default: 2)")
    add("--epochs-new", type=int, default=6, help="epochs of the new model (default: 6)")
    add("--complete", metavar="BUNDLE", help="a model of the recipe multi30k, from French to English")
    add("--limit", type=int, help="score only the first N sentences of each test")
    return parser.parse_args()


def score(path, arguments):
    """The row of a bundle: minutes and epochs of its training, if it says so, and its scores on each test."""
    from kerasformer.data.corpus import load_corpus
    from kerasformer.evaluation.translation import evaluate
    from kerasformer.inference.translator import Translator

    translator = Translator.load(path)
    tests = load_corpus(["multi30k"], "fr", "en", data_dir=arguments.data_dir).tests
    scores = {
        split: evaluate(translator, pairs[: arguments.limit], "en")[0].to_json() for split, pairs in tests.items()
    }
    last = translator.bundle.metrics.get("validation", {})
    return {"epochs": last.get("epoch"), "seconds": last.get("seconds"), "scores": scores}


def table(rows):
    """The report in Markdown."""
    splits = [split.removesuffix("_flickr") for split in next(iter(rows.values()))["scores"]]
    headings = ["", "epochs", "minutes", *(f"{split} {name}" for split in splits for name in ("BLEU", "chrF"))]
    lines = [headings, ["---", *["---:"] * (len(headings) - 1)]]
    for name, row in rows.items():
        minutes = f"{row['seconds'] / 60:.1f}" if row["seconds"] else ""
        figures = [f"{found[metric]:.2f}" for found in row["scores"].values() for metric in METRICS]
        lines.append([name, row["epochs"] or "", minutes, *figures])
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def main():
    arguments = parse_arguments()
    with quiet_loading():
        import kerasformer.inference.translator  # noqa: F401
    where = ["--data-dir", arguments.data_dir] if arguments.data_dir else []
    shared = ["--data", "multi30k", "--source", "fr", "--target", "en", "--minutes", arguments.minutes, *where]
    further, new = arguments.out / "further", arguments.out / "new"
    train(further, *shared, "--from", BASE, "--epochs", arguments.epochs_further, "--no-export")
    train(new, *shared, "--recipe", "multi30k", "--epochs", arguments.epochs_new, "--no-export")
    models = {f"{BASE}, trained further": further / "bundle", "a new model": new / "bundle", f"{BASE} as it is": BASE}
    if arguments.complete:
        models["the recipe multi30k, complete"] = arguments.complete
    rows = {name: score(path, arguments) for name, path in models.items()}
    publish(arguments.out, rows, table(rows))


if __name__ == "__main__":
    with one_line_errors("fine_tuning.py"):
        main()
