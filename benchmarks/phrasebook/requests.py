"""Patterns for the traveller: prices, opening hours, polite requests."""

from .actions import direct_object
from .grammar import (
    UNWANTED,
    YOU,
    describe,
    noun_phrase,
    sentence,
    thing,
)
from .lexicon import CITIES, PLACES, tagged
from .verbs import TRANSITIVE

_TRANSPORT = (("train", "train"), ("bus", "bus"), ("avion", "plane"))


def how_much(rng):
    """Combien coûte cette robe ? À qui est cette voiture ?"""
    phrase = thing(rng, "clothing goods vehicle furniture instrument edible toy", "ce", 0.5)
    if rng.random() < 0.35 and "edible" not in phrase.noun.tags:
        verb = ("sont", "are", "these") if phrase.plural else ("est", "is", "this")
        owned = phrase.english.partition(" ")[2]
        return sentence(
            ("à qui", verb[0], phrase.french),
            ("whose", owned, verb[1], verb[2]),
            (f"qui+{phrase.noun.french}", *phrase.keys),
            "?",
        )
    verb = ("coûtent", "do") if phrase.plural else ("coûte", "does")
    return sentence(
        ("combien", verb[0], phrase.french),
        ("how much", verb[1], phrase.english, "cost"),
        (f"coûter+{phrase.noun.french}", *phrase.keys),
        "?",
    )


def what_time(rng):
    """À quelle heure part le train pour Lyon ? À quelle heure ouvre le musée ?"""
    if rng.random() < 0.5:
        spot = rng.choice([p for p in PLACES if p.english not in ("school", "the park", "the beach")])
        verb = rng.choice((("ouvre", "open"), ("ferme", "close")))
        opened = f"le {spot.french_from[3:]}" if spot.french_from.startswith("du ") else spot.french_from[3:]
        return sentence(
            ("à quelle heure", verb[0], opened),
            ("what time does", spot.english, verb[1]),
            (f"{verb[0]}+{spot.english}",),
            "?",
        )
    means, city = rng.choice(_TRANSPORT), rng.choice(CITIES)
    verb = rng.choice((("part", "pour", "leave", "for"), ("arrive", "de", "arrive", "from")))
    name = city.french_at[2:]
    return sentence(
        ("à quelle heure", verb[0], f"le {means[0]}", verb[1], name),
        ("what time does the", means[1], verb[3], city.english, verb[2]),
        (f"{means[0]}+{city.english}",),
        "?",
    )


def may(rng):
    """Puis-je avoir du thé, s'il vous plaît ? Je voudrais une nouvelle valise, s'il vous plaît."""
    noun = rng.choice(tagged("edible drink goods clothing"))
    kind, plural = "du" if "mass" in noun.tags else "un", bool(noun.tags & {"pair", "fruit"})
    described = tuple(a for a in describe(rng, noun, kind, 0.4) if a.masculine not in UNWANTED)
    phrase = noun_phrase(noun, kind, described, plural and kind == "un")
    if rng.random() < 0.5:
        return sentence(
            ("puis-je avoir", f"{phrase.french}, s'il vous plaît"),
            ("may I have", f"{phrase.english}, please"),
            (f"vouloir+{phrase.noun.french}", *phrase.keys),
            "?",
        )
    return sentence(
        ("je voudrais", f"{phrase.french}, s'il vous plaît"),
        ("I would like", f"{phrase.english}, please"),
        (f"vouloir+{phrase.noun.french}", *phrase.keys),
    )


def please(rng):
    """Fermez la porte, s'il vous plaît. Pouvez-vous laver les assiettes ? N'oubliez pas votre parapluie."""
    verb = TRANSITIVE[
        rng.choice(
            [
                "fermer",
                "ouvrir",
                "laver",
                "nettoyer",
                "réparer",
                "oublier",
                "perdre",
                "cacher",
                "peindre",
                "apporter",
            ]
        )
    ]
    phrase = direct_object(rng, verb, YOU)
    if phrase is None or any(key.endswith(("+bon", "+cher", "+délicieux")) for key in phrase.keys):
        return None
    keys = (f"{verb.key}+{phrase.noun.french}", *phrase.keys)
    if verb.infinitive in ("oublier", "perdre", "cacher"):
        return sentence(("ne", verb.present[3], "pas", phrase.french), ("do not", verb.english, phrase.english), keys)
    if rng.random() < 0.5:
        return sentence(
            ("pouvez-vous", verb.infinitive, f"{phrase.french}, s'il vous plaît"),
            ("can you", verb.english, f"{phrase.english}, please"),
            keys,
            "?",
        )
    return sentence(
        (verb.present[3], f"{phrase.french}, s'il vous plaît"),
        (verb.english, f"{phrase.english}, please"),
        keys,
    )
