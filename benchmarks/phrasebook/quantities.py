"""Patterns with numbers and amounts: counting, ages, prices, portions."""

from .french import contract
from .grammar import clause, sentence, somebody, thing
from .lexicon import CITIES, COUNTRIES, NOUNS, PLACES, tagged
from .numbers import english_number, french_number
from .verbs import AVOIR, ETRE, IL, ILS, INTRANSITIVE, JE, NOUS, OTHERS, TRANSITIVE

_PORTIONS = (
    ("une tasse", "a cup", "thé café"),
    ("un verre", "a glass", "eau lait vin limonade"),
    ("une bouteille", "a bottle", "eau lait vin bière limonade"),
    ("un kilo", "a kilo", "pomme poire banane orange tomate carotte viande riz"),
    ("une assiette", "a plate", "riz salade jambon"),
    ("un morceau", "a piece", "pain fromage chocolat"),
)
_STORES = (
    ("dans la bibliothèque", "in the library", "livre roman dictionnaire journal"),
    ("dans le musée", "in the museum", "tableau photo horloge"),
    ("dans l'hôtel", "in the hotel", "chambre lit table chaise"),
    ("dans le parc", "in the park", "arbre fleur canard oiseau"),
    ("à l'école", "at school", "enfant fille garçon"),
    ("dans le village", "in the village", "maison homme femme enfant"),
    ("au restaurant", "at the restaurant", "assiette verre fourchette couteau cuillère"),
    ("au marché", "at the market", "pomme orange tomate œuf poire"),
)
_PRICES = (
    ("fruit", 2, 9),
    ("text", 5, 60),
    ("clothing", 25, 300),
    ("machine", 60, 990),
    ("instrument", 90, 990),
    ("furniture", 40, 990),
)
_UNPRICED = ("voiture", "bateau", "histoire", "journal", "chaussette")


_LEAST_AGES = {"grand-mère": 60, "grand-père": 60, "mère": 40, "père": 40, "oncle": 35, "tante": 35}


def number_key(number, what):
    """Reserve a number from 21 on as such, and a smaller one together with what is counted."""
    return str(number) if number > 20 else f"{number}+{what}"


def _any_number(rng, most=999):
    return rng.randint(2, most) if rng.random() < 0.6 else rng.randint(2, min(most, 99))


def count(rng):
    """Il y a deux cent quarante-sept livres dans la bibliothèque."""
    store = rng.choice(_STORES)
    noun, number = NOUNS[rng.choice(store[2].split())], _any_number(rng)
    french = french_number(number, noun.gender == "f")
    return sentence(
        ("il y a", french, noun.french_plural, store[0]),
        ("there are", english_number(number), noun.english_plural, store[1]),
        (number_key(number, noun.french),),
    )


def bought(rng):
    """J'ai acheté vingt et une pommes."""
    verb = rng.choice(("acheter", "vendre", "apporter"))
    noun, number, subject = (
        rng.choice(tagged("fruit sendable tableware readable")),
        _any_number(rng, 60),
        somebody(rng),
    )
    if noun.french == "histoire":
        return None
    left, right = clause(subject, TRANSITIVE[verb], "past")
    return sentence(
        (left, french_number(number, noun.gender == "f"), noun.french_plural),
        (right, english_number(number), noun.english_plural),
        (number_key(number, noun.french), f"{verb}+{noun.french}"),
    )


def age(rng):
    """Paul a vingt et un ans."""
    subject, number = somebody(rng), rng.randint(2, 99)
    if subject.key in NOUNS or subject.person in (JE, NOUS, ILS):
        number = rng.randint(_LEAST_AGES.get(subject.key, 21), 99)
    left, _ = clause(subject, AVOIR, "present")
    _, right = clause(subject, ETRE, "present")
    return sentence(
        (left, french_number(number), "ans"),
        (right, english_number(number), "years old"),
        (number_key(number, subject.french),),
    )


def price(rng):
    """Cette robe coûte quatre-vingts euros."""
    tags, least, most = rng.choice(_PRICES)
    phrase = thing(rng, tags, "ce", 0.3)
    if phrase.noun.french in _UNPRICED:
        return None
    number = rng.randint(least, most)
    verb = ("coûtent", "cost") if phrase.plural else ("coûte", "costs")
    return sentence(
        (phrase.french, verb[0], french_number(number), "euros"),
        (phrase.english, verb[1], english_number(number), "euros"),
        (number_key(number, phrase.noun.french), *phrase.keys),
    )


def portion(rng):
    """Je voudrais une tasse de thé, s'il vous plaît. Marie a acheté un kilo de pommes."""
    left, right, nouns = rng.choice(_PORTIONS)
    noun = NOUNS[rng.choice(nouns.split())]
    mass = "mass" in noun.tags
    left = f"{left} {contract('de', noun.french if mass else noun.french_plural)}"
    right = f"{right} of {noun.english if mass else noun.english_plural}"
    keys = (f"{left}",)
    if rng.random() < 0.3:
        return sentence(("je voudrais", f"{left}, s'il vous plaît"), ("I would like", f"{right}, please"), keys)
    verb = TRANSITIVE[
        rng.choice(
            ("acheter", "apporter")
            if "kilo" in left or "bouteille" in left
            else ("boire", "apporter")
            if "drink" in noun.tags
            else ("manger", "apporter")
        )
    ]
    subject, tense = somebody(rng), rng.choice(("past", "future", "want"))
    french, english = clause(subject, verb, tense)
    return sentence((french, left), (english, right), (*keys, f"{left}+{verb.key}"))


def plenty(rng):
    """Marie a beaucoup de livres. Il y a trop de chaises dans la cuisine."""
    left, many, much = rng.choice(
        (
            ("beaucoup de", "a lot of", "a lot of"),
            ("trop de", "too many", "too much"),
            ("assez de", "enough", "enough"),
        )
    )
    noun, subject = rng.choice(tagged("clothing goods pet toy fruit drink edible small")), somebody(rng)
    mass = "mass" in noun.tags
    verb = rng.choice((AVOIR, AVOIR, TRANSITIVE["acheter"])) if not mass else TRANSITIVE["acheter"]
    if left == "assez de" or "animal" in noun.tags:
        verb = AVOIR
    french, english = clause(subject, verb, "present" if verb is AVOIR else "past")
    return sentence(
        (french, contract(left, noun.french if mass else noun.french_plural)),
        (english, much if mass else many, noun.english if mass else noun.english_plural),
        (f"{left}+{noun.french}",),
    )


def period(rng):
    """Marie habite à Paris depuis trois ans."""
    subject, number = somebody(rng), rng.randint(2, 40)
    verb, spot, english = rng.choice(
        (
            ("habiter", rng.choice(CITIES + COUNTRIES), "lived"),
            ("travailler", rng.choice(PLACES[1:]), "worked"),
        )
    )
    if spot.english in ("the beach", "the park"):
        return None
    left, _ = clause(subject, {**OTHERS, **INTRANSITIVE}[verb], "present")
    have = "has" if subject.person == IL else "have"
    return sentence(
        (left, spot.french_at, "depuis", french_number(number), "ans"),
        (
            subject.english,
            have,
            english,
            spot.preposition,
            spot.english,
            "for",
            english_number(number),
            "years",
        ),
        (number_key(number, spot.english), f"{verb}+{spot.english}"),
    )
