"""The connection to a project's file: durable, one transaction at a time, safe from several threads."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

from alps.base.errors import AlpsError
from alps.labelling.network_disk import network_type
from alps.labelling.schema import migrate

_WAIT_SECONDS = 60


class NotWrittenError(AlpsError):
    """The disk refuses to write now; what was sent may be sent again later."""


class Database:
    """
    A file of SQLite with a write-ahead log; what is committed is on the disk (`synchronous=FULL`).

    Parameters
    ----------
    path
        The file; made where it is missing.

    Raises
    ------
    AlpsError
        When it is on a network file system, is no project, or cannot be opened.

    """

    def __init__(self, path: Path) -> None:
        kind = network_type(path)
        if kind is not None:
            raise AlpsError(
                f"{path} is on a network file system ({kind}), where labels could be lost; put it on a local disk."
            )
        self.path = path
        self._lock = RLock()
        try:
            self._connection = sqlite3.connect(
                path, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False
            )
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.execute("PRAGMA foreign_keys = ON")
            migrate(self._connection)
        except sqlite3.Error as error:
            raise AlpsError(f"{path} cannot be opened as a project ({error}); check the name and the disk.") from error
        except AlpsError as error:
            self._connection.close()
            raise AlpsError(f"{path}: {error}") from None

    def rows(self, statement: str, *values: Any) -> list[Any]:
        """All rows that a query returns."""
        with self._lock:
            return self._connection.execute(statement, values).fetchall()

    def row(self, statement: str, *values: Any) -> Any:
        """The first row that a query returns, or None."""
        with self._lock:
            return self._connection.execute(statement, values).fetchone()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """
        What happens inside is on the disk at the end, or never happened.

        Raises
        ------
        NotWrittenError
            When the disk is full or refuses to write.

        """
        with self._lock:
            if self._connection.in_transaction:
                yield self._connection
                return
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException as error:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                if isinstance(error, sqlite3.OperationalError):
                    raise NotWrittenError(f"{self.path} cannot be written ({error}); make room on the disk.") from error
                raise

    def copy_to(self, path: Path) -> None:
        """Copy the file as it is at one moment, also while others write."""
        with sqlite3.connect(path) as copy:
            self._connection.backup(copy)
        copy.close()

    def close(self) -> None:
        """Close the file; the write-ahead log goes into it."""
        with self._lock:
            self._connection.close()
