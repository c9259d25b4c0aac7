"""A table: rows of text fields, as files with columns hold them."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Table:
    """Rows of fields, all of one length.

    Args:
        kind: str, what was read, in words.
        rows: list of tuples of str.
        header: tuple of str, the names of the columns; None if they have none.
        files: tuple of str, the names of the files that are the columns; None where one file has them all.
    """

    kind: str
    rows: list
    header: tuple | None = None
    files: tuple | None = None

    @classmethod
    def of_records(cls, kind, records):
        """Make one from dicts of column name to field; what a record lacks is empty."""
        header = tuple(dict.fromkeys(name for record in records for name in record))
        return cls(kind, [tuple(record.get(name, "") for name in header) for record in records], header)

    @property
    def width(self):
        """The number of columns."""
        return len(self.header if self.header else self.rows[0])

    def title(self, place):
        """A column in words: the name of its file, or a number from 1 with its name, such as "column 2 'French'"."""
        if self.files:
            return self.files[place]
        return f"column {place + 1}{f' {self.header[place]!r}' if self.header and self.header[place] else ''}"

    def pairs(self, first, second):
        """Two columns, given by their numbers from 0: list of pairs of str."""
        if (first, second, self.width) == (0, 1, 2):
            return self.rows  # there may be millions
        return [(row[first], row[second]) for row in self.rows]

    def with_header(self):
        """The same table, with its first row as the names of its columns."""
        return dataclasses.replace(self, rows=self.rows[1:], header=tuple(name.strip() for name in self.rows[0]))


def joined(field):
    """A field in one line: every run of white space is one space."""
    return " ".join(field.split())
