"""Where a row came from, for messages: of several files, the one that it stands in."""

from __future__ import annotations

import re
from bisect import bisect_right

_HELD_BY_PYTHON = re.compile(r"The (pandas (Series|DataFrame)|table|data set|\w+ of texts)(, row \d+)?$")


def within_sentence(name: str) -> str:
    """
    What messages call a source in the middle of a sentence: what Python holds has a name that begins with an article.

    >>> within_sentence("The list of texts, row 3"), within_sentence("The reviews.csv, row 3")
    ('the list of texts, row 3', 'The reviews.csv, row 3')
    """
    return name[0].lower() + name[1:] if _HELD_BY_PYTHON.match(name) else name


class Origin:
    """
    What messages call a source and its rows.

    >>> origin = Origin("2 files")
    >>> origin.begin("a.csv", 0)
    >>> origin.begin("b.csv", 100)
    >>> origin.where(99), origin.where(100)
    ('a.csv, row 100', 'b.csv, row 1')
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._files: list[str] = []
        self._first_rows: list[int] = []

    def begin(self, file: str, first_row: int) -> None:
        """Note that the rows from `first_row` on, counted from 0 over all files, are those of `file`."""
        self._files.append(file)
        self._first_rows.append(first_row)

    @property
    def current(self) -> str:
        """The file that is being read; the source itself when it is no file."""
        return self._files[-1] if self._files else self.name

    def where(self, row: int) -> str:
        """The file and the row in it, counted from 1, of a row that is counted from 0 over all files."""
        file = bisect_right(self._first_rows, row) - 1
        if file < 0:
            return f"{self.name}, row {row + 1}"
        return f"{self._files[file]}, row {row - self._first_rows[file] + 1}"
