"""Sentences in capitals: put in lower case for the model, which learned from few of them. Standard library only."""

import re

LOUD = re.compile(r"[^\W\d_a-z]{3}")  # a quick test: a text that it does not match is not in capitals
_WORD = re.compile(r"[^\W\d_]+")
_SHORTEST = 4  # letters of a word that is no acronym


def in_capitals(text):
    """Whether a text is in capitals: it has several words of two letters or more, all of them mostly in capitals.

    One of them is longer than most acronyms, so that "NATO" and "EU, USA" are not in capitals.
    """
    words = [word for word in _WORD.findall(text) if len(word) > 1]
    return (
        len(words) > 1
        and max(map(len, words)) >= _SHORTEST
        and all(2 * sum(map(str.isupper, word)) > len(word) for word in words)
    )


def in_lower_case(text, spans, count):
    """A text in capitals as it would be written otherwise, in as many characters.

    It begins with a capital, and so does each word that has fewer tokens so, as names have: "Paris" may be one token,
    "paris" two.

    Args:
        text: str.
        spans: list of `forms.Span` in order; they stay as they are.
        count: function of a list of texts that returns the number of tokens of each.

    Returns:
        The text; None if it is not in capitals, spans aside.
    """
    others = text
    for span in spans:
        others = others[: span.start] + " " * (span.end - span.start) + others[span.end :]
    if not in_capitals(others):
        return None
    lower = "".join(map(_lower, others))
    found = list(dict.fromkeys(_WORD.findall(lower)))
    counts = count([*found, *map(str.capitalize, found)])
    names = {word for word, one, other in zip(found, counts, counts[len(found) :], strict=False) if other < one}
    first = _WORD.search(lower).start()
    characters = list(text)
    for match in _WORD.finditer(lower):
        word = match[0]
        if match.start() == first or word in names:
            word = _upper(word[0]) + word[1:]
        characters[match.start() : match.end()] = word
    return "".join(characters)


def _lower(character):
    return character.lower() if len(character.lower()) == 1 else character


def _upper(character):
    return character.upper() if len(character.upper()) == 1 else character
