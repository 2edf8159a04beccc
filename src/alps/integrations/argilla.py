"""
Argilla: the file that `Dataset.records.to_json` writes and `from_json` reads, an array of records.

A response names its user by a UUID, so the names of our annotators stand in the meta data, and a UUID made of the name
in the response. The file does not tell drafts and discarded responses from submitted ones; skips therefore stand in the
meta data too, and so do notes, flags and times, as JSON, because meta data there are words and lists of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO
from uuid import NAMESPACE_URL, uuid5

from alps.base.errors import AlpsError
from alps.integrations.beside import beside, with_beside
from alps.integrations.entries import Classes, Entry, Statement
from alps.integrations.json_files import (
    key_of_labels,
    object_at,
    object_of,
    objects_at,
    read_array,
    text_at,
    texts_at,
    write_array,
)
from alps.pool.input_file import InputFile

QUESTION, FIELD = "label", "text"
_SAID = "alps_said"


def write(entries: Iterable[Entry], classes: Classes, file: BinaryIO) -> None:
    """Write records that Argilla reads."""
    write_array((record_of(entry, classes) for entry in entries), file)


def read(file: InputFile) -> Iterator[Entry]:
    """
    Read what `write` or Argilla wrote.

    Raises
    ------
    AlpsError
        When a record is not what it should be, or classes may stand in the responses to several questions.

    """
    records = [*read_array(file)]
    responses = (object_at(record, "responses", where) for where, record in records)
    question = key_of_labels(responses, QUESTION, _may_be_classes, file.name) or QUESTION
    for where, record in records:
        metadata = object_at(record, "metadata", where)
        names = {str(user_id(name)): name for name in texts_at(metadata, "alps_annotators", where)}
        rows = [object_of(text, where) for text in texts_at(metadata, _SAID, where)]
        ours = {text_at(row, "alps_annotator", where) or "": row for row in rows}
        statements = []
        for response in objects_at(object_at(record, "responses", where), question, where):
            user = str(response.get("user_id") or "")
            labels = labels_of_value(response.get("value"), where)
            statements.append(Statement(names.get(user, user), labels))
        answered = {said.annotator for said in statements}
        skipped = [name for name in texts_at(metadata, "alps_skipped_by", where) if name not in answered]
        statements += [Statement(name, None) for name in skipped]
        marked = [name for name in ours if name not in answered and name not in skipped]
        statements += [Statement(name, None, answered=False) for name in marked if name not in names.values()]
        statements = [with_beside(said, ours.get(said.annotator, {}), where) for said in statements]
        name = text_at(metadata, "alps_id", where) or text_at(record, "id", where)
        text = text_at(object_at(record, "fields", where), FIELD, where)
        yield Entry(name, text, tuple(statements), where=where)


def record_of(entry: Entry, classes: Classes) -> dict[str, Any]:
    """A text as a record."""
    answered = [said for said in entry.statements if said.labels is not None]
    skipped = [said.annotator for said in entry.statements if said.labels is None and said.answered]
    metadata: dict[str, Any] = {"alps_id": entry.id}
    if entry.batch is not None:
        metadata["alps_batch"] = entry.batch
    if answered:
        metadata["alps_annotators"] = [said.annotator for said in answered]
    if skipped:
        metadata["alps_skipped_by"] = skipped
    if entry.statements:
        metadata[_SAID] = [json.dumps(beside(said), ensure_ascii=False) for said in entry.statements]
    return {
        "id": entry.id,
        "fields": {FIELD: entry.text},
        "metadata": metadata,
        "suggestions": _suggestions(entry, classes),
        "responses": _responses(answered, classes),
        "vectors": {},
        "status": "completed" if answered else "pending",
    }


def user_id(annotator: str) -> str:
    """The UUID that stands for an annotator of a project."""
    return str(uuid5(NAMESPACE_URL, f"alps:{annotator}"))


def labels_of_value(value: Any, where: str) -> tuple[str, ...]:
    """
    The classes that the value of a response names.

    Raises
    ------
    AlpsError
        When it is neither a class nor a list of classes.

    """
    if value is None:
        raise AlpsError(f"{where}: a response has no value; remove it.")
    return texts_at({"value": value}, "value", where)


def _may_be_classes(key: str, responses: Any) -> bool:
    """Whether the responses to a question may be classes: those to some are numbers, spans or rankings."""
    given = responses if isinstance(responses, list) else []
    values = [each.get("value") for each in given if isinstance(each, dict)]
    return any(
        isinstance(value, str) or (isinstance(value, list) and all(isinstance(each, str) for each in value))
        for value in values
    )


def _suggestions(entry: Entry, classes: Classes) -> dict[str, Any]:
    if entry.suggestion is None:
        return {}
    label = entry.suggestion.label
    value = [label] if classes.multi_label else label
    score = [entry.suggestion.score] if classes.multi_label else entry.suggestion.score
    return {QUESTION: {"value": value, "score": score, "agent": entry.suggestion.model}}


def _responses(answered: Iterable[Statement], classes: Classes) -> dict[str, Any]:
    values = [
        {"value": [*said.labels] if classes.multi_label else said.labels[0], "user_id": user_id(said.annotator)}
        for said in answered
        if said.labels is not None
    ]
    return {QUESTION: values} if values else {}
