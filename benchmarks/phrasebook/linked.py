"""Patterns of two clauses: pronouns that point back, reasons and conditions."""

from . import french
from .actions import direct_object, unheated
from .grammar import (
    ME,
    NAMES,
    UNWANTED,
    WE,
    clause,
    describe,
    noun_phrase,
    sentence,
    somebody,
)
from .lexicon import ADJECTIVES, PLACES, tagged
from .verbs import ETRE, INTRANSITIVE, MOVEMENT, OTHERS, TRANSITIVE

_TOPICS = [
    "vendre",
    "trouver",
    "perdre",
    "lire",
    "ouvrir",
    "fermer",
    "laver",
    "nettoyer",
    "casser",
    "réparer",
    "oublier",
    "cacher",
    "peindre",
]
_PEOPLE = (
    ("appeler", "past"),
    ("inviter", "past"),
    ("aider", "past"),
    ("chercher", "now"),
    ("attendre", "now"),
)
_REASONS = (
    ("dormir", "fatigué malade"),
    ("pleurer", "triste inquiet malade"),
    ("chanter", "heureux"),
    ("danser", "heureux"),
    ("rire", "heureux"),
)
_WEATHER = (
    ("s'il pleut", "if it rains"),
    ("s'il neige", "if it snows"),
    ("s'il fait froid", "if it is cold"),
    ("s'il fait beau", "if the weather is nice"),
    ("s'il fait chaud", "if it is hot"),
)


def topic(rng):
    """La voiture ? Paul l'a vendue."""
    verb, subject = TRANSITIVE[rng.choice(_TOPICS)], somebody(rng)
    noun = rng.choice(tagged(verb.objects))
    single = noun.tags & frozenset(["home", "room", "vehicle", "furniture"])
    phrase = noun_phrase(noun, "le", plural="pair" in noun.tags or (not single and rng.random() < 0.3))
    clitic, pronoun = phrase.object_pronoun
    if rng.random() < 0.25 and "F" in verb.uses:
        left, right = clause(subject, verb, "future", clitic=clitic)
    else:
        group = french.verb_group(verb, subject.person, "past", "", clitic, "", phrase.agreement)
        left, right = f"{subject.french} {group}", f"{subject.english} {verb.past}"
    left, right = french.elide(left), f"{right} {pronoun}"
    return sentence(
        (f"{phrase.french} ? {left[0].upper()}{left[1:]}",),
        (f"{phrase.english}? {right[0].upper()}{right[1:]}",),
        (f"{verb.key}+{noun.french}",),
    )


def not_found(rng):
    """Paul cherche sa clé, mais il ne la trouve pas."""
    subject, verb = somebody(rng), TRANSITIVE["chercher"]
    phrase = direct_object(rng, verb, subject)
    if phrase is None:
        return None
    clitic, pronoun = phrase.object_pronoun
    left, right = clause(subject, verb, "now")
    again = subject.pronoun
    group = french.verb_group(TRANSITIVE["trouver"], subject.person, "present", "pas", clitic)
    return sentence(
        (left, f"{phrase.french}, mais", again.french, group),
        (right, f"{phrase.english}, but", again.english, "cannot find", pronoun),
        (f"chercher+{phrase.noun.french}", *phrase.keys),
    )


def birthday(rng):
    """C'est l'anniversaire de Marie. Je lui ai acheté un livre."""
    who, giver = rng.choice(NAMES), rng.choice((ME, WE, *NAMES))
    if who is giver:
        return None
    noun = rng.choice(tagged("goods clothing toy present petal treat"))
    if "mass" in noun.tags:
        return None
    if noun.french in ("robe", "jupe") and who.gender == "m":
        return None
    described = tuple(a for a in describe(rng, noun, "un") if a.masculine not in UNWANTED)
    phrase = noun_phrase(noun, "un", described, bool(noun.tags & {"pair", "petal"}))
    verb = rng.choice((TRANSITIVE["acheter"], OTHERS["donner"]))
    left, _ = clause(giver, verb, "past", clitic="lui")
    left = french.elide(left)
    whom = "him" if who.gender == "m" else "her"
    return sentence(
        (
            f"c'est l'anniversaire {french.contract('de', who.french)}. {left[0].upper()}{left[1:]}",
            phrase.french,
        ),
        (
            f"it is {who.english}'s birthday. {giver.english[0].upper()}{giver.english[1:]}",
            verb.past,
            whom,
            phrase.english,
        ),
        (f"{verb.key}+{noun.french}", *phrase.keys),
    )


def acquaintance(rng):
    """Voici Marie. Je la connais bien. Où est Paul ? Nous l'attendons."""
    who, subject = rng.choice(NAMES), rng.choice((ME, WE))
    clitic, pronoun = ("le", "him") if who.gender == "m" else ("la", "her")
    if rng.random() < 0.3:
        left, right = clause(subject, OTHERS["connaître"], "present", clitic=clitic)
        left, tail = f"{left} bien", f"{pronoun} well"
        head = (f"voici {who.french}.", f"here is {who.english}.")
    else:
        word, tense = rng.choice(_PEOPLE[3:])
        left, right = clause(subject, TRANSITIVE[word], tense, clitic=clitic)
        head, tail = (f"où est {who.french} ?", f"where is {who.english}?"), pronoun
    left = french.elide(left)
    return sentence(
        (head[0], left[0].upper() + left[1:]),
        (head[1], right[0].upper() + right[1:], tail),
        (f"{clitic}+{who.french}+{subject.french}",),
    )


def and_then(rng):
    """Marie a acheté un gâteau et elle l'a mangé."""
    first, second, tags = rng.choice(
        (
            ("acheter", "manger", "fruit treat edible"),
            ("trouver", "lire", "readable"),
            ("écrire", "envoyer", "sendable"),
            ("laver", "manger", "fruit"),
            ("acheter", "perdre", "small"),
            ("casser", "réparer", "machine"),
            ("acheter", "lire", "readable"),
            ("acheter", "boire", "drink"),
            ("trouver", "vendre", "goods"),
        )
    )
    noun, subject = rng.choice(tagged(tags)), somebody(rng)
    if (first == "écrire" and noun.french != "lettre") or noun.french in ("confiture", "miel", "histoire"):
        return None
    if noun.french == ("lettre" if first == "acheter" else "banane" if first == "laver" else ""):
        return None
    verbs = {**TRANSITIVE, **OTHERS}
    kind = "du" if "mass" in noun.tags else rng.choice(("un", "ce") if first != "acheter" else ("un",))
    if first == "casser" and not noun.tags & {"breakable"}:
        return None
    if first == "casser":
        kind = "le"
    phrase = noun_phrase(noun, kind, unheated(describe(rng, noun, kind, 0.3)), "pair" in noun.tags)
    clitic, pronoun = phrase.object_pronoun
    left, right = clause(subject, verbs[first], "past")
    again = subject.pronoun
    group = french.verb_group(verbs[second], subject.person, "past", "", clitic, "", phrase.agreement)
    return sentence(
        (left, phrase.french, "et", again.french, group),
        (right, phrase.english, "and", again.english, verbs[second].past, pronoun),
        (f"{first}+{noun.french}", f"{second}+{noun.french}", *phrase.keys),
    )


def because(rng):
    """Marie reste à la maison parce qu'elle est malade."""
    subject = somebody(rng, third=True)
    form = rng.choice(("stay", "other", "other", "work"))
    if form == "other":
        word, moods = rng.choice(_REASONS)
        left, right = clause(subject, INTRANSITIVE[word], "now")
    elif form == "stay":
        moods = "fatigué malade triste occupé"
        left, right = clause(subject, MOVEMENT["rester"], "now")
        left, right = f"{left} à la maison", f"{right} at home"
    else:
        moods = "fatigué malade"
        left, right = clause(subject, INTRANSITIVE["travailler"], "now", "pas")
        left, right = f"{left} aujourd'hui", f"{right} today"
    adjective, again = ADJECTIVES[rng.choice(moods.split())], subject.pronoun
    reason, cause = clause(again, ETRE, "present")
    return sentence(
        (left, "parce que", reason, adjective.agree(*subject.agreement)),
        (right, "because", cause, adjective.english),
        (f"{subject.french}+{adjective.masculine}",),
    )


def condition(rng):
    """S'il pleut demain, nous allons rester à la maison."""
    weather = rng.choice(_WEATHER)
    subject, warm = somebody(rng), weather in _WEATHER[3:]
    names = (
        ("the beach", "the park", "the pool") if warm else ("the cinema", "the museum", "the theatre", "the library")
    )
    spot = rng.choice([place for place in PLACES if place.english in names])
    if rng.random() < 0.35:
        word = rng.choice(("nager", "marcher", "danser") if warm else ("étudier", "travailler", "cuisiner"))
        left, right = clause(subject, INTRANSITIVE[word], "future")
        key = word
    elif rng.random() < 0.2 and not warm:
        left, right = clause(subject, MOVEMENT["rester"], "future")
        left, right, key = f"{left} à la maison", f"{right} at home", "rester"
    else:
        left, right = clause(subject, MOVEMENT["aller"], "future")
        left, right, key = f"{left} {spot.french_at}", f"{right} to {spot.english}", spot.english
    return sentence((f"{weather[0]} demain,", left), (f"{weather[1]} tomorrow,", right), (f"{weather[0]}+{key}",))
