"""
Prodigy: JSON Lines both ways, for its interfaces `choice` and `classification`, and a recipe that runs under it.

Accepted options are labels; an ignored task is a skip, and so is a rejected one, which says only that no option fits.
Binary classification asks for one label at a time: what an annotator says of a text stands in several rows, which are
put together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any, BinaryIO, NamedTuple

from alps.base.errors import AlpsError
from alps.base.text_safety import for_terminal
from alps.base.times import moment
from alps.integrations.beside import MARKS, beside, marks_of, statements_of_marks, with_beside
from alps.integrations.entries import Classes, Entry, Statement
from alps.integrations.json_files import (
    object_at,
    objects_at,
    read_lines,
    text_at,
    texts_at,
    truth_at,
    write_lines,
)
from alps.pool.input_file import InputFile

_REJECTED = "rejected"  # the reason of the skip
_AS_IT_WAS = 0.001  # seconds between a time of ours and the same one as a float


def write(entries: Iterable[Entry], classes: Classes, file: BinaryIO) -> None:
    """Write tasks that Prodigy reads, one line for each text and annotator; a suggestion is chosen beforehand."""
    write_lines((row for entry in entries for row in _rows(entry, classes)), file)


def read(file: InputFile) -> Iterator[Entry]:
    """
    Read what `write` wrote or ``prodigy db-out`` printed.

    Raises
    ------
    AlpsError
        When a line is not what it should be, or two of them accept and reject a label and none is known to be newer.

    """
    decisions: defaultdict[tuple[str | None, str | None, str], list[_Decision]] = defaultdict(list)
    for where, row in read_lines(file):
        meta = object_at(row, "meta", where)
        said = _statement(row, where)
        name, text = text_at(meta, "alps_id", where), text_at(row, "text", where)
        if said is not None and _is_binary(row):
            decisions[name, text, said.annotator].append(_Decision(where, texts_at(row, "label", where), said))
            said = None
        marks = tuple(statements_of_marks(objects_at(row, MARKS, where), where))
        if marks or said is not None or not _is_binary(row):
            yield Entry(name, text, (*marks, *([] if said is None else [said])), where=where)
    for (name, text, _), made in decisions.items():
        where = " and ".join([made[0].where, *(each.where.rpartition(", ")[2] for each in made[1:])])
        yield Entry(name, text, (_put_together(made),), where=where)


def recipe(classes: Classes) -> str:
    """A file for ``prodigy alps.choice DATASET TASKS.jsonl -F FILE``."""
    return (files("alps.integrations") / "prodigy_recipe.txt").read_text(encoding="utf-8")


def _rows(entry: Entry, classes: Classes) -> Iterator[dict[str, Any]]:
    options = [{"id": name, "text": name} for name in classes.names]
    meta: dict[str, Any] = {"alps_id": entry.id}
    row: dict[str, Any] = {"text": entry.text, "options": options, "meta": meta}
    answers = [said for said in entry.statements if said.answered]
    marks = marks_of(entry.statements)
    first = {**row, MARKS: marks} if marks else row
    if not answers:
        if entry.suggestion is not None:
            meta["score"] = round(entry.suggestion.score, 4)
            first["accept"] = [entry.suggestion.label]
        yield first
    for said in answers:
        answer = "ignore" if said.labels is None else "accept"
        answered = {**(first if said is answers[0] else row), "answer": answer, "_view_id": "choice"}
        if said.labels is not None:
            answered["accept"] = [*said.labels]
        yield {
            **answered,
            "_annotator_id": said.annotator,
            **({"_timestamp": _seconds(said.at)} if said.at else {}),
            **({"flagged": True} if said.flag else {}),
            **{name: value for name, value in beside(said).items() if name not in ("alps_annotator", "alps_flag")},
        }


class _Decision(NamedTuple):
    """What a row of binary classification says: whether a label fits a text."""

    where: str
    label: tuple[str, ...]
    said: Statement


def _is_binary(row: dict[str, Any]) -> bool:
    return bool(row.get("label")) and "accept" not in row


def _put_together(decisions: Sequence[_Decision]) -> Statement:
    """All that an annotator says of a text: the labels that were accepted, or a skip where none was."""
    newest: dict[tuple[str, ...], _Decision] = {}
    for each in decisions:
        newest[each.label] = _newer(newest.get(each.label, each), each)
    said = [each.said for each in newest.values()]
    labels = tuple(label for each in said for label in each.labels or ())
    reasons = {each.reason for each in said}
    notes = dict.fromkeys(each.note for each in said if each.note is not None)
    flags = [each.flag for each in said if each.flag is not None]
    times = [each.at for each in said if each.at is not None]
    return replace(
        said[-1], labels=labels or None, reason=reasons.pop() if not labels and len(reasons) == 1 else "",
        note="\n".join(notes) if notes else None, flag=any(flags) if flags else None,
        at=max(times, key=moment) if times else None,
    )  # fmt: skip


def _newer(one: _Decision, other: _Decision) -> _Decision:
    if one.said.labels == other.said.labels:
        return other
    times = [moment(each.said.at) for each in (one, other) if each.said.at is not None]
    if len({*times}) < 2:
        raise AlpsError(
            f"{other.where}: '{for_terminal(';'.join(other.label), 40)}' is {_decided(other)}, and in {one.where} "
            f"{_decided(one)} by the same annotator; keep one of them."
        )
    return one if times[0] > times[1] else other


def _decided(decision: _Decision) -> str:
    return (
        "rejected" if decision.said.reason == _REJECTED else "ignored" if decision.said.labels is None else "accepted"
    )


def _statement(row: dict[str, Any], where: str) -> Statement | None:
    answer = row.get("answer")
    annotator = str(row.get("_annotator_id") or row.get("_session_id") or "")
    at = _time(row, where)
    flag = truth_at(row, "flagged", where)
    if answer in ("ignore", "reject"):
        reason = text_at(row, "alps_reason", where) or (_REJECTED if answer == "reject" else "")
        said = Statement(annotator, None, reason, at=at, flag=flag)
    elif answer == "accept":
        labels = texts_at(row, "label" if _is_binary(row) else "accept", where)
        said = Statement(annotator, labels, at=at, flag=flag)
    else:
        return None
    said = with_beside(said, row, where)
    said = replace(said, vague=said.labels == () and said.exported is None)
    if at is not None and said.exported is not None and said.exported.at is not None:
        as_it_was = abs((moment(at) - moment(said.exported.at)).total_seconds()) < _AS_IT_WAS
        return replace(said, at=None) if as_it_was else said
    return said


def _time(row: dict[str, Any], where: str) -> str | None:
    stamp = row.get("_timestamp")
    if isinstance(stamp, bool) or not isinstance(stamp, int | float):
        return None
    try:
        return datetime.fromtimestamp(stamp, UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        raise AlpsError(f"{where}: '_timestamp' is no time; correct or remove it.") from None


def _seconds(at: str) -> float:
    return moment(at).timestamp()
