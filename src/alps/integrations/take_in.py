"""Take in what people have said in another tool, as events in the log of a project: each once."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from alps.base.errors import AlpsError
from alps.base.text_safety import for_terminal
from alps.integrations.entries import Entry, Statement
from alps.labelling.events import Event, record
from alps.labelling.project import Project, checked_name

NEW, SAME, OLDER, SILENT, UNKNOWN = "new", "same", "older", "silent", "unknown"


def take_in(project: Project, entries: Iterable[Entry], annotator: str, *, add_classes: bool = False) -> Counter[str]:
    """
    Take in all or nothing; what stands already stays as it is, so that the same entries may come again.

    Parameters
    ----------
    project
        The project.
    entries
        What the other tool holds. A text is found by its id, else by what it says.
    annotator
        Whom to name where the tool names nobody.
    add_classes
        Whether a class that the project does not have is added; else it is an error.

    Returns
    -------
    Counter
        How many statements were ``new``, the ``same`` as what stands, or ``older`` than what the annotator said last;
        how many texts had no statement (``silent``), and how many were ``unknown`` to the project.

    Raises
    ------
    AlpsError
        When a statement does not fit the project, or none of the texts is one of its texts.

    """
    counts: Counter[str] = Counter()
    with project.database.transaction() as connection:
        classes = {*project.labels}
        for entry in entries:
            found = _text(connection, entry)
            if found is None:
                counts[UNKNOWN] += 1
                continue
            counts[SILENT] += not entry.statements
            for said in entry.statements:
                _check_classes(project, said.labels or (), classes, found[1], add_classes=add_classes)
                counts[_take(project, connection, found, said, annotator)] += 1
        if counts[UNKNOWN] and counts.total() == counts[UNKNOWN]:
            raise AlpsError(f"None of the {counts[UNKNOWN]} texts is one of {project.path.name}; check the project.")
    return counts


def _text(connection: Any, entry: Entry) -> tuple[int, str] | None:
    """Number and id of the text that is asked, where the entry names it or an exact copy of it."""
    row = None
    if entry.id is not None:
        row = connection.execute("SELECT coalesce(copy_of, number) FROM texts WHERE id = ?", (_clean(entry.id),))
        row = row.fetchone()
    if row is None and entry.text is not None:
        digest = blake2b(entry.text.encode("utf-8", "replace"), digest_size=16).digest()
        row = connection.execute("SELECT number FROM texts WHERE digest = ? AND copy_of IS NULL", (digest,)).fetchone()
    if row is None:
        return None
    name = connection.execute("SELECT id FROM texts WHERE number = ?", row).fetchone()[0]
    return int(row[0]), str(name)


def _check_classes(
    project: Project, labels: Iterable[str], classes: set[str], name: str, *, add_classes: bool
) -> None:  # fmt: skip
    for label in labels:
        if label in classes:
            continue
        if not add_classes:
            raise AlpsError(
                f"The text '{for_terminal(name, 40)}' is labelled '{for_terminal(label, 40)}', which is no class of "
                "the project; correct it or add --add-classes."
            )
        project.add_class(label)
        classes.add(label)


def _take(project: Project, connection: Any, found: tuple[int, str], said: Statement, default: str) -> str:
    """Record a statement unless it stands already, or the annotator has said something later; tells which."""
    number, name = found
    annotator = checked_name(_clean(said.annotator) or default, "annotator")
    key = (number, annotator)
    if said.event and connection.execute("SELECT 1 FROM events WHERE event = ?", (said.event,)).fetchone():
        return SAME
    events = [*_answer(connection, key, name, said), *_note(connection, key, name, said)]
    if not events:
        return SAME
    last = connection.execute(
        "SELECT coalesce(said_at, at) FROM events WHERE text = ? AND annotator = ? AND kind NOT IN ('shown', 'note', "
        "'flag') ORDER BY number DESC LIMIT 1", key,
    ).fetchone()  # fmt: skip
    if last is not None and said.at is not None and _moment(said.at) < _moment(last[0]):
        return OLDER
    _, refused = record(project, events, annotator)
    if refused:
        raise AlpsError(f"The text '{for_terminal(name, 40)}' cannot be taken in: {refused[0].reason}")
    return NEW


def _answer(connection: Any, key: tuple[int, str], name: str, said: Statement) -> list[Event]:
    stands = connection.execute("SELECT kind, labels FROM answers WHERE text = ? AND annotator = ?", key).fetchone()
    suggestion = None if said.suggestion is None else (said.suggestion.label, said.suggestion.score)
    event = Event(
        said.event or secrets.token_hex(16), "skip" if said.labels is None else "label", name, said.labels or (),
        reason=_clean(said.reason), at=said.at, seconds=said.seconds, suggestion=suggestion,
    )  # fmt: skip
    return [] if stands is not None and _means(*stands) == _means(event.kind, event.labels) else [event]


def _note(connection: Any, key: tuple[int, str], name: str, said: Statement) -> list[Event]:
    if said.note is None:
        return []
    stands = connection.execute("SELECT note FROM marks WHERE text = ? AND annotator = ?", key).fetchone()
    note = _clean(said.note)
    same = note == ("" if stands is None else stands[0])
    return [] if same else [Event(secrets.token_hex(16), "note", name, value=note, at=said.at)]


def _means(kind: str, labels: str | tuple[str, ...]) -> tuple[str, frozenset[str]]:
    return kind, frozenset(json.loads(labels) if isinstance(labels, str) else labels)


def _moment(at: str) -> datetime:
    moment = datetime.fromisoformat(at)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _clean(text: str) -> str:
    """A text without halves of surrogate pairs, which a file cannot hold."""
    return text.encode("utf-8", "replace").decode()
