"""Patterns about what people do to things: eating, buying, giving. Each gives a `Sentence` or None."""

from . import french
from .grammar import (
    ME,
    NAMES,
    WE,
    clause,
    describe,
    generic,
    noun_phrase,
    relative,
    sentence,
    somebody,
)
from .lexicon import NOUNS, tagged
from .verbs import HABITS, IL, JE, OTHERS, TRANSITIVE

PAST_TIMES = (
    ("hier", "yesterday"),
    ("hier soir", "yesterday evening"),
    ("ce matin", "this morning"),
    ("la semaine dernière", "last week"),
    ("samedi dernier", "last Saturday"),
    ("il y a deux jours", "two days ago"),
)
FUTURE_TIMES = (
    ("demain", "tomorrow"),
    ("ce soir", "this evening"),
    ("demain matin", "tomorrow morning"),
    ("la semaine prochaine", "next week"),
    ("samedi prochain", "next Saturday"),
)
HABIT_TIMES = (
    ("tous les jours", "every day"),
    ("le matin", "in the morning"),
    ("le soir", "in the evening"),
    ("le dimanche", "on Sundays"),
    ("chaque semaine", "every week"),
)
ADVERBS = (("souvent", "often"), ("parfois", "sometimes"), ("rarement", "rarely"))
NO_TIME = ("", "")
_PLAIN = ("fermer", "écrire", "peindre", "couper")
_SINGLE = frozenset(
    ["transport", "known", "room", "home", "vehicle", "furniture", "sight", "viewable", "mass", "audible"]
)


def sometimes(rng, choices, chance=0.5):
    """Choose one of the (French, English) pairs, or nothing."""
    return rng.choice(choices) if rng.random() < chance else NO_TIME


def suits(verb, noun, subject):
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
    if not suits(verb, noun, subject):
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
        plural = plural or ("edible" in noun.tags and not mass)
    described = () if verb.infinitive in _PLAIN or negated else describe(rng, noun, kind)
    if verb.infinitive in ("acheter", "choisir"):
        described = unheated(described)
    return noun_phrase(noun, kind, described, plural, subject, some)


def unheated(adjectives):
    """Leave out hot and cold, which no shop sells."""
    return tuple(adjective for adjective in adjectives if adjective.masculine not in ("chaud", "froid"))


def choose_verb(rng, use):
    """Choose a transitive verb that may be used in the simple past (P), the future (F) or now (N)."""
    return rng.choice([verb for verb in TRANSITIVE.values() if use in verb.uses])


def _action(rng, use, tense, times, negation=""):
    verb = choose_verb(rng, use)
    return _act(rng, somebody(rng), verb, tense, times, negation)


def _act(rng, subject, verb, tense, times, negation=""):
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
    tense = rng.choice(("want", "want", "must", "must", "can"))
    return _action(rng, "F", tense, (NO_TIME,), "" if rng.random() < 0.75 else "pas")


def hope(rng):
    """Louise espère visiter un château."""
    subject, verb = (
        somebody(rng),
        TRANSITIVE[rng.choice(("acheter", "vendre", "visiter", "louer", "lire", "inviter"))],
    )
    return _act(rng, subject, verb, "hope", FUTURE_TIMES)


def habit(rng):
    """Marie lit souvent des romans. Je bois du thé le matin."""
    verb, tags = rng.choice(HABITS)
    verb, subject, noun = TRANSITIVE[verb], somebody(rng), rng.choice(tagged(tags))
    if not suits(verb, noun, subject):
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
    verb, tags = rng.choice(
        (
            ("donner", "goods clothing toy present petal"),
            ("envoyer", "sendable"),
            ("montrer", "viewable small toy"),
        )
    )
    verb, subject, noun = OTHERS[verb], somebody(rng), rng.choice(tagged(tags))
    receiver = rng.choice(NAMES) if rng.random() < 0.5 else relative(rng, (ME, WE))
    if receiver.key in NOUNS and "toy" in noun.tags:
        return None
    if receiver.key == subject.key or not suits(verb, noun, receiver) or noun.tags & {"building", "animal"}:
        return None
    tense = rng.choice(("past", "past", "now", "future"))
    kind = "mon" if verb.infinitive == "montrer" else "un"
    plural = "pair" in noun.tags or noun.french == "fleur"
    thing = noun_phrase(noun, kind, describe(rng, noun, kind), plural, subject)
    left, right = clause(subject, verb, tense)
    keys = (f"{verb.key}+{noun.french}", *thing.keys)
    return sentence(
        (left, thing.french, french.contract("à", receiver.french)),
        (right, thing.english, "to", receiver.english),
        keys,
    )


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
        return sentence(
            (left, kind.french, french.contract("à", second.french)),
            (right, kind.english, "to", second.english),
            keys,
        )
    return sentence((left, kind.french), (right, kind.english), keys)
