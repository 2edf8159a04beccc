"""
The tables of a project, as numbered migrations.

`events` is the truth and is only ever appended to; triggers refuse everything else. `answers`, `marks`, `undone`,
`settled` and the state of a text follow from it and are written in the same transaction.
"""

from __future__ import annotations

import sqlite3

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
)


def migrate(connection: sqlite3.Connection) -> None:
    """
    Bring the tables up to date, each step whole or not at all.

    Raises
    ------
    AlpsError
        When the file is no project, or was made by a newer version.

    """
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    marked = connection.execute("PRAGMA application_id").fetchone()[0]
    if marked != APPLICATION and (version or connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone()):
        raise AlpsError("The file is a database of another program; name the project otherwise.")
    if version > len(MIGRATIONS):
        raise AlpsError("The project was made by a newer version of alps; run: pip install --upgrade alps-learn")
    for number in range(version, len(MIGRATIONS)):
        connection.executescript(
            f"BEGIN IMMEDIATE; {MIGRATIONS[number]} PRAGMA application_id = {APPLICATION}; "
            f"PRAGMA user_version = {number + 1}; COMMIT;"
        )
