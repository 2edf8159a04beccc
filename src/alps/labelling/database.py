"""
The connection to a project's file: durable, one transaction at a time, safe from several threads.

Writing to the disk takes longer than all else. What several threads want to write meanwhile therefore goes into one
transaction (`Database.together`), and reading has a connection of its own that does not wait for it.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, RLock, get_ident
from typing import Any, Generic, TypeVar

from alps.base.errors import AlpsError
from alps.labelling.network_disk import network_type
from alps.labelling.schema import migrate

_WAIT_SECONDS = 60
_RETRY_SECONDS = 0.01
Read = Callable[..., list[Any]]  # of a statement and its values: all rows
T = TypeVar("T")


class NotWrittenError(AlpsError):
    """The disk refuses to write now; what was sent may be sent again later."""


class _Job(Generic[T]):
    """Something to write, and what came of it."""

    def __init__(self, work: Callable[[sqlite3.Connection], T]) -> None:
        self.work = work
        self.result: T | None = None
        self.error: BaseException | None = None
        self.done = False

    def outcome(self) -> T:
        """The result, or the error raised."""
        if self.error is not None:
            raise self.error
        return self.result  # type: ignore[return-value]  # a job without an error has one


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
        self._writer: int | None = None  # the thread in whose transaction we are
        self._reading = Lock()
        self._reader: sqlite3.Connection | None = None
        self._queue = Lock()
        self._jobs: list[_Job[Any]] = []
        try:
            self._connection = self._connect()
            self._keep_a_log()
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
        if self._writer == get_ident():
            return self._connection.execute(statement, values).fetchall()
        with self._reading:
            if self._reader is None:
                self._reader = self._connect()
            return self._reader.execute(statement, values).fetchall()

    def row(self, statement: str, *values: Any) -> Any:
        """The first row that a query returns, or None."""
        rows = self.rows(statement, *values)
        return rows[0] if rows else None

    @contextmanager
    def snapshot(self) -> Iterator[Read]:
        """
        What reads the file as it is at one moment, like `rows`, while others read and write.

        Inside a `transaction` of this thread it sees what was written there.
        """
        if self._writer == get_ident():
            yield self.rows
            return
        connection = self._connect()
        try:
            connection.execute("BEGIN")
            connection.execute("SELECT 1 FROM sqlite_schema").fetchone()  # the moment is that of the first read
            yield lambda statement, *values: connection.execute(statement, values).fetchall()
        finally:
            connection.close()

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
                self._writer = get_ident()
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException as error:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                if isinstance(error, sqlite3.OperationalError):
                    raise NotWrittenError(f"{self.path} cannot be written ({error}); make room on the disk.") from error
                raise
            finally:
                self._writer = None

    def together(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """
        Do some work in one transaction with whatever other threads want to write at the same time.

        Whoever gets the lock does the work of all who wait for it, and writes to the disk once. When this returns, the
        work is on the disk; when it raises, none of it is. Inside a `transaction` it does its own work only, and that
        is on the disk when the transaction is.

        Raises
        ------
        NotWrittenError
            When the disk is full or refuses to write; all who were to be written together hear it.

        """
        job = _Job(work)
        if self._writer == get_ident():
            self._do(job, self._connection)
            return job.outcome()
        with self._queue:
            self._jobs.append(job)
        with self._lock:
            if not job.done:
                self._do_waiting()
        return job.outcome()

    @staticmethod
    def _do(job: _Job[Any], connection: sqlite3.Connection) -> None:
        connection.execute("SAVEPOINT job")
        try:
            job.result = job.work(connection)
        except AlpsError as error:  # a mistake of one is none of the others
            job.error = error
            connection.execute("ROLLBACK TO job")
        connection.execute("RELEASE job")

    def _do_waiting(self) -> None:
        with self._queue:
            jobs, self._jobs = self._jobs, []
        try:
            with self.transaction() as connection:
                for job in jobs:
                    self._do(job, connection)
        except BaseException as error:
            for job in jobs:
                job.error = error
            if not isinstance(error, Exception):
                raise
        finally:
            for job in jobs:
                job.done = True

    def make_single(self) -> None:
        """Do without a log beside the file and without what was deleted in it; nobody else may have it open."""
        with self._lock:
            self._connection.execute("PRAGMA journal_mode = DELETE")
            self._connection.execute("VACUUM")

    def copy_to(self, path: Path) -> None:
        """Copy the file as it is at one moment, also while others write."""
        with sqlite3.connect(path) as copy:
            self._connection.backup(copy)
        copy.close()

    def close(self) -> None:
        """Close the file; the write-ahead log goes into it."""
        with self._lock, self._reading:
            if self._reader is not None:
                self._reader.close()
            self._connection.close()

    def _keep_a_log(self) -> None:
        """Turn on the write-ahead log; SQLite does not wait by itself for another process that is about to do so."""
        end = time.monotonic() + _WAIT_SECONDS
        while True:
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                    raise
                time.sleep(_RETRY_SECONDS)
            else:
                return

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False)
