"""What a record of a named corpus holds, and how its files are found or downloaded."""

import dataclasses
import hashlib
from collections.abc import Callable
from pathlib import Path

from kerasformer.data.compression import decompress
from kerasformer.data.download import cache_folder, fetch
from kerasformer.data.languages import choose_direction
from kerasformer.errors import InputError


@dataclasses.dataclass(frozen=True)
class CorpusFile:
    """A file of a named corpus.

    Attributes:
        url: where it is downloaded from; "" for a file that is only read from --data-dir.
        name: what it is called in a folder; a gzip file may have `.gz` after it. None is the last part of the URL.
        sha256: SHA-256 of its bytes after `unpack`, None where the publisher changes the file from time to time.
        language: the language whose pairs need the file, None if all do.
        unpack: function from the bytes of the file to its text; it raises an exception if they are damaged.
    """

    url: str
    name: str | None = None
    sha256: str | None = None
    language: str | None = None
    unpack: Callable[[bytes], bytes] = decompress

    @property
    def stored_name(self):
        """Name in the cache: the last part of the URL."""
        return self.url.rpartition("/")[2]


@dataclasses.dataclass(frozen=True)
class NamedCorpus:
    """A corpus that is loaded by its name.

    Attributes:
        name: the name, as `--data` takes it.
        languages: language codes; `CONVERSATION` for questions and answers.
        attribution: whom to credit, and the licence.
        read: function of (folder, source, target) that returns `(splits, notes)`: dict of split name ("train",
            "validation", and "test" or other names of tests) to list of (source, target) pairs, and a list of lines
            that users should know. Splits that are missing are set aside from "train". The folder is None for a corpus
            without files. If there is a validation split, it may also return the weights of the training pairs, see
            `Corpus`.
        files: its `CorpusFile`s; none for a corpus that is generated. Those without a URL may be missing.
        origin: where its files without a URL are from, as an error tells those who give no --data-dir.
        direction: (source, target) by default; None is the first two languages.
        recipe: dict of fields of `ModelConfig` and `TrainingConfig` that this corpus is trained with by default; and
            "preset", the name of the sizes, if these are not "tiny".
    """

    name: str
    languages: tuple[str, ...]
    attribution: str
    read: Callable
    files: tuple[CorpusFile, ...] = ()
    direction: tuple[str, str] | None = None
    recipe: dict = dataclasses.field(default_factory=dict)
    origin: str = ""

    def load(self, source=None, target=None, data_dir=None, cache_dir=None):
        """Read the corpus; download the files that are missing.

        Args:
            source: source language code, None for the default.
            target: target language code, None for the default.
            data_dir: folder with the files, or with a subfolder of the corpus's name that has them; None downloads.
            cache_dir: folder for downloads; None is $KERASFORMER_CACHE or ~/.cache/kerasformer.

        Returns:
            `(source, target, splits, notes, weights)`: the languages, dict of split name to pairs, list of lines that
            readers of the results should know, and list of the weights of training pairs, empty if all are 1.
        """
        source, target = choose_direction(self.languages, source, target, self.direction or self.languages[:2])
        files = [file for file in self.files if file.language in (None, source, target)]
        folder = None
        if files and data_dir:
            folder = _find_folder(self.name, data_dir)
        elif self.origin:
            raise InputError(f"{self.name} is not downloaded: give --data-dir FOLDER with {self.origin}")
        elif files:
            folder = cache_folder(cache_dir) / self.name
            for file in files:
                fetch(file.url, folder / file.stored_name, sha256=file.sha256, transform=file.unpack)
        splits, notes, *weights = self.read(folder, source, target)
        notes = notes + [note for file in files for note in _differences(folder, file)]
        return source, target, splits, notes, weights[0] if weights else []

    def local_files(self, data_dir):
        """The paths of those files that are not downloaded, and are there."""
        names = [file.name for file in self.files if not file.url] if data_dir else []
        folder = _find_folder(self.name, data_dir) if names else None
        return [path for path in (_find_file(folder, name) for name in names) if path]


def _find_folder(name, data_dir):
    folder = Path(data_dir)
    if not folder.is_dir():
        raise InputError(f"data folder {folder} does not exist: it should hold the files of {name}")
    return folder / name if (folder / name).is_dir() else folder


def _find_file(folder, name):
    """Return the path of NAME or NAME.gz, None if neither exists."""
    paths = (folder / name, folder / f"{name}.gz")
    return next((path for path in paths if path.exists()), None)


def require_files(folder, names, way_out="put the files there, or leave --data-dir out to download the corpus"):
    """Return the paths of NAME or NAME.gz for all names; raise `InputError` with the `way_out` if some are missing."""
    paths = [_find_file(folder, name) for name in names]
    missing = [name for name, path in zip(names, paths, strict=True) if path is None]
    if missing:
        raise InputError(f"{folder} lacks {', '.join(missing)} (with or without .gz): {way_out}")
    return paths


def _differences(folder, file):
    """A list of one note if the text of a file is not the published text, else of none."""
    name = file.name or file.stored_name
    path = _find_file(folder, name)
    if path is None or file.sha256 is None or hashlib.sha256(file.unpack(path.read_bytes())).hexdigest() == file.sha256:
        return []
    return [f"{name} differs from the published file: scores on it are not comparable"]
