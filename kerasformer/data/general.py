"""The corpus `general-fra-eng`: twelve sets of French-English text, cleaned, split and mixed by a table of weights."""

import dataclasses
import gzip
import hashlib
import pathlib
import random
import re

from kerasformer.data.augmentation import (
    as_typed,
    shared_names,
    to_be_copied,
    with_other_names,
    without_ligatures,
)
from kerasformer.data.cleaning import clean, overlap_key, remove_overlap
from kerasformer.data.typography import alike, with_ligatures
from kerasformer.errors import InputError

HELD_OUT = 500  # pairs of each set that are not used for training
_CANADA = (
    "Contains information licensed under the Open Government Licence - Canada. Department of Justice Canada "
    "(github.com/justicecanada/laws-lois-xml @ d6853c4a)"
)
_MIT = "under the MIT licence"
_APACHE = "under the Apache License 2.0"


@dataclasses.dataclass(frozen=True)
class Set:
    """One set of pairs.

    Args:
        name: str, of its files NAME.fr.gz and NAME.en.gz.
        weight: float, how often an epoch has each of its pairs, on average.
        attribution: str, where the text is from, who owns it, and its licence.
    """

    name: str
    weight: float
    attribution: str


SETS = (
    Set("tatoeba", 2.0, "Sentences from tatoeba.org under CC-BY 2.0 FR, selected by manythings.org/anki"),
    Set("cds-blog", 3.0, f"Copyright (c) 2019 Canadian Digital Service, {_MIT} "
        "(github.com/cds-snc/digital-canada-ca @ 20c68d81)"),
    Set("gutenberg-novels", 1.5, "Novels of Dumas, Flaubert and Verne and their old translations, out of copyright "
        "(Project Gutenberg 13951, 1257, 13952, 1259, 14155, 2413, 800, 103 by way of github.com/GITenberg)"),
    Set("infobase", 0.9, "Copyright (C) 2019 Her Majesty the Queen in Right of Canada, as represented by the Minister "
        f"of the Treasury Board Secretariat, {_MIT} (github.com/TBS-EACPD/infobase @ fa1309d9)"),
    Set("canada-law-diverse", 0.5, _CANADA),
    Set("canada-law-terms", 0.5, _CANADA),
    Set("php-doc", 0.5, "Copyright (c) the PHP Documentation Group, under CC-BY 3.0 or later "
        "(github.com/php/doc-en @ 17ddeefd, github.com/php/doc-fr @ ce48fac6)"),
    Set("bible-lsg-bsb", 0.6, "Louis Segond 1910 and Berean Standard Bible, public domain "
        "(github.com/unfoldingWord/bt-servant-engine @ df6499a3)"),
    Set("httpd-doc", 0.6, f"The Apache Software Foundation, {_APACHE} (github.com/apache/httpd @ 0cb68044)"),
    Set("hf-course", 1.5, f"Hugging Face, {_APACHE} (github.com/huggingface/course @ 16af5667)"),
    Set("bilinguator-pd", 1.5, f"Old texts, {_MIT} (github.com/bilinguator/aligned-texts @ e56bc56b)"),
    Set("opensource-guide", 2.0, "GitHub, under CC-BY 4.0 (github.com/github/opensource.guide @ ebc9678e)"),
)  # fmt: skip

# How many pairs of each kind are made from those of the sets, and how often an epoch has each of them.
MADE = {"typed-fr": (30_000, 1.0), "typed-en": (30_000, 1.0), "names": (40_000, 1.0), "copies": (12_000, 1.0),
        "ligatures": (6_000, 1.0)}  # fmt: skip

DRAWN = 150_000  # pairs whose names, numbers and hard words are used in the pairs that are made

# Characters of French and English text after `alike`, and letters of European names; pairs with others are dropped.
_KNOWN = re.compile(r"[ -~À-ÖØ-öø-ÿĀ-ſŒœ°§€£¥¢±×÷·•©®µμ²³½¼¾\u2044]*")


@dataclasses.dataclass(frozen=True)
class General:
    """The corpus; each pair is (French, English).

    Args:
        train: dict of name of a set to list of pairs.
        held_out: dict of name of a set to list of pairs; no training pair has either of their sides.
        weights: dict of name of a set to how often an epoch has each of its pairs, on average.
        counts: dict of name of a set to dict: the pairs left after each step.
    """

    train: dict
    held_out: dict
    weights: dict
    counts: dict


def read_general(folder, tatoeba, tests=(), seed=0):
    """Read the sets, clean and split them, and make further pairs from them.

    Args:
        folder: with NAME.fr.gz and NAME.en.gz of each set but "tatoeba".
        tatoeba: folder with train.fr.gz and train.en.gz of the set "tatoeba".
        tests: list of (path of French, path of English); no training pair has one of their sentences.
        seed: int, of the choice of the held-out pairs, and of the pairs that are made.

    Returns:
        The `General`.

    Raises:
        InputError: if the two files of a set have different numbers of lines.
    """
    tests = {f"test {i}": list(read_pair(*paths)) for i, paths in enumerate(tests)}
    pairs = {}
    counts = {}
    seen = set()
    for part in SETS:
        stem = pathlib.Path(tatoeba) / "train" if part.name == "tatoeba" else pathlib.Path(folder) / part.name
        raw = [(with_ligatures(alike(f)), alike(e)) for f, e in read_pair(f"{stem}.fr.gz", f"{stem}.en.gz")]
        found, *_ = clean(raw)
        known = [pair for pair in found if all(map(_KNOWN.fullmatch, pair))]
        new = []
        for pair in known:
            key = tuple(map(overlap_key, pair))
            if key not in seen:
                seen.add(key)
                new.append(pair)
        counts[part.name] = {"read": len(raw), "cleaned": len(found), "letters": len(known), "new": len(new)}
        pairs[part.name] = new
    tests = {name: [(with_ligatures(alike(f)), alike(e)) for f, e in test] for name, test in tests.items()}
    held_out = {name: _hold_out(found, seed) for name, found in pairs.items()}
    train = {}
    never = {"held out": [pair for found in (*held_out.values(), *tests.values()) for pair in found]}
    for name, found in pairs.items():
        train[name], _, removed = remove_overlap(found, never)
        counts[name] |= {"held_out": len(held_out[name]), "overlap": removed - len(held_out[name])}
        counts[name]["train"] = len(train[name])
    made = _make(train, random.Random(seed))
    counts |= {name: {"train": len(found)} for name, found in made.items()}
    weights = {part.name: part.weight for part in SETS} | {name: MADE[name][1] for name in made}
    return General({**train, **made}, held_out, weights, counts)


def read_pair(source, target):
    """Pairs of lines of two gzipped files.

    Raises:
        InputError: if they have different numbers of lines.
    """
    with gzip.open(source, "rt", encoding="utf-8") as fr, gzip.open(target, "rt", encoding="utf-8") as en:
        sides = [file.read().rstrip("\n").split("\n") for file in (fr, en)]
    if len(sides[0]) != len(sides[1]):
        raise InputError(f"{source} has {len(sides[0])} lines and {target} {len(sides[1])}: they are not aligned")
    return zip(*sides, strict=True)


def _hold_out(pairs, seed):
    def place(pair):
        return hashlib.sha256(f"{seed}\t{pair[0]}\t{pair[1]}".encode()).digest()

    return sorted(pairs, key=place)[: min(HELD_OUT, len(pairs) // 4)]


def _make(train, random):
    """The sets of pairs made from training pairs, of the sizes in `MADE`."""
    weights = {part.name: part.weight for part in SETS}
    shares = {name: len(found) * weights[name] for name, found in train.items()}

    def draw(count):
        names = random.choices(tuple(shares), tuple(shares.values()), k=count)
        return [random.choice(train[name]) for name in names]

    everything = draw(DRAWN)
    names = shared_names(everything)
    typed_fr = [as_typed(*pair, random) for pair in draw(MADE["typed-fr"][0])]
    typed_en = [as_typed(*pair[::-1], random)[::-1] for pair in draw(MADE["typed-en"][0])]
    renamed = (with_other_names(*pair, names, random) for pair in draw(8 * MADE["names"][0]))
    return {
        "typed-fr": typed_fr,
        "typed-en": typed_en,
        "names": [pair for pair in renamed if pair][: MADE["names"][0]],
        "copies": to_be_copied(everything, names, random, MADE["copies"][0]),
        "ligatures": without_ligatures(pair for found in train.values() for pair in found)[: MADE["ligatures"][0]],
    }
