"""The labels of a project as a table."""

from __future__ import annotations

import pyarrow as pa

from alps.labelling.project import BETWEEN_LABELS, Project


def labelled_table(project: Project) -> pa.Table:
    """
    One row for each text with a verdict, in the order of the pool: id, text, label, annotators, agreed, flag, note.

    Several labels of one text have a semicolon between them; the notes of several annotators stand on lines of their
    own.
    """
    verdicts = project.verdicts()
    annotators: dict[str, list[str]] = {}
    texts: dict[str, str] = {}
    for answer in project.answers():
        texts[answer.id] = answer.text
        if answer.kind == "label":
            annotators.setdefault(answer.id, []).append(answer.annotator)
    marks: dict[str, tuple[bool, str]] = {}
    for name, flag, note in project.database.rows(
        "SELECT id, flag, note FROM marks JOIN texts ON text = number ORDER BY number, annotator"
    ):
        flagged, notes = marks.get(name, (False, ""))
        marks[name] = (flagged or bool(flag), "\n".join(part for part in (notes, note) if part))
    return pa.table(
        {
            "id": pa.array(verdicts, pa.large_string()),
            "text": pa.array([texts[name] for name in verdicts], pa.large_string()),
            "label": pa.array([BETWEEN_LABELS.join(labels) for _, labels in verdicts.values()], pa.large_string()),
            "annotators": pa.array([BETWEEN_LABELS.join(annotators[name]) for name in verdicts], pa.large_string()),
            "agreed": pa.array([agreed for agreed, _ in verdicts.values()], pa.bool_()),
            "flag": pa.array([marks.get(name, (False, ""))[0] for name in verdicts], pa.bool_()),
            "note": pa.array([marks.get(name, (False, ""))[1] for name in verdicts], pa.large_string()),
        }
    )
