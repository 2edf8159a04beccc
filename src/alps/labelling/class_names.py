"""
What the name of a class stands for now, wherever it was said: in the log, on an open page, in a file, by a model.

The log stays as it is when a class is renamed or removed. The table `renamed` says what happened to names, in order,
and the newest event at that time, so that a class of the same name that is added later is another one.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from alps.base.errors import AlpsError
from alps.base.text_safety import for_terminal
from alps.labelling.database import Read


class Renamed(NamedTuple):
    """What happened to a name: the one that stands for it now, None for a class that was removed; after which event."""

    name: str
    now: str | None
    until: int


class ClassNames:
    """
    All that happened to the names of a project.

    Parameters
    ----------
    renamed
        In their order.

    Examples
    --------
    >>> names = ClassNames([Renamed("bad", "poor", 2), Renamed("poor", "weak", 4)])
    >>> [names.in_event(["bad"], number) for number in (2, 3)]  # the second is a class that was added anew
    [['weak'], ['bad']]

    """

    def __init__(self, renamed: Sequence[Renamed]) -> None:
        self.renamed = tuple(renamed)

    @staticmethod
    def of(read: Read) -> ClassNames:
        """Those of a project, which a query reads."""
        return ClassNames([Renamed(*row) for row in read("SELECT name, now, until FROM renamed ORDER BY number")])

    def in_event(self, said: Iterable[str], number: int) -> list[str]:
        """What the names in an event stand for, each once, without those of classes that were removed."""
        return _follow(said, (each for each in self.renamed if each.until >= number))

    def since(self, said: Iterable[str], n_known: int) -> list[str]:
        """The same of names that were said when `n_known` changes were known."""
        return _follow(said, self.renamed[n_known:])

    def current(self, said: str, classes: Collection[str], n_known: int | None = None) -> str | None:
        """
        The class that a name stands for.

        Parameters
        ----------
        said
            The name.
        classes
            The names of the classes that there are.
        n_known
            How many changes were known to who said it; None where that is not known. Then, and where its class was
            removed, the name of a class is that class, and another name stands for the class that had it last.

        Returns
        -------
        str or None
            None where there is no such class.

        """
        now = said if n_known is None else next(iter(self.since([said], n_known)), said)
        if now in classes:
            return now
        last = max((place for place, each in enumerate(self.renamed) if each.name == now), default=None)
        found = [] if last is None else self.since([now], last)
        return found[0] if found and found[0] in classes else None


def labels_of(read: Read) -> list[str]:
    """The names of the classes, in their order."""
    return [name for (name,) in read("SELECT name FROM classes ORDER BY position")]


def rename(connection: sqlite3.Connection, name: str, new: str, *, merge: bool) -> None:
    """
    Give a class another name, or make it one with the class of that name; what follows from the log follows at once.

    Raises
    ------
    AlpsError
        When there is no such class, or, without `merge`, there is one of the new name.

    """
    _check_there(connection, name)
    if name == new:
        return
    if connection.execute("SELECT 1 FROM classes WHERE name = ?", (new,)).fetchone() is None:
        connection.execute("UPDATE classes SET name = ? WHERE name = ?", (new, name))
    elif merge:
        connection.execute("DELETE FROM classes WHERE name = ?", (name,))
    else:
        raise AlpsError(f"There is a class '{for_terminal(new, 40)}' already; choose another name, or merge the two.")
    _note(connection, name, new)
    for table, key in (("answers", "(text, annotator) = (?, ?)"), ("settled", "text = ?")):
        columns = key.partition(" = ")[0].strip("()")
        rows = connection.execute(f"SELECT labels, {columns} FROM {table}").fetchall()
        changed = [
            (json.dumps(_follow(said, [Renamed(name, new, 0)])), *place)
            for said, *place in ((json.loads(labels), *place) for labels, *place in rows)
            if name in said
        ]
        connection.executemany(f"UPDATE {table} SET labels = ? WHERE {key}", changed)


def remove(connection: sqlite3.Connection, name: str) -> None:
    """
    Remove a class that nobody has given to a text, or only in answers that were taken back.

    Raises
    ------
    AlpsError
        When there is no such class, an answer names it, or it is the last one.

    """
    _check_there(connection, name)
    names = ClassNames.of(lambda statement: connection.execute(statement).fetchall())
    n_answers = sum(
        name in names.in_event(json.loads(content)["labels"], number)
        for number, content in connection.execute(
            "SELECT number, content FROM events WHERE kind IN ('label', 'settle') AND event NOT IN "
            "(SELECT event FROM undone)"
        )
    )
    shown = for_terminal(name, 40)
    if n_answers:
        answers = "1 answer names" if n_answers == 1 else f"{n_answers} answers name"
        raise AlpsError(f"{answers} the class '{shown}', those that a later one replaced included, so that it cannot "
                        "be removed; rename it into another class, which they then name.")  # fmt: skip
    if connection.execute("SELECT count(*) FROM classes").fetchone()[0] == 1:
        raise AlpsError(f"'{shown}' is the only class and cannot be removed; rename it, or add another first.")
    connection.execute("DELETE FROM classes WHERE name = ?", (name,))
    _note(connection, name, None)


def _check_there(connection: sqlite3.Connection, name: str) -> None:
    if connection.execute("SELECT 1 FROM classes WHERE name = ?", (name,)).fetchone() is None:
        known = labels_of(lambda statement: connection.execute(statement).fetchall())
        listed = ", ".join(for_terminal(known, 40) for known in known[:20]) + (", ..." if len(known) > 20 else "")
        raise AlpsError(f"There is no class '{for_terminal(name, 40)}'; the classes are: {listed}.")


def _note(connection: sqlite3.Connection, name: str, now: str | None) -> None:
    connection.execute(
        "INSERT INTO renamed (name, now, until) VALUES (?, ?, (SELECT coalesce(max(number), 0) FROM events))",
        (name, now),
    )


def _follow(said: Iterable[str], renamed: Iterable[Renamed]) -> list[str]:
    """Names after some changes, each once."""
    names: list[str | None] = [*said]
    for each in renamed:
        names = [each.now if name == each.name else name for name in names]
    return [*dict.fromkeys(name for name in names if name is not None)]
