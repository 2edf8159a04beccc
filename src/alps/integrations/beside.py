"""What stands beside a statement in files of JSON of other tools, under keys that begin with `alps_`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from alps.integrations.entries import Statement
from alps.integrations.exported import exported_of
from alps.integrations.json_files import text_at, time_at, truth_at

MARKS = "alps_marks"  # notes and flags of people who have not answered


def beside(said: Statement) -> dict[str, Any]:
    """What the tool has no place for: who said it, when, the marks, and what it was."""
    found = {
        "alps_annotator": said.annotator,
        "alps_at": said.at,
        "alps_reason": said.reason,
        "alps_note": said.note,
        "alps_flag": said.flag or None,
        "alps_was": None if said.exported is None else said.exported.written(),
    }
    return {name: value for name, value in found.items() if value}


def with_beside(said: Statement, row: dict[str, Any], where: str) -> Statement:
    """
    A statement with its marks and what it was, from the row that `beside` wrote; its time stays that of the tool.

    Raises
    ------
    AlpsError
        When something in the row is not what it should be.

    """
    note = said.note if said.note is not None else text_at(row, "alps_note", where)
    flag = said.flag if said.flag is not None else truth_at(row, "alps_flag", where)
    said = replace(said, note=note, flag=flag, reason=said.reason or text_at(row, "alps_reason", where) or "")
    at, was = time_at(row, "alps_at", where), text_at(row, "alps_was", where)
    if was:
        return replace(said, exported=exported_of(was, at, where))
    return said if at is None else replace(said, exported=replace(said, at=at).as_exported())


def marks_of(statements: Iterable[Statement]) -> list[dict[str, Any]]:
    """Of those who have not answered, what `beside` says."""
    return [beside(said) for said in statements if not said.answered]


def statements_of_marks(rows: Iterable[dict[str, Any]], where: str) -> Iterator[Statement]:
    """
    What `marks_of` wrote.

    Raises
    ------
    AlpsError
        When something in a row is not what it should be.

    """
    for row in rows:
        said = Statement(text_at(row, "alps_annotator", where) or "", None, answered=False)
        yield with_beside(said, row, where)
