"""Make new training pairs from pairs: text as people type it, pairs with other names, and texts to be copied.

Every choice is drawn from a `random.Random`, so that the same seed gives the same pairs.
"""

import re
import unicodedata

_FINAL = re.compile(r"\s*[.!?]+$")
_NAME = re.compile(r"\b[A-ZÀ-Ý][a-zà-ÿ]{2,}(?:-[A-ZÀ-Ý][a-zà-ÿ]+)?\b")
_NUMBER = re.compile(r"(?<![\w.,])\d{2,4}(?![\w.,]*\d)")
_HARD = re.compile(r"(?<!\S)[\w./:@#%+=&-]*(?:\d|[./:@#_=&+]\w|[A-Z]\w*[A-Z])[\w./:@#%+=&-]*(?!\S)")
_VOWELS, _CONSONANTS = "aeiouyéèö", "bcdfghjklmnprstvwxzčšřñ"
_ENDS = ("com", "org", "fr", "ca", "net", "io", "eu")


def without_accents(text):
    """The text without accents, and with "oe" for "œ"."""
    spelt = unicodedata.normalize("NFD", text.replace("œ", "oe").replace("Œ", "Oe"))
    return unicodedata.normalize("NFC", "".join(c for c in spelt if not unicodedata.combining(c)))


def without_stop(text):
    """The text without the punctuation that ends it."""
    return _FINAL.sub("", text)


def with_typo(text, random):
    """The text with a typing mistake in a word of four letters or more: two exchanged, one missing or one doubled."""
    places = list(re.finditer(r"[^\W\d_]{4,}", text))
    if not places:
        return text
    word = random.choice(places)
    i = random.randrange(word.start() + 1, word.end() - 1)
    change = random.randrange(3)
    middle = (text[i + 1] + text[i], text[i + 1], text[i] * 2 + text[i + 1])[change]
    return text[:i] + middle + text[i + 2 :]


def as_typed(source, target, random):
    """The pair with its source as people type it.

    The source is in capitals, without capitals, without accents, without the final stop, or has a typing mistake. The
    target is in capitals, or without the final stop, if the source is.
    """
    change = random.choices(
        ("capitals", "no capitals", "no accents", "no stop", "typo", "careless"), (15, 18, 15, 25, 20, 7)
    )[0]
    if change == "capitals":
        return source.upper(), target.upper()
    if change == "no stop":
        return without_stop(source), without_stop(target)
    if change == "no capitals":
        return source.lower(), target
    if change == "no accents":
        return without_accents(source), target
    if change == "typo":
        return with_typo(source, random), target
    return with_typo(without_accents(without_stop(source).lower()), random), target


def shared_names(pairs):
    """Capitalised words that both sides of a pair have, except at the beginning of the source: list, with repeats."""
    return [name for source, target in pairs for name in _shared(_NAME, source, target)]


def invented_name(names, random):
    """A made-up name: one of `names` with one or two letters changed, or random syllables."""
    if names and random.random() < 0.5:
        letters = list(random.choice(names))
        for _ in range(random.randint(1, 2)):
            i = random.randrange(1, len(letters))
            letters[i] = random.choice(_VOWELS[:6] if letters[i].lower() in _VOWELS else _CONSONANTS[:20])
        return "".join(letters)
    syllables = [random.choice(_CONSONANTS) + random.choice(_VOWELS) for _ in range(random.randint(1, 3))]
    return "".join(syllables).capitalize() + random.choice(("", random.choice(_CONSONANTS)))


def with_other_names(source, target, names, random):
    """The pair with each name and number that both sides share replaced by another; None if they share none."""
    changed = {}
    for name in _shared(_NAME, source, target):
        changed[name] = invented_name(names, random) if not names or random.random() < 0.6 else random.choice(names)
        if random.random() < 0.25:
            changed[name] += " " + invented_name(names, random)
    for number in _shared(_NUMBER, source, target):
        changed[number] = "".join(random.choice("123456789" if i == 0 else "0123456789") for i in range(len(number)))
    if not changed:
        return None
    pattern = re.compile(r"\b(?:" + "|".join(map(re.escape, changed)) + r")\b")
    return tuple(pattern.sub(lambda match: changed[match[0]], side) for side in (source, target))


def to_be_copied(pairs, names, random, count):
    """Pairs of a text and itself: names, words with digits or marks, numbers, addresses of web pages and of mail."""
    hard = [word for source, target in pairs for word in _shared(_HARD, source, target)]
    kinds = {
        "name": lambda: " ".join(
            invented_name(names, random) if random.random() < 0.5 else random.choice(names)
            for _ in range(random.randint(1, 3))
        ),
        "hard": lambda: random.choice(hard),
        "number": lambda: "".join(random.choice("0123456789") for _ in range(random.randint(1, 10))),
        "url": lambda: f"https://www.{_word(random)}.{random.choice(_ENDS)}/{_word(random)}",
        "mail": lambda: f"{_word(random)}.{_word(random)}@{_word(random)}.{random.choice(_ENDS)}",
    }
    shares = {"name": 45 * bool(names), "hard": 25 * bool(hard), "number": 15, "url": 8, "mail": 7}
    drawn = random.choices(tuple(kinds), tuple(shares.values()), k=count)
    return [(text, text) for text in (kinds[kind]() for kind in drawn)]


def without_ligatures(pairs):
    """Those French-English pairs that have "œ", with "oe" in its place."""
    return [(text.replace("œ", "oe").replace("Œ", "Oe"), target) for text, target in pairs if "œ" in text.lower()]


def _word(random):
    return "".join(random.choice(_CONSONANTS[:20]) + random.choice("aeiou") for _ in range(random.randint(1, 4)))


def _shared(pattern, source, target):
    in_target = set(pattern.findall(target))
    return [m[0] for m in pattern.finditer(source) if m[0] in in_target and (pattern is not _NAME or m.start())]
