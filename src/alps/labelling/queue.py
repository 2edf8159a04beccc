"""
Which text comes next for whom.

A text is leased to an annotator when it is handed out, so that several people never work on the same one unless the
overlap asks for it; a lease ends with the answer, or when its annotator has asked for nothing for `LEASE_SECONDS` and
somebody else needs a text. Texts that others have answered and that the overlap asks of more people come first, then
the picks of the last batches, in their order; where there are none, texts come at random. Of what is shown, one text
in ten, or what the project says, is of the audit: the texts that were drawn at random from the whole pool before
anything was picked.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Collection
from dataclasses import dataclass

from alps.labelling.events import derive_state
from alps.labelling.project import Project, unpack

LEASE_SECONDS = 1800.0
RANDOM = "random"
AUDIT = "audit"
# The answered texts of the audit before which no other is unanswered. The order of the audit is random and that of no
# other thing, so that they are a random sample of the whole pool, also after texts were added or answered elsewhere.
IN_AUDIT_SAMPLE = (
    "(audit IS NOT NULL AND state IN ('labelled', 'skipped') AND audit < coalesce((SELECT min(audit) FROM texts "
    "WHERE audit IS NOT NULL AND state IN ('unlabelled', 'pending')), 1 << 60))"
)
_MAX_LEASES = 200
_OLDEST_BATCH = "(SELECT max(number) - 1 FROM batches)"
_NOT_LEASED = "AND NOT EXISTS (SELECT 1 FROM leases WHERE leases.text = texts.number AND annotator = :who) "
_NOT_MINE = (
    "AND NOT EXISTS (SELECT 1 FROM answers WHERE answers.text = texts.number AND annotator = :who) " + _NOT_LEASED
)
_FRESH = "AND NOT EXISTS (SELECT 1 FROM answers WHERE answers.text = texts.number) " + _NOT_LEASED


@dataclass(frozen=True)
class Item:
    """
    A text that an annotator is to answer.

    Attributes
    ----------
    id, text
        The text.
    source
        ``random``, ``audit``, or the strategy that picked it.
    labels
        What this annotator said before; None where nothing.
    flag, note
        The marks of this annotator.
    batch
        The number of the batch that it was picked for; None where it was not.

    """

    id: str
    text: str
    source: str
    labels: list[str] | None = None
    flag: bool = False
    note: str = ""
    batch: int | None = None


def next_texts(project: Project, annotator: str, n: int, have: Collection[str] = ()) -> list[Item]:
    """
    The next n texts of an annotator; those leased before come again first, in the same order.

    Parameters
    ----------
    project
        The project.
    annotator
        Who asks.
    n
        How many.
    have
        Ids of texts that the page has already and does not need again.

    """
    overlap, audit_share = int(project.setting("overlap")), float(project.setting("audit_share") or 0.0)
    leased = _leased(project, annotator)
    missing = min(n - sum(name not in have for _, name, _ in leased), _MAX_LEASES - len(leased))
    if missing > 0:

        def lease(connection: sqlite3.Connection) -> None:
            connection.execute("UPDATE leases SET at = ? WHERE annotator = ?", (time.time(), annotator))
            _take_back(connection, annotator, overlap)
            _lease(connection, annotator, missing, overlap, audit_share)

        project.database.together(lease)
        leased = _leased(project, annotator)
    wanted = [row for row in leased if row[1] not in have][:n]
    return [_item(project, number, name, source, annotator) for number, name, source in wanted]


def set_overlap(project: Project, overlap: int) -> None:
    """Ask m annotators about each text from now on; answers that are there stay."""
    project.set("overlap", overlap)
    with project.database.transaction() as connection:
        connection.execute(
            "UPDATE texts SET room = (SELECT count(*) FROM answers WHERE text = number) + "
            "(SELECT count(*) FROM leases WHERE text = number) < ?", (overlap,),
        )  # fmt: skip


def _leased(project: Project, annotator: str) -> list[tuple[int, str, str]]:
    return project.database.rows(
        "SELECT texts.number, texts.id, CASE WHEN audit IS NULL THEN source ELSE 'audit' END FROM leases "
        "JOIN texts ON text = texts.number WHERE annotator = ? ORDER BY place", annotator,
    )  # fmt: skip


def _lease(connection: sqlite3.Connection, annotator: str, n: int, overlap: int, audit_share: float) -> None:
    """Lease up to n texts: those begun, picks, then any at random, and of the audit what is due or left."""
    audit = _audit(connection, annotator, n)
    n_due = min(len(audit), _n_due(connection, n, audit_share))
    rows = _begun(connection, annotator, n - n_due) if overlap > 1 else []
    rows += _picks(connection, annotator, n - n_due - len(rows))
    rows += _random(connection, annotator, n - n_due - len(rows))
    rows += audit[: n - len(rows)] if len(rows) + n_due < n else audit[:n_due]
    for number, source in rows:
        connection.execute(
            "INSERT INTO leases (text, annotator, source, at) VALUES (?, ?, ?, ?)",
            (number, annotator, source, time.time()),
        )
        derive_state(connection, number, overlap)


def _begun(connection: sqlite3.Connection, annotator: str, n: int) -> list[tuple[int, str]]:
    """Texts that others have answered and that are to be asked of more people, the first begun first."""
    return connection.execute(
        f"SELECT texts.number, coalesce(strategy, '{RANDOM}') FROM answers JOIN texts ON answers.text = texts.number "
        "LEFT JOIN picks ON picks.text = texts.number LEFT JOIN batches ON batch = batches.number "
        f"WHERE room AND audit IS NULL {_NOT_MINE} GROUP BY texts.number "
        "ORDER BY (SELECT min(events.number) FROM events WHERE events.text = texts.number) LIMIT :n",
        {"who": annotator, "n": n},
    ).fetchall()  # fmt: skip


def _picks(connection: sqlite3.Connection, annotator: str, n: int) -> list[tuple[int, str]]:
    """Picks of the last two batches, the older first: the next batch is chosen before one is answered."""
    return connection.execute(
        "SELECT texts.number, strategy FROM picks JOIN texts ON text = texts.number JOIN batches ON batch = "
        f"batches.number WHERE batch >= {_OLDEST_BATCH} AND room AND audit IS NULL {_FRESH} "
        "ORDER BY batch, rank LIMIT :n", {"who": annotator, "n": n},
    ).fetchall()  # fmt: skip


def _random(connection: sqlite3.Connection, annotator: str, n: int) -> list[tuple[int, str]]:
    """Texts that nothing has picked of late, that nobody has answered, and that are not of the audit."""
    return connection.execute(
        f"SELECT number, '{RANDOM}' FROM texts WHERE copy_of IS NULL AND room = 1 AND audit IS NULL AND number NOT IN "
        f"(SELECT text FROM picks WHERE batch >= {_OLDEST_BATCH}) {_FRESH} ORDER BY shuffled LIMIT :n",
        {"who": annotator, "n": n},
    ).fetchall()  # fmt: skip


def _audit(connection: sqlite3.Connection, annotator: str, n: int) -> list[tuple[int, str]]:
    """Texts of the audit, in its order."""
    return connection.execute(
        f"SELECT number, '{AUDIT}' FROM texts WHERE audit IS NOT NULL AND room = 1 {_NOT_MINE} ORDER BY audit LIMIT :n",
        {"who": annotator, "n": n},
    ).fetchall()  # fmt: skip


def _n_due(connection: sqlite3.Connection, n: int, audit_share: float) -> int:
    """How many of the next n texts are of the audit, so that what counts of it has its share of what is shown."""
    shown = audited = 0
    for table, which in (("answers", IN_AUDIT_SAMPLE), ("leases", "audit IS NOT NULL")):
        shown += connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        audited += connection.execute(
            f"SELECT count(*) FROM texts JOIN {table} ON text = texts.number WHERE {which}"
        ).fetchone()[0]
    return max(0, min(n, int(audit_share * (shown + n)) - audited))


def _take_back(connection: sqlite3.Connection, annotator: str, overlap: int) -> None:
    """End the leases of others that have slept: no text may hold up the audit or its batch."""
    slept = connection.execute(
        "SELECT place, text FROM leases WHERE annotator <> ? AND at < ?", (annotator, time.time() - LEASE_SECONDS)
    ).fetchall()
    for place, number in slept:
        connection.execute("DELETE FROM leases WHERE place = ?", (place,))
        derive_state(connection, number, overlap)


def _item(project: Project, number: int, name: str, source: str, annotator: str) -> Item:
    packed, batch = project.database.row(
        "SELECT packed, batch FROM texts LEFT JOIN picks ON text = texts.number WHERE texts.number = ?", number
    )
    labels, flag, note = standing(project, number, annotator)[:3]
    return Item(name, unpack(packed), source, labels, flag, note, batch)


def standing(project: Project, number: int, annotator: str) -> tuple[list[str] | None, bool, str, bool]:
    """What an annotator has said of a text: labels or None, flag, note, and whether it was skipped."""
    answer = project.database.row(
        "SELECT kind, labels FROM answers WHERE text = ? AND annotator = ?", number, annotator
    )
    mark = project.database.row("SELECT flag, note FROM marks WHERE text = ? AND annotator = ?", number, annotator)
    kind, labels = answer or (None, "[]")
    flag, note = mark or (0, "")
    return (json.loads(labels) if kind == "label" else None), bool(flag), note, kind == "skip"
