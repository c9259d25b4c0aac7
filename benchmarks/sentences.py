"""Translating texts of several sentences: how many sentences come out, and BLEU, for sentences at once or one by one.

    python benchmarks/sentences.py --model fr-en --data-dir FOLDER --out runs/sentences

Held-out pairs of Tatoeba are joined by spaces to texts of 2, 3 and 5 sentences. Each text is translated one sentence at
a time, several at a time, and as many as fit the model. Writes report.md and report.json to --out.
"""

import argparse
import dataclasses
import pathlib
import random
import re

from running import add_data_dir, publish

from kerasformer.data.corpus import load_corpus
from kerasformer.errors import one_line_errors
from kerasformer.evaluation.translation import bleu
from kerasformer.inference.opening import open_artefact
from kerasformer.interface.segmentation import split_sentences

SIZES = (2, 3, 5)
AT_ONCE = (1, 2, 3, 99)
SENTENCE = re.compile(r"\w.*[.!?…]")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, help="a bundle, a SavedModel, a .tflite or a pretrained model's name")
    add_data_dir(parser, "the corpus", is_downloaded=True)
    parser.add_argument("--corpus", default="tatoeba-fra-eng", help="a named corpus (default: tatoeba-fra-eng)")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("runs/sentences"))
    parser.add_argument("--texts", type=int, default=300, help="texts of each size (default: 300)")
    return parser.parse_args()


def single_sentences(pairs):
    """The pairs of which both sides are one sentence with an end."""
    return [
        pair
        for pair in pairs
        if all(SENTENCE.fullmatch(text.strip()) and len(split_sentences(text.strip())) == 1 for text in pair)
    ]


def make_texts(pairs, size, count):
    """Draw `count` lists of `size` different pairs, and join the sides of each by spaces: list of (source, target)."""
    rng = random.Random(size)
    drawn = (rng.sample(pairs, size) for _ in range(count))
    return [tuple(" ".join(text.strip() for text in side) for side in zip(*some, strict=True)) for some in drawn]


def measure(translate, texts, at_once):
    """Per cent of the texts with as many sentences out as in, and BLEU, with `at_once` sentences at a time."""
    rules, translate.rules = translate.rules, dataclasses.replace(translate.rules, sentences=at_once)
    answers = translate([source for source, _ in texts])
    translate.rules = rules
    same = [
        len(split_sentences(source)) == len(split_sentences(answer))
        for (source, _), answer in zip(texts, answers, strict=True)
    ]
    return {"complete": 100 * sum(same) / len(same), "bleu": bleu(answers, [target for _, target in texts])[0]}


def table(rows):
    """The report in Markdown."""
    cells = {(row["at_once"], row["size"]): row for row in rows}
    sizes = sorted({size for _, size in cells})
    heads = [f"{size} sentences: complete, % | BLEU" for size in sizes]
    lines = [f"| sentences at a time | {' | '.join(heads)} |", f"| --- |{' ---: |' * 2 * len(sizes)}"]
    for at_once in sorted({at_once for at_once, _ in cells}):
        found = [cells[at_once, size] for size in sizes]
        name = "as many as fit" if at_once == AT_ONCE[-1] else str(at_once)
        scores = [f"{row['complete']:.1f} | {row['bleu']:.1f}" for row in found]
        lines.append(f"| {name} | {' | '.join(scores)} |")
    return "\n".join(lines)


def main():
    arguments = parse_arguments()
    translate = open_artefact(arguments.model)
    corpus = load_corpus([arguments.corpus], translate.source, translate.target, data_dir=arguments.data_dir)
    pairs, rows = single_sentences(corpus.validation), []
    for size in SIZES:
        texts = make_texts(pairs, size, arguments.texts)
        rows += [
            {"model": arguments.model, "size": size, "at_once": at_once, **measure(translate, texts, at_once)}
            for at_once in AT_ONCE
        ]
    publish(arguments.out, rows, table(rows))
    print(f"the model's own: {translate.rules.sentences} at a time")


if __name__ == "__main__":
    with one_line_errors("sentences.py"):
        main()
