"""Where a row came from, for messages: of several files, the one that it stands in."""

from __future__ import annotations

from bisect import bisect_right


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
