"""Meanings realised in both languages at once: noun phrases, subjects, clauses and whole sentences."""

from dataclasses import dataclass

from . import english, french
from .lexicon import CITIES, MEN, PLACES, WOMEN, Noun, adjectives_for, tagged
from .verbs import IL, ILS, JE, NOUS, VOUS

# Adjectives of a passing state describe ("this cup is broken") but seldom name ("he bought a clean cup").
STATES = (
    "propre",
    "sale",
    "vide",
    "plein",
    "cassé",
    "malade",
    "fatigué",
    "triste",
    "heureux",
    "occupé",
    "inquiet",
)
# Nobody asks for an expensive or an old one.
UNWANTED = ("cher", "lourd", "vieux", "ennuyeux", "bon", "délicieux")
JUDGEMENTS = ("bon", "mauvais", "jeune")
_IDENTIFYING = frozenset({"coloured", "made"})


@dataclass(frozen=True)
class Sentence:
    """A sentence in both languages with the keys of the combinations that it holds."""

    french: str
    english: str
    keys: tuple


@dataclass(frozen=True)
class NounPhrase:
    """A determiner, adjectives and a noun in both languages."""

    french: str
    english: str
    noun: Noun
    plural: bool
    keys: tuple

    @property
    def agreement(self):
        return self.noun.gender, self.plural

    @property
    def object_pronoun(self):
        """The French and English pronoun that stands for a thing."""
        if self.plural:
            return "les", "them"
        return ("le" if self.noun.gender == "m" else "la"), "it"


@dataclass(frozen=True)
class Subject:
    """Who acts: words in both languages, person (0 to 4 for je, il, nous, vous, ils) and gender."""

    french: str
    english: str
    person: int
    gender: str
    key: str = ""

    @property
    def agreement(self):
        return self.gender, self.person == ILS

    @property
    def pronoun(self):
        """The subject of a second clause about the same person."""
        if self.person == IL:
            return HE if self.gender == "m" else SHE
        if self.person == ILS:
            return THEY if self.gender == "m" else THEY_WOMEN
        return self


ME, WE, YOU = Subject("je", "I", JE, "m"), Subject("nous", "we", NOUS, "m"), Subject("vous", "you", VOUS, "m")
HE, SHE, THEY = (
    Subject("il", "he", IL, "m"),
    Subject("elle", "she", IL, "f"),
    Subject("ils", "they", ILS, "m"),
)
THEY_WOMEN = Subject("elles", "they", ILS, "f")
PRONOUNS = (ME, ME, WE, HE, SHE, THEY)


def noun_phrase(noun, kind, adjectives=(), plural=False, owner=None, some="some"):
    """Realise a noun with its determiner and adjectives.

    Args:
        noun: the noun of the lexicon.
        kind: "un", "le", "ce", "mon", "du" (some, of a mass), "de" (after a negation), or "" for none.
        adjectives: at most one that precedes the noun, then at most one that follows it.
        plural: whether there are several.
        owner: the `Subject` to whom "mon" refers.
        some: what English says for the plural or the mass: "some", "any" or "".
    """
    mass = "mass" in noun.tags
    word = noun.french_plural if plural else noun.french
    following = word if french.starts_with_vowel(word) else ""
    before = [a.agree(noun.gender, plural, following) for a in adjectives if a.before]
    after = [a.agree(noun.gender, plural) for a in adjectives if not a.before]
    words = [*before, word, *after]
    if kind:
        person = owner.person if owner else None
        words.insert(0, french.determiner(kind, noun.gender, plural, words[0], person, bool(before)))
    described = [a.english for a in adjectives] + [noun.english_plural if plural else noun.english]
    if kind:
        possessor = (owner.person, owner.gender) if owner else None
        described.insert(0, english.determiner(kind, plural, mass, described[0], some, possessor))
    keys = tuple(f"{noun.french}+{a.masculine}" for a in adjectives)
    text = french.elide(" ".join(words).replace("' ", "'"))
    return NounPhrase(text, " ".join(word for word in described if word), noun, plural, keys)


def describe(rng, noun, kind, chance=0.45):
    """Choose adjectives that fit the noun and the determiner: none, one, or one before and one after."""
    if rng.random() > chance:
        return ()
    unsaid = (*STATES, "mauvais", "délicieux") if kind == "du" else (*STATES, "mauvais")
    fitting = [a for a in adjectives_for(noun.tags) if a.masculine not in unsaid]
    if kind not in ("un", "du", "de"):
        fitting = [a for a in fitting if a.masculine not in JUDGEMENTS and (a.before or a.tags & _IDENTIFYING)]
    if not fitting:
        return ()
    first = rng.choice(fitting)
    colours = [a for a in fitting if "coloured" in a.tags]
    if first.before and first.masculine not in JUDGEMENTS and colours and rng.random() < 0.35:
        return first, rng.choice(colours)
    return (first,)


def thing(rng, tags, kind="un", chance=0.45, plural=False, owner=None, some="some"):
    """Choose a noun that bears one of the tags, and realise it; a mass takes "du" where others take "un"."""
    noun = rng.choice(tagged(tags))
    if kind == "un" and "mass" in noun.tags:
        kind = "du"
    plural = (plural or "pair" in noun.tags) and "mass" not in noun.tags
    return noun_phrase(noun, kind, describe(rng, noun, kind, chance), plural, owner, some)


def _named(name, gender):
    return Subject(name, name, IL, gender, name)


NAMES = tuple(_named(name, "m") for name in MEN) + tuple(_named(name, "f") for name in WOMEN)


def two_names(rng):
    """Choose two names: "Paul et Marie" is feminine only when both are women."""
    one, other = rng.sample(NAMES, 2)
    gender = "f" if one.gender == other.gender == "f" else "m"
    return Subject(f"{one.french} et {other.french}", f"{one.english} and {other.english}", ILS, gender, one.key)


def relative(rng, owners=(ME, WE, YOU)):
    """Choose a relative or a neighbour of ours: "ma tante", "votre voisin"."""
    phrase = noun_phrase(rng.choice(tagged("known")), "mon", owner=rng.choice(owners))
    return Subject(phrase.french, phrase.english, IL, phrase.noun.gender, phrase.noun.french)


def professional(rng):
    """Choose someone by profession: "le médecin"."""
    phrase = noun_phrase(rng.choice(tagged("job")), "le")
    return Subject(phrase.french, phrase.english, IL, phrase.noun.gender, phrase.noun.french)


def somebody(rng, third=False):
    """Choose a subject; with `third` never je, nous or vous."""
    draw = rng.random()
    if draw < 0.32:
        return rng.choice((HE, SHE, THEY) if third else PRONOUNS)
    if draw < 0.68:
        return rng.choice(NAMES)
    if draw < 0.78:
        return two_names(rng)
    return relative(rng) if draw < 0.92 else professional(rng)


def clause(subject, verb, tense, negation="", adverb=("", ""), clitic=""):
    """Return subject and verb group in French and in English."""
    agreement = subject.agreement if verb.with_etre else ("m", False)
    group = french.verb_group(verb, subject.person, tense, negation, clitic, adverb[0], agreement)
    return f"{subject.french} {group}", english.clause(
        subject.english, verb, subject.person, tense, negation, adverb=adverb[1]
    )


def question(subject, verb, tense, negation=""):
    """Return what follows "est-ce que" in French, and the inverted English question."""
    agreement = subject.agreement if verb.with_etre else ("m", False)
    group = french.verb_group(verb, subject.person, tense, negation, agreement=agreement)
    return f"{subject.french} {group}", english.clause(
        subject.english, verb, subject.person, tense, negation, question=True
    )


def sentence(french_parts, english_parts, keys=(), mark="."):
    """Join the parts of both sides, elide, capitalise and punctuate."""
    left = french.elide(" ".join(part for part in french_parts if part))
    right = " ".join(part for part in english_parts if part)
    left, right = left[0].upper() + left[1:], right[0].upper() + right[1:]
    return Sentence(left + (mark if mark == "." else f" {mark}"), right + mark, tuple(keys))


def place(rng):
    """Choose a public place or a town."""
    return rng.choice(PLACES if rng.random() < 0.65 else CITIES)


def generic(noun):
    """Realise a noun as a kind of thing: "les pommes" is "apples", "le pain" is "bread"."""
    plural = "mass" not in noun.tags
    named = noun_phrase(noun, "le", plural=plural)
    return NounPhrase(named.french, noun.english_plural if plural else noun.english, noun, plural, ())


def belonging(rng, tags):
    """Name a thing by its owner: "la robe de Marie" is "Marie's dress"."""
    noun, owner = rng.choice(tagged(tags)), rng.choice(NAMES)
    plural = "pair" in noun.tags
    text = f"{noun_phrase(noun, 'le', plural=plural).french} {french.contract('de', owner.french)}"
    owned = noun.english_plural if plural else noun.english
    return NounPhrase(text, f"{owner.english}'s {owned}", noun, plural, (f"{owner.key}+{noun.french}",))
