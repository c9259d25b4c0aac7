"""A glossary: source terms with their fixed translations. Standard library only."""

import os
import re

from kerasformer.errors import InputError

_APOSTROPHES = re.compile("[\u2019\u02bc]")


class Glossary:
    """Fixed translations of terms.

    A term matches whole words as they are written; one without a capital also matches with a capital first letter, and
    then its translation gets one if its first word has none of its own. Where several terms match, the longest is used.
    Any white space in a term matches any other, and so do apostrophes.

    Args:
        terms: dict of source term to target term.

    Attributes:
        patterns: tuple of str, a pattern for each term, the longest first.

    Raises:
        InputError: if a term or its translation is empty or no text.
    """

    def __init__(self, terms):
        for source, target in terms.items():
            if not (isinstance(source, str) and isinstance(target, str) and source.strip() and target.strip()):
                raise InputError(f"a glossary needs a text on both sides, got {source!r}: {target!r}")
        self._terms = {_alike(source): target.strip() for source, target in terms.items()}
        self.patterns = tuple(map(_pattern, sorted(self._terms, key=len, reverse=True)))

    @classmethod
    def of(cls, glossary):
        """A glossary from a dict, the path of a file, or another glossary.

        Raises:
            InputError: for something else, or a file that cannot be used.
        """
        if isinstance(glossary, cls):
            return glossary
        if isinstance(glossary, (str, os.PathLike)):
            return cls(read_glossary(glossary))
        if not isinstance(glossary, dict):
            raise InputError(f"a glossary must be a dict or the path of a TSV file, got {glossary!r}")
        return cls(glossary)

    def translation(self, found):
        """The translation of a term, as a pattern matched it."""
        target = self.entry(found)
        return target if _alike(found) in self._terms else capitalised(target)

    def entry(self, found):
        """The same as the glossary has it, without a capital that the term has in its text."""
        found = _alike(found)
        return self._terms.get(found) or self._terms[found[0].lower() + found[1:]]


def capitalised(text):
    """A text with a capital first letter, unless its first word has its own capitals, as "iPhone" has."""
    return text[0].upper() + text[1:] if text.split()[0].islower() else text


def read_glossary(path):
    """Read a TSV file, UTF-8, with a source term, a tab and its translation in each line; empty lines
    and comments, which begin with # and have no tab, are left out.

    Returns:
        dict of source term to target term.

    Raises:
        InputError: if the file cannot be read, or a line is no pair or contradicts another; the message has its number.
    """
    terms, numbers = {}, {}
    try:
        with open(path, encoding="utf-8-sig") as file:
            lines = file.read().splitlines()
    except OSError as error:
        raise InputError(f"the glossary {path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InputError(f"the glossary {path} is not UTF-8: convert it to UTF-8") from None
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#") and "\t" not in line:
            continue
        sides = [" ".join(side.split()) for side in line.split("\t")]
        if len(sides) != 2 or not all(sides):
            raise InputError(f"{path}, line {number}: expected a source term, a tab and its translation, got {line!r}")
        source, target = sides
        if terms.setdefault(source, target) != target:
            raise InputError(f"{path}, line {number}: {source!r} has another translation in line {numbers[source]}")
        numbers.setdefault(source, number)
    if not terms:
        raise InputError(f"the glossary {path} is empty: it needs lines of a source term, a tab and its translation")
    return terms


def _alike(term):
    return " ".join(_APOSTROPHES.sub("'", term).split())


def _pattern(term):
    text = r"\s+".join(map(re.escape, term.split(" "))).replace("'", "['\u2019\u02bc]")
    first = term[0]
    if first != first.upper() and len(first.upper()) == 1:
        text = f"[{first}{first.upper()}]{text[len(re.escape(first)) :]}"
    return f"{_boundary(first, '(?<!')}{text}{_boundary(term[-1], '(?!')}"


def _boundary(character, lookaround):
    r"""No letter or digit beside an edge of a term; scripts without capitals put particles there, or other words."""
    return rf"{lookaround}\w)" if character.isdigit() or character.lower() != character.upper() else ""
