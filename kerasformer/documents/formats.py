"""The formats of files that can be translated, by the suffix of their names."""

import dataclasses
import pathlib

from kerasformer.errors import InputError
from kerasformer.tasks import resolve


@dataclasses.dataclass(frozen=True)
class DocumentFormat:
    """A format of files; a new one is a record in `FORMATS`.

    Args:
        suffixes: tuple of str, the ends of the names of its files.
        find_spans: "module:name" of a function (text, source, target) -> iterable of `Span` in order, with the text of
            the file and the codes of the languages. It raises `InputError` for a text that is not of the format.
        declared: regular expression with one group, by which a file names its encoding; "" if it does not.
        unencodable: "strict", or how characters are written that the encoding lacks, as in `str.encode`.
    """

    suffixes: tuple[str, ...]
    find_spans: str
    declared: str = ""
    unencodable: str = "strict"


_ROOM = "kerasformer.documents"
FORMATS = (
    DocumentFormat((".txt",), f"{_ROOM}.plain:find_spans"),
    DocumentFormat((".srt",), f"{_ROOM}.subtitles:find_srt"),
    DocumentFormat((".vtt",), f"{_ROOM}.subtitles:find_vtt"),
    DocumentFormat(
        (".html", ".htm", ".xhtml"),
        f"{_ROOM}.web_page:find_spans",
        declared=r"""<meta[^>]+charset\s*=\s*["']?([\w-]+)|^<\?xml[^>]+encoding=["']([\w-]+)""",
        unencodable="xmlcharrefreplace",
    ),
    DocumentFormat((".md", ".markdown"), f"{_ROOM}.markdown_page:find_spans"),
    DocumentFormat((".po", ".pot"), f"{_ROOM}.gettext_messages:find_spans", declared=r"charset=([\w-]+)"),
    DocumentFormat((".json",), f"{_ROOM}.json_strings:find_spans"),
)


def format_of(path):
    """The `DocumentFormat` of a file.

    Raises:
        InputError: if its suffix is unknown.
    """
    suffix = pathlib.Path(path).suffix.lower()
    for known in FORMATS:
        if suffix in known.suffixes:
            return known
    suffixes = ", ".join(suffix for known in FORMATS for suffix in known.suffixes)
    raise InputError(f"{path} cannot be translated as a whole file; the suffixes that can are {suffixes}")


def spans_of(known, text, source, target):
    """The spans of a text of a known format, in order.

    Raises:
        InputError: if it is not of the format, or the package that reads the format is missing.
    """
    try:
        return list(resolve(known.find_spans)(text, source, target))
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package == "kerasformer":
            raise
        message = f"{known.suffixes[0]} files need the package {package}: pip install 'kerasformer[documents]'"
        raise InputError(message) from None
