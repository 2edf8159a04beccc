"""What goes between a project and another tool: texts, and what people have said of each."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from alps.base.errors import AlpsError
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
        The classes; None for a skip.
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

    """

    annotator: str
    labels: tuple[str, ...] | None
    reason: str = ""
    note: str | None = None
    at: str | None = None
    seconds: float | None = None
    suggestion: Suggestion | None = None
    event: str | None = None


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

    """

    id: str | None
    text: str | None
    statements: tuple[Statement, ...] = ()
    suggestion: Suggestion | None = None
    batch: int | None = None


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
    while rows := project.database.rows(
        "SELECT texts.number, id, packed, picks.batch, audit FROM texts LEFT JOIN picks ON text = texts.number "
        f"WHERE copy_of IS NULL AND texts.number > ? AND {WHICH[which]} ORDER BY texts.number LIMIT ?",
        last, _ROWS_AT_ONCE,
    ):  # fmt: skip
        said = _statements(project, rows[0][0], rows[-1][0])
        for number, name, packed, batch, audit in rows:
            suggestion = (suggestions or {}).get(number) if audit is None else None
            yield Entry(name, unpack(packed), tuple(said.get(number, ())), suggestion, batch)
        last = rows[-1][0]


def _statements(project: Project, first: int, last: int) -> dict[int, list[Statement]]:
    said: dict[int, list[Statement]] = {}
    for number, annotator, kind, labels, reason, at, note in project.database.rows(
        "SELECT answers.text, answers.annotator, kind, labels, reason, at, coalesce(note, '') FROM answers LEFT JOIN "
        "marks ON marks.text = answers.text AND marks.annotator = answers.annotator "
        "WHERE answers.text BETWEEN ? AND ? ORDER BY answers.text, answers.annotator", first, last,
    ):  # fmt: skip
        given = tuple(json.loads(labels)) if kind == "label" else None
        said.setdefault(number, []).append(Statement(annotator, given, reason, note, at))
    return said
