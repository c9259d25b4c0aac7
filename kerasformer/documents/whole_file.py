"""Translate a file: only its text changes, and an interrupted run goes on where it stopped."""

import pathlib

from kerasformer.documents.encoding import decode, encode
from kerasformer.documents.formats import format_of, spans_of
from kerasformer.documents.journal import Journal
from kerasformer.documents.spans import replace
from kerasformer.errors import InputError
from kerasformer.interface.segmentation import too_long
from kerasformer.system.files import write_bytes

TEXTS_AT_ONCE = 64


def _ignore(*_):
    pass


def translate_file(source, target, translator, model="", encoding=None, progress=_ignore, complain=_ignore):
    """Translate a file into another of the same format.

    The translations so far are in TARGET.part until the file is written; if that is there, they are not made again.

    Args:
        source: path of the file; its suffix says of which format it is, see `formats.FORMATS`.
        target: path of the file to write, with a suffix of the same format.
        translator: a `BaseTranslator`, or any function of a list of texts that has `source` and `target`.
        model: str, what translations depend on besides the text, see `journal.model_key`.
        encoding: str, the encoding of the file; None for the one it names, or else UTF-8.
        progress: called with the number of texts that are translated, and the number of all.
        complain: called with a message for each text that stays as it is because it cannot be translated.

    Returns:
        How many texts could not be translated.

    Raises:
        InputError: if the file is of no known format, cannot be read, or is the target itself.
        OSError: as `open` and `write_bytes`.
    """
    source, target = pathlib.Path(source), pathlib.Path(target)
    known = check_paths(source, target)
    text, mark, encoding, spans = _read(source, encoding, translator.source, translator.target)
    journal = Journal(target.with_name(f"{target.name}.part"), model)
    texts = list(dict.fromkeys(text for span in spans for text in span.texts))
    kept = _translate(texts, translator, journal, progress, complain)
    translated = replace(text, spans, lambda text: kept.get(text) or journal.get(text))
    write_bytes(target, encode(translated, source, mark, encoding, known.unencodable))
    journal.remove()
    return len(kept)


def read_texts(source, encoding=None):
    """The texts of a file that is to be translated: list of str; parts that name their language are left out.

    Args and Raises: see `translate_file`.
    """
    *_, spans = _read(pathlib.Path(source), encoding, "", "")
    return [text for span in spans for text in span.texts]


def _read(path, encoding, source, target):
    """The text of a file, its byte order mark, its encoding, and its spans."""
    known = format_of(path)
    text, mark, encoding = decode(path.read_bytes(), path, known.declared, encoding)
    try:
        return text, mark, encoding, spans_of(known, text, source, target)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def check_paths(source, target):
    """The `DocumentFormat` of a file to translate and of the file to write.

    Raises:
        InputError: if it is unknown, not the same for both, or the two are one file.
        FileNotFoundError: if there is no file to translate.
    """
    known, source, target = format_of(source), pathlib.Path(source), pathlib.Path(target)
    source.stat()  # raises if there is none
    if format_of(target) is not known:
        raise InputError(f"{target} must have the suffix of {source}: a file is not converted to another format")
    if target.exists() and target.samefile(source):
        raise InputError(f"{target} is the file to translate, which is not overwritten: choose another file to write")
    return known


def _translate(texts, translator, journal, progress, complain):
    """Translate those that the journal does not have; returns those that stay as they are: dict of text to itself."""
    kept, wanted, done = {}, [], 0
    for text in texts:
        if journal.get(text):
            done += 1
        elif complaint := too_long(text):
            kept[text] = text
            complain(complaint)
        else:
            wanted.append(text)
    count = done + len(wanted)
    progress(done, count)
    for begin in range(0, len(wanted), TEXTS_AT_ONCE):
        batch = wanted[begin : begin + TEXTS_AT_ONCE]
        found = translator(batch)
        for text, translation in zip(batch, found, strict=True):
            if not translation.strip():
                kept[text] = text
                complain(f"no translation for {text[:60]!r}: left unchanged")
        journal.add(batch, found)
        progress(done + begin + len(batch), count)
    return kept
