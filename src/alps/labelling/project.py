"""
A project: one person's or team's labelling work in one file of SQLite.

Every text of the pool is in it, compressed, with classes, guidelines and everything that anybody answered. What people
do goes through `alps.labelling.events`; which text comes next is decided in `alps.labelling.queue`.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import zlib
from collections import Counter
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alps.base.atomic import atomic_file, check_writable
from alps.base.errors import AlpsError
from alps.base.notebook import table_html
from alps.base.text_safety import for_terminal
from alps.labelling.class_names import ClassNames, labels_of, remove, rename
from alps.labelling.database import Database, Read
from alps.labelling.names import MAX_ID_CHARACTERS, checked_name, keys_of

if TYPE_CHECKING:
    from alps.pool.pool import Pool

ENDING = ".alps"
STATES = ("unlabelled", "pending", "labelled", "skipped")
_AUDIT_PLACES = 2**48
_ROWS_AT_ONCE = 4096
_OF_ONE_FILE = ("secret", "backend_password", "port", "source")  # no copy has these: its pages are its own


@dataclass(frozen=True)
class Answer:
    """
    What one annotator said of a text, as it stands now.

    Attributes
    ----------
    id, text
        The text.
    annotator
        Who.
    kind
        ``label`` or ``skip``.
    labels
        The classes; several only in a multi-label project, none for a skip.
    reason
        Of a skip.

    """

    id: str
    text: str
    annotator: str
    kind: str
    labels: tuple[str, ...]
    reason: str


class Project:
    """
    An open project; `alps.labelling.new_project.create_project` makes one.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    AlpsError
        When there is none, or it cannot be opened.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> from alps.labelling.new_project import create_project
    >>> project = create_project(Path(mkdtemp()) / "films.alps", ["good", "bad"], name="films")
    >>> project.add_texts(["1", "2", "3"], ["a fine film", "a dull film", "a fine film"])
    3
    >>> project.counts()  # the third is an exact copy of the first and is not asked
    {'unlabelled': 2, 'pending': 0, 'labelled': 0, 'skipped': 0}
    >>> project.close()

    """

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise AlpsError(f"There is no project {path}; make one with: alps label TEXTS.csv --labels one,two")
        self.path = path
        self.database = Database(path)
        if self.setting("id") is None:
            self.database.close()
            raise AlpsError(f"{path} is no project of alps; name a file that alps label has made.")
        if self.setting("secret") is None:
            with suppress(OSError):
                path.chmod(0o600)
            self.set("secret", secrets.token_urlsafe(32))

    def close(self) -> None:
        """Close the file."""
        self.database.close()

    def setting(self, name: str) -> Any:
        """A setting; None where it is not set."""
        row = self.database.row("SELECT value FROM settings WHERE name = ?", name)
        return None if row is None else json.loads(row[0])

    def set(self, name: str, value: Any) -> None:
        """Keep a setting, which is anything that JSON can hold."""
        with self.database.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, json.dumps(value)))

    @property
    def labels(self) -> list[str]:
        """The names of the classes, in their order."""
        return labels_of(self.database.rows)

    def keys(self) -> list[str]:
        """One key for each class; see `keys_of`."""
        return keys_of(self.labels)

    def class_names(self) -> ClassNames:
        """What happened to the names of the classes."""
        return ClassNames.of(self.database.rows)

    @property
    def models_folder(self) -> Path:
        """The folder of models beside the project."""
        return self.path.with_name(f"{self.path.stem}.models")

    def add_class(self, name: str) -> None:
        """
        Add a class.

        Raises
        ------
        AlpsError
            When its name is empty or too long, or there is one of that name.

        """
        name = checked_name(name, "class")
        with self.database.transaction() as connection:
            if connection.execute("SELECT 1 FROM classes WHERE name = ?", (name,)).fetchone():
                raise AlpsError(f"There is a class '{for_terminal(name, 40)}' already; choose another name.")
            connection.execute("INSERT INTO classes (name) VALUES (?)", (name,))

    def rename_class(self, name: str, new: str, *, merge: bool = True) -> None:
        """
        Give a class another name, also in every answer; where there is a class of that name, the two become one.

        Parameters
        ----------
        name, new
            The name of the class, and the one that it gets.
        merge
            Whether `new` may be a class that exists.

        Raises
        ------
        AlpsError
            When there is no such class, the new name is not possible, or is that of another class and `merge` is not
            set.

        """
        new = checked_name(new, "class")
        with self.database.transaction() as connection:
            rename(connection, name, new, merge=merge)

    def remove_class(self, name: str) -> None:
        """
        Remove a class that no answer names, also none that an undo could bring back.

        Raises
        ------
        AlpsError
            When there is no such class, an answer names it, or it is the only class.

        """
        with self.database.transaction() as connection:
            remove(connection, name)

    def add_pool(self, pool: Pool) -> int:
        """Add the texts of a pool; parameters, result and errors as `add_texts`."""
        ids, texts = pool.ids.to_pylist(), pool.texts.to_pylist()
        return self.add_texts(ids, texts)

    def add_texts(self, ids: Sequence[str], texts: Sequence[str]) -> int:
        """
        Add texts, all or none of them; a text that is there under the same id is passed over.

        Returns
        -------
        int
            How many were new.

        Raises
        ------
        AlpsError
            When another text has one of the ids, or one is too long.

        """
        n_before = self.n_texts()
        key, limit = str(self.setting("id")).encode(), (self.setting("audit_share") or 0.0) * _AUDIT_PLACES
        with self.database.transaction() as connection:
            for name, text in zip(ids, texts, strict=True):
                if len(name) > MAX_ID_CHARACTERS:
                    raise AlpsError(
                        f"The id '{for_terminal(name, 40)}' has {len(name):,} characters; an id in a project has at "
                        f"most {MAX_ID_CHARACTERS:,}."
                    )
                digest = digest_of(text)
                there = connection.execute("SELECT digest FROM texts WHERE id = ?", (name,)).fetchone()
                if there is not None:
                    if there[0] != digest:
                        raise AlpsError(f"The project has another text with the id '{for_terminal(name, 40)}'.")
                    continue
                first = connection.execute(
                    "SELECT number FROM texts WHERE digest = ? AND copy_of IS NULL", (digest,)
                ).fetchone()
                place = int.from_bytes(blake2b(digest, digest_size=6, key=key).digest())
                audit = place if place < limit and first is None else None
                packed = zlib.compress(text.encode("utf-8", "replace"), 6)
                connection.execute(
                    "INSERT INTO texts (id, packed, digest, copy_of, shuffled, audit) VALUES (?, ?, ?, ?, ?, ?)",
                    (name, packed, digest, first and first[0], int.from_bytes(digest[:6]), audit),
                )
        return self.n_texts() - n_before

    def n_texts(self) -> int:
        """How many texts the project has, exact copies included."""
        return int(self.database.row("SELECT count(*) FROM texts")[0])

    def text(self, number: int) -> str:
        """One text, by its number."""
        return unpack(self.database.row("SELECT packed FROM texts WHERE number = ?", number)[0])

    def number_of(self, name: str) -> int:
        """
        The number of the text of an id.

        Raises
        ------
        AlpsError
            When there is none.

        """
        row = self.database.row("SELECT number FROM texts WHERE id = ?", name)
        if row is None:
            raise AlpsError(f"The project has no text with the id '{for_terminal(name, 40)}'.")
        return int(row[0])

    def digests(self) -> list[bytes]:
        """`digest_of` every different text."""
        return [digest for (digest,) in self.database.rows("SELECT digest FROM texts WHERE copy_of IS NULL")]

    def texts(self) -> tuple[list[str], list[str]]:
        """Ids and texts of the whole pool, exact copies included, in its order."""
        ids, texts = [], []
        last = 0
        while rows := self.database.rows(
            "SELECT number, id, packed FROM texts WHERE number > ? ORDER BY number LIMIT ?", last, _ROWS_AT_ONCE
        ):
            ids += [name for _, name, _ in rows]
            texts += [unpack(packed) for *_, packed in rows]
            last = rows[-1][0]
        return ids, texts

    def counts(self) -> dict[str, int]:
        """How many different texts are in each state."""
        found = dict(self.database.rows("SELECT state, n FROM tallies"))
        return {state: found[state] for state in STATES}

    def class_counts(self) -> dict[str, int]:
        """How many texts have each class, by what stands settled or was answered by most."""
        counts = Counter(label for _, labels in self.verdicts().values() for label in labels)
        return {label: counts[label] for label in self.labels}

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        states = ", ".join(f"{n} {state}" for state, n in self.counts().items())
        counts = self.class_counts()
        caption = f"Project {self.setting('name')}: {states}"
        return table_html(caption, ["class", "labelled"], counts.items(), len(counts))

    def answers(self) -> list[Answer]:
        """Everybody's answers as they stand, in the order of the pool."""
        rows = self.database.rows(
            "SELECT id, packed, annotator, kind, labels, reason FROM answers JOIN texts ON text = number "
            "ORDER BY number, annotator"
        )
        return [
            Answer(name, unpack(packed), annotator, kind, tuple(json.loads(labels)), reason)
            for name, packed, annotator, kind, labels, reason in rows
        ]

    def verdicts(self, read: Read | None = None) -> dict[str, tuple[bool, tuple[str, ...]]]:
        """
        The labels of every labelled text on which there is a verdict, by id, in the order of the pool.

        It is what was settled, else what most annotators said; a tie has none. The first value tells whether all
        agreed or it was settled. `read` is that of a snapshot of the database.
        """
        read = read or self.database.rows
        said: dict[str, Counter[tuple[str, ...]]] = {}
        for name, labels in read(
            "SELECT id, labels FROM answers JOIN texts ON text = number WHERE kind = 'label' ORDER BY number"
        ):
            said.setdefault(name, Counter())[tuple(sorted(json.loads(labels)))] += 1
        verdicts = {}
        settled = dict(read("SELECT id, settled.labels FROM settled JOIN texts ON text = number"))
        for name, counts in said.items():
            ranked = counts.most_common(2)
            if name in settled:
                verdicts[name] = (True, tuple(json.loads(settled.pop(name))))
            elif len(ranked) == 1 or ranked[0][1] > ranked[1][1]:
                verdicts[name] = (len(ranked) == 1, ranked[0][0])
        return verdicts

    def skipped(self) -> list[str]:
        """Ids of the texts that were skipped and labelled by nobody."""
        return [name for (name,) in self.database.rows("SELECT id FROM texts WHERE state = 'skipped' ORDER BY number")]

    def copy_to(self, path: Path, *, force: bool = False) -> None:
        """
        Copy the project as it is at one moment, also while people label; the secret of its page does not go along.

        Raises
        ------
        AlpsError
            When the file exists and `force` is not set, has labels that this project has not, or cannot be written.

        """
        check_writable(path, force=force, is_database=True)
        if path.is_file() and path.samefile(self.path):
            raise AlpsError(f"{path} is the project itself; name another file for its copy.")
        if path.is_file() and not self._has_all_of(path):
            raise AlpsError(
                f"{path} is not replaced, as it is no earlier copy of this project and labels in it would be lost; "
                "choose another name, or remove it yourself."
            )
        with atomic_file(path, force=force, is_database=True) as temporary:
            temporary.touch()
            with suppress(OSError):
                temporary.chmod(0o600)
            self.database.copy_to(temporary)
            copy = Database(temporary)
            with copy.transaction() as connection:
                connection.executemany("DELETE FROM settings WHERE name = ?", [(name,) for name in _OF_ONE_FILE])
            copy.make_single()
            copy.close()

    def _has_all_of(self, path: Path) -> bool:
        """Whether a file is a copy of this project in which nothing was said that this one does not know."""
        try:
            with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as other:
                (name,) = other.execute("SELECT value FROM settings WHERE name = 'id'").fetchone()
                newest = other.execute("SELECT number, event FROM events ORDER BY number DESC LIMIT 1").fetchone()
        except (sqlite3.Error, TypeError):  # it is no project
            return False
        if json.loads(name) != self.setting("id"):
            return False
        known = "SELECT 1 FROM events WHERE number = ? AND event = ?"
        return newest is None or self.database.row(known, *newest) is not None


def utc_now() -> str:
    """The time, as it is kept."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def digest_of(text: str) -> bytes:
    """What tells a text from all others."""
    return blake2b(text.encode("utf-8", "replace"), digest_size=16).digest()


def unpack(packed: bytes) -> str:
    """A text from its compressed form."""
    return zlib.decompress(packed).decode("utf-8")
