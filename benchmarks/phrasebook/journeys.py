"""Patterns about going and staying, working, playing and resting. Each gives a `Sentence` or None."""

from .actions import ADVERBS, FUTURE_TIMES, NO_TIME, PAST_TIMES, sometimes
from .grammar import (
    clause,
    noun_phrase,
    place,
    sentence,
    somebody,
)
from .lexicon import CITIES, COUNTRIES, NOUNS, PLACES, tagged
from .verbs import INTRANSITIVE, MOVEMENT, OTHERS

GAMES = (
    ("au football", "football"),
    ("au tennis", "tennis"),
    ("aux cartes", "cards"),
    ("aux échecs", "chess"),
    ("du piano", "the piano"),
    ("de la guitare", "the guitar"),
    ("du violon", "the violin"),
)
ROOMS = (
    ("dans le jardin", "in the garden"),
    ("dans la cuisine", "in the kitchen"),
    ("sur la plage", "on the beach"),
    ("dans le parc", "in the park"),
    ("dans la rue", "in the street"),
)


def goes(rng):
    """Marie est allée au marché hier. Paul va à Lyon en train."""
    spot = place(rng) if rng.random() < 0.8 else rng.choice(COUNTRIES)
    tense = rng.choice(("now", "past", "future"))
    subject = somebody(rng, third=tense == "past")
    left, right = clause(subject, MOVEMENT["aller"], tense)
    times = {"now": NO_TIME, "past": sometimes(rng, PAST_TIMES), "future": sometimes(rng, FUTURE_TIMES)}
    means = NO_TIME
    if spot in CITIES and tense == "now":
        means = rng.choice((("en train", "by train"), ("en voiture", "by car"), ("en avion", "by plane")))
    return sentence(
        (left, spot.french_at, means[0], times[tense][0]),
        (right, "to", spot.english, means[1], times[tense][1]),
        (f"aller+{spot.english}",),
    )


def moves(rng):
    """Pierre est revenu de la gare ce matin. Alice est arrivée à Paris."""
    spot, subject = place(rng), somebody(rng, third=True)
    verb = MOVEMENT[rng.choice(("revenir", "arriver", "rester"))]
    if spot.english == "the park":
        return None
    negation = "pas" if rng.random() < 0.25 else ""
    left, right = clause(subject, verb, "past", negation)
    time = NO_TIME if negation else sometimes(rng, PAST_TIMES)
    away = verb.infinitive == "revenir"
    return sentence(
        (left, spot.french_from if away else spot.french_at, time[0]),
        (right, "from" if away else spot.preposition, spot.english, time[1]),
        (f"{verb.key}+{spot.english}",),
    )


def leaves(rng):
    """Sophie est partie hier soir. Ils vont sortir demain."""
    verb = MOVEMENT[rng.choice(("partir", "sortir", "arriver"))]
    tense = rng.choice(("past", "future"))
    subject = somebody(rng, third=tense == "past")
    time = rng.choice(PAST_TIMES if tense == "past" else FUTURE_TIMES)
    left, right = clause(subject, verb, tense, "pas" if tense == "past" and rng.random() < 0.2 else "")
    return sentence((left, time[0]), (right, time[1]), (f"{verb.key}+{subject.french}",))


def stands(rng):
    """Nous sommes à la plage. Ma tante habite à Rome. Julie travaille à la banque."""
    kind = rng.choice(("être", "habiter", "travailler"))
    subject = somebody(rng)
    if kind == "habiter":
        spot = rng.choice(CITIES + COUNTRIES)
    else:
        spot = rng.choice(PLACES) if kind == "travailler" else place(rng)
    if kind == "travailler" and spot.english in ("the beach", "the park", "school"):
        return None
    left, right = clause(subject, {**OTHERS, **INTRANSITIVE}[kind], "present", rng.choice(("", "", "pas", "plus")))
    return sentence((left, spot.french_at), (right, spot.preposition, spot.english), (f"{kind}+{spot.english}",))


def alone(rng):
    """Marie chante bien. Paul dort dans le jardin. Elle veut danser ce soir."""
    way, subject = rng.choice(("well", "now", "wish")), somebody(rng)
    if way == "well":
        word, degree = rng.choice(
            tuple(
                (word, degree)
                for words, degree in (
                    ("chanter danser nager cuisiner", ("bien", "well")),
                    ("chanter danser nager cuisiner", ("mal", "badly")),
                    ("travailler dormir voyager étudier marcher rire", ("beaucoup", "a lot")),
                )
                for word in words.split()
            )
        )
        tense, negation = "present", "pas" if degree[0] != "mal" and rng.random() < 0.3 else ""
    elif way == "now":
        word, rooms = rng.choice(
            (
                ("dormir", ROOMS[:3]),
                ("chanter", ROOMS),
                ("danser", ROOMS),
                ("pleurer", ROOMS),
                ("courir", ROOMS[2:]),
                ("marcher", ROOMS[2:]),
            )
        )
        degree = rng.choice(rooms)
        tense, negation = "now", ""
    else:
        word, degree = (
            rng.choice(["travailler", "danser", "nager", "étudier", "cuisiner", "chanter"]),
            rng.choice(FUTURE_TIMES),
        )
        tense, negation = rng.choice(("want", "must", "can", "hope", "future")), ""
        negation = "pas" if tense != "hope" and rng.random() < 0.3 else ""
    left, right = clause(subject, INTRANSITIVE[word], tense, negation)
    return sentence((left, degree[0]), (right, degree[1]), (f"{word}+{degree[0]}+{subject.french}",))


def plays(rng):
    """Lucas joue aux échecs avec son frère."""
    game, subject = rng.choice(GAMES), somebody(rng)
    left, right = clause(subject, OTHERS["jouer"], rng.choice(("now", "want", "past", "future")))
    friend = rng.choice(tagged("known"))
    partner = noun_phrase(friend, "mon", owner=subject)
    if subject.key in NOUNS or game[0].startswith("d"):
        return sentence((left, game[0]), (right, game[1]), (f"jouer+{game[1]}+{subject.french}",))
    return sentence(
        (left, game[0], "avec", partner.french),
        (right, game[1], "with", partner.english),
        (f"jouer+{game[1]}+{friend.french}",),
    )


def takes(rng):
    """Paul a pris le bus ce matin. Je prends souvent le train."""
    means, subject = rng.choice(tagged("transport")), somebody(rng)
    tense = rng.choice(("past", "future", "present", "must"))
    times = {"past": PAST_TIMES, "future": FUTURE_TIMES, "must": FUTURE_TIMES, "present": (NO_TIME,)}[tense]
    adverb = rng.choice(ADVERBS) if tense == "present" else NO_TIME
    left, right = clause(subject, OTHERS["prendre"], tense, adverb=adverb)
    time = rng.choice(times)
    return sentence(
        (left, "le", means.french, time[0]),
        (right, "the", means.english, time[1]),
        (f"prendre+{means.french}+{time[0] or adverb[0]}",),
    )
