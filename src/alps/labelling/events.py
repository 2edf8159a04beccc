"""
The log of a project: what people did, each event once, on the disk before it is acknowledged.

What stands now follows from the events that were not taken back: of a text and an annotator the last label, skip or
release, the last flag and the last note, with the names that the classes have now. It is written anew for the text in
the same transaction, so that it can never differ from the log.
"""

from __future__ import annotations

import itertools
import json
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from alps.base.errors import AlpsError
from alps.base.times import moment
from alps.labelling.class_names import ClassNames
from alps.labelling.project import Project, utc_now

KINDS = ("label", "skip", "flag", "note", "undo", "shown", "release", "settle")
MAX_NOTE_CHARACTERS = 10_000
_ANSWERS = ("label", "skip", "release")


@dataclass(frozen=True)
class Event:
    """
    One thing that an annotator did.

    Attributes
    ----------
    event
        An id that the client drew; the same id is taken once.
    kind
        One of `KINDS`.
    text
        The id of the text; an undo takes it from the event that it takes back.
    labels
        Of a label or a settlement.
    reason
        Of a skip.
    value
        Of a flag (bool) or a note (str).
    of
        The event that an undo takes back.
    at
        When, by the client's clock, in ISO 8601.
    seconds
        How long the person looked at the text.
    suggestion
        Of a label: what a model suggested beside the text, as label and probability; None where nothing was shown.
    tool
        Of what an import took in: the tool that said it, by whose clock `at` is.
    n_renamed
        How many changes of names (`alps.labelling.class_names`) were known where it was said; None where that is not
        known.

    """

    event: str
    kind: str
    text: str = ""
    labels: tuple[str, ...] = ()
    reason: str = ""
    value: bool | str | None = None
    of: str | None = None
    at: str | None = None
    seconds: float | None = None
    suggestion: tuple[str, float] | None = None
    tool: str | None = None
    n_renamed: int | None = None


@dataclass(frozen=True)
class Refusal:
    """An event that was not taken, and why."""

    event: str
    reason: str


def record(project: Project, events: Sequence[Event], annotator: str) -> tuple[list[str], list[Refusal]]:
    """
    Take in what an annotator did; when this returns, it is on the disk.

    Returns
    -------
    list of str, list of Refusal
        The ids of the events that are in the log, also those that were there before, and those that were refused.

    Raises
    ------
    AlpsError
        When the disk refuses.

    """
    multi_label = bool(project.setting("multi_label"))

    def write(connection: sqlite3.Connection) -> tuple[list[str], list[Refusal]]:
        saved, refused = [], []
        classes = {name for (name,) in connection.execute("SELECT name FROM classes")}
        names = _names(connection)
        overlap = int(project.setting("overlap"))
        for event in events:
            try:
                _append(connection, _renamed(event, names, classes), annotator, classes, multi_label, overlap)
                saved.append(event.event)
            except AlpsError as error:
                refused.append(Refusal(event.event, str(error)))
        return saved, refused

    return project.database.together(write)


def _renamed(event: Event, names: ClassNames, classes: set[str]) -> Event:
    """The event with the names that the classes have now; a label that is no class stays, to be refused."""
    labels = tuple(names.current(label, classes, event.n_renamed) or label for label in event.labels)
    label, probability = event.suggestion or ("", 0.0)
    suggested = names.current(label, classes, event.n_renamed)
    return replace(event, labels=labels, suggestion=None if suggested is None else (suggested, probability))


def _names(connection: sqlite3.Connection) -> ClassNames:
    return ClassNames.of(lambda statement: connection.execute(statement).fetchall())


def _append(
    connection: sqlite3.Connection, event: Event, annotator: str, classes: set[str], multi_label: bool, overlap: int
) -> None:
    """Append one event and what follows from it, unless it is there already."""
    known = connection.execute("SELECT annotator FROM events WHERE event = ?", (event.event,)).fetchone()
    if known is not None:
        if known[0] != annotator:
            raise AlpsError("Another annotator has sent an event with this id.")
        return
    undone = None
    if event.kind == "undo":
        number, undone = _undone(connection, event, annotator)
    else:
        number = _number(connection, event.text)
    content = _content(event, classes, multi_label)
    if event.kind in ("label", "skip"):
        content["source"] = _source(connection, number, annotator)
    if event.tool is not None:
        content["tool"] = event.tool
    connection.execute(
        "INSERT INTO events (event, kind, text, annotator, content, of, at, said_at, seconds) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (event.event, event.kind, number, annotator, json.dumps(content), event.of, utc_now(), event.at,
         event.seconds),
    )  # fmt: skip
    if event.kind == "undo":
        connection.execute("INSERT INTO undone VALUES (?)", (event.of,))
    if event.kind != "shown":
        derive(connection, number, annotator, overlap)
    if undone in _ANSWERS:
        _lease_first(connection, number, annotator, overlap)


def _lease_first(connection: sqlite3.Connection, number: int, annotator: str, overlap: int) -> None:
    """A text whose answer was undone is the next one of its annotator, also after a reload of the page."""
    if connection.execute("SELECT 1 FROM answers WHERE text = ? AND annotator = ?", (number, annotator)).fetchone():
        return
    connection.execute(
        "INSERT OR IGNORE INTO leases (place, text, annotator, source, at) SELECT "
        "coalesce((SELECT min(place) FROM leases), 0) - 1, ?, ?, "
        "coalesce((SELECT strategy FROM picks JOIN batches ON batch = batches.number WHERE text = ?), 'random'), ?",
        (number, annotator, number, time.time()),
    )
    derive_state(connection, number, overlap)


def _content(event: Event, classes: set[str], multi_label: bool) -> dict[str, Any]:
    """What is kept of an event besides its text and time; refuses what its kind does not allow."""
    if event.kind in ("label", "settle"):
        labels = list(dict.fromkeys(event.labels))
        for label in labels:
            if label not in classes:
                raise AlpsError("There is no such class; add it first.")
        if not multi_label and len(labels) != 1:
            raise AlpsError("A text of this project has exactly one label.")
        if event.suggestion is None:
            return {"labels": labels}
        label, probability = event.suggestion
        return {"labels": labels, "suggestion": {"label": label, "probability": probability}}
    if event.kind == "skip":
        return {"reason": event.reason[:MAX_NOTE_CHARACTERS]}
    if event.kind == "flag":
        if not isinstance(event.value, bool):
            raise AlpsError("The value of a flag is true or false.")
        return {"value": event.value}
    if event.kind == "note":
        if not isinstance(event.value, str) or len(event.value) > MAX_NOTE_CHARACTERS:
            raise AlpsError(f"The value of a note is a text of at most {MAX_NOTE_CHARACTERS} characters.")
        return {"value": event.value}
    if event.kind not in KINDS:
        raise AlpsError(f"There is no such kind of event; the kinds are: {', '.join(KINDS)}.")
    return {}


def _source(connection: sqlite3.Connection, number: int, annotator: str) -> str | None:
    """
    Why the text was shown: ``audit``, ``random`` or a strategy.

    A correction has the source of the answer that it corrects, and an answer from elsewhere the strategy that picked
    the text; None for a text that the annotator went to and nothing had picked.
    """
    row = connection.execute(
        "SELECT CASE WHEN audit IS NOT NULL THEN 'audit' ELSE coalesce("
        "(SELECT source FROM leases WHERE text = texts.number AND annotator = :who), "
        "(SELECT json_extract(content, '$.source') FROM events WHERE text = texts.number AND annotator = :who "
        "AND json_extract(content, '$.source') IS NOT NULL ORDER BY events.number DESC LIMIT 1), "
        "(SELECT strategy FROM picks JOIN batches ON batch = batches.number WHERE text = texts.number)) END "
        "FROM texts WHERE number = :text", {"who": annotator, "text": number},
    ).fetchone()  # fmt: skip
    return None if row[0] is None else str(row[0])


def _number(connection: sqlite3.Connection, name: str) -> int:
    """The text of an id; of an exact copy the one that is asked."""
    row = connection.execute("SELECT coalesce(copy_of, number) FROM texts WHERE id = ?", (name,)).fetchone()
    if row is None:
        raise AlpsError("The project has no text with this id.")
    return int(row[0])


def _undone(connection: sqlite3.Connection, event: Event, annotator: str) -> tuple[int, str]:
    """Text and kind of the event that an undo takes back."""
    row = connection.execute("SELECT text, annotator, kind FROM events WHERE event = ?", (event.of,)).fetchone()
    if row is None or row[1] != annotator:
        raise AlpsError("You have no such event to undo.")
    if row[2] in ("undo", "shown"):
        raise AlpsError(f"An event of the kind {row[2]} cannot be undone.")
    if connection.execute("SELECT 1 FROM undone WHERE event = ?", (event.of,)).fetchone():
        raise AlpsError("This event was undone before.")
    return int(row[0]), str(row[2])


def derive(connection: sqlite3.Connection, number: int, annotator: str, overlap: int) -> None:
    """Write what stands now for a text and an annotator, and the state of the text, from the log."""
    standing = connection.execute(
        "SELECT number, kind, content, at FROM events WHERE text = ? AND annotator = ? AND event NOT IN "
        "(SELECT event FROM undone) ORDER BY number", (number, annotator),
    ).fetchall()  # fmt: skip
    last = {
        ("answer" if kind in _ANSWERS else kind): (event, kind, json.loads(content), at)
        for event, kind, content, at in standing
    }
    names = _names(connection)
    key = (number, annotator)
    event, kind, content, at = last.get("answer", (0, "release", {}, ""))
    if kind == "release":
        connection.execute("DELETE FROM answers WHERE text = ? AND annotator = ?", key)
    else:
        labels = json.dumps(names.in_event(content.get("labels", []), event))
        row = (*key, kind, labels, content.get("reason", ""), at)
        connection.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?)", row)
        connection.execute("DELETE FROM leases WHERE text = ? AND annotator = ?", key)
    flag, note = (last[kind][2]["value"] if kind in last else default for kind, default in (("flag", 0), ("note", "")))
    if flag or note:
        connection.execute("INSERT OR REPLACE INTO marks VALUES (?, ?, ?, ?)", (*key, int(flag), note))
    else:
        connection.execute("DELETE FROM marks WHERE text = ? AND annotator = ?", key)
    _derive_settled(connection, number, names)
    derive_state(connection, number, overlap)


def _derive_settled(connection: sqlite3.Connection, number: int, names: ClassNames) -> None:
    """
    A settlement holds for everybody, whoever made it, until somebody labels the text anew.

    What an import brings later is not anew where the tool says that it was said before.
    """
    rows = connection.execute(
        "SELECT number, kind, content, at, said_at FROM events WHERE text = ? AND kind IN ('settle', 'label') AND "
        "event NOT IN (SELECT event FROM undone) ORDER BY number DESC", (number,),
    ).fetchall()  # fmt: skip
    after = list(itertools.takewhile(lambda row: row[1] == "label", rows))
    if len(after) == len(rows) or any(_is_anew(content, said, rows[len(after)][3]) for *_, content, _, said in after):
        connection.execute("DELETE FROM settled WHERE text = ?", (number,))
    else:
        event, _, content, *_ = rows[len(after)]
        labels = json.dumps(names.in_event(json.loads(content)["labels"], event))
        connection.execute("INSERT OR REPLACE INTO settled VALUES (?, ?)", (number, labels))


def _is_anew(content: str, said_at: str | None, settled_at: str) -> bool:
    """Whether an answer that came after a settlement was said after it."""
    if "tool" not in json.loads(content) or said_at is None:
        return True
    try:
        return moment(said_at) >= moment(settled_at)
    except ValueError:  # no time
        return True


def derive_state(connection: sqlite3.Connection, number: int, overlap: int) -> None:
    """Write the state of a text, and whether there is room for another annotator, from answers and leases."""
    kinds = [kind for (kind,) in connection.execute("SELECT kind FROM answers WHERE text = ?", (number,))]
    n_leases = connection.execute("SELECT count(*) FROM leases WHERE text = ?", (number,)).fetchone()[0]
    state = "labelled" if "label" in kinds else "skipped" if kinds else "pending" if n_leases else "unlabelled"
    room = int(len(kinds) + n_leases < overlap)
    connection.execute(
        "UPDATE texts SET state = ?, room = ? WHERE number = ? AND (state <> ? OR room <> ?)",
        (state, room, number, state, room),
    )
