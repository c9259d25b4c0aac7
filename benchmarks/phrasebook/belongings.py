"""Patterns about where things are, who has them and who needs them."""

from . import french
from .actions import describe
from .descriptions import copula_of
from .grammar import (
    ME,
    UNWANTED,
    WE,
    clause,
    noun_phrase,
    sentence,
    somebody,
    thing,
)
from .lexicon import NOUNS, tagged
from .verbs import AVOIR, ETRE, IL, OTHERS

_SPOTS = {
    "toy small tableware": (
        ("sur", "on", "table chaise lit fauteuil"),
        ("sous", "under", "table chaise lit fauteuil"),
        ("dans", "in", "boîte voiture maison cuisine chambre"),
        ("à côté de", "next to", "lampe lit porte table"),
        ("derrière", "behind", "chaise lampe lit"),
    ),
    "pet": (
        ("sur", "on", "table chaise lit fauteuil"),
        ("sous", "under", "table chaise lit arbre voiture"),
        ("dans", "in", "boîte maison jardin cuisine chambre"),
        ("devant", "in front of", "porte maison fenêtre"),
        ("derrière", "behind", "porte arbre maison fauteuil"),
        ("à côté de", "next to", "table porte lit fenêtre"),
    ),
    "vehicle transport": (
        ("devant", "in front of", "maison hôtel église musée restaurant château"),
        ("derrière", "behind", "maison hôtel église musée restaurant château"),
        ("à côté de", "next to", "maison hôtel église arbre"),
    ),
}


def _spot(rng, tags):
    preposition, english, nouns = rng.choice(_SPOTS[tags])
    where = noun_phrase(NOUNS[rng.choice(nouns.split())], "le")
    return f"{french.contract(preposition, where.french)}", f"{english} {where.english}", where.noun


def whereabouts(rng):
    """Le chat noir dort sous la table. Mes clés sont dans la voiture."""
    tags = rng.choice(tuple(_SPOTS))
    left, right, spot = _spot(rng, tags)
    kind = "mon" if rng.random() < 0.5 and "transport" not in tags else "le"
    plural = rng.random() < 0.25 and "transport" not in tags
    phrase = thing(rng, tags, kind, 0.35, plural, rng.choice((ME, WE)))
    if phrase.noun.french == "bateau":
        return None
    asleep = "pet" in phrase.noun.tags and not phrase.plural and rng.random() < 0.4
    verb = ("dort", "is sleeping") if asleep else copula_of(phrase.plural, rng.random() < 0.15)
    return sentence(
        (phrase.french, verb[0], left),
        (phrase.english, verb[1], right),
        (f"{phrase.noun.french}+{spot.french}", *phrase.keys),
    )


def there_is(rng):
    """Il y a un chat dans le jardin. Il n'y a pas de lait dans la cuisine."""
    where = rng.choice(
        (
            ("dans la cuisine", "in the kitchen", "edible drink tableware pet"),
            ("sur la table", "on the table", "edible drink tableware toy readable present"),
            ("dans le jardin", "in the garden", "pet grown vehicle person"),
            ("dans la chambre", "in the bedroom", "furniture readable instrument toy"),
            ("dans cette boîte", "in this box", "small toy fruit"),
            ("dans ce sac", "in this bag", "fruit cuttable small"),
        )
    )
    noun = rng.choice(tagged(where[2]))
    plural = ("pair" in noun.tags or rng.random() < 0.4) and "mass" not in noun.tags
    if noun.french in ("sac", "histoire"):
        return None
    keys = (f"{noun.french}+{where[0]}",)
    if rng.random() < 0.3:
        plural = plural or ("edible" in noun.tags and "mass" not in noun.tags)
        phrase = noun_phrase(noun, "de", plural=plural, some="")
        bare = phrase.english if plural or "mass" in noun.tags else noun.english
        return sentence(
            ("il ne y a pas", phrase.french, where[0]),
            ("there are no" if plural else "there is no", bare, where[1]),
            keys,
        )
    kind = "du" if "mass" in noun.tags else "un"
    phrase = noun_phrase(noun, kind, describe(rng, noun, kind), plural)
    return sentence(
        ("il y a", phrase.french, where[0]),
        ("there are" if plural else "there is", phrase.english, where[1]),
        keys + phrase.keys,
    )


def has(rng):
    """Ma sœur a un chien noir. Je n'ai pas de voiture. Paul veut un nouveau téléphone."""
    subject, verb = somebody(rng), rng.choice((AVOIR, AVOIR, OTHERS["vouloir"]))
    noun = rng.choice(tagged("pet vehicle machine instrument goods toy home"))
    negated = rng.random() < 0.3
    described = () if negated else describe(rng, noun, "un", 0.6)
    if verb is not AVOIR:
        described = tuple(a for a in described if a.masculine not in UNWANTED)
    phrase = noun_phrase(noun, "de" if negated else "un", described)
    left, right = clause(subject, verb, "present", "pas" if negated else "")
    return sentence((left, phrase.french), (right, phrase.english), (f"{verb.key}+{noun.french}", *phrase.keys))


def needs(rng):
    """Marie a besoin d'un nouveau manteau. Paul a peur des loups."""
    subject = somebody(rng)
    if rng.random() < 0.3:
        noun = NOUNS[
            rng.choice(["chat", "chien", "cheval", "souris", "vache", "oiseau", "lion", "éléphant", "singe", "loup"])
        ]
        left, _ = clause(subject, AVOIR, "present")
        _, right = clause(subject, ETRE, "present")
        phrase = noun_phrase(noun, "le", plural=True)
        return sentence(
            (left, "peur", french.contract("de", phrase.french)),
            (right, "afraid of", noun.english_plural),
            (f"peur+{noun.french}+{subject.french}",),
        )
    noun = rng.choice(tagged("clothing goods machine vehicle furniture"))
    described = tuple(a for a in describe(rng, noun, "un", 0.6) if a.masculine not in UNWANTED)
    phrase = noun_phrase(noun, "un", described, "pair" in noun.tags, some="")
    need = phrase.english
    left, _ = clause(subject, AVOIR, "present")
    before = phrase.french if not phrase.plural else phrase.french.partition(" ")[2]
    return sentence(
        (left, "besoin", french.contract("de", before)),
        (subject.english, "needs" if subject.person == IL else "need", need),
        (f"besoin+{noun.french}", *phrase.keys),
    )
