"""Texts for what Python and JavaScript must do alike: sentences, and odd ones made of hard parts and random characters."""

import random
import unicodedata

from tests.odd_texts import TEXTS

PARTS = (
    "3,5 millions d'euros|$1,234.56|12 %|15 h 30|www.kera.org/a?b=c.|a@b.fr|{name}|%s|<b>gras</b>|**fort**|`x = 1`|# Titre"
    "|😀|👩‍👩‍👧|🇫🇷|1\u202f234,5\u00a0€|½|10⁻⁶|2024-03-01|+33 6 12 34 56 78|[lien](http://x.fr)|M. Dupont|p. ex.|etc.|J.-P."
    "|fini.Il part|« Oui ! » dit-il|...|?!|。|！|fig. 3|3. Oktober|z. B.|Łódź|ありがとう|спасибо|नमस्ते|– Tiens|• un|\n\n|\r\n  |\t"
    "|\u2028|œuvre|Œuvre|ŒUVRE|l’été|``citation''|“mot”|e\u0301|ﬁn|№|①|\u200b|\u00ad|x\u200dy|&nbsp;|&#39;|5 $US|US$5|100 km/h|£5"
    "|20 °C|1/2|8:30|10:15:30,5|:|;|—|-|(|)|a.m.|U.S.|No.|<p0>|<p9>|⁇|▁|ſtraße|İ|ǅ|ß|²|Ⅷ|٣|\ufeff|\U0001f3f4\U000e0067\U000e007f"
).split("|")


def odd_texts(count, seed=0):
    """Odd texts: those of `tests.odd_texts`, then as many of random parts and characters as `count` asks for."""
    draw = random.Random(seed)
    words = " ".join(TEXTS["a sentence"].split() + TEXTS["accents, composed"].split()).split() + ["Le", "chat", "dort."]
    texts = list(TEXTS.values())
    while len(texts) < count:
        pieces = [_odd_part(draw, words) for _ in range(draw.randint(1, 14))]
        texts.append(draw.choice(("", " ", " ")).join(pieces) if draw.random() < 0.3 else " ".join(pieces))
    return texts


def _odd_part(draw, words):
    kind = draw.random()
    if kind < 0.45:
        return draw.choice(words)
    if kind < 0.9:
        return draw.choice(PARTS)
    characters = (chr(draw.choice((draw.randrange(0x20, 0x3000), draw.randrange(0x20, 0x1FB00)))) for _ in range(4))
    return "".join(c for c in characters if unicodedata.category(c) not in ("Cs", "Cn"))
