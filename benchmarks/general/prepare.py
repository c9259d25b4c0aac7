"""Prepare the corpus `general-fra-eng` for `train.py`: train its tokenizer, and write token ids and held-out pairs.

    python benchmarks/general/prepare.py --data-dir DATA --out runs/general

DATA has the folders general-fra-eng, tatoeba-fra-eng and newstest2013.
"""

import argparse
import json
import pathlib
import random

import numpy as np

from kerasformer.data.general import SETS, mix
from kerasformer.data.text_files import read_parallel
from kerasformer.data.training_pairs import hardly_seen
from kerasformer.data.typography import alike, charsmap
from kerasformer.tokenizer import train_tokenizer

VOCAB = 8000
# The share of each set that the tokenizer learns from; law and manuals would fill it with their own words.
SHARES = {
    "tatoeba": 0.6, "cds-blog": 1, "gutenberg-novels": 1, "infobase": 0.5, "canada-law-diverse": 0.25,
    "canada-law-terms": 0.3, "php-doc": 0.3, "bible-lsg-bsb": 0.6, "httpd-doc": 0.4, "hf-course": 1,
    "bilinguator-pd": 1, "opensource-guide": 1, "names": 0.1, "copies": 0.3, "typed-fr": 0.2, "typed-en": 0.2,
}  # fmt: skip
# Letters of European names, so that none of them is unknown.
LETTERS = "".join(map(chr, [*range(0x21, 0x7F), *range(0xC0, 0x180)])) + "ŒœŠšŽž°§€£¥±×÷·µ"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    names = {"newstest": "newstest2013/test", "dev": "tatoeba-fra-eng/dev"}
    names |= {part.name: f"general-fra-eng/{part.name}" for part in SETS} | {"tatoeba": "tatoeba-fra-eng/train"}
    read = {
        name: read_parallel(*(args.data_dir / f"{stem}.{x}.gz" for x in ("fr", "en"))) for name, stem in names.items()
    }
    tests = {name: read.pop(name) for name in ("newstest", "dev")}
    corpus = mix({part.name: read[part.name] for part in SETS}, [pair for pairs in tests.values() for pair in pairs])
    print(json.dumps(corpus.counts, indent=1))
    draw = random.Random(0)
    pairs = [pair for name, share in SHARES.items() for pair in corpus.train[name] if draw.random() < share]
    text = [side for pair in pairs for side in pair]
    text += [letter for letter in dict.fromkeys(alike(LETTERS)) if letter != " "]
    draw.shuffle(text)
    tokenizer = train_tokenizer(text, VOCAB, rules=charsmap())
    (args.out / "tokenizer.model").write_bytes(tokenizer.model)
    unseen = hardly_seen((pair for pairs in corpus.train.values() for pair in pairs), tokenizer)
    (args.out / "unseen.txt").write_text(unseen, encoding="utf-8")
    sets = {**corpus.train, **tests}
    found = {}
    for name, pairs in sets.items():
        for index, side in enumerate(("fr", "en")):
            rows = tokenizer.encode([pair[index] for pair in pairs])
            found[f"{name}.{side}"] = np.concatenate([np.array(row, "uint16") for row in rows])
            found[f"{name}.{side}.lengths"] = np.array([len(row) for row in rows], "uint16")
    about = {"sets": list(sets), "weights": corpus.weights, "vocab": VOCAB}
    found["about"] = np.frombuffer(json.dumps(about).encode(), "uint8")
    np.savez_compressed(args.out / "data.npz", **found)
    # Pieces of names and numbers; a teacher's translation that loses one of source and reference is not used.
    pieces = tokenizer.pieces(range(VOCAB))
    hard = [i > 3 and any(c.isdigit() or c.isupper() for c in piece) for i, piece in enumerate(pieces)]
    np.save(args.out / "hard.npy", np.array(hard))
    references = {name: {"fr": [f for f, _ in pairs], "en": [e for _, e in pairs]} for name, pairs in tests.items()}
    (args.out / "refs.json").write_text(json.dumps(references), encoding="utf-8")
    for name, pairs in corpus.held_out.items():
        for index, side in enumerate(("fr", "en")):
            lines = "".join(f"{pair[index]}\n" for pair in pairs)
            (args.out / f"held-out-{name}.{side}").write_text(lines, encoding="utf-8")


if __name__ == "__main__":
    main()
