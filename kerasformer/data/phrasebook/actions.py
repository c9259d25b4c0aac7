"""Patterns about what people do: eating, buying, going, playing, wishing. Each returns a `Sentence` or None."""

from . import french
from .grammar import (
    NAMES, I, WE, clause, describe, generic, noun_phrase, place, relative, sentence, somebody,
)  # fmt: skip
from .lexicon import CITIES, COUNTRIES, NOUNS, PLACES, tagged
from .verbs import HABITS, IL, INTRANSITIVE, JE, MOVEMENT, OTHERS, TRANSITIVE

PAST_TIMES = (("hier", "yesterday"), ("hier soir", "yesterday evening"), ("ce matin", "this morning"),
              ("la semaine dernière", "last week"), ("samedi dernier", "last Saturday"),
              ("il y a deux jours", "two days ago"))  # fmt: skip
FUTURE_TIMES = (("demain", "tomorrow"), ("ce soir", "this evening"), ("demain matin", "tomorrow morning"),
                ("la semaine prochaine", "next week"), ("samedi prochain", "next Saturday"))  # fmt: skip
HABIT_TIMES = (("tous les jours", "every day"), ("le matin", "in the morning"), ("le soir", "in the evening"),
               ("le dimanche", "on Sundays"), ("chaque semaine", "every week"))  # fmt: skip
ADVERBS = (("souvent", "often"), ("parfois", "sometimes"), ("rarement", "rarely"))
NO_TIME = ("", "")
GAMES = (("au football", "football"), ("au tennis", "tennis"), ("aux cartes", "cards"), ("aux échecs", "chess"),
         ("du piano", "the piano"), ("de la guitare", "the guitar"), ("du violon", "the violin"))  # fmt: skip
ROOMS = (("dans le jardin", "in the garden"), ("dans la cuisine", "in the kitchen"), ("sur la plage", "on the beach"),
         ("dans le parc", "in the park"), ("dans la rue", "in the street"))  # fmt: skip
_PLAIN = ("fermer", "écrire", "peindre", "couper")
_SINGLE = frozenset("transport known room home vehicle furniture sight viewable mass audible".split())


def sometimes(rng, choices, chance=0.5):
    """Choose one of the (French, English) pairs, or nothing."""
    return rng.choice(choices) if rng.random() < chance else NO_TIME


def _suits(verb, noun, subject):
    """Tell whether this person may do this with that noun: nobody wears two people's hat."""
    if noun.french in ("robe", "jupe") and subject.person != JE and subject.gender == "m":
        return False
    if verb.infinitive == "porter" and subject.person not in (JE, IL):
        return False
    relatives = "known" in noun.tags and subject.key in NOUNS
    return noun.french != subject.key and not relatives


def direct_object(rng, verb, subject, some="some", negated=False):
    """Choose an object that the verb accepts, with one of its determiners; None if it does not suit."""
    noun = rng.choice(tagged(verb.objects))
    if not _suits(verb, noun, subject):
        return None
    mass = "mass" in noun.tags
    kinds = [kind for kind in verb.determiners if (kind not in ("un", "des") if mass else kind != "du")]
    kind = rng.choice(kinds)
    if "transport" in noun.tags or "known" in noun.tags:
        kind = "le" if "transport" in noun.tags else "mon"
    plural = kind == "des" or "pair" in noun.tags
    if kind in ("le", "mon", "ce") and not noun.tags & _SINGLE and rng.random() < 0.2:
        plural = True
    kind = "un" if kind == "des" else kind
    if negated and kind in ("un", "du"):
        kind, some = "de", "any"
    described = () if verb.infinitive in _PLAIN or negated else describe(rng, noun, kind)
    return noun_phrase(noun, kind, described, plural, subject, some)


def choose_verb(rng, use):
    """Choose a transitive verb that may be used in the simple past (P), the future (F) or now (N)."""
    return rng.choice([verb for verb in TRANSITIVE.values() if use in verb.uses])


def _action(rng, use, tense, times, negation="", subject=None):
    verb, subject = choose_verb(rng, use), subject or somebody(rng)
    thing = direct_object(rng, verb, subject, "" if verb.infinitive == "porter" else "some", bool(negation))
    if thing is None:
        return None
    left, right = clause(subject, verb, tense, negation)
    time = sometimes(rng, times)
    keys = (f"{verb.key}+{thing.noun.french}", *thing.keys)
    return sentence((left, thing.french, time[0]), (right, thing.english, time[1]), keys)


def past(rng):
    """Paul a acheté une voiture rouge hier."""
    return _action(rng, "P", "past", PAST_TIMES)


def past_denied(rng):
    """Je n'ai pas trouvé ma clé."""
    return _action(rng, "P", "past", (NO_TIME,), "pas")


def now(rng):
    """Marie mange une pomme."""
    return _action(rng, "N", "now", (("maintenant", "now"), NO_TIME, NO_TIME))


def future(rng):
    """Nous allons visiter un château demain."""
    return _action(rng, "F", "future", FUTURE_TIMES)


def modal(rng):
    """Paul veut vendre sa maison."""
    tense = rng.choice(("want", "want", "must", "must", "can", "hope"))
    negation = "" if tense == "hope" or rng.random() < 0.75 else "pas"
    return _action(rng, "F", tense, (NO_TIME,), negation)


def habit(rng):
    """Marie lit souvent des romans. Je bois du thé le matin."""
    verb, tags = rng.choice(HABITS)
    verb, subject, noun = TRANSITIVE[verb], somebody(rng), rng.choice(tagged(tags))
    if not _suits(verb, noun, subject):
        return None
    kind = "du" if "mass" in noun.tags else "un"
    thing = noun_phrase(noun, kind, describe(rng, noun, kind, 0.25), kind == "un", some="")
    timed = verb.infinitive in ("manger", "boire", "lire") and rng.random() < 0.5
    adverb, time = (NO_TIME, rng.choice(HABIT_TIMES)) if timed else (rng.choice(ADVERBS), NO_TIME)
    left, right = clause(subject, verb, "present", adverb=adverb)
    keys = (f"{verb.key}+{noun.french}", *thing.keys)
    return sentence((left, thing.french, time[0]), (right, thing.english, time[1]), keys)


def habit_denied(rng):
    """Paul ne mange jamais de viande. Je ne bois plus de café."""
    verb, tags = rng.choice(HABITS[:4])
    verb, subject, noun = TRANSITIVE[verb], somebody(rng), rng.choice(tagged(tags))
    thing = noun_phrase(noun, "de", plural="mass" not in noun.tags, some="")
    left, right = clause(subject, verb, "present", rng.choice(("pas", "jamais", "plus")))
    return sentence((left, thing.french), (right, thing.english), (f"{verb.key}+{noun.french}",))


def gift(rng):
    """Paul a donné un livre à Marie."""
    verb, tags = rng.choice((("donner", "goods clothing toy present pretty"), ("envoyer", "sendable"),
                             ("montrer", "viewable small toy")))  # fmt: skip
    verb, subject, noun = OTHERS[verb], somebody(rng), rng.choice(tagged(tags))
    receiver = rng.choice(NAMES) if rng.random() < 0.5 else relative(rng, (I, WE))
    if receiver.key == subject.key or not _suits(verb, noun, receiver) or noun.tags & {"building", "animal"}:
        return None
    tense = rng.choice(("past", "past", "now", "future"))
    kind = "mon" if verb.infinitive == "montrer" else "un"
    thing = noun_phrase(noun, kind, describe(rng, noun, kind), "pair" in noun.tags, subject)
    left, right = clause(subject, verb, tense)
    keys = (f"{verb.key}+{noun.french}", *thing.keys)
    return sentence((left, thing.french, french.contract("à", receiver.french)),
                    (right, thing.english, "to", receiver.english), keys)  # fmt: skip


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
    return sentence((left, spot.french_at, means[0], times[tense][0]),
                    (right, "to", spot.english, means[1], times[tense][1]), (f"aller+{spot.english}",))  # fmt: skip


def moves(rng):
    """Pierre est revenu de la gare ce matin. Alice est arrivée à Paris."""
    spot, subject = place(rng), somebody(rng, third=True)
    verb = MOVEMENT[rng.choice(("revenir", "arriver", "rester"))]
    if spot.english == "the park":
        return None
    left, right = clause(subject, verb, "past", "pas" if rng.random() < 0.25 else "")
    time = sometimes(rng, PAST_TIMES)
    away = verb.infinitive == "revenir"
    return sentence((left, spot.french_from if away else spot.french_at, time[0]),
                    (right, "from" if away else spot.preposition, spot.english, time[1]),
                    (f"{verb.key}+{spot.english}",))  # fmt: skip


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
        word, degree = rng.choice(tuple(
            (word, degree) for words, degree in (
                ("chanter danser nager cuisiner", ("bien", "well")), ("chanter danser nager cuisiner", ("mal", "badly")),
                ("travailler dormir voyager étudier marcher rire", ("beaucoup", "a lot")),
            ) for word in words.split()
        ))  # fmt: skip
        tense, negation = "present", "pas" if degree[0] != "mal" and rng.random() < 0.3 else ""
    elif way == "now":
        word, degree = rng.choice("dormir chanter danser courir pleurer marcher".split()), rng.choice(ROOMS)
        tense, negation = "now", ""
    else:
        word, degree = rng.choice("travailler danser nager étudier cuisiner chanter".split()), rng.choice(FUTURE_TIMES)
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
    return sentence((left, game[0], "avec", partner.french), (right, game[1], "with", partner.english),
                    (f"jouer+{game[1]}+{friend.french}",))  # fmt: skip


def takes(rng):
    """Paul a pris le bus ce matin. Je prends souvent le train."""
    means, subject = rng.choice(tagged("transport")), somebody(rng)
    tense = rng.choice(("past", "future", "present", "must"))
    times = {"past": PAST_TIMES, "future": FUTURE_TIMES, "must": FUTURE_TIMES, "present": (NO_TIME,)}[tense]
    adverb = rng.choice(ADVERBS) if tense == "present" else NO_TIME
    left, right = clause(subject, OTHERS["prendre"], tense, adverb=adverb)
    time = rng.choice(times)
    return sentence((left, "le", means.french, time[0]), (right, "the", means.english, time[1]),
                    (f"prendre+{means.french}+{time[0] or adverb[0]}",))  # fmt: skip


def likes(rng):
    """J'adore le chocolat. Marie n'aime pas les chats. Paul préfère le thé au café."""
    tags = rng.choice(("edible fruit", "drink", "animal", "work readable", "animal edible"))
    choices = [noun for noun in tagged(tags) if noun.english not in ("letter", "dictionary")]
    noun, other = rng.sample(choices, 2)
    verb, subject = OTHERS[rng.choice(("aimer", "aimer", "adorer", "détester", "préférer"))], somebody(rng)
    negation = "pas" if verb.infinitive == "aimer" and rng.random() < 0.5 else ""
    left, right = clause(subject, verb, "present", negation)
    kind, second = generic(noun), generic(other)
    keys = (f"{verb.key}+{noun.french}",)
    if verb.infinitive == "préférer":
        if ("mass" in noun.tags) != ("mass" in other.tags) or tags == "animal edible":
            return None
        return sentence((left, kind.french, french.contract("à", second.french)),
                        (right, kind.english, "to", second.english), keys)  # fmt: skip
    return sentence((left, kind.french), (right, kind.english), keys)
