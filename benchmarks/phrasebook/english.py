"""English forms: articles, possessives, and clauses with do-support."""

_BE = ("am", "is", "are", "are", "are")
_WAS = ("was", "was", "were", "were", "were")
_DO = ("do", "does", "do", "do", "do")
_NEGATIONS = {"pas": "not", "jamais": "never", "plus": "no longer"}
_SOUNDED_LIKE_YOU = ("uni", "use", "eu", "one")


def indefinite(next_word):
    """Return "a" or "an" for the word that follows."""
    vowel = next_word[0].lower() in "aeiou" and not next_word.lower().startswith(_SOUNDED_LIKE_YOU)
    return "an" if vowel or next_word.startswith("hour") else "a"


def possessive(person, gender):
    """Return my, his, her, our, your or their for the owner's person (0 to 4) and gender."""
    if person == 1:
        return "his" if gender == "m" else "her"
    return ("my", "", "our", "your", "their")[person]


def determiner(kind, plural, mass, next_word, some="some", owner=None):
    """Return the English determiner of `kind` (see `french.determiner`); `some` is some, any or nothing."""
    if kind == "le":
        return "the"
    if kind == "ce":
        return "these" if plural else "this"
    if kind == "mon":
        return possessive(*owner)
    return some if plural or mass else indefinite(next_word)


def _auxiliary(verb, person, tense):
    """Return the auxiliary that negates or asks, and what follows it."""
    if verb.english == "be" and tense in ("present", "past"):
        return (_BE if tense == "present" else _WAS)[person], ""
    if tense == "now":
        return _BE[person], verb.english_progressive
    if tense == "past":
        return "did", verb.english
    if tense == "future":
        return _BE[person], f"going to {verb.english}"
    if tense in ("can", "must"):
        return tense, verb.english
    if tense in ("want", "hope"):
        return _DO[person], f"{tense} to {verb.english}"
    return _DO[person], verb.english


def _finite(verb, person, tense):
    """Return the one-word (or "wants to ...") positive form of a verb that needs no auxiliary."""
    if tense == "past":
        return verb.past
    if tense in ("want", "hope"):
        return f"{tense}{'s' if person == 1 else ''} to {verb.english}"
    return verb.english_third if person == 1 else verb.english


def clause(subject, verb, person, tense, negation="", question=False, adverb=""):
    """Return subject and verb group; see `french.verb_group` for the arguments.

    Do-support is used for negation and questions; `adverb` (often, also) precedes the main verb.
    """
    auxiliary, main = _auxiliary(verb, person, tense)
    lexical = auxiliary in ("do", "does", "did")
    no = _NEGATIONS.get(negation, "")
    if question:
        words = (auxiliary, subject, no, adverb, main)
    elif lexical and no != "not":
        words = (subject, no, adverb, _finite(verb, person, tense))
    elif auxiliary == "can" and no == "not":
        words = (subject, "cannot", adverb, main)
    else:
        words = (subject, auxiliary, no, adverb, main)
    return " ".join(word for word in words if word)
