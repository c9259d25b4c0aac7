"""The translations of an interrupted run, kept beside the file that it was to write."""

import contextlib
import hashlib
import json
import pathlib


class Journal:
    """Translations by text and model, in a file of one JSON list a line: [key, translation].

    A line that was cut when the run was killed is left out.

    Args:
        path: the file; it is made with the first translation.
        model: str, what the translations depend on besides the text.

    Attributes:
        found: dict of key to translation; those of other models are in it too, under their own keys.
    """

    def __init__(self, path, model):
        self.path, self._model, self.found = pathlib.Path(path), model, {}
        if self.path.exists():
            for line in self.path.read_bytes().splitlines():
                with contextlib.suppress(ValueError, TypeError):
                    key, translation = json.loads(line)
                    self.found[str(key)] = str(translation)

    def _key(self, text):
        return hashlib.sha256(f"{self._model}\0{text}".encode("utf-8", "surrogatepass")).hexdigest()[:32]

    def get(self, text):
        """The translation of a text, or None."""
        return self.found.get(self._key(text))

    def add(self, texts, translations):
        """Keep the translations of some texts: they are in the file when this returns."""
        rows = [(self._key(text), translation) for text, translation in zip(texts, translations, strict=True)]
        self.found.update(rows)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab") as file:
            file.write(b"\n" + b"\n".join(json.dumps(row).encode() for row in rows) + b"\n")

    def remove(self):
        """Delete the file, when the translations are where they belong."""
        self.path.unlink(missing_ok=True)


def model_key(path, options):
    """What translations by an artefact depend on: its files and the decode options, as str.

    Args:
        path: the file or folder of the artefact.
        options: dict of decode options.
    """
    files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
    stats = [(file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    return repr((str(path.resolve()), stats, sorted(options.items())))
