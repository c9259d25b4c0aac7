"""Compare the Vision Transformer with a support vector machine on handwritten digits, over several seeds.

    python benchmarks/digits.py --out runs/digits

Each seed has its own split of the digits and is trained with train.py, unless it has been trained already. The support
vector machine gets the same training images, and the penalty that does best on the same validation images. Writes
report.md and report.json to --out.
"""

import argparse
import pathlib
import statistics

from running import publish, train

from kerasformer.data.images.corpus import load_images
from kerasformer.errors import one_line_errors
from kerasformer.evaluation.classification import evaluate
from kerasformer.inference.opening import open_artefact

PENALTIES = (0.1, 1, 10, 100)  # C of the machine


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("runs/digits"))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--epochs", type=int, help="epochs of each model (default: the recipe's)")
    return parser.parse_args()


def run(seed, corpus, arguments):
    """Train or resume the Vision Transformer of a seed, unless it is there; return its accuracy and minutes."""
    out = arguments.out / str(seed)
    epochs = ["--epochs", arguments.epochs] if arguments.epochs else []
    train(out, "--model", "vit", "--seed", seed, "--no-export", *epochs)
    classifier = open_artefact(out / "bundle")
    return evaluate(classifier, corpus.test)["accuracy"], classifier.bundle.metrics["validation"]["seconds"] / 60


def support_vector_machine(corpus):
    """Test accuracy in per cent of the support vector machine that is best on the validation images."""
    from sklearn.svm import SVC

    def flat(images):
        return images.pixels.reshape(len(images), -1) / 255

    fitted = [SVC(C=penalty).fit(flat(corpus.train), corpus.train.labels) for penalty in PENALTIES]
    best = max(fitted, key=lambda machine: machine.score(flat(corpus.validation), corpus.validation.labels))
    return 100 * best.score(flat(corpus.test), corpus.test.labels)


def report(rows):
    """The table in Markdown, with means and deviations."""
    lines = ["| seed | Vision Transformer | SVC | minutes of training |", "| --- | ---: | ---: | ---: |"]
    lines += [f"| {seed} | {vit:.2f} % | {svc:.2f} % | {minutes:.1f} |" for seed, vit, svc, minutes in rows]
    if len(rows) > 1:
        means = [
            f"{statistics.mean(column):.2f} ± {statistics.stdev(column):.2f}"
            for column in [*zip(*rows, strict=True)][1:]
        ]
        lines.append(f"| mean ± deviation | {means[0]} % | {means[1]} % | {means[2]} |")
    return "\n".join(lines)


def main():
    arguments = parse_arguments()
    rows = []
    for seed in arguments.seeds:
        corpus = load_images("digits", seed=seed)
        accuracy, minutes = run(seed, corpus, arguments)
        rows.append((seed, accuracy, support_vector_machine(corpus), minutes))
    publish(arguments.out, rows, report(rows))


if __name__ == "__main__":
    with one_line_errors("digits.py"):
        main()
