"""What a worker does with HTML and with whole files: it finds their texts, and writes them with translations.

Workers do it, not the service, because it may take long for an odd text, and the service must go on answering.
"""

import contextlib
import os

from kerasformer.documents.spans import replace
from kerasformer.documents.web_page import find_spans
from kerasformer.documents.whole_file import translate_file
from kerasformer.errors import InputError


def html_texts(text, source, target):
    """The texts of HTML to translate, each once: list of str."""
    with _not_too_deep("the HTML"):
        return list(dict.fromkeys(part for span in find_spans(text, source, target) for part in span.texts))


def html_written(text, source, target, found):
    """HTML with translations.

    Args:
        text: str.
        source, target: codes of the languages.
        found: dict of each of its texts to the list of its translations, best first.

    Returns:
        list of str: with the first translations, with the second ones, and so on.
    """
    with _not_too_deep("the HTML"):
        spans = list(find_spans(text, source, target))

        def written(rank):
            return replace(text, spans, lambda part: found[part][min(rank, len(found[part]) - 1)])

        return [written(rank) for rank in range(max(map(len, found.values()), default=1))]


def file_texts(path, written, source, target):
    """The texts of a file to translate, each once: list of str; for the arguments see `file_written`."""
    translator = _Known(source, target)
    _translate(path, written, translator)
    os.remove(written)
    return list(translator.found)


def file_written(path, written, source, target, found):
    """Write a file with translations.

    Args:
        path: of the file.
        written: path of the file to write.
        source, target: codes of the languages.
        found: dict of each of its texts to its translation.
    """
    _translate(path, written, _Known(source, target, found))


def _translate(path, written, translator):
    try:
        with _not_too_deep("the file"):
            translate_file(path, written, translator)
    except InputError as error:
        raise InputError(str(error).replace(str(path), "the file").replace(str(written), "the file")) from None


@contextlib.contextmanager
def _not_too_deep(what):
    try:
        yield
    except RecursionError:
        raise InputError(f"{what} is nested too deeply") from None


class _Known:
    """A translator that knows some translations, and remembers the texts of which it knows none."""

    def __init__(self, source, target, found=()):
        self.source, self.target, self.found = source, target, dict(found)

    def __call__(self, texts):
        return [self.found.setdefault(text, text) for text in texts]
