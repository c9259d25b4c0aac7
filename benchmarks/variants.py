"""Measure what each part is worth: models of the built-in corpus that differ in one thing each.

    python benchmarks/variants.py --out runs/variants

Trains with train.py what is not trained yet and resumes what was stopped; some minutes each on two cores, all in
float32. Scores the first of each kind by the length of the source as well. Writes report.md and report.json to --out.
"""

import argparse
import pathlib
import re

from running import publish, train

from kerasformer.data.corpus import load_corpus
from kerasformer.errors import one_line_errors
from kerasformer.inference.opening import open_artefact

VARIANTS = {
    "seq2seq": {"as it is": [], "LSTM for GRU": ["--cell", "lstm"]},
    "attention": {
        "as it is: dot": [],
        "scaled": ["--score", "scaled"],
        "general": ["--score", "general"],
        "additive": ["--score", "additive"],
        "LSTM for GRU": ["--cell", "lstm"],
        "encoder in both directions": ["--bidirectional"],
    },
    "transformer": {
        "as it is: 4 heads": [],
        "1 head": ["--num-heads", 1],
        "8 heads": ["--num-heads", 8],
        "learned positions": ["--position", "learned"],
        "no positions": ["--position", "none"],
        "normalised after, as in the paper": ["--norm", "post"],
    },
}
COLUMNS = ("", "", "parameters", "exact match", "BLEU", "perplexity")
LENGTHS = (1, 4, 6, 8, 10)  # words of a source: the edges of the groups that are scored by themselves


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("runs/variants"))
    parser.add_argument("--models", nargs="+", choices=VARIANTS, default=[*VARIANTS], metavar="KIND")
    parser.add_argument("--preset", default="tiny", help="sizes (default: tiny)")
    return parser.parse_args()


def folder(kind, name, arguments):
    """Where a variant is trained."""
    return arguments.out / kind / re.sub(r"\W+", "-", name)


def run(kind, name, options, arguments):
    """Train a variant unless it is there: a dict of its size and its scores on the test sentences."""
    out = folder(kind, name, arguments)
    # Recurrent models are not packed: with three padded lengths, their batches have little padding.
    shared = "--model", kind, "--preset", arguments.preset, "--precision", "float32", "--num-shapes", 3, "--no-export"
    train(out, *shared, *options)
    bundle = open_artefact(out / "bundle").bundle
    scores = {name: bundle.metrics["test"][name] for name in ("exact_match", "bleu", "perplexity")}
    return {"kind": kind, "variant": name, "parameters": bundle.model.training.count_params(), **scores}


def by_length(kind, arguments):
    """BLEU of the first variant of a kind on the held-out sentences, in groups by the length of the source."""
    from kerasformer.evaluation.translation import evaluate, score_by_length

    translate = open_artefact(folder(kind, next(iter(VARIANTS[kind])), arguments) / "bundle")
    corpus = load_corpus(["everyday"], translate.source, translate.target)
    pairs = corpus.tests["test"] + corpus.validation
    _, answers = evaluate(translate, pairs, translate.target)
    return score_by_length([source for source, _ in pairs], answers, [target for _, target in pairs], LENGTHS)


def table(rows, groups):
    """The report in Markdown."""
    lines = [f"| {' | '.join(COLUMNS)} |", "| --- | --- | ---: | ---: | ---: | ---: |"]
    for row in rows:
        scores = f"{row['exact_match']:.1f} % | {row['bleu']:.1f} | {row['perplexity']:.3f}"
        lines.append(f"| `{row['kind']}` | {row['variant']} | {row['parameters']:,} | {scores} |")
    first = next(iter(groups.values()))
    heads = [f"{group['from']}-{group['to']} words ({group['sentences']} sentences)" for group in first]
    lines += ["", f"| BLEU | {' | '.join(heads)} |", f"| --- |{' ---: |' * len(heads)}"]
    for kind, found in groups.items():
        scores = " | ".join(f"{group['bleu']:.1f}" for group in found)
        lines.append(f"| `{kind}` | {scores} |")
    return "\n".join(lines)


def main():
    arguments = parse_arguments()
    rows = [
        run(kind, name, options, arguments) for kind in arguments.models for name, options in VARIANTS[kind].items()
    ]
    groups = {kind: by_length(kind, arguments) for kind in arguments.models}
    publish(arguments.out, {"variants": rows, "by_length": groups}, table(rows, groups))


if __name__ == "__main__":
    with one_line_errors("variants.py"):
        main()
