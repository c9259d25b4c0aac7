"""Word alignments from attention beside those of a statistical aligner, on 100 pairs.

    python benchmarks/alignment.py --model fr-en --data-dir FOLDER --out runs/alignment

The aligner is IBM model 2 with the diagonal prior of fast_align (Dyer et al. 2013, "A Simple, Fast, and Effective
Reparameterization of IBM Model 2"), trained in both directions on pairs of Tatoeba with the 100 of its development set
among them; the links that both directions have are the reference. Attention is read from each layer of the decoder, at
the step that predicts a token and at the step after it, of each head and of their mean.
Writes report.md and report.json to --out.
"""

import argparse
import dataclasses
import itertools
import pathlib

import numpy as np
from running import add_data_dir, publish

from kerasformer.data.text_files import read_lines
from kerasformer.errors import one_line_errors
from kerasformer.inference.opening import open_artefact
from kerasformer.interface.alignment import WORD, align

ROUNDS = 5  # of expectation maximisation
TENSION, EMPTY = 4.0, 0.08  # of the diagonal, and the share of words that come from no word, as in fast_align


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="fr-en", help="a translator between French and English (default: fr-en)")
    add_data_dir(parser, "tatoeba-fra-eng")
    parser.add_argument("--pairs", type=int, default=100, help="pairs that are compared (default: 100)")
    parser.add_argument(
        "--train", type=int, default=60_000, help="pairs that the aligner learns from (default: 60,000)"
    )
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("runs/alignment"))
    return parser.parse_args()


def numbered(sentences):
    """Words of sentences as numbers from 1: list of int arrays, and how many words there are."""
    vocabulary = {}
    rows = [
        np.array([vocabulary.setdefault(word.lower(), len(vocabulary) + 1) for word in words]) for words in sentences
    ]
    return rows, len(vocabulary) + 1


def statistical_links(pairs):
    """For each (source words, target words), the source word of each target word: int arrays, -1 for no word."""
    sources, num_sources = numbered([source for source, _ in pairs])
    targets, _ = numbered([target for _, target in pairs])
    cells = [_cells(source, target) for source, target in zip(sources, targets, strict=True)]
    source, target, prior, group = (np.concatenate(part) for part in zip(*_grouped(cells), strict=True))
    keys, pair_of = np.unique(target.astype(np.int64) * num_sources + source, return_inverse=True)
    given = (keys % num_sources).astype(np.int64)
    table = np.ones(len(keys))
    for _ in range(ROUNDS):
        weights = prior * table[pair_of]
        weights /= np.bincount(group, weights)[group]
        counts = np.bincount(pair_of, weights, len(keys))
        table = counts / np.bincount(given, counts, num_sources)[given]
    weights, links, begin = prior * table[pair_of], [], 0
    for words, said in zip(sources, targets, strict=True):
        size = len(said) * (len(words) + 1)
        links.append(weights[begin : begin + size].reshape(len(said), -1).argmax(axis=1) - 1)
        begin += size
    return links


def _cells(source, target):
    """Source word, target word and prior of each pair of words, target by target; source word 0 is none."""
    m, n = len(target), len(source)
    place = np.abs((np.arange(m)[:, None] + 1) / m - (np.arange(n) + 1) / n)
    near = np.exp(-TENSION * place)
    prior = np.concatenate([np.full((m, 1), EMPTY), (1 - EMPTY) * near / near.sum(axis=1, keepdims=True)], axis=1)
    given = np.broadcast_to(np.concatenate([[0], source]), (m, n + 1))
    return given.ravel(), np.repeat(target, n + 1), prior.ravel(), np.repeat(np.arange(m), n + 1)


def _grouped(cells):
    """The cells with the numbers of target words counted through all sentences."""
    begin = 0
    for source, target, prior, group in cells:
        yield source, target, prior, group + begin
        begin += group[-1] + 1


def intersection(pairs):
    """The links (source word, target word) that the aligner finds in both directions: a set for each pair."""
    forth = statistical_links(pairs)
    back = statistical_links([(target, source) for source, target in pairs])
    return [
        {(int(i), j) for j, i in enumerate(one) if i >= 0 and other[i] == j}
        for one, other in zip(forth, back, strict=True)
    ]


def agreement(found, wanted):
    """Precision, recall and alignment error rate of sets of links, in per cent, where all wanted links are sure."""
    right = sum(len(one & other) for one, other in zip(found, wanted, strict=True))
    count, of_wanted = sum(map(len, found)), sum(map(len, wanted))
    return {
        "precision": 100 * right / max(count, 1),
        "recall": 100 * right / of_wanted,
        "aer": 100 * (1 - 2 * right / (count + of_wanted)),
    }


def read_pairs(translator, folder, limit):
    """Cleaned (source, target) texts of a split of Tatoeba, which the model knows and reads at once."""
    sides = [read_lines(folder.with_name(f"{folder.name}.{language}.gz")) for language in ("fr", "en")]
    if translator.source == "en":
        sides.reverse()
    chosen = list(zip(*sides, strict=True))[: 2 * limit]
    cleaned = [(translator.clean(source), translator.clean(target, "target")) for source, target in chosen]
    usable = [
        max(map(len, translator.encode(list(pair)))) <= translator.max_tokens and all(translator.knows(list(pair)))
        for pair in cleaned
    ]
    kept = [pair for pair, is_usable in zip(cleaned, usable, strict=True) if is_usable and all(map(WORD.search, pair))]
    return kept[:limit]


def measure(translator, pairs, wanted):
    """The agreement of each way to read alignments from attention: list of dict."""
    attentions = [translator.attention(source, target) for source, target in pairs]
    layers, heads = attentions[0].weights.shape[:2]
    averaged = {"mean": slice(None), **{head + 1: slice(head, head + 1) for head in range(heads)}}
    rows = []
    for layer, is_after, head in itertools.product(range(layers), (False, True), averaged):
        depth, chosen = layer / max(layers - 1, 1), averaged[head]
        seen = [dataclasses.replace(one, weights=one.weights[:, chosen]) for one in attentions]
        found = [{link[:2] for link in align(one, depth, is_after).links} for one in seen]
        step = "after" if is_after else "of prediction"
        name = f"{layer + 1} of {layers}"
        rows.append({"layer": name, "step": step, "heads": head, **agreement(found, wanted)})
    sizes = [[len(WORD.findall(text)) for text in pair] for pair in pairs]
    diagonal = [{(j * source // target, j) for j in range(target)} for source, target in sizes]
    return [*rows, {"layer": "none: diagonal", "step": "", "heads": "", **agreement(diagonal, wanted)}]


def table(rows):
    """The report in Markdown."""
    lines = ["| decoder layer | step | heads | precision | recall | AER |", "| --- | --- | --- | ---: | ---: | ---: |"]
    for row in rows:
        scores = " | ".join(f"{row[name]:.1f}" for name in ("precision", "recall", "aer"))
        lines.append(f"| {row['layer']} | {row['step']} | {row['heads']} | {scores} |")
    return "\n".join(lines)


def main():
    arguments = parse_arguments()
    translator = open_artefact(arguments.model)
    folder = arguments.data_dir / "tatoeba-fra-eng"
    pairs = read_pairs(translator, folder / "dev", arguments.pairs)
    training = read_pairs(translator, folder / "train", arguments.train)
    words = [(WORD.findall(source), WORD.findall(target)) for source, target in [*pairs, *training]]
    wanted = intersection(words)[: len(pairs)]
    rows = measure(translator, pairs, wanted)
    publish(arguments.out, rows, table(rows))


if __name__ == "__main__":
    with one_line_errors("alignment.py"):
        main()
