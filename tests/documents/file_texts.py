"""What the tests of a format need: the texts of a file, and the file with their translations."""

from kerasformer.documents.formats import format_of, spans_of
from kerasformer.documents.spans import replace


def translated(text, suffix, lookup, source="fr", target="xx"):
    """The text of a file with the translations of a function or the `get` of a dict."""
    spans = spans_of(format_of(f"a{suffix}"), text, source, target)
    return replace(text, spans, lookup)


def texts_of(text, suffix, source="fr"):
    """What is translated, in order and each once."""
    spans = spans_of(format_of(f"a{suffix}"), text, source, "xx")
    return list(dict.fromkeys(part for span in spans for part in span.texts))
