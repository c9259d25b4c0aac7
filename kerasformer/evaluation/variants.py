"""Make difficult texts from clean pairs, and find the faults of their translations: text only, no model."""

import dataclasses
import pathlib
import re
from collections import Counter

from kerasformer.data.augmentation import (
    shared_names,
    with_other_names,
    with_typo,
    without_accents,
    without_stop,
)

MOST_REPEATS = 4  # more is a loop, unless the source has as many
LONG = 300  # tokens of a text without a stop
WORDS_PER_TYPO = 4
_FILE = pathlib.Path(__file__).with_name("robustness.tsv")
_RUN = re.compile(rf"(.{{1,40}}?)\1{{{MOST_REPEATS},}}", re.DOTALL)
_WORD = re.compile(r"\w+")
_COMMON_WORD = re.compile(r"(?<![\w'’-])[^\W\d_A-Z]{3,}(?![\w'’-])")
_NUMBER = re.compile(r"\d{1,3}(?:[ .,'\u00a0\u202f]\d{3})+(?!\d)|\d+")


@dataclasses.dataclass(frozen=True)
class Case:
    """A text to translate.

    Args:
        text: str.
        reference: its translation; "" if there is none. A text that may stay as it is has itself.
        names: tuple of str, what the translation must have as it is, apart from capitals.
        inserted: what was put into a clean text, one of `names`; "" for nothing.
        twins: tuple of int, the indices of the clean pairs that it was made from, if their translations can be compared
            with its own.
    """

    text: str
    reference: str = ""
    names: tuple = ()
    inserted: str = ""
    twins: tuple = ()


def read_texts():
    """The texts that come with the package: dict of kind of text, see the file, to list of tuples of str."""
    texts = {}
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            kind, *cells = line.split("\t")
            texts.setdefault(kind, []).append(tuple(cells))
    return texts


def clean_pairs(source, target):
    """The pairs of the package from `source` to `target`, codes of languages: list of (source, target), or []."""
    texts = read_texts()
    turned = [(second, first) for first, second in texts.get(f"{target}-{source}", [])]
    return texts.get(f"{source}-{target}", turned)


def make_cases(pairs, source, target, count, random):
    """Make the texts of each kind.

    Args:
        pairs: list of clean (source, target) sentences.
        source, target: codes of their languages.
        count: function of a list of texts that gives the number of tokens of each.
        random: `random.Random`, of all choices.

    Returns:
        dict of kind, "clean" first, to list of `Case`. A text that a change leaves as it was is left out, and so is a
        kind without texts.
    """
    cases = {"clean": [Case(*pair, _names(pair), twins=(i,)) for i, pair in enumerate(pairs)]}
    for kind, change in CHANGES.items():
        cases[kind] = []
        for i, pair in enumerate(pairs):
            text, reference, *inserted = change(*pair, random)
            if text not in ("", pair[0]):
                cases[kind].append(Case(text, reference, (*_names(pair), *inserted), "".join(inserted), (i,)))
    cases["names"] = [_with_new_names(i, *pair, random) for i, pair in enumerate(pairs) if _names(pair)]
    texts = read_texts()
    addresses = texts.get(f"address-{source}") or [
        row for kind, rows in texts.items() if kind.startswith("address-") for row in rows
    ]
    foreign = [row for kind, rows in texts.items() if len(kind) == 2 and kind not in (source, target) for row in rows]
    cases["single words"] = _single_words(pairs, random)
    cases["number list"] = [_number_list(random) for _ in pairs]
    cases["address"] = [Case(text, text, tuple(names.split(", "))) for text, names in addresses]
    cases[f"{LONG} tokens, no stop"] = _long_texts(pairs, count, random)
    cases["another language"] = [Case(text) for (text,) in foreign]
    return {kind: found for kind, found in cases.items() if found}


def _names(pair):
    """The names that both sides of a pair have: tuple of str."""
    return tuple(dict.fromkeys(shared_names([pair])))


def _with_new_names(i, source, target, random):
    """The case of a pair with names in which the names and numbers are others."""
    new = with_other_names(source, target, [name for (name,) in read_texts()["name"]], random)
    in_new, in_target, in_old = (set(_WORD.findall(text)) for text in (*new, source))
    return Case(*new, tuple(sorted(filter(str.isalpha, in_new & in_target - in_old))), twins=(i,))


def _typos(source, target, random):
    for _ in range(1 + len(source.split()) // WORDS_PER_TYPO):
        source = with_typo(source, random)
    return source, target


def _punctuation(source, target, random):
    mark = source[-1:] if source[-1:] in (".", "!", "?") else "."
    return without_stop(source) + 6 * mark, without_stop(target) + 6 * mark


def _emoji(source, target, random):
    return _insert(source, target, random.choice("😀😍🎉👍🚀🐈🍕"), random)


def _web_address(source, target, random):
    return _insert(source, target, f"https://www.example.org/page?id={random.randrange(100, 10_000)}", random)


def _insert(source, target, what, random):
    """The pair with a word between two words of the source and at about the same place of the target; and the word."""
    sides = source.split(), target.split()
    place = random.random()
    for words in sides:
        words.insert(max(1, min(len(words) - 1, round(place * len(words)))), what)
    return " ".join(sides[0]), " ".join(sides[1]), what


# Kinds of change by name: function of source, target and `random.Random` that gives the new source, the new target, and
# what was inserted, if anything was.
CHANGES = {
    "all capitals": lambda source, target, random: (source.upper(), target.upper()),
    "no capitals": lambda source, target, random: (source.lower(), target),
    "no final stop": lambda source, target, random: (without_stop(source), without_stop(target)),
    "no accents": lambda source, target, random: (without_accents(source), target),
    "typos": _typos,
    "repeated punctuation": _punctuation,
    "emoji": _emoji,
    "web address": _web_address,
}


def _single_words(pairs, random):
    words = [
        word
        for source, target in pairs
        for word in _COMMON_WORD.findall(source)
        if word != source and word.lower() not in target.lower()
    ]
    words = sorted(set(words))
    return [Case(word) for word in random.sample(words, min(len(pairs), len(words)))]


def _number_list(random):
    kinds = (lambda: random.randrange(100), lambda: random.randrange(1000, 2100), lambda: random.randrange(10**6))
    numbers = [str(random.choice(kinds)()) for _ in range(random.randint(4, 9))]
    return Case(", ".join(numbers), ", ".join(numbers))


def _long_texts(pairs, count, random):
    lengths, cases = count([without_stop(source) for source, _ in pairs]), []
    for _ in range(max(1, len(pairs) // 8)):
        twins, tokens = [], 0
        while tokens < LONG and any(lengths):
            order = list(range(len(pairs)))
            random.shuffle(order)
            for i in order:
                if tokens < LONG:
                    twins.append(i)
                    tokens += lengths[i]
        sides = [" ".join(without_stop(pairs[i][side]) for i in twins) for side in (0, 1)]
        cases.append(Case(*sides, tuple(name for i in twins for name in _names(pairs[i])), "", tuple(twins)))
    return cases


def faults(case, translation):
    """What is wrong with a translation.

    Args:
        case: a `Case`.
        translation: str.

    Returns:
        dict of "loop", "copy" and "empty", bool: whether it has a loop (`has_loop`); is the text itself, capitals and
        punctuation aside, although its translation is another; or has nothing but white space. And of "numbers" and
        "names", (lost, all): of the numbers that text and reference share, or that the text has if there is no
        reference, and of the names of the case. The same number in digits with other separators is not lost.
    """
    numbers = _numbers(case.text)
    if case.reference:
        numbers &= _numbers(case.reference)
    lost = numbers - _numbers(translation)
    said = translation.lower()
    return {
        "loop": has_loop(case.text, translation),
        "copy": _plain(case.text) == _plain(translation) not in ("", _plain(case.reference)),
        "empty": not translation.strip(),
        "numbers": (lost.total(), numbers.total()),
        "names": (sum(name.lower() not in said for name in case.names), len(case.names)),
    }


def has_loop(source, translation):
    """Whether a translation repeats itself and its source does not do so as often.

    The same 1 to 40 characters with a letter among them, or words whatever the punctuation between them, stand in it
    more than `MOST_REPEATS` times in a row; or the same three words stand in it more than `MOST_REPEATS` times, in a
    row or not. Capitals do not count. A number may repeat its digits, and a line of dots or dashes is no loop.
    """
    return any(
        times > MOST_REPEATS and times > of_source
        for times, of_source in zip(_repeats(translation), _repeats(source), strict=True)
    )


def _repeats(text):
    """How often the same characters or words stand in a row, and three words anywhere; 1 for up to `MOST_REPEATS`."""
    text = _NUMBER.sub(lambda number: _digits(number[0]), text.lower())
    words = _WORD.findall(text)
    lines = " " + " ".join(text.split()), " " + " ".join(words)
    runs = [match for line in lines for match in _RUN.finditer(line) if any(map(str.isalpha, match[1]))]
    in_a_row = [len(match[0]) // len(match[1]) for match in runs]
    three = Counter(zip(words, words[1:], words[2:], strict=False))
    return max(in_a_row, default=1), max(three.values(), default=1)


def _plain(text):
    return " ".join(_WORD.findall(text.lower()))


def _numbers(text):
    return Counter(map(_digits, _NUMBER.findall(text)))


def _digits(number):
    return "".join(filter(str.isdigit, number))
