"""Split texts into the pieces that a model translates, and join the translations.

A text is split at its newlines and sentence ends, because a model that learned from single sentences loses the others
of a text. A sentence that does not fit is split at commas, else at spaces, else between characters. White space between
sentences, newlines and indentation stay as they are. Standard library only.
"""

import dataclasses
import re
from collections.abc import Callable, Sequence

from kerasformer.errors import InputError
from kerasformer.interface.sentence_ends import has_newline, split_sentences

MAX_SENTENCE_CHARACTERS = 10_000

# Where a sentence may be split, best first: after a clause, at a space, else between characters.
_CUTS = (
    re.compile(r"(?<=[,;:])(?=\s)|(?<=[，；：、])(?=.)"),
    re.compile(r"(?<=\S)(?=\s)"),
)
# A character with its combining marks.
_CHARACTER = re.compile(r"(?s:.)[\u0300-\u036f\u1160-\u11ff\u200d\ufe0f]{0,8}")

CountTokens = Callable[[list[str]], list[int]]


def too_long(text: str) -> str | None:
    """The error message for a text with a sentence of more than `MAX_SENTENCE_CHARACTERS`; None if there is none."""
    if len(text) <= MAX_SENTENCE_CHARACTERS:
        return None
    longest, limit = max(len(sentence) for sentence, _ in split_sentences(text)), MAX_SENTENCE_CHARACTERS
    if longest <= limit:
        return None
    return (
        f"a single sentence of {longest:,} characters is longer than the limit of {limit:,} characters: "
        "split it with sentence ends (. ! ?) or newlines"
    )


@dataclasses.dataclass(frozen=True)
class Plan:
    """The pieces to translate, and how to join their translations.

    Attributes:
        pieces: the pieces to translate, in order, none of them empty.
        separators: for each text, the white space before its first piece, and what follows each of its pieces.
    """

    pieces: list[str]
    separators: list[list[str]]

    def join(self, translations: Sequence[str]) -> list[str]:
        """Join the translations of `pieces`.

        Args:
            translations: list of str, one for each piece.

        Returns:
            List of str, one translation for each text given to `plan`; a text of white space only as it is.

        Raises:
            InputError: if the number of translations is not the number of pieces.
        """
        expected, got = len(self.pieces), len(translations)
        if got != expected:
            raise InputError(f"expected {expected} translations, one for each piece, got {got}")
        return ["".join([before, *of_text]) for before, of_text in self.groups(translations, _followed)]

    def groups(self, of_pieces, combine=lambda item, separator: item):
        """Group what belongs to each text.

        Args:
            of_pieces: list, one item for each piece.
            combine: function of an item and the separator after it.

        Returns:
            For each text, the white space before its first piece, and the list of what `combine` returns.
        """
        remaining = iter(of_pieces)
        return [
            (before, [combine(next(remaining), after) for after in following]) for before, *following in self.separators
        ]


def _followed(translation: str, separator: str) -> str:
    """A translation and its separator; nothing for a space after a piece whose translation is empty."""
    return translation + separator if translation or has_newline(separator) else ""


def plan(
    texts: Sequence[str],
    count_tokens: CountTokens,
    max_tokens: int,
    max_sentences: int = 1,
    masked: Callable[[str], str] = str,
) -> Plan:
    """Split texts into pieces of at most `max_sentences` sentences of a line, and at most `max_tokens` tokens.

    A single character of more than `max_tokens` tokens stays one piece.

    Args:
        texts: the texts to translate.
        count_tokens: list of texts -> the number of tokens of each.
        max_tokens: the most tokens that the model reads at once.
        max_sentences: the most sentences that the model reads at once.
        masked: text -> a text of the same length, which is split in the same places.

    Returns:
        The pieces, and how to join their translations.

    Raises:
        InputError: if a text has a sentence of more than `MAX_SENTENCE_CHARACTERS` characters.
    """
    if max_tokens < 1:
        raise InputError(f"max_tokens must be at least 1, got {max_tokens}")
    befores, texts_of_sentences = [], []
    for number, text in enumerate(texts, start=1):
        if complaint := too_long(text):
            raise InputError(f"text {number}: {complaint}")
        sentences = _split_as(text, masked(text))
        befores.append(sentences.pop(0)[1] if sentences and not sentences[0][0] else "")
        texts_of_sentences.append(sentences)
    if max_sentences > 1:
        texts_of_sentences = _grouped(texts_of_sentences, count_tokens, max_tokens, max_sentences)
    fitted = iter(_fit([sentence for text in texts_of_sentences for sentence, _ in text], count_tokens, max_tokens))
    pieces, separators = [], []
    for before, sentences in zip(befores, texts_of_sentences, strict=True):
        separators.append([before])
        for _, after in sentences:
            cut = next(fitted)
            pieces += cut
            separators[-1] += [" "] * (len(cut) - 1) + [after]
    return Plan(pieces, separators)


def _split_as(text, masked):
    """A text split in the places in which another one of the same length is split."""
    pairs, place = [], 0
    for sentence, separator in split_sentences(masked):
        end = place + len(sentence)
        pairs.append((text[place:end], text[end : end + len(separator)]))
        place = end + len(separator)
    return pairs


def _grouped(texts, count_tokens, max_tokens, max_sentences):
    """Join neighbouring sentences of a line, as many as may be together and fit.

    Args:
        texts: for each text, its list of (sentence, separator).

    Returns:
        The same for stretches of one or more sentences.
    """
    counts = iter(count_tokens([sentence for text in texts for sentence, _ in text]) if any(texts) else [])
    grouped = []
    for text in texts:
        stretches, is_open, sentences, tokens = [], False, 0, 0
        for sentence, after in text:
            count = next(counts)
            if is_open and sentences < max_sentences and tokens + count <= max_tokens:
                before, between = stretches.pop()
                sentence, sentences, tokens = before + between + sentence, sentences + 1, tokens + count
            else:
                sentences, tokens = 1, count
            stretches.append((sentence, after))
            is_open = not has_newline(after)
        grouped.append(stretches)
    return grouped


def _fit(stretches: list[str], count_tokens: CountTokens, max_tokens: int) -> list[list[str]]:
    """Split each stretch into pieces of at most `max_tokens` tokens, with one call of `count_tokens` a round."""
    if not stretches:
        return []
    counts = count_tokens(stretches)
    fitted = [[stretch] for stretch in stretches]
    parts = {
        index: _parts(stretches[index])
        for index, count in enumerate(counts)
        if count > max_tokens and _CHARACTER.fullmatch(stretches[index]) is None
    }
    part_counts = iter(count_tokens([part for group in parts.values() for part in group]) if parts else [])
    packs = {
        index: _pack(group, [next(part_counts) for _ in group], counts[index], max_tokens)
        for index, group in parts.items()
    }
    finished = iter(_fit([pack for group in packs.values() for pack in group], count_tokens, max_tokens))
    for index, group in packs.items():
        fitted[index] = [piece for _ in group for piece in next(finished)]
    return fitted


def _parts(stretch: str) -> list[str]:
    """A stretch split at its clauses, else at its spaces, else between its characters."""
    for cut in _CUTS:
        parts = cut.split(stretch)
        if len(parts) > 1:
            return parts
    return _CHARACTER.findall(stretch)


def _pack(parts: list[str], counts: list[int], whole: int, max_tokens: int) -> list[str]:
    """Join neighbouring parts greedily into packs of about `max_tokens` tokens, at least two.

    Parts counted alone have more tokens than within their stretch, so their counts are scaled to its count `whole`.
    """
    total = max(sum(counts), 1)
    packs, weight = [[]], 0
    for part, count in zip(parts, counts, strict=True):
        weight += count
        if packs[-1] and weight * whole > max_tokens * total:
            packs.append([])
            weight = count
        packs[-1].append(part)
    if len(packs) == 1:
        packs = [parts[: len(parts) // 2], parts[len(parts) // 2 :]]
    return [text for pack in packs if (text := "".join(pack).strip())]
