"""What goes between a project and another tool: texts, and what people have said of each."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from alps.base.errors import AlpsError
from alps.integrations.exported import ANSWER, FLAG, NOTE, Exported, answer_digest, mark_digest
from alps.integrations.history import ALPS, Past, history
from alps.labelling.database import Read
from alps.labelling.project import Project, unpack

WHICH = {
    "all": "TRUE",
    "answered": "state IN ('labelled', 'skipped')",
    "unanswered": "state IN ('unlabelled', 'pending')",
    "batch": "state IN ('unlabelled', 'pending') AND number IN "
    "(SELECT text FROM picks WHERE batch = (SELECT max(number) FROM batches))",
}
_ROWS_AT_ONCE = 1000


@dataclass(frozen=True)
class Classes:
    """
    What a text may be labelled.

    Attributes
    ----------
    names
        The classes, in their order.
    multi_label
        Whether a text may have several.

    """

    names: tuple[str, ...]
    multi_label: bool = False

    @staticmethod
    def of(project: Project) -> Classes:
        """Those of a project."""
        return Classes(tuple(project.labels), bool(project.setting("multi_label")))


@dataclass(frozen=True)
class Suggestion:
    """
    What a model thinks of a text.

    Attributes
    ----------
    label
        The likeliest class.
    score
        Its probability.
    model
        The name of the model.

    """

    label: str
    score: float
    model: str = "alps"


@dataclass(frozen=True)
class Statement:
    """
    What one annotator said of a text.

    Attributes
    ----------
    annotator
        Who; blank where the tool does not tell.
    labels
        The classes; None for a skip, and where nothing was answered.
    reason
        Of a skip.
    note
        A comment; None where the tool has none.
    at
        When, in ISO 8601; None where the tool does not tell.
    seconds
        How long it took.
    suggestion
        What a model had suggested.
    event
        An id under which the project keeps it once; None makes one.
    flag
        Whether the annotator has flagged the text; None where the tool has no flags.
    answered
        Whether there is an answer, or only a note or a flag.
    exported
        What it was when a project gave it away; None for what another tool made.
    vague
        Whether nothing was chosen, which is none of the classes or, where a text has exactly one, no answer.
    from_cells
        Whether a spreadsheet may have made values of the labels.

    """

    annotator: str
    labels: tuple[str, ...] | None
    reason: str = ""
    note: str | None = None
    at: str | None = None
    seconds: float | None = None
    suggestion: Suggestion | None = None
    event: str | None = None
    flag: bool | None = None
    answered: bool = True
    exported: Exported | None = None
    vague: bool = False
    from_cells: bool = False

    def as_exported(self, noted_at: str | None = None, flagged_at: str | None = None) -> Exported:
        """What it is now, for a file."""
        return Exported(
            self.at,
            answer_digest(self.annotator, self.labels, answered=self.answered),
            mark_digest(self.annotator, self.note or ""),
            mark_digest(self.annotator, bool(self.flag)),
            noted_at,
            flagged_at,
        )


@dataclass(frozen=True)
class Entry:
    """
    A text, and what was said of it.

    Attributes
    ----------
    id
        The id in the project; None where a tool has lost it, and the text itself must do.
    text
        The text; None where the tool gives only the id.
    statements
        At most one of each annotator.
    suggestion
        What a model thinks of it; none for a text of the audit.
    batch
        The batch that picked it; None where none did.
    where
        The place in a file, for messages; blank where there is none.

    """

    id: str | None
    text: str | None
    statements: tuple[Statement, ...] = ()
    suggestion: Suggestion | None = None
    batch: int | None = None
    where: str = ""


def entries_of(
    project: Project, which: str = "all", suggestions: Mapping[int, Suggestion] | None = None
) -> Iterator[Entry]:
    """
    The different texts of a project, with what everybody said of them, in the order of the pool.

    Parameters
    ----------
    project
        The project.
    which
        ``all``, ``answered``, ``unanswered``, or ``batch``: those of the newest batch that are to be answered.
    suggestions
        What a model thinks, by the number of the text.

    Raises
    ------
    AlpsError
        When `which` is none of these.

    """
    if which not in WHICH:
        raise AlpsError(f"There is no choice '{which}' of texts; choose from: {', '.join(WHICH)}.")
    last = 0
    with project.database.snapshot() as read:
        while rows := read(
            "SELECT texts.number, id, packed, picks.batch, audit FROM texts LEFT JOIN picks ON text = texts.number "
            f"WHERE copy_of IS NULL AND texts.number > ? AND {WHICH[which]} ORDER BY texts.number LIMIT ?",
            last, _ROWS_AT_ONCE,
        ):  # fmt: skip
            said = _statements(read, rows[0][0], rows[-1][0])
            for number, name, packed, batch, audit in rows:
                suggestion = (suggestions or {}).get(number) if audit is None else None
                yield Entry(name, unpack(packed), tuple(said.get(number, ())), suggestion, batch)
            last = rows[-1][0]


def due_audit(project: Project, there: Collection[str | None], batch: Sequence[Entry]) -> list[Entry]:
    """
    Texts of the audit that are to go along with a batch, so that the audit has its share of what another tool is given.

    Parameters
    ----------
    project
        The project.
    there
        Ids of the texts that the tool has.
    batch
        What is to be sent besides.

    Returns
    -------
    list of Entry
        In the order of the audit, those that nobody has answered and the tool does not have.

    """
    share = float(project.setting("audit_share") or 0.0)
    with project.database.snapshot() as read:
        audit = {name for (name,) in read("SELECT id FROM texts WHERE audit IS NOT NULL")}
        given = {*there, *(entry.id for entry in batch)}
        n_due = int(len(given - audit) * share / (1 - share) + 1e-9) - len(given & audit)
        rows = read(
            "SELECT number, id, packed FROM texts WHERE audit IS NOT NULL AND state IN ('unlabelled', 'pending') "
            "ORDER BY audit"
        )
        chosen = [row for row in rows if row[1] not in given][: max(0, n_due)]
        said = {number: _statements(read, number, number).get(number, []) for number, *_ in chosen}
    return [Entry(name, unpack(packed), tuple(said[number])) for number, name, packed in chosen]


def _statements(read: Read, first: int, last: int) -> dict[int, list[Statement]]:
    """What stands, of everybody who has answered, flagged or noted."""
    past = history(read, first, last)
    said: dict[int, list[Statement]] = {}
    for number, annotator, kind, labels, reason, at, note, flag in read(
        "SELECT text, annotator, max(kind), max(labels), max(reason), max(at), max(note), max(flag) FROM ("
        "SELECT text, annotator, kind, labels, reason, at, '' AS note, 0 AS flag FROM answers "
        "WHERE text BETWEEN ?1 AND ?2 UNION ALL "
        "SELECT text, annotator, NULL, NULL, '', NULL, note, flag FROM marks WHERE text BETWEEN ?1 AND ?2) "
        "GROUP BY text, annotator ORDER BY text, annotator", first, last,
    ):  # fmt: skip
        parts = past[number, annotator]
        if parts[ANSWER] and kind is not None:
            at = _last(at, parts[ANSWER][0])
        statement = Statement(
            annotator,
            tuple(json.loads(labels)) if kind == "label" else None,
            reason,
            note,
            at,
            flag=bool(flag),
            answered=kind is not None,
        )
        times = [_as_text(part[0].heard) if part else None for part in (parts[NOTE], parts[FLAG])]
        said.setdefault(number, []).append(replace(statement, exported=statement.as_exported(*times)))
    return said


def _last(at: str, newest: Past) -> str:
    """When an answer came to stand: at an undo of what came after it, or when another project says it was given."""
    if newest.kind == "undo" or newest.tool == ALPS:
        return _as_text(newest.heard)
    return at


def _as_text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")
