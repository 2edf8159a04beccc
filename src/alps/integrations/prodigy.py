"""
Prodigy: JSON Lines both ways, for its interfaces `choice` and `classification`, and a recipe that runs under it.

Accepted options are labels; an ignored task is a skip, and so is a rejected one, which says only that no option fits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any, BinaryIO

from alps.integrations.entries import Classes, Entry, Statement
from alps.integrations.json_files import object_at, read_lines, text_at, texts_at, write_lines
from alps.pool.input_file import InputFile


def write(entries: Iterable[Entry], classes: Classes, file: BinaryIO) -> None:
    """Write tasks that Prodigy reads, one line for each text and annotator; a suggestion is chosen beforehand."""
    write_lines((row for entry in entries for row in _rows(entry, classes)), file)


def read(file: InputFile) -> Iterator[Entry]:
    """
    Read what `write` wrote or ``prodigy db-out`` printed.

    Raises
    ------
    AlpsError
        When a line is not what it should be.

    """
    for where, row in read_lines(file):
        meta = object_at(row, "meta", where)
        said = _statement(row, meta, where)
        name = text_at(meta, "alps_id", where)
        yield Entry(name, text_at(row, "text", where), () if said is None else (said,))


def recipe(classes: Classes) -> str:
    """A file for ``prodigy alps.choice DATASET TASKS.jsonl -F FILE``."""
    return (files("alps.integrations") / "prodigy_recipe.txt").read_text(encoding="utf-8")


def _rows(entry: Entry, classes: Classes) -> Iterator[dict[str, Any]]:
    options = [{"id": name, "text": name} for name in classes.names]
    meta: dict[str, Any] = {"alps_id": entry.id}
    row: dict[str, Any] = {"text": entry.text, "options": options, "meta": meta}
    if not entry.statements:
        if entry.suggestion is not None:
            meta["score"] = round(entry.suggestion.score, 4)
            row["accept"] = [entry.suggestion.label]
        yield row
    for said in entry.statements:
        answered = {**row, "answer": "ignore" if said.labels is None else "accept", "_view_id": "choice"}
        if said.labels is not None:
            answered["accept"] = [*said.labels]
        yield {
            **answered,
            "_annotator_id": said.annotator,
            **({"_timestamp": _seconds(said.at)} if said.at else {}),
            **({"alps_note": said.note} if said.note else {}),
            **({"alps_reason": said.reason} if said.reason else {}),
        }


def _statement(row: dict[str, Any], meta: dict[str, Any], where: str) -> Statement | None:
    answer = row.get("answer")
    annotator = str(row.get("_annotator_id") or row.get("_session_id") or "")
    stamp = row.get("_timestamp")
    at = datetime.fromtimestamp(stamp, UTC).isoformat() if isinstance(stamp, int | float) else None
    note = text_at(row, "alps_note", where)
    if answer in ("ignore", "reject"):
        reason = text_at(row, "alps_reason", where) or ("rejected" if answer == "reject" else "")
        return Statement(annotator, None, reason, note=note, at=at)
    if answer != "accept":
        return None
    labels = texts_at(row, "label" if "label" in row and "accept" not in row else "accept", where)
    return Statement(annotator, labels, note=note, at=at)


def _seconds(at: str) -> float:
    return datetime.fromisoformat(at).timestamp()
