"""Texts for what Python and JavaScript must do alike, of hard parts and random characters."""

import json
import pathlib
import random
import unicodedata

from tests.odd_texts import TEXTS

PARTS = json.loads(pathlib.Path(__file__).with_name("parts.json").read_text(encoding="utf-8"))


def odd_texts(count, seed=0):
    """Odd texts: those of `tests.odd_texts`, then as many of random parts and characters as `count` asks for."""
    draw = random.Random(seed)
    words = " ".join(TEXTS["a sentence"].split() + TEXTS["accents, composed"].split()).split() + ["Le", "chat", "dort."]
    texts = list(TEXTS.values())
    while len(texts) < count:
        pieces = [_odd_part(draw, words) for _ in range(draw.randint(1, 14))]
        text = draw.choice(("", " ", " ")).join(pieces) if draw.random() < 0.3 else " ".join(pieces)
        texts.append(text.upper() if draw.random() < 0.1 else text)
    return texts


def _odd_part(draw, words):
    kind = draw.random()
    if kind < 0.45:
        return draw.choice(words)
    if kind < 0.9:
        return draw.choice(PARTS)
    characters = (chr(draw.choice((draw.randrange(0x20, 0x3000), draw.randrange(0x20, 0x1FB00)))) for _ in range(4))
    return "".join(c for c in characters if unicodedata.category(c) not in ("Cs", "Cn"))
