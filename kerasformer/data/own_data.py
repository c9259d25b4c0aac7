"""Pairs from a user's own files: their columns are chosen, and sides that are swapped are noticed."""

import dataclasses
import os
from pathlib import Path

from kerasformer.data.columns import SIDES, Choice, choose_columns
from kerasformer.data.corpora import available
from kerasformer.data.file_formats import read_table, read_two_files
from kerasformer.data.languages import NAMES, base_of, choose_direction, identify, shown
from kerasformer.data.table import Table
from kerasformer.data.text_files import find_splits, read_folder
from kerasformer.errors import InputError

_SAMPLE = 1000  # pairs whose languages are identified


def name_of(files):
    """The name of the corpus of some files."""
    return " + ".join(Path(os.path.abspath(file)).name for file in files)


def refuse_options(options, name):
    """Refuse options that go only with the user's own files.

    Args:
        options: dict of option to its value.
        name: str, the data they are given for.
    """
    for option, value in options.items():
        if value:
            raise InputError(f"--{option} goes with files of your own, not with {name}: leave it out")


def read_own(items, source=None, target=None, columns=None, validation=(), test=()):
    """Read the splits of a user's own data; for the arguments see `load_corpus`.

    Returns:
        `(source, target, splits, notes)`: the names of the sides, dict of split name to pairs, and lines that say what
        was read and how.
    """
    held_out = {"validation": validation, "test": test}
    if len(items) == 1 and os.path.isdir(items[0]):
        refuse_options({"columns": columns, **held_out}, f"the folder {items[0]}")
        return _read_own_folder(items[0], source, target)
    if len(items) == 1 and not os.path.exists(items[0]):
        known = ", ".join(available())
        raise InputError(
            f"{str(items[0])!r} is neither a corpus ({known}) nor an existing file or folder: check the name"
        )
    if len(items) not in (1, 2):
        raise InputError(
            f"got {len(items)} data arguments: give a corpus name, one file with columns, two files, or a folder"
        )
    source, target, train, notes = read_pairs(items, source, target, columns)
    splits = {"train": train}
    for split, files in held_out.items():
        if files and len(files) > 2:
            raise InputError(f"--{split} takes FILE FILE or one FILE with columns, not {len(files)} files")
        if files:
            *_, splits[split], told = read_pairs(files, source, target, columns if len(files) == 1 else None)
            notes += [f"{split}: {note}" for note in told]
    return source, target, splits, notes


def _read_own_folder(folder, source, target):
    languages = sorted(find_splits(folder).get("train", ()))
    if len(languages) < 2:
        raise InputError(
            f"{folder} needs a training split in two languages, such as train.fr and train.en (or .gz); "
            f"it has {f'train.{languages[0]} only' if languages else 'no train.LANG'}"
        )
    default = None
    if len(languages) == 2:  # into English if English is one of the two
        default = tuple(sorted(languages, key=lambda language: language == "en"))
    source, target = choose_direction(languages, source, target, default)
    splits, notes = read_folder(folder, source, target)
    for split, pairs in splits.items():
        files = tuple(f"{split}.{language}" for language in (source, target))
        choice = Choice(Table("two files", pairs, files=files), (0, 1), source, target, "name", [])
        notes += [f"{split}: {note}" for note in _check_languages(pairs, choice, folder)[1]]
    return source, target, splits, notes


def read_pairs(files, source=None, target=None, columns=None):
    """Read the pairs of one file with columns, or of two in which line N translates line N.

    Args:
        files: [FILE] or [FILE, FILE].
        source: source language, or name of a column; None is what the names of files or columns say.
        target: target language, or name of a column.
        columns: [source column, target column] of one file, names or numbers from 1; None finds them.

    Returns:
        `(source, target, pairs, notes)`: the names of the sides, the pairs, and lines that say what was read and how.

    Raises:
        InputError: if the files cannot be read, the columns are not clear, or the names of the sides are swapped.
    """
    name, table = name_of(files), _table(files, columns)
    choice = choose_columns(table, name, source, target, columns)
    pairs = choice.table.pairs(*choice.places)
    swapped, notes = _check_languages(pairs, choice, name)
    if swapped:
        choice = dataclasses.replace(choice, places=choice.places[::-1])
        pairs = [(second, first) for first, second in pairs]
    if len(files) == 1 and (swapped or choice.left_out or choice.table.header or choice.first_row):
        notes.insert(0, _about_columns(choice, name))
    return choice.source, choice.target, pairs, notes


def _table(files, columns):
    if len(files) == 1:
        return read_table(files[0])
    if Path(files[0]).resolve() == Path(files[1]).resolve():
        raise InputError(f"{files[0]} is given twice: give one file per language")
    if columns:
        raise InputError("--columns chooses two columns of one file, but two files are given: leave it out")
    return read_two_files(*files)


def _about_columns(choice, name):
    """A line about the columns that are read and those that are not."""
    source, target = (choice.table.title(place) for place in choice.places)
    left_out = f"; left out: {', '.join(choice.left_out)}" if choice.left_out else ""
    first_row = f"; {choice.first_row}" if choice.first_row else ""
    return f"{name} is {choice.table.kind}: the source is {source}, the target {target}{left_out}{first_row}"


def _check_languages(pairs, choice, name):
    """Compare what the sides are called with what language they look like.

    Returns:
        `(swapped, notes)`: whether the sides are to be swapped, and lines about them.
    """
    sides = zip(*pairs[:: max(1, len(pairs) // _SAMPLE)], strict=True)
    named, found = [choice.source, choice.target], [identify(side) for side in sides]
    first, second = (choice.table.title(place) for place in choice.places)
    if found == [base_of(code) for code in named[::-1]] and found[0] != found[1]:
        looks = f"{first} looks like {shown(found[0])} and {second} like {shown(found[1])}"
        if choice.how == "name":
            way_out = "rename the files" if choice.table.files else "correct the names, or choose with --columns"
            raise InputError(f"{name}: {looks}, so their names are swapped: {way_out}")
        if choice.how == "asked":
            return False, [f"warning: {looks}; they are read as --columns says"]
        return True, [f"swapped: {looks}, so they change places"]
    if named == list(SIDES) and None not in found and found[0] != found[1]:
        looks = f"the source looks like {shown(found[0])}, the target like {shown(found[1])}"
        return False, [f"{looks}: if that is right, name them with --source {found[0]} --target {found[1]}"]
    return False, [
        f"warning: the {side} is called {shown(name)} but looks like {shown(language)}"
        for side, name, language in zip(SIDES, named, found, strict=True)
        if language and base_of(name) in NAMES and base_of(name) != language
    ]
