"""
The tables of a project, as numbered migrations.

`events` and `renamed` are the truth and are only ever appended to; triggers refuse everything else. `answers`, `marks`,
`undone`, `settled` and the state of a text follow from them and are written in the same transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from alps.base.errors import AlpsError

APPLICATION = 0x616C7073  # "alps": tells a project from any other file of SQLite

MIGRATIONS = (
    """
    CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE classes (position INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    CREATE TABLE texts (
        number INTEGER PRIMARY KEY,          -- in the order of the pool
        id TEXT NOT NULL UNIQUE,
        packed BLOB NOT NULL,                -- zlib
        digest BLOB NOT NULL,
        copy_of INTEGER REFERENCES texts,    -- the first text that is exactly the same; it is asked, this one is not
        shuffled INTEGER NOT NULL,           -- the order in which texts come at random
        room INTEGER NOT NULL DEFAULT 1,     -- whether another person may be asked
        state TEXT NOT NULL DEFAULT 'unlabelled'
    );
    CREATE INDEX texts_by_digest ON texts (digest);
    CREATE INDEX texts_to_ask ON texts (room, shuffled) WHERE copy_of IS NULL;
    CREATE TABLE tallies (state TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;
    INSERT INTO tallies VALUES ('unlabelled', 0), ('pending', 0), ('labelled', 0), ('skipped', 0);
    CREATE TRIGGER tally_new AFTER INSERT ON texts WHEN new.copy_of IS NULL BEGIN
        UPDATE tallies SET n = n + 1 WHERE state = new.state;
    END;
    CREATE TRIGGER tally_change AFTER UPDATE OF state ON texts WHEN new.state <> old.state BEGIN
        UPDATE tallies SET n = n - 1 WHERE state = old.state;
        UPDATE tallies SET n = n + 1 WHERE state = new.state;
    END;
    CREATE TABLE events (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        event TEXT NOT NULL UNIQUE,          -- the client's id: sent twice, kept once
        kind TEXT NOT NULL,
        text INTEGER NOT NULL REFERENCES texts,
        annotator TEXT NOT NULL,
        content TEXT NOT NULL,               -- JSON
        of TEXT,                             -- the event that an undo takes back
        at TEXT NOT NULL,                    -- UTC, by the clock of the server
        said_at TEXT,                        -- by the clock of the client
        seconds REAL
    );
    CREATE INDEX events_by_text ON events (text, annotator);
    CREATE INDEX events_by_annotator ON events (annotator, number);
    CREATE TRIGGER events_stay BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
    CREATE TRIGGER events_remain BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events are never removed'); END;
    CREATE TABLE undone (event TEXT PRIMARY KEY) WITHOUT ROWID;
    CREATE TABLE answers (
        text INTEGER NOT NULL REFERENCES texts,
        annotator TEXT NOT NULL,
        kind TEXT NOT NULL,                  -- label or skip
        labels TEXT NOT NULL,                -- JSON list
        reason TEXT NOT NULL,
        at TEXT NOT NULL,
        PRIMARY KEY (text, annotator)
    ) WITHOUT ROWID;
    CREATE INDEX answers_by_annotator ON answers (annotator);
    CREATE TABLE marks (
        text INTEGER NOT NULL REFERENCES texts,
        annotator TEXT NOT NULL,
        flag INTEGER NOT NULL,
        note TEXT NOT NULL,
        PRIMARY KEY (text, annotator)
    ) WITHOUT ROWID;
    CREATE TABLE settled (text INTEGER PRIMARY KEY REFERENCES texts, labels TEXT NOT NULL);
    CREATE TABLE leases (
        place INTEGER PRIMARY KEY,
        text INTEGER NOT NULL REFERENCES texts,
        annotator TEXT NOT NULL,
        source TEXT NOT NULL,
        at REAL NOT NULL,                    -- seconds since 1970
        UNIQUE (text, annotator)
    );
    CREATE TABLE batches (number INTEGER PRIMARY KEY, strategy TEXT NOT NULL, at TEXT NOT NULL, account TEXT NOT NULL);
    CREATE TABLE picks (
        text INTEGER PRIMARY KEY REFERENCES texts,
        batch INTEGER NOT NULL REFERENCES batches,
        rank INTEGER NOT NULL,
        cluster_size INTEGER,
        evidence TEXT NOT NULL               -- JSON: neighbours, tokens
    );
    CREATE INDEX picks_in_order ON picks (batch, rank);
    """,
    """
    ALTER TABLE texts ADD COLUMN audit INTEGER;  -- its place in the random order of the audit; NULL: not of the audit
    CREATE INDEX texts_to_audit ON texts (room, audit) WHERE audit IS NOT NULL;
    CREATE INDEX texts_audited ON texts (state, audit) WHERE audit IS NOT NULL;
    CREATE TABLE trainings (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        classifier TEXT NOT NULL,            -- probe or finetune
        state TEXT NOT NULL,                 -- running, done or failed
        begun_at TEXT NOT NULL,
        ended_at TEXT,
        last_event INTEGER NOT NULL,         -- the newest event when it began
        batch INTEGER NOT NULL,              -- the newest batch that was answered by then; 0 before there is one
        n_labels INTEGER,                    -- texts trained on; none of the audit
        scores TEXT,                         -- JSON, cross-validated on those
        classes TEXT,                        -- JSON list, in the order of the probabilities
        audit TEXT,                          -- JSON: number of a text of the audit -> what was predicted, a list
        against_random TEXT,                 -- JSON: see alps.labelling.against_random
        error TEXT
    );
    """,
    """
    CREATE TABLE renamed (                   -- see alps.labelling.class_names
        number INTEGER PRIMARY KEY,
        name TEXT NOT NULL,                  -- of a class until then
        now TEXT,                            -- NULL: it was removed
        until INTEGER NOT NULL               -- the newest event then
    );
    CREATE TRIGGER renamed_stay BEFORE UPDATE ON renamed BEGIN SELECT RAISE(ABORT, 'renamed is never changed'); END;
    CREATE TRIGGER renamed_remain BEFORE DELETE ON renamed BEGIN SELECT RAISE(ABORT, 'renamed is only added to'); END;
    ALTER TABLE trainings ADD COLUMN n_renamed INTEGER NOT NULL DEFAULT 0;  -- rows of renamed that its names follow
    """,
)


def migrate(connection: sqlite3.Connection) -> None:
    """
    Bring the tables up to date, all steps or none.

    Raises
    ------
    AlpsError
        When the file is no project, or was made by a newer version.

    """
    if _mark(connection) == (APPLICATION, len(MIGRATIONS)):
        return
    connection.execute("BEGIN EXCLUSIVE")  # of two processes that open a new file, one waits and finds the tables
    try:
        marked, version = _mark(connection)
        if marked != APPLICATION and (version or connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone()):
            raise AlpsError("The file is a database of another program; name the project otherwise.")
        if version > len(MIGRATIONS):
            raise AlpsError("The project was made by a newer version of alps; run: pip install --upgrade alps-learn")
        for migration in MIGRATIONS[version:]:
            for statement in _statements(migration):
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _mark(connection: sqlite3.Connection) -> tuple[int, int]:
    """Whose database it is, and its version."""
    return tuple(connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version"))


def _statements(script: str) -> Iterator[str]:
    """The statements of a script one by one; `executescript` would end the transaction that they belong to."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
