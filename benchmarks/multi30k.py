"""Train and score the recipe multi30k, from English, over target languages and seeds.

    python benchmarks/multi30k.py --data-dir FOLDER --out runs/multi30k

Trains with train.py what is not trained yet and resumes what was stopped; an epoch takes a little more than a minute
on one core of an AMD EPYC. Translates the held-out splits with a beam of five. Writes report.md and report.json
to --out.
"""

import argparse
import pathlib
import statistics

from running import add_data_dir, publish, train

from kerasformer.errors import one_line_errors
from kerasformer.system.quiet import quiet_loading

BEAM = 5
METRICS = ("moses_bleu", "bleu")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_data_dir(parser, "Multi30k", is_downloaded=True)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("runs/multi30k"))
    parser.add_argument("--targets", nargs="+", default=["de", "fr"], help="languages (default: de fr)")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument(
        "--options", nargs=argparse.REMAINDER, default=[], help="options of train.py, in place of the recipe's"
    )
    return parser.parse_args()


def run(target, seed, arguments):
    """Train a seed unless it is there, and score it: a dict of minutes and the scores of each split."""
    from kerasformer.data.corpus import load_corpus
    from kerasformer.evaluation.translation import evaluate
    from kerasformer.inference.translator import Translator

    out = arguments.out / f"en-{target}-{seed}"
    options = ["--data", "multi30k", "--source", "en", "--target", target, "--recipe", "multi30k", "--seed", seed]
    where = ["--data-dir", arguments.data_dir] if arguments.data_dir else []
    train(out, *options, *where, *arguments.options, "--no-export")
    translator = Translator.load(out / "bundle", beam_size=BEAM)
    corpus = load_corpus(["multi30k"], "en", target, data_dir=arguments.data_dir)
    scores = {
        split: evaluate(translator, pairs, target)[0].to_json()
        for split, pairs in {"validation": corpus.validation, **corpus.tests}.items()
    }
    last = translator.bundle.metrics["validation"]
    return {"target": target, "seed": seed, "epochs": last["epoch"], "minutes": last["seconds"] / 60, "scores": scores}


def cells(row):
    """The numbers of a row of the table: minutes, and each metric of each split."""
    return [row["minutes"], *(row["scores"][split][metric] for split in row["scores"] for metric in METRICS)]


def table(rows):
    """The report in Markdown, with mean and deviation for each language."""
    headings = ["", "seed", "epochs", "minutes"]
    splits = [split.removesuffix("_flickr") for split in rows[0]["scores"]]
    headings += [f"{split} {name}" for split in splits for name in ("Moses", "cased")]
    lines = [headings, ["---", *["---:"] * (len(headings) - 1)]]
    for target in dict.fromkeys(row["target"] for row in rows):
        of_target = [row for row in rows if row["target"] == target]
        lines += [[f"en-{target}", row["seed"], row["epochs"], *(f"{x:.2f}" for x in cells(row))] for row in of_target]
        if len(of_target) > 1:
            columns = zip(*map(cells, of_target), strict=True)
            means = [f"{statistics.mean(column):.2f} ± {statistics.stdev(column):.2f}" for column in columns]
            lines.append([f"en-{target}", "mean", "", *means])
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def main():
    arguments = parse_arguments()
    with quiet_loading():
        import kerasformer.inference.translator  # noqa: F401
    rows = [run(target, seed, arguments) for target in arguments.targets for seed in arguments.seeds]
    signature = next(iter(rows[0]["scores"].values()))["signature"]
    notes = f"Moses: lower-cased, Moses-tokenised BLEU; cased: sacreBLEU, {signature}"
    publish(arguments.out, rows, f"{table(rows)}\n\n{notes}")


if __name__ == "__main__":
    with one_line_errors("multi30k.py"):
        main()
