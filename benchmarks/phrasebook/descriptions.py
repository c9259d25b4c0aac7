"""Patterns about how things and people are: qualities, comparison, professions."""

from . import french
from .actions import sometimes
from .grammar import (
    ME,
    NAMES,
    PRONOUNS,
    STATES,
    WE,
    belonging,
    clause,
    noun_phrase,
    relative,
    sentence,
    somebody,
    thing,
)
from .lexicon import ADJECTIVES, MEN, NOUNS, adjectives_for, tagged
from .verbs import ETRE, IL, JE, NOUS, TRANSITIVE

THINGS = (
    "clothing small vehicle machine furniture tableware instrument home room readable work fruit dish "
    "container warm made task building eatery breakable moving wild pretty"
)
COMPARED = (
    "fruit",
    "clothing",
    "vehicle",
    "work",
    "furniture",
    "building",
    "task",
    "weighty",
    "eatery",
    "wild",
)
_PERSONAL = frozenset({"character", "mood"})
_UNGRADED = frozenset({"coloured", "made"})
_ABSOLUTE = ("vide", "plein", "cassé", "nouveau", "délicieux", "marron", "gris")
_UNGENDERED = ("malade", "triste", "timide", "riche", "drôle")
_MASCULINE_JOBS = "médecin professeur boulanger facteur dentiste acteur chanteur"
_FEMININE_JOBS = "médecin professeur actrice serveuse infirmière dentiste"


def _predicate(rng, noun):
    """Choose an adjective that can be said of the noun, and perhaps "très"."""
    fitting = [a for a in adjectives_for(noun.tags) if not a.tags & {"person"} or noun.tags & {"person"}]
    fitting = [a for a in fitting if a.masculine not in ("jeune", "nouveau")]
    if not fitting:
        return None, ("", "")
    adjective = rng.choice(fitting)
    graded = adjective.masculine not in _ABSOLUTE and not adjective.tags & _UNGRADED
    return adjective, sometimes(rng, (("très", "very"),), 0.35 if graded else 0)


def copula_of(plural, negation):
    left = ("ne sont pas" if plural else "ne est pas") if negation else ("sont" if plural else "est")
    return left, ("are" if plural else "is") + (" not" if negation else "")


def quality(rng):
    """La robe de Marie est rouge. Ce livre est très intéressant."""
    kind = rng.choice(("ce", "ce", "owner", "mon"))
    if kind == "owner":
        phrase = belonging(rng, "clothing small vehicle machine home")
    else:
        tags = THINGS if kind == "ce" else "clothing small vehicle machine home room"
        phrase = thing(rng, tags, kind, 0, rng.random() < 0.2, rng.choice((ME, WE)))
    noun = phrase.noun
    if kind == "owner" and noun.french in ("robe", "jupe") and phrase.french.split()[-1] in MEN:
        return None
    adjective, degree = _predicate(rng, noun)
    if adjective is None:
        return None
    verb = copula_of(phrase.plural, rng.random() < 0.2)
    return sentence(
        (phrase.french, verb[0], degree[0], adjective.agree(*phrase.agreement)),
        (phrase.english, verb[1], degree[1], adjective.english),
        (f"{noun.french}+{adjective.masculine}",),
    )


def mood(rng):
    """Marie est fatiguée. Mon oncle n'est pas timide. Je suis malade."""
    subject = somebody(rng)
    adjectives = [a for a in ADJECTIVES.values() if a.tags & _PERSONAL]
    adjective = rng.choice(adjectives)
    if subject.person in (JE, NOUS) and adjective.masculine not in _UNGENDERED:
        return None
    degree = sometimes(rng, (("très", "very"),), 0.3)
    changing = ("", "", "pas", "plus") if "mood" in adjective.tags else ("", "", "pas")
    left, right = clause(subject, ETRE, "present", "" if degree[0] else rng.choice(changing))
    form = adjective.agree(subject.gender, subject.person not in (JE, IL))
    return sentence(
        (left, degree[0], form),
        (right, degree[1], adjective.english),
        (f"{subject.french}+{adjective.masculine}",),
    )


def comparison(rng):
    """Ce livre est plus intéressant que ce film."""
    one, other = rng.sample(tagged(rng.choice(COMPARED)), 2)
    shared = [a for a in adjectives_for(one.tags) if a in adjectives_for(other.tags)]
    shared = [a for a in shared if not a.tags & (_UNGRADED | {"person"}) and a.masculine not in (*_ABSOLUTE, "mauvais")]
    if not shared:
        return None
    adjective = rng.choice(shared)
    first, second = (noun_phrase(noun, "ce", plural="pair" in noun.tags) for noun in (one, other))
    form = adjective.agree(*first.agreement)
    more = f"plus {form}"
    if adjective.masculine == "bon":
        more = french.agree("meilleur", *first.agreement)
    degree = (more, f"{adjective.comparative} than")
    if rng.random() < 0.35:
        degree = (f"aussi {form}", f"as {adjective.english} as")
    elif adjective.comparative.startswith("more") and rng.random() < 0.3:
        degree = (f"moins {form}", f"less {adjective.english} than")
    copula = copula_of(first.plural, False)
    keys = (f"{one.french}+{adjective.masculine}", f"{other.french}+{adjective.masculine}")
    return sentence(
        (first.french, copula[0], degree[0], "que", second.french),
        (first.english, copula[1], degree[1], second.english),
        keys,
    )


def people_compared(rng):
    """Marie est plus courageuse que Paul."""
    one, other = rng.sample(NAMES, 2)
    if rng.random() < 0.4:
        other = relative(rng, (ME, WE))
    adjective = rng.choice([a for a in ADJECTIVES.values() if "character" in a.tags])
    form = adjective.agree(one.gender, False)
    degree = (f"plus {form}", f"{adjective.comparative} than")
    if rng.random() < 0.4:
        degree = (f"aussi {form}", f"as {adjective.english} as")
    return sentence(
        (one.french, "est", degree[0], "que", other.french),
        (one.english, "is", degree[1], other.english),
        (f"{one.french}+{adjective.masculine}",),
    )


def presents(rng):
    """C'est un bon restaurant. Voici la voiture de Paul. Il y a un chat noir dans le jardin."""
    kind = rng.choice(("this", "here", "whose"))
    if kind == "this":
        plural = rng.random() < 0.3
        phrase = thing(rng, "readable work building eatery clothing vehicle grown treat pet", "un", 1, plural, some="")
        head = ("ce sont", "these are") if phrase.plural else ("c'est", "this is")
        return sentence((head[0], phrase.french), (head[1], phrase.english), phrase.keys) if phrase.keys else None
    if kind == "here":
        phrase = thing(rng, "clothing small vehicle home known machine", "mon", 0.5, False, rng.choice((ME, WE)))
        return sentence(
            ("voici", phrase.french),
            ("here are" if phrase.plural else "here is", phrase.english),
            (f"voici+{phrase.noun.french}", *phrase.keys),
        )
    phrase = belonging(rng, "small vehicle home machine known")
    head = ("ce sont", "these are") if phrase.plural else ("c'est", "this is")
    return sentence((head[0], phrase.french), (head[1], phrase.english), phrase.keys)


def profession(rng):
    """Le frère de Marie est médecin. Ma tante est actrice."""
    subject = rng.choice(NAMES) if rng.random() < 0.4 else relative(rng)
    if rng.random() < 0.3:
        owner, kin = rng.choice(NAMES), rng.choice(tagged("known"))
        name = f"{noun_phrase(kin, 'le').french} {french.contract('de', owner.french)}"
        subject = type(subject)(name, f"{owner.english}'s {kin.english}", IL, kin.gender)
    job = NOUNS[rng.choice((_MASCULINE_JOBS if subject.gender == "m" else _FEMININE_JOBS).split())]
    left, right = clause(subject, ETRE, "present", rng.choice(("", "", "pas")))
    right = f"{right} {noun_phrase(job, 'un').english}"
    return sentence((left, job.french), (right,), (f"{subject.french}+{job.french}",))


def described_by_clothes(rng):
    """L'homme qui porte un manteau noir est mon oncle."""
    who = NOUNS[rng.choice(("homme", "femme"))]
    noun = rng.choice([n for n in tagged("clothing") if who.gender == "f" or n.french not in ("robe", "jupe")])
    colour = rng.choice([a for a in adjectives_for(noun.tags) if "coloured" in a.tags])
    worn = noun_phrase(noun, "un", (colour,), "pair" in noun.tags, some="")
    relatives = [n for n in tagged("known") if n.gender == who.gender]
    kin = noun_phrase(rng.choice(relatives), "mon", owner=rng.choice((ME, WE)))
    return sentence(
        (noun_phrase(who, "le").french, "qui porte", worn.french, "est", kin.french),
        ("the", who.english, "who is wearing", worn.english, "is", kin.english),
        (f"{noun.french}+{kin.noun.french}", *worn.keys),
    )


def described_by_deed(rng):
    """La voiture que Marie a achetée est rapide."""
    verb = TRANSITIVE[rng.choice(("acheter", "trouver", "perdre", "choisir", "lire", "louer", "manger"))]
    noun, subject = rng.choice(tagged(verb.objects)), rng.choice((*NAMES, *PRONOUNS))
    adjective, degree = _predicate(rng, noun)
    if adjective is None or adjective.masculine in STATES:
        return None
    phrase = noun_phrase(noun, "le", plural="pair" in noun.tags)
    group = french.verb_group(verb, subject.person, "past", agreement=phrase.agreement)
    copula = copula_of(phrase.plural, False)
    predicate = adjective.agree(*phrase.agreement)
    return sentence(
        (phrase.french, "que", subject.french, group, copula[0], degree[0], predicate),
        (phrase.english, "that", subject.english, verb.past, copula[1], degree[1], adjective.english),
        (f"{verb.key}+{noun.french}", f"{noun.french}+{adjective.masculine}"),
    )
