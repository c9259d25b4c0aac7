"""Patterns that ask: est-ce que, où, qui, que, combien, pourquoi, quand."""

from . import french
from .actions import FUTURE_TIMES, choose_verb, direct_object, sometimes
from .grammar import (
    HE,
    ME,
    NAMES,
    SHE,
    THEY,
    WE,
    YOU,
    belonging,
    describe,
    generic,
    noun_phrase,
    place,
    question,
    relative,
    sentence,
)
from .lexicon import COUNTRIES, tagged
from .verbs import AVOIR, INTRANSITIVE, MOVEMENT, OTHERS, TRANSITIVE

ASKED = (YOU, YOU, YOU, HE, SHE, THEY)


def _whom(rng, you=0.5):
    if rng.random() < you:
        return YOU
    return rng.choice(NAMES) if rng.random() < 0.6 else rng.choice((HE, SHE, THEY, relative(rng)))


def did(rng):
    """Est-ce que vous avez acheté du pain ? Est-ce que Paul va vendre sa voiture ?"""
    use, tense = rng.choice((("P", "past"), ("F", "future"), ("F", "want"), ("N", "now")))
    verb, subject = choose_verb(rng, use), _whom(rng)
    phrase = direct_object(rng, verb, subject, "" if verb.infinitive == "porter" else "any" if use == "P" else "some")
    if phrase is None or (verb.infinitive == "porter" and subject is YOU):
        return None
    left, right = question(subject, verb, tense)
    time = sometimes(rng, FUTURE_TIMES, 0.3) if tense == "future" else ("", "")
    return sentence(
        ("est-ce que", left, phrase.french, time[0]),
        (right, phrase.english, time[1]),
        (f"{verb.key}+{phrase.noun.french}", *phrase.keys),
        "?",
    )


def have(rng):
    """Est-ce que vous avez un chat ? Est-ce que vous avez des pommes ?"""
    noun, subject = rng.choice(tagged("pet goods clothing edible drink vehicle toy")), _whom(rng, 0.6)
    kind = "du" if "mass" in noun.tags else "un"
    plural = kind == "un" and ("pair" in noun.tags or "edible" in noun.tags)
    phrase = noun_phrase(noun, kind, describe(rng, noun, kind), plural, some="any")
    left, right = question(subject, AVOIR, "present")
    return sentence(
        ("est-ce que", left, phrase.french),
        (right, phrase.english),
        (f"avoir+{noun.french}", *phrase.keys),
        "?",
    )


def like(rng):
    """Est-ce que vous aimez le chocolat ?"""
    noun, subject = rng.choice(tagged("edible drink animal work")), _whom(rng, 0.7)
    left, right = question(subject, OTHERS["aimer"], "present")
    kind = generic(noun)
    return sentence(("est-ce que", left, kind.french), (right, kind.english), (f"aimer+{noun.french}",), "?")


def where(rng):
    """Où est ma clé ? Où est la voiture de Paul ? Où sont vos gants ?"""
    draw = rng.random()
    if draw < 0.3:
        phrase = belonging(rng, "small vehicle clothing pet")
        if phrase.noun.french in ("robe", "jupe"):
            return None
    else:
        kind = "mon" if draw < 0.75 else "le"
        tags = "small clothing known pet" if kind == "mon" else "small tableware pet building"
        plural = rng.random() < 0.3
        noun = rng.choice(tagged(tags))
        plural = "pair" in noun.tags or (plural and not noun.tags & {"known", "building"})
        phrase = noun_phrase(noun, kind, describe(rng, noun, kind, 0.35), plural, rng.choice((ME, WE, YOU)))
    verb = ("sont", "are") if phrase.plural else ("est", "is")
    keys = (f"où+{phrase.noun.french}", *phrase.keys)
    return sentence(("où", verb[0], phrase.french), ("where", verb[1], phrase.english), keys, "?")


def whither(rng):
    """Où est-ce que Paul travaille ? Quand est-ce que vous allez partir ? Est-ce que vous allez à Paris ?"""
    subject, form = _whom(rng, 0.35), rng.choice(("when", "where", "go"))
    if form == "where":
        verb = {**OTHERS, **INTRANSITIVE}[rng.choice(["habiter", "travailler", "dormir", "jouer", "étudier", "danser"])]
        left, right = question(subject, verb, rng.choice(("present", "past", "want", "future")))
        return sentence(("où est-ce que", left), ("where", right), (f"où+{verb.key}+{subject.french}",), "?")
    spot = place(rng) if rng.random() < 0.75 else rng.choice(COUNTRIES)
    tense = "future" if form == "when" else rng.choice(("now", "want"))
    left, right = question(subject, MOVEMENT["aller"], tense)
    asks = ("quand est-ce que", "when") if form == "when" else ("est-ce que", "")
    return sentence(
        (asks[0], left, spot.french_at),
        (asks[1], right, "to", spot.english),
        (f"{form}+{spot.english}",),
        "?",
    )


def why(rng):
    """Pourquoi est-ce que Marie pleure ? Pourquoi est-ce que vous avez vendu votre voiture ?"""
    subject = _whom(rng, 0.3)
    if rng.random() < 0.3:
        word = rng.choice(["pleurer", "rire", "courir", "chanter", "danser"])
        left, right = question(subject, INTRANSITIVE[word], "now")
        return sentence(("pourquoi est-ce que", left), ("why", right), (f"{word}+{subject.french}",), "?")
    verb = TRANSITIVE[
        rng.choice(["vendre", "acheter", "cacher", "fermer", "ouvrir", "choisir", "oublier", "laver", "appeler"])
    ]
    phrase = direct_object(rng, verb, subject, "any")
    if phrase is None or not phrase.french.startswith(("le ", "la ", "l'", "ce", "son ", "sa ", "vot", "vos", "leur")):
        return None
    left, right = question(subject, verb, "past")
    return sentence(
        ("pourquoi est-ce que", left, phrase.french),
        ("why", right, phrase.english),
        (f"{verb.key}+{phrase.noun.french}", *phrase.keys),
        "?",
    )


def who(rng):
    """Qui a mangé mon gâteau ?"""
    verb = TRANSITIVE[
        rng.choice(
            [
                "manger",
                "acheter",
                "trouver",
                "perdre",
                "lire",
                "ouvrir",
                "fermer",
                "laver",
                "casser",
                "réparer",
                "cacher",
                "choisir",
                "peindre",
                "oublier",
            ]
        )
    ]
    noun = rng.choice(tagged(verb.objects))
    kind = rng.choice(("mon", "le", "ce"))
    plural = "pair" in noun.tags or ("mass" not in noun.tags and "home" not in noun.tags and rng.random() < 0.25)
    phrase = noun_phrase(noun, kind, describe(rng, noun, kind, 0.3), plural, rng.choice((ME, WE)))
    return sentence(
        ("qui a", verb.participle, phrase.french),
        ("who", verb.past, phrase.english),
        (f"{verb.key}+{noun.french}", *phrase.keys),
        "?",
    )


def what(rng):
    """Qu'est-ce que Paul a acheté ? Qu'est-ce que vous voulez boire ?"""
    subject, verb = (
        _whom(rng, 0.25),
        TRANSITIVE[
            rng.choice(
                [
                    "manger",
                    "boire",
                    "acheter",
                    "vendre",
                    "trouver",
                    "perdre",
                    "lire",
                    "écrire",
                    "casser",
                    "oublier",
                    "choisir",
                    "cacher",
                ]
            )
        ],
    )
    tense = rng.choice(("past", "want", "future", "must", "now"))
    if tense != "past" and verb.infinitive in (
        "perdre",
        "trouver",
        "casser",
        "oublier",
        "acheter",
        "choisir",
    ):
        tense = "past"
    left, right = question(subject, verb, tense)
    return sentence(("qu'est-ce que", left), ("what", right), (f"{verb.key}+{subject.french}+{tense}",), "?")


def how_many(rng):
    """Combien de pommes est-ce que Marie a achetées ?"""
    verb, subject = (
        TRANSITIVE[rng.choice(["manger", "acheter", "vendre", "lire", "trouver", "perdre", "écrire"])],
        _whom(rng, 0.3),
    )
    noun = rng.choice([noun for noun in tagged(verb.objects) if "mass" not in noun.tags])
    group = french.verb_group(verb, subject.person, "past", agreement=(noun.gender, True))
    _, right = question(subject, verb, "past")
    return sentence(
        (french.contract("combien de", noun.french_plural), "est-ce que", subject.french, group),
        ("how many", noun.english_plural, right),
        (f"{verb.key}+{noun.french}",),
        "?",
    )
