"""The labels of a project as a table, with where each came from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, fields
from typing import Any

import pyarrow as pa

from alps.labelling.class_names import ClassNames
from alps.labelling.database import Read
from alps.labelling.project import Project, unpack
from alps.labelling.queue import AUDIT, RANDOM
from alps.pool.labelled import BETWEEN_LABELS

PICKED = "picked"
LABELLED, DISPUTED, SKIPPED, UNANSWERED = "labelled", "disputed", "skipped", "unanswered"


@dataclass(frozen=True)
class Row:
    """
    One line of the table.

    Attributes
    ----------
    id, text
        The text.
    label
        What was settled, else what most annotators said, several labels with a semicolon between them; None where
        there is no verdict.
    state
        ``labelled``; ``disputed`` where annotators are divided; ``skipped`` where nobody gave a label; ``unanswered``
        where there is only a flag or a note.
    copy_of
        The text that was asked, where this one is an exact copy of it and has its label from there.
    round
        The number of the batch that picked the text.
    strategy
        What chose it: a strategy, or ``random``.
    shown_as
        ``picked``, ``audit`` or ``random``; None where the annotator went to it.
    annotators
        Who gave a label, with semicolons between them; of a skipped text who skipped it, of an unanswered one who
        flagged it or made a note.
    agreed
        Whether all who gave a label gave the same, or it was settled.
    time
        Of the newest answer, in UTC; None where there is none.
    suggestion, suggestion_probability
        What a model suggested beside the text at the newest answer.
    skip_reason
        Why it was skipped.
    flag, note
        Marks; the notes of several annotators stand on lines of their own.

    """

    id: str
    text: str
    label: str | None
    state: str
    copy_of: str | None
    round: int | None
    strategy: str | None
    shown_as: str | None
    annotators: str
    agreed: bool | None
    time: str | None
    suggestion: str | None
    suggestion_probability: float | None
    skip_reason: str | None
    flag: bool
    note: str


@dataclass(frozen=True)
class _Answer:
    annotator: str
    kind: str
    reason: str
    at: str
    said: dict[str, Any]  # what the log keeps of it


_TYPES = {"round": pa.int64(), "agreed": pa.bool_(), "suggestion_probability": pa.float64(), "flag": pa.bool_()}
_SCHEMA = pa.schema([(field.name, _TYPES.get(field.name, pa.large_string())) for field in fields(Row)])


def labelled_table(project: Project, *, skipped: bool = False, read: Read | None = None) -> pa.Table:
    """
    One row, as `Row` says, for each text with a verdict and for each of its copies, in the order of the pool.

    Parameters
    ----------
    project
        The project.
    skipped
        Whether texts without a verdict of which somebody has said something come as well: skipped and disputed ones,
        and those that have only a flag or a note.
    read
        That of a snapshot of the database; one is taken when None.

    """
    with project.database.snapshot() if read is None else nullcontext(read) as reading:
        rows = [asdict(row) for row in _rows(project, reading) if skipped or row.state == LABELLED]
    return pa.Table.from_pylist(rows, schema=_SCHEMA)


def _rows(project: Project, read: Read) -> Iterator[Row]:
    verdicts, answers, marks, picks = project.verdicts(read), _answers(read), _marks(read), _picks(read)
    for number, name, packed, asked, asked_name, audit in read(
        "SELECT texts.number, texts.id, texts.packed, coalesce(texts.copy_of, texts.number), first.id, first.audit "
        "FROM texts JOIN texts AS first ON first.number = coalesce(texts.copy_of, texts.number) "
        "WHERE first.number IN (SELECT text FROM answers UNION SELECT coalesce(copy_of, number) FROM marks "
        "JOIN texts ON text = number) ORDER BY texts.number"
    ):
        given = answers.get(asked, [])
        labelled_by = [answer.annotator for answer in given if answer.kind == "label"]
        marked_by, flag, note = marks.get(asked, ([], False, ""))
        agreed, labels = verdicts.get(asked_name, (False, None))
        newest = max(given, key=lambda answer: answer.at, default=None)
        said = {} if newest is None else newest.said
        suggestion = said.get("suggestion") or {}
        batch, strategy = picks.get(asked, (None, None))
        source = AUDIT if audit is not None else said.get("source") or strategy
        yield Row(
            id=name,
            text=unpack(packed),
            label=None if labels is None else BETWEEN_LABELS.join(labels),
            state=LABELLED if labels is not None else DISPUTED if labelled_by else SKIPPED if given else UNANSWERED,
            copy_of=None if number == asked else asked_name,
            round=None if audit is not None else batch,
            strategy=RANDOM if source == AUDIT else source,
            shown_as=source if source in (AUDIT, RANDOM, None) else PICKED,
            annotators=BETWEEN_LABELS.join(labelled_by or [answer.annotator for answer in given] or marked_by),
            agreed=agreed if labelled_by else None,
            time=None if newest is None else newest.at,
            suggestion=suggestion.get("label"),
            suggestion_probability=suggestion.get("probability"),
            skip_reason=_lines([answer.reason for answer in given]) if given and not labelled_by else None,
            flag=flag,
            note=note,
        )


def _answers(read: Read) -> dict[int, list[_Answer]]:
    """The answers that stand, with what the log keeps of them, by number of the text."""
    names = ClassNames.of(read)
    said = {
        (number, annotator): _renamed(json.loads(content), names, event)
        for number, annotator, content, event in read(
            "SELECT text, annotator, content, max(number) FROM events WHERE kind IN ('label', 'skip') AND event NOT IN "
            "(SELECT event FROM undone) GROUP BY text, annotator"
        )
    }
    found: dict[int, list[_Answer]] = {}
    for number, annotator, kind, reason, at in read(
        "SELECT text, annotator, kind, reason, at FROM answers ORDER BY text, annotator"
    ):
        answer = _Answer(annotator, kind, reason, at, said.get((number, annotator), {}))
        found.setdefault(number, []).append(answer)
    return found


def _renamed(said: dict[str, Any], names: ClassNames, event: int) -> dict[str, Any]:
    """What the log keeps of an answer, with the suggestion as it is called now; without one of a removed class."""
    if said.get("suggestion") is None:
        return said
    now = names.in_event([said["suggestion"]["label"]], event)
    return {**said, "suggestion": {**said["suggestion"], "label": now[0]} if now else None}


def _marks(read: Read) -> dict[int, tuple[list[str], bool, str]]:
    """Who has marked a text, whether it is flagged, and the notes, by number of the text that is asked."""
    marks: dict[int, tuple[list[str], bool, str]] = {}
    for number, annotator, flag, note in read(
        "SELECT coalesce(copy_of, texts.number), annotator, flag, note FROM marks JOIN texts ON text = texts.number "
        "ORDER BY text, annotator"
    ):
        people, flagged, notes = marks.get(number, ([], False, ""))
        people = people if annotator in people else [*people, annotator]
        marks[number] = (people, flagged or bool(flag), _lines([notes, note]))
    return marks


def _picks(read: Read) -> dict[int, tuple[int, str]]:
    """Round and strategy of every pick, by number of the text."""
    return {
        number: (batch, strategy)
        for number, batch, strategy in read(
            "SELECT text, batch, strategy FROM picks JOIN batches ON batch = batches.number"
        )
    }


def _lines(parts: Sequence[str]) -> str:
    return "\n".join(part for part in parts if part)
