"""The corpus `general-fra-eng`: twelve sets of French-English text, cleaned, split and mixed by a table of weights."""

import dataclasses
import hashlib
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

HELD_OUT = 500  # pairs of each set that are not used for training
_CANADA = (
    "Contains information licensed under the Open Government Licence - Canada. Department of Justice Canada",
    "github.com/justicecanada/laws-lois-xml @ d6853c4a",
)
_MIT = "under the MIT licence"
_APACHE = "under the Apache License 2.0"
_HUB = "github.com"


@dataclasses.dataclass(frozen=True)
class Set:
    """One set of pairs.

    Args:
        name: str, of its files NAME.fr and NAME.en; "tatoeba" is the corpus tatoeba-fra-eng.
        weight: float, how often an epoch has each of its pairs, on average.
        owner: str, what the text is, who owns it, and its licence.
        place: str, the repository it is from, and its commit; "" if `owner` says it.
    """

    name: str
    weight: float
    owner: str
    place: str = ""

    @property
    def attribution(self):
        """What to say where text or models are passed on: str."""
        return f"{self.owner} ({self.place})" if self.place else self.owner


SETS = (
    Set("tatoeba", 2.0, "Sentences from tatoeba.org under CC-BY 2.0 FR, selected by manythings.org/anki"),
    Set("cds-blog", 3.0, f"Copyright (c) 2019 Canadian Digital Service, {_MIT}",
        f"{_HUB}/cds-snc/digital-canada-ca @ 20c68d81"),
    Set("gutenberg-novels", 1.5, "Novels of Dumas, Flaubert and Verne and their old translations, out of copyright",
        f"Project Gutenberg 13951, 1257, 13952, 1259, 14155, 2413, 800, 103 by way of {_HUB}/GITenberg"),
    Set("infobase", 0.9, "Copyright (C) 2019 Her Majesty the Queen in Right of Canada, as represented by the Minister "
        f"of the Treasury Board Secretariat, {_MIT}", f"{_HUB}/TBS-EACPD/infobase @ fa1309d9"),
    Set("canada-law-diverse", 0.5, *_CANADA),
    Set("canada-law-terms", 0.5, *_CANADA),
    Set("php-doc", 0.5, "Copyright (c) the PHP Documentation Group, under CC-BY 3.0 or later",
        f"{_HUB}/php/doc-en @ 17ddeefd, {_HUB}/php/doc-fr @ ce48fac6"),
    Set("bible-lsg-bsb", 0.6, "Louis Segond 1910 and Berean Standard Bible, public domain",
        f"{_HUB}/unfoldingWord/bt-servant-engine @ df6499a3"),
    Set("httpd-doc", 0.6, f"The Apache Software Foundation, {_APACHE}", f"{_HUB}/apache/httpd @ 0cb68044"),
    Set("hf-course", 1.5, f"Hugging Face, {_APACHE}", f"{_HUB}/huggingface/course @ 16af5667"),
    Set("bilinguator-pd", 1.5, f"Old texts, {_MIT}", f"{_HUB}/bilinguator/aligned-texts @ e56bc56b"),
    Set("opensource-guide", 2.0, "GitHub, under CC-BY 4.0", f"{_HUB}/github/opensource.guide @ ebc9678e"),
)  # fmt: skip
ATTRIBUTION = "; ".join(dict.fromkeys(part.attribution for part in SETS))

# How many pairs of each kind are made from those of the sets, and how often an epoch has each of them.
MADE = {"typed-fr": (30_000, 1.0), "typed-en": (30_000, 1.0), "names": (40_000, 1.0), "copies": (12_000, 1.0),
        "ligatures": (6_000, 1.0)}  # fmt: skip
# Those that are only for translating from one language, because the text in it is as people type it.
FROM = {"typed-fr": "fr", "typed-en": "en", "ligatures": "fr"}

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


def mix(sets, tests=(), seed=0):
    """Clean and split the sets, and make further pairs from them.

    Args:
        sets: dict of the name of each of `SETS` to its (French, English) pairs.
        tests: (French, English) pairs; no training pair has one of their sentences.
        seed: int, of the choice of the held-out pairs, and of the pairs that are made.

    Returns:
        The `General`.
    """
    pairs, counts, seen = {}, {}, set()
    for name, read in sets.items():
        # The same rules as for a named corpus, except that French keeps its ligatures: it may be the target.
        found, *_ = clean(list(map(_alike, read)), cleaning="typography")
        known = [pair for pair in found if all(map(_KNOWN.fullmatch, pair))]
        pairs[name] = []
        for pair in known:
            key = tuple(map(overlap_key, pair))
            if key not in seen:
                seen.add(key)
                pairs[name].append(pair)
        counts[name] = {"read": len(read), "cleaned": len(found), "letters": len(known), "new": len(pairs[name])}
    held_out = {name: _hold_out(found, seed) for name, found in pairs.items()}
    never = {"held out": [pair for found in (*held_out.values(), map(_alike, tests)) for pair in found]}
    train = {}
    for name, found in pairs.items():
        train[name], _, removed = remove_overlap(found, never)
        counts[name] |= {"held_out": len(held_out[name]), "overlap": removed - len(held_out[name])}
        counts[name]["train"] = len(train[name])
    made = _make(train, random.Random(seed))
    counts |= {name: {"train": len(found)} for name, found in made.items()}
    weights = {part.name: part.weight for part in SETS} | {name: MADE[name][1] for name in made}
    return General({**train, **made}, held_out, weights, counts)


def _alike(pair):
    return with_ligatures(alike(pair[0])), alike(pair[1])


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
