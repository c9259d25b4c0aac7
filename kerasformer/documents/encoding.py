"""Bytes of a file as text and back: its encoding, byte order mark and line ends are kept."""

import codecs
import re

from kerasformer.errors import InputError

_MARKS = (  # the marks of UTF-32 begin with those of UTF-16
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED_BYTES = 4096  # in which a file names its encoding


def decode(data, path, declared="", encoding=None):
    """The text of a file's bytes, without byte order mark.

    Args:
        data: bytes.
        path: of the file, for messages.
        declared: regular expression of a declaration of the encoding, see `DocumentFormat`.
        encoding: str, the encoding; None for the one of the byte order mark, the declared one, or else UTF-8.

    Returns:
        The text, the byte order mark (bytes, empty if there is none) and the encoding.

    Raises:
        InputError: if the bytes are not of that encoding, the encoding is unknown, or they are no text.
    """
    mark, found = next(((mark, name) for mark, name in _MARKS if data.startswith(mark)), (b"", None))
    head = re.search(declared, data[:_DECLARED_BYTES].decode("latin-1"), re.IGNORECASE) if declared else None
    said = next(filter(None, head.groups()), None) if head else None
    name = found or encoding or (said if said != "CHARSET" else None) or "utf-8"
    try:
        text = data[len(mark) :].decode(name)
    except LookupError:
        raise InputError(f"{path}: there is no encoding {name}: give the right one with --encoding") from None
    except UnicodeDecodeError as error:
        byte = f"byte {data[len(mark) + error.start]:#04x} at position {len(mark) + error.start}"
        raise InputError(f"{path} is not {name}: {byte}; give its encoding with --encoding, such as cp1252") from None
    if "\0" in text:
        raise InputError(f"{path} holds NUL characters: it is not text, or needs another --encoding")
    return text, mark, name


def encode(text, path, mark, encoding, unencodable="strict"):
    """The bytes of a translated file, with the byte order mark and the encoding of the original.

    Raises:
        InputError: if the encoding lacks a character of the translation.
    """
    try:
        return mark + text.encode(encoding, unencodable)
    except UnicodeEncodeError as error:
        lacking = text[error.start]
        message = f"{path} is {encoding}, which has no {lacking!r} of the translation: convert it to UTF-8 first"
        raise InputError(message) from None
