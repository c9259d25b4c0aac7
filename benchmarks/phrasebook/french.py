"""French forms: elision, contraction, determiners and verb groups."""

import re

from .verbs import ALLER, AVOIR, ETRE, OTHERS

VOWELS = "aeiouyhàâéèêëîïôûœ"
_ELISION = re.compile(rf"(?<![\w'-])(je|me|se|le|la|ne|de|que) (?!huit|onze)(?=[{VOWELS}])", re.IGNORECASE)
_POSSESSIVES = (
    ("mon", "ma", "mes"),
    ("son", "sa", "ses"),
    ("notre", "notre", "nos"),
    ("votre", "votre", "vos"),
    ("leur", "leur", "leurs"),
)
_REFLEXIVES = ("me", "se", "nous", "vous", "se")
MODALS = {
    "want": OTHERS["vouloir"],
    "can": OTHERS["pouvoir"],
    "must": OTHERS["devoir"],
    "hope": OTHERS["espérer"],
    "future": ALLER,
}


def starts_with_vowel(word):
    """Tell whether a word asks for elision; every h of our lexicon is mute except those of numbers."""
    return word[0].lower() in VOWELS and not word.startswith(("huit", "onze"))


def elide(text):
    """Join short words to a following vowel: "je ai" becomes "j'ai", "que elle" becomes "qu'elle"."""
    return _ELISION.sub(lambda match: match[1][:-1] + "'", text)


def contract(preposition, phrase):
    """Put `à` or `de` before a noun phrase: "à" + "le marché" is "au marché"."""
    article, _, rest = phrase.partition(" ")
    fused = {("à", "le"): "au", ("à", "les"): "aux", ("de", "le"): "du", ("de", "les"): "des"}
    head, space, last = preposition.rpartition(" ")
    if (last, article) in fused:
        return f"{head}{space}{fused[last, article]} {rest}"
    return elide(f"{preposition} {phrase}")


def determiner(kind, gender, plural, next_word, owner=None, preposed=False):
    """Return the French determiner of `kind`: un, le, ce, mon, du, or de (after a negation or a quantity)."""
    vowel = starts_with_vowel(next_word)
    if kind == "de" or (kind == "un" and plural and preposed):
        return "de"
    if kind == "mon":
        masculine, feminine, several = _POSSESSIVES[owner]
        return several if plural else masculine if gender == "m" or vowel else feminine
    if plural:
        return {"un": "des", "le": "les", "ce": "ces"}[kind]
    if kind == "du" and vowel:
        return "de l'"
    if kind == "ce" and gender == "m" and vowel:
        return "cet"
    feminine = {"un": "une", "le": "la", "ce": "cette", "du": "de la"}
    return kind if gender == "m" else feminine[kind]


def participle_ending(gender, plural):
    """Return the agreement of a past participle: "", "e", "s" or "es"."""
    return "e" * (gender == "f") + "s" * plural


def agree(participle, gender, plural):
    """Return a participle with its agreement: "pris" stays "pris" in the masculine plural."""
    ending = participle_ending(gender, plural)
    return participle if ending == "s" and participle.endswith("s") else participle + ending


def verb_group(verb, person, tense, negation="", clitic="", adverb="", agreement=("m", False)):
    """Return the French verb with its auxiliary, negation and pronouns, without subject or elision.

    Args:
        verb: the verb of the lexicon.
        person: 0 to 4, for je, il, nous, vous, ils.
        tense: "present", "now", "past", "future", or a modal: "want", "can", "must", "hope".
        negation: "", "pas", "jamais", "plus" or "rien".
        clitic: object pronoun such as "le" or "lui".
        adverb: a word that follows the conjugated verb, such as "souvent".
        agreement: gender and number that the past participle agrees with.
    """
    if verb.reflexive:
        clitic = _REFLEXIVES[person]
    rest = ""
    if tense == "past":
        finite = (ETRE if verb.with_etre else AVOIR).present[person]
        rest = agree(verb.participle, *agreement)
    elif tense in MODALS:
        finite = MODALS[tense].present[person]
        rest = f"{clitic} {verb.infinitive}".strip()
        clitic = ""
    else:
        finite = verb.present[person]
    words = ("ne" if negation else "", clitic, finite, negation, adverb, rest)
    return " ".join(word for word in words if word)
