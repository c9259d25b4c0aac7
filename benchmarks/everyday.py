"""Make the built-in corpus `everyday`: short pairs of Tatoeba, and held-out pairs without a near copy in training.

    python benchmarks/everyday.py --data-dir DATA

DATA has the corpus tatoeba-fra-eng. Writes `kerasformer/data/everyday.tsv.xz`.
"""

import argparse
import lzma
import pathlib

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer

from kerasformer.data.cleaning import clean, overlap_key
from kerasformer.data.corpora import find_corpus
from kerasformer.data.splits import sentence_hash
from kerasformer.system.files import write_bytes

PATH = pathlib.Path(__file__).parents[1] / "kerasformer" / "data" / "everyday.tsv.xz"
MOST_WORDS = 9  # on each side
SIZES = {"test": 1000, "validation": 500, "train": 90_000}
NEAR = 0.6  # two sentences are near copies if they share this part of their character 4-grams (Jaccard)
ROWS = 2000  # training sentences that are compared at once


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=pathlib.Path, required=True, help="folder of the corpus tatoeba-fra-eng")
    parser.add_argument("--out", type=pathlib.Path, default=PATH, help="file to write (default: %(default)s)")
    return parser.parse_args()


def short_pairs(data_dir):
    """The cleaned pairs of at most `MOST_WORDS` words a side, in an order that a hash of the French decides."""
    _, _, splits, *_ = find_corpus("tatoeba-fra-eng").load("fr", "en", data_dir)
    pairs, _, _ = clean(splits["train"])
    short = [pair for pair in pairs if all(len(text.split()) <= MOST_WORDS for text in pair)]
    return sorted(short, key=lambda pair: sentence_hash(pair[0]))


def held_out(pairs):
    """The first pairs for each held-out split; all pairs with the same French or English are in one split."""
    splits, seen = {}, set()
    rest = iter(pairs)
    for name in ("test", "validation"):
        splits[name] = []
        while len(splits[name]) < SIZES[name]:
            pair = next(rest)
            keys = set(map(overlap_key, pair))
            if not keys & seen:
                splits[name].append(pair)
            seen |= keys
    return splits


def without_near_copies(pairs, kept_apart):
    """The pairs of which neither side is a near copy of that side of a pair of `kept_apart`."""
    is_near = np.zeros(len(pairs), bool)
    for side in (0, 1):
        held, texts = ([overlap_key(pair[side]) for pair in group] for group in (kept_apart, pairs))
        count = CountVectorizer(analyzer="char_wb", ngram_range=(4, 4), binary=True, dtype=np.float32).fit(held + texts)
        held = count.transform(held)
        for start in range(0, len(texts), ROWS):
            some = count.transform(texts[start : start + ROWS])
            shared = (some @ held.T).toarray()
            either = some.sum(axis=1).A1[:, None] + held.sum(axis=1).A1[None, :] - shared
            is_near[start : start + ROWS] |= (shared >= NEAR * np.maximum(either, 1)).any(axis=1)
    return [pair for pair, near in zip(pairs, is_near, strict=True) if not near]


def everyday(data_dir):
    """The splits: dict of name to list of (French, English)."""
    pairs = short_pairs(data_dir)
    splits = held_out(pairs)
    apart = [pair for of_split in splits.values() for pair in of_split]
    left = without_near_copies(pairs, apart)
    print(f"{len(pairs):,} short pairs; {len(pairs) - len(left):,} are near copies of the {len(apart):,} held-out ones")
    return {"train": left[: SIZES["train"]], **splits}


def packed(splits):
    """Pairs by split as the bytes of a compressed TSV file: split, French, English."""
    lines = [f"{name}\t{french}\t{english}\n" for name, pairs in splits.items() for french, english in pairs]
    return lzma.compress("".join(lines).encode(), preset=9 | lzma.PRESET_EXTREME)


if __name__ == "__main__":
    options = parse_arguments()
    splits = everyday(options.data_dir)
    write_bytes(options.out, packed(splits))
    print(f"wrote {', '.join(f'{len(pairs):,} {name}' for name, pairs in splits.items())} pairs to {options.out}")
