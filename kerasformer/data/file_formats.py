"""The formats of single files with columns, such as TSV and TMX.

To add one, write a module with the functions `recognise` and `read` of the text and the name of a file: whether it has
this format, and its `Table`.
"""

import pathlib

from kerasformer.data import delimited, json_lines, tmx
from kerasformer.data.table import Table
from kerasformer.data.text_files import align, language_of_file, read_lines, read_texts, split_lines

FORMATS = (tmx, json_lines, delimited)  # the first one that recognises a file reads it


def read_table(path):
    """Read a file with columns, or a zip archive of two files in which line N translates line N.

    Args:
        path: path of the file; it may be compressed.

    Returns:
        The `Table`.

    Raises:
        InputError: if the file cannot be read; the message says what it is, and what to do.
    """
    texts = read_texts(path)
    if len(texts) == 2:
        return _of_lines([(name, split_lines(text, f"{path}, {name}")) for name, text in texts.items()])
    [(member, text)] = texts.items()
    name = path if member == pathlib.Path(path).name else f"{path}, {member}"
    return next(form.read(text, name) for form in FORMATS if form.recognise(text, name))


def read_two_files(first, second):
    """Read two files in which line N translates line N; returns the `Table`, with the languages of their names."""
    return _of_lines([(path, read_lines(path)) for path in (first, second)])


def _of_lines(files):
    (first, ones), (second, others) = files
    languages = language_of_file(first), language_of_file(second)
    known = None not in languages and languages[0] != languages[1]
    names = tuple(pathlib.Path(file).name for file in (first, second))
    return Table("two files", align(ones, others, first, second), languages if known else None, names)
