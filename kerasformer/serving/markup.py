"""Translate HTML: its tags stay, as in whole files."""

from kerasformer.documents.spans import replace
from kerasformer.documents.web_page import find_spans
from kerasformer.interface.text import Hypothesis


async def translate(texts, source, target, hypotheses):
    """The hypotheses of HTML texts.

    Args:
        texts: list of str.
        source, target: codes of the languages.
        hypotheses: coroutine function of a list of texts without tags that returns the list of `Hypothesis` of each.

    Returns:
        list of lists of `Hypothesis`, best first.
    """
    spans = [list(find_spans(text, source, target)) for text in texts]
    inner = list(dict.fromkeys(part for of_text in spans for span in of_text for part in span.texts))
    found = dict(zip(inner, await hypotheses(inner), strict=True))
    return [_of_text(text, of_text, found) for text, of_text in zip(texts, spans, strict=True)]


def _of_text(text, spans, found):
    parts = [found[part] for span in spans for part in span.texts]

    def written(rank):
        def lookup(part):
            return found[part][min(rank, len(found[part]) - 1)].text

        score = sum(part[min(rank, len(part) - 1)].score for part in parts) / max(len(parts), 1)
        return Hypothesis(replace(text, spans, lookup), score, ())

    return [written(rank) for rank in range(max(map(len, parts), default=1))]
