"""
doccano: JSON Lines both ways, one line for each text and annotator.

Every key but `text` and `label` becomes meta data there and comes back; ours begin with `alps_`, because `id`, `data`
and `Comments` are doccano's own. An empty `label` is a text that nobody has labelled, not a class. Files from elsewhere
may call `label` otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from alps.base.errors import AlpsError
from alps.integrations.beside import MARKS, beside, marks_of, statements_of_marks, with_beside
from alps.integrations.entries import Classes, Entry, Statement
from alps.integrations.json_files import key_of_labels, objects_at, read_lines, text_at, texts_at, write_lines
from alps.pool.input_file import InputFile
from alps.pool.labelled import LABEL_COLUMNS

LABEL, COMMENTS = "label", "Comments"
_SKIP, _NONE = "skip", "none"


def write(entries: Iterable[Entry], classes: Classes, file: BinaryIO) -> None:
    """Write lines that doccano imports; a suggestion is not written, as doccano would take it for a label."""
    write_lines((row for entry in entries for row in _rows(entry)), file)


def read(file: InputFile) -> Iterator[Entry]:
    """
    Read what `write` wrote or doccano exported.

    Raises
    ------
    AlpsError
        When a line is not what it should be, or no key holds the labels.

    """
    key = key_of_labels((row for _, row in read_lines(file)), LABEL, _may_be_labels, file.name)
    if key is None:
        raise AlpsError(f"{file.name} has no key '{LABEL}'; export it from doccano as JSONL, or check --format.")
    for where, row in read_lines(file):
        labels = texts_at(row, key, where)
        answer = text_at(row, "alps_answer", where)
        annotator = text_at(row, "alps_annotator", where) or ""
        notes = [str(comment["text"]) for comment in _comments(row, where) if comment.get("text")]
        statements = [*statements_of_marks(objects_at(row, MARKS, where), where)]
        if labels or answer in (_NONE, _SKIP):
            given = None if answer == _SKIP and not labels else labels
            said = Statement(annotator, given, note="\n".join(notes) or None)
            statements.append(with_beside(said, row, where))
        yield Entry(text_at(row, "alps_id", where), text_at(row, "text", where), tuple(statements), where=where)


def _rows(entry: Entry) -> Iterator[dict[str, Any]]:
    common: dict[str, Any] = {"text": entry.text, LABEL: [], "alps_id": entry.id, "alps_batch": entry.batch}
    answers = [said for said in entry.statements if said.answered]
    marks = marks_of(entry.statements)
    first = {**common, MARKS: marks} if marks else common
    if not answers:
        yield first
    for said in answers:
        row = {**(first if said is answers[0] else common), **beside(said)}
        if said.labels is None:
            yield {**row, "alps_answer": _SKIP}
        else:
            yield {**row, LABEL: [*said.labels], **({} if said.labels else {"alps_answer": _NONE})}


def _may_be_labels(key: str, value: Any) -> bool:
    """Whether labels stand under a key; doccano has had several, and lets meta data have any."""
    if key == COMMENTS or key.startswith("alps_"):
        return False
    if isinstance(value, str):
        return key in LABEL_COLUMNS
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _comments(row: dict[str, Any], where: str) -> list[dict[str, Any]]:
    """Comments are objects in some versions of doccano, and texts in others."""
    comments = row.get(COMMENTS) or []
    if isinstance(comments, list) and all(isinstance(comment, str) for comment in comments):
        return [{"text": comment} for comment in comments]
    return objects_at(row, COMMENTS, where)
