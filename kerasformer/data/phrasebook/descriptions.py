"""Patterns about how things and people are: qualities, comparison, possession, whereabouts, and linked clauses."""

from . import french
from .actions import FUTURE_TIMES, PAST_TIMES, describe, direct_object, sometimes
from .grammar import (
    HE, I, NAMES, PRONOUNS, STATES, WE, belonging, clause, noun_phrase, place, relative, sentence, somebody, thing,
)  # fmt: skip
from .lexicon import ADJECTIVES, CITIES, MEN, NOUNS, adjectives_for, tagged
from .numbers import english_number, french_number
from .verbs import AVOIR, ETRE, IL, INTRANSITIVE, JE, NOUS, OTHERS, TRANSITIVE

THINGS = ("clothing small vehicle machine furniture tableware instrument home room readable work fruit dish "
          "container warm made task building eatery breakable moving wild pretty")  # fmt: skip
COMPARED = ("fruit", "clothing", "vehicle", "work", "furniture", "building", "task", "goods", "weighty", "drink",
            "room", "eatery", "pretty", "wild")  # fmt: skip
_PERSONAL = frozenset({"character", "mood"})
_UNGRADED = frozenset({"coloured", "made"})
_ABSOLUTE = ("vide", "plein", "cassé", "nouveau", "délicieux")
_UNGENDERED = ("malade", "triste", "timide", "riche", "drôle")
_SPOTS = (
    ("sur", "on", "table chaise lit fauteuil boîte"), ("sous", "under", "table chaise lit fauteuil"),
    ("dans", "in", "boîte voiture maison jardin cuisine chambre"),
    ("devant", "in front of", "porte maison fenêtre hôtel église"), ("derrière", "behind", "porte maison arbre"),
    ("à côté de", "next to", "lampe lit porte table fenêtre"),
)  # fmt: skip
_MASCULINE_JOBS = "médecin professeur boulanger facteur dentiste acteur chanteur"
_FEMININE_JOBS = "médecin professeur actrice serveuse infirmière dentiste"


def _predicate(rng, noun):
    """Choose an adjective that can be said of the noun, and perhaps "très"."""
    fitting = [a for a in adjectives_for(noun.tags) if not a.tags & {"person"} or noun.tags & {"person"}]
    fitting = [a for a in fitting if a.masculine != "jeune"]
    if not fitting:
        return None, ("", "")
    adjective = rng.choice(fitting)
    graded = adjective.masculine not in _ABSOLUTE and not adjective.tags & _UNGRADED
    return adjective, sometimes(rng, (("très", "very"),), 0.35 if graded else 0)


def _copula(plural, negation):
    left = ("ne sont pas" if plural else "ne est pas") if negation else ("sont" if plural else "est")
    return left, ("are" if plural else "is") + (" not" if negation else "")


def quality(rng):
    """La robe de Marie est rouge. Ce livre est très intéressant."""
    kind = rng.choice(("ce", "ce", "owner", "mon"))
    if kind == "owner":
        phrase = belonging(rng, "clothing small vehicle machine home")
    else:
        tags = THINGS if kind == "ce" else "clothing small vehicle machine home room"
        phrase = thing(rng, tags, kind, 0, rng.random() < 0.2, rng.choice((I, WE)))
    noun = phrase.noun
    if kind == "owner" and noun.french in ("robe", "jupe") and phrase.french.split()[-1] in MEN:
        return None
    adjective, degree = _predicate(rng, noun)
    if adjective is None:
        return None
    verb = _copula(phrase.plural, rng.random() < 0.2)
    return sentence((phrase.french, verb[0], degree[0], adjective.agree(*phrase.agreement)),
                    (phrase.english, verb[1], degree[1], adjective.english),
                    (f"{noun.french}+{adjective.masculine}",))  # fmt: skip


def mood(rng):
    """Marie est fatiguée. Mon oncle n'est pas timide. Je suis malade."""
    subject = somebody(rng)
    adjectives = [a for a in ADJECTIVES.values() if a.tags & _PERSONAL]
    adjective = rng.choice(adjectives)
    if subject.person in (JE, NOUS) and adjective.masculine not in _UNGENDERED:
        return None
    degree = sometimes(rng, (("très", "very"),), 0.3)
    left, right = clause(subject, ETRE, "present", rng.choice(("", "", "pas", "plus")) if not degree[0] else "")
    form = adjective.agree(subject.gender, subject.person not in (JE, IL))
    return sentence((left, degree[0], form), (right, degree[1], adjective.english),
                    (f"{subject.french}+{adjective.masculine}",))  # fmt: skip


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
    copula = _copula(first.plural, False)
    keys = (f"{one.french}+{adjective.masculine}", f"{other.french}+{adjective.masculine}")
    return sentence((first.french, copula[0], degree[0], "que", second.french),
                    (first.english, copula[1], degree[1], second.english), keys)  # fmt: skip


def people_compared(rng):
    """Marie est plus courageuse que Paul."""
    one, other = rng.sample(NAMES, 2)
    if rng.random() < 0.4:
        other = relative(rng, (I, WE))
    adjective = rng.choice([a for a in ADJECTIVES.values() if "character" in a.tags])
    form = adjective.agree(one.gender, False)
    degree = (f"plus {form}", f"{adjective.comparative} than")
    if rng.random() < 0.4:
        degree = (f"aussi {form}", f"as {adjective.english} as")
    return sentence((one.french, "est", degree[0], "que", other.french),
                    (one.english, "is", degree[1], other.english),
                    (f"{one.french}+{adjective.masculine}",))  # fmt: skip


def presents(rng):
    """C'est un bon restaurant. Voici la voiture de Paul. Il y a un chat noir dans le jardin."""
    kind = rng.choice(("this", "here", "whose"))
    if kind == "this":
        plural = rng.random() < 0.3
        phrase = thing(rng, "readable work building eatery clothing vehicle grown treat pet", "un", 1, plural, some="")
        head = ("ce sont", "these are") if phrase.plural else ("c'est", "it is")
        return sentence((head[0], phrase.french), (head[1], phrase.english), phrase.keys) if phrase.keys else None
    if kind == "here":
        phrase = thing(rng, "clothing small vehicle home known machine", "mon", 0.5, False, rng.choice((I, WE)))
        return sentence(("voici", phrase.french), ("here are" if phrase.plural else "here is", phrase.english),
                        (f"voici+{phrase.noun.french}", *phrase.keys))  # fmt: skip
    phrase = belonging(rng, "small vehicle home machine known")
    head = ("ce sont", "these are") if phrase.plural else ("c'est", "this is")
    return sentence((head[0], phrase.french), (head[1], phrase.english), phrase.keys)


def _spot(rng):
    preposition, english, nouns = rng.choice(_SPOTS)
    where = noun_phrase(NOUNS[rng.choice(nouns.split())], "le")
    return f"{french.contract(preposition, where.french)}", f"{english} {where.english}", where.noun


def whereabouts(rng):
    """Le chat noir dort sous la table. Mes clés sont dans la voiture."""
    left, right, spot = _spot(rng)
    owned = rng.random() < 0.5
    phrase = thing(rng, "pet toy small tableware", "mon" if owned else "le", 0.35, rng.random() < 0.25, rng.choice((I, WE)))
    asleep = "pet" in phrase.noun.tags and not phrase.plural and rng.random() < 0.4
    verb = ("dort", "is sleeping") if asleep else _copula(phrase.plural, rng.random() < 0.15)
    return sentence((phrase.french, verb[0], left), (phrase.english, verb[1], right),
                    (f"{phrase.noun.french}+{spot.french}", *phrase.keys))  # fmt: skip


def there_is(rng):
    """Il y a un chat dans le jardin. Il n'y a pas de lait dans la cuisine."""
    where = rng.choice((("dans la cuisine", "in the kitchen", "edible drink tableware pet"),
                        ("sur la table", "on the table", "edible drink tableware toy readable present"),
                        ("dans le jardin", "in the garden", "pet grown vehicle person"),
                        ("dans la chambre", "in the bedroom", "furniture readable instrument toy"),
                        ("dans cette boîte", "in this box", "small toy fruit"),
                        ("dans ce sac", "in this bag", "fruit edible small")))  # fmt: skip
    noun = rng.choice(tagged(where[2]))
    plural = ("pair" in noun.tags or rng.random() < 0.4) and "mass" not in noun.tags
    if noun.french == "sac":
        return None
    keys = (f"{noun.french}+{where[0]}",)
    if rng.random() < 0.3:
        phrase = noun_phrase(noun, "de", plural=plural, some="")
        bare = phrase.english if plural or "mass" in noun.tags else noun.english
        return sentence(("il ne y a pas", phrase.french, where[0]),
                        ("there are no" if plural else "there is no", bare, where[1]), keys)  # fmt: skip
    kind = "du" if "mass" in noun.tags else "un"
    phrase = noun_phrase(noun, kind, describe(rng, noun, kind), plural)
    return sentence(("il y a", phrase.french, where[0]),
                    ("there are" if plural else "there is", phrase.english, where[1]), keys + phrase.keys)  # fmt: skip


def has(rng):
    """Ma sœur a un chien noir. Je n'ai pas de voiture. Paul veut un nouveau téléphone."""
    subject, verb = somebody(rng), rng.choice((AVOIR, AVOIR, OTHERS["vouloir"]))
    noun = rng.choice(tagged("pet vehicle machine instrument goods toy home"))
    negated = rng.random() < 0.3
    described = () if negated else describe(rng, noun, "un", 0.6)
    phrase = noun_phrase(noun, "de" if negated else "un", described)
    left, right = clause(subject, verb, "present", "pas" if negated else "")
    return sentence((left, phrase.french), (right, phrase.english), (f"{verb.key}+{noun.french}", *phrase.keys))


def needs(rng):
    """Marie a besoin d'un nouveau manteau. Paul a peur des loups."""
    subject = somebody(rng)
    if rng.random() < 0.3:
        noun = rng.choice(tagged("animal"))
        left, _ = clause(subject, AVOIR, "present")
        _, right = clause(subject, ETRE, "present")
        phrase = noun_phrase(noun, "le", plural=True)
        return sentence((left, "peur", french.contract("de", phrase.french)),
                        (right, "afraid of", noun.english_plural), (f"peur+{noun.french}+{subject.french}",))  # fmt: skip
    noun = rng.choice(tagged("clothing goods machine vehicle furniture"))
    described = tuple(a for a in describe(rng, noun, "un", 0.6) if a.masculine not in ("vieux", "mauvais", "lourd"))
    phrase = noun_phrase(noun, "un", described, "pair" in noun.tags, some="")
    need = phrase.english
    left, _ = clause(subject, AVOIR, "present")
    before = phrase.french if not phrase.plural else phrase.french.partition(" ")[2]
    return sentence((left, "besoin", french.contract("de", before)),
                    (subject.english, "needs" if subject.person == IL else "need", need),
                    (f"besoin+{noun.french}", *phrase.keys))  # fmt: skip


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


def relative_clause(rng):
    """La voiture que Marie a achetée est rapide. L'homme qui porte un manteau noir est mon oncle."""
    if rng.random() < 0.35:
        who = NOUNS[rng.choice(("homme", "femme"))]
        noun = rng.choice([n for n in tagged("clothing") if who.gender == "f" or n.french not in ("robe", "jupe")])
        worn = noun_phrase(noun, "un", (rng.choice([a for a in adjectives_for(noun.tags) if "coloured" in a.tags]),),
                           "pair" in noun.tags, some="")  # fmt: skip
        kin = noun_phrase(rng.choice([n for n in tagged("known job") if n.gender == who.gender]), "mon",
                          owner=rng.choice((I, WE)))  # fmt: skip
        return sentence((noun_phrase(who, "le").french, "qui porte", worn.french, "est", kin.french),
                        ("the", who.english, "who is wearing", worn.english, "is", kin.english),
                        (f"{noun.french}+{kin.noun.french}", *worn.keys))  # fmt: skip
    verb = TRANSITIVE[rng.choice(("acheter", "trouver", "perdre", "choisir", "lire", "louer", "manger"))]
    noun, subject = rng.choice(tagged(verb.objects)), rng.choice((*NAMES, *PRONOUNS))
    if verb.infinitive == "perdre" and noun.gender == "m" and rng.random() < 0.3:
        return None
    phrase = noun_phrase(noun, "le", plural="pair" in noun.tags)
    adjective, degree = _predicate(rng, noun)
    if adjective is None or adjective.masculine in STATES:
        return None
    group = french.verb_group(verb, subject.person, "past", agreement=phrase.agreement)
    copula = _copula(phrase.plural, False)
    return sentence(
        (phrase.french, "que", subject.french, group, copula[0], degree[0], adjective.agree(*phrase.agreement)),
        (phrase.english, "that", subject.english, verb.past, copula[1], degree[1], adjective.english),
        (f"{verb.key}+{noun.french}", f"{noun.french}+{adjective.masculine}"),
    )


