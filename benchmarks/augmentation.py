"""Measure what each kind of made training pairs is worth: a model of the built-in corpus is trained further with it.

    python train.py && python benchmarks/augmentation.py --out runs/augmentation

Each kind replaces a third of the pairs; the control has none. Trains with train.py what is not trained yet, resumes
what was stopped, and scores what each kind is for, without protection, which would hide what the model itself learned.
The columns that a kind is not for show how much runs differ by chance. Writes report.md and report.json to --out.
"""

import argparse
import pathlib
import random

from running import publish, train
from sentences import make_texts, measure, single_sentences

from kerasformer.data.augmentation import as_typed, shared_names, to_be_copied, with_other_names
from kerasformer.data.corpus import load_corpus
from kerasformer.errors import one_line_errors
from kerasformer.system.files import write_text
from kerasformer.system.quiet import quiet_loading

KINDS = ("none", "text as typed", "joined sentences", "other names", "texts to be copied")
TYPED = ("all capitals", "no capitals", "no final stop", "no accents", "typos")
COPIED = ("names", "web address", "address")
HEADS = ("made pairs", "BLEU", *TYPED, *(f"{kind} lost, %" for kind in COPIED), "joined: complete, %", "joined: BLEU")
OPTIONS = ("--epochs", 1, "--learning-rate", 1e-3, "--warmup-steps", 20, "--batch-tokens", 2048, "--num-shapes", 1)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", default="runs/everyday-fr-en/bundle", help="a bundle that train.py made of everyday")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("runs/augmentation"))
    parser.add_argument("--pairs", type=int, default=12_000, help="pairs of each training (default: 12000)")
    parser.add_argument("--limit", type=int, default=200, help="held-out pairs that texts are made of (default: 200)")
    return parser.parse_args()


def training_pairs(kind, everyday, count):
    """The pairs of a training: a third of them made, or joined, from the others."""
    draw, third = random.Random(0), count // 3
    pairs = everyday[third:count]
    names = shared_names(pairs)
    if kind == "text as typed":
        return pairs + [as_typed(*pair, draw) for pair in pairs[:third]]
    if kind == "other names":
        named = [pair for pair in everyday if shared_names([pair])]  # few pairs of the corpus have one
        return pairs + [with_other_names(*draw.choice(named), names, draw) for _ in range(third)]
    if kind == "texts to be copied":
        return pairs + to_be_copied(pairs, names, draw, third)
    if kind == "joined sentences":  # train.py also teaches the sentences of these texts one by one
        found, rest = pairs[third:], pairs[:third]
        while rest:
            size = draw.choice((2, 3))
            found.append(tuple(map(" ".join, zip(*rest[:size], strict=True))))
            rest = rest[size:]
        return found
    return everyday[:count]


def write_pairs(stem, pairs):
    """Write the sides of pairs to two files; returns them."""
    files = [stem.with_suffix(suffix) for suffix in (".fr", ".en")]
    for file, side in zip(files, zip(*pairs, strict=True), strict=True):
        write_text(file, "".join(f"{text}\n" for text in side))
    return files


def run(kind, corpus, arguments):
    """Train further with a kind of made pairs, unless that is done: the bundle."""
    out = arguments.out / kind.replace(" ", "-")
    made = training_pairs(kind, corpus.train, arguments.pairs)
    parts = {"data": made, "validation": corpus.validation, "test": corpus.tests["test"]}
    files = [x for name, pairs in parts.items() for x in (f"--{name}", *write_pairs(out / name, pairs))]
    train(out, *files, "--from", arguments.base, *OPTIONS, "--no-export")
    return out / "bundle"


def score(bundle, corpus, limit):
    """The figures of a bundle, in the order of `HEADS`."""
    from kerasformer.evaluation.robustness import measure_robustness
    from kerasformer.evaluation.translation import evaluate
    from kerasformer.inference.translator import Translator

    translator = Translator.load(bundle, protect=False)
    pairs = sorted(corpus.tests["test"], key=lambda pair: not shared_names([pair]))  # names first
    figures, _ = measure_robustness(translator, pairs[:limit])
    joined = measure(translator, make_texts(single_sentences(corpus.validation), 2, limit), 2)
    difficult = [figures[kind]["chrf"] for kind in TYPED] + [figures[kind]["lost_names"] for kind in COPIED]
    return [evaluate(translator, pairs, "en")[0].bleu, *difficult, *joined.values()]


def table(rows):
    """The report in Markdown."""
    figures = [(kind, *(f"{figure:.1f}" for figure in found)) for kind, found in rows.items()]
    rule = ["---", *["---:"] * (len(HEADS) - 1)]
    return "\n".join(f"| {' | '.join(line)} |" for line in (HEADS, rule, *figures))


def main():
    arguments = parse_arguments()
    with quiet_loading():
        corpus = load_corpus(["everyday"], "fr", "en")
    rows = {kind: score(run(kind, corpus, arguments), corpus, arguments.limit) for kind in KINDS}
    publish(arguments.out, rows, table(rows))


if __name__ == "__main__":
    with one_line_errors("augmentation.py"):
        main()
