"""Divide the translation of a text that was joined from several parts among these parts, at the ends of words."""

import re

from kerasformer.interface.segmentation import split_sentences

WITHOUT_SPACES = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]")  # Thai, Lao, Japanese, Chinese
_WORD = re.compile(r"(?<=\s)\S")
_CHARACTER = re.compile(r"(?<=.)[^\W_]", re.DOTALL)
_PAUSE = re.compile(r"[,;:.!?…，、。；：！？][\"'”’»)\]\s]*\Z")


def divided(translation, texts):
    """A translation as one part for each text, in proportion to their lengths.

    A sentence of the translation that is in one text stays in its part, if there are as many sentences as before.
    A cut after punctuation may be twice as far from the exact place as one between two words.

    Args:
        translation: str, the translation of the texts joined with spaces.
        texts: list of str.

    Returns:
        list of str without white space around them. If the translation has fewer words than there are texts, each
        gets all of it, because none can be empty.
    """
    pattern = _CHARACTER if WITHOUT_SPACES.search(translation) else _WORD
    gaps = [match.start() for match in pattern.finditer(translation)]
    if len(gaps) < len(texts) - 1:
        return [translation] * len(texts)
    source, cuts, last, place = " ".join(texts), [0], -1, 0
    for number, text in enumerate(texts[:-1], start=1):
        place += len(text) + 1
        wanted = _corresponding(place, source, translation)
        free = range(last + 1, len(gaps) - (len(texts) - 1 - number))
        last = min(free, key=lambda gap: _distance(translation, gaps[gap], wanted))
        cuts.append(gaps[last])
    return [translation[begin:end].strip() for begin, end in zip(cuts, [*cuts[1:], None], strict=True)]


def _distance(translation, gap, wanted):
    return abs(gap - wanted) * (0.5 if _PAUSE.search(translation[max(0, gap - 4) : gap]) else 1)


def _corresponding(place, source, translation):
    """The place of a translation, a float, that corresponds to one of its source: within the same sentence, or else
    within all of the text."""
    ours, theirs = _sentences(source), _sentences(translation)
    if len(ours) != len(theirs):
        ours, theirs = [(0, len(source))], [(0, len(translation))]
    number = max(i for i, (begin, _) in enumerate(ours) if begin <= place)
    (begin, end), (first, last) = ours[number], theirs[number]
    return first + (place - begin) * (last - first) / max(end - begin, 1)


def _sentences(text):
    """The places of the sentences of a text, each with the white space after it."""
    places, begin = [], 0
    for sentence, separator in split_sentences(text):
        places.append((begin, begin := begin + len(sentence) + len(separator)))
    return places
