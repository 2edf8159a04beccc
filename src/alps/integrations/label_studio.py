"""
Label Studio: its labelling interface, the tasks that it imports, and the JSON and JSON_MIN that it exports.

Our id travels in `data.alps_id`, as the ids of Label Studio are its own and `meta` is lost in JSON_MIN. A prediction is
checked here, because the server takes any score and any choice. A cancelled annotation is a skip, never a label.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from datetime import timedelta
from hashlib import blake2b
from typing import Any, BinaryIO
from xml.sax.saxutils import quoteattr

from alps.base.errors import AlpsError
from alps.base.text_safety import for_terminal
from alps.base.times import moment
from alps.integrations.beside import MARKS, beside, marks_of, statements_of_marks, with_beside
from alps.integrations.entries import Classes, Entry, Statement, Suggestion
from alps.integrations.history import LABEL_STUDIO
from alps.integrations.json_files import (
    key_of_labels,
    object_at,
    objects_at,
    read_array,
    text_at,
    texts_at,
    time_at,
    write_array,
)
from alps.pool.input_file import InputFile

FROM_NAME, TO_NAME = "label", "text"
_FLAT_KEYS = frozenset({
    "id", "text", "alps_id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time"
})  # fmt: skip
_DIGITS = "1234567890"
_LONGEST, _DIGITS_OF_ID = 64, 20  # of the id of an event, and of one of Label Studio
_AS_IT_CAME = timedelta(seconds=1)  # between the two times of an annotation that was imported and not changed


def label_config(classes: Classes) -> str:
    """The labelling interface of a project: one text, and a button for each class."""
    keys = [f' hotkey="{_DIGITS[i]}"' if i < len(_DIGITS) else "" for i in range(len(classes.names))]
    choices = "".join(
        f"\n    <Choice value={_attribute(name)}{key}/>" for name, key in zip(classes.names, keys, strict=True)
    )
    choice = "multiple" if classes.multi_label else "single"
    return (
        f'<View>\n  <Text name="{TO_NAME}" value="$text"/>\n'
        f'  <Choices name="{FROM_NAME}" toName="{TO_NAME}" choice="{choice}" showInLine="true">{choices}\n'
        "  </Choices>\n</View>\n"
    )


def write(entries: Iterable[Entry], classes: Classes, file: BinaryIO) -> None:
    """Write tasks that Label Studio imports, with everything that people have said of them."""
    write_array((task_of(entry, classes) for entry in entries), file)


def read(file: InputFile) -> Iterator[Entry]:
    """
    Read tasks, or what Label Studio exported as JSON or JSON_MIN.

    Raises
    ------
    AlpsError
        When the file is none of these, or several keys of JSON_MIN may be the name of the choices.

    """
    rows = [*read_array(file)]
    flat = (row for _, row in rows if "data" not in row)
    key = key_of_labels(flat, FROM_NAME, _may_be_choices, file.name) or FROM_NAME
    for where, row in rows:
        yield entry_of_task(row, where) if "data" in row else _entry_of_flat_task(row, key, where)


def task_of(entry: Entry, classes: Classes) -> dict[str, Any]:
    """A text as a task."""
    task: dict[str, Any] = {"data": {"text": entry.text, "alps_id": entry.id}, "meta": {"alps_batch": entry.batch}}
    if entry.suggestion is not None:
        task["predictions"] = [prediction_of(entry.suggestion, classes)]
    answers = [said for said in entry.statements if said.answered]
    if answers:
        task["annotations"] = [_annotation(said) for said in answers]
    if len(answers) < len(entry.statements):
        task["meta"][MARKS] = marks_of(entry.statements)
    return task


def prediction_of(suggestion: Suggestion, classes: Classes) -> dict[str, Any]:
    """
    A suggestion as a prediction.

    Raises
    ------
    AlpsError
        When its label is no class, or its score no probability.

    """
    if suggestion.label not in classes.names:
        raise AlpsError(f"The model suggests '{for_terminal(suggestion.label, 40)}', which is no class; train it anew.")
    if not (math.isfinite(suggestion.score) and 0 <= suggestion.score <= 1):
        raise AlpsError(f"The score {suggestion.score} of a suggestion is no probability; train the model anew.")
    result = [_choice((suggestion.label,))]
    return {"model_version": suggestion.model, "score": round(suggestion.score, 4), "result": result}


def entry_of_task(task: dict[str, Any], where: str) -> Entry:
    """
    A task, as a file or the server gives it.

    Raises
    ------
    AlpsError
        When something in it is not what it should be.

    """
    data = object_at(task, "data", where)
    statements = tuple(
        said
        for annotation in objects_at(task, "annotations", where)
        if (said := statement_of(annotation, where)) is not None
    )
    marks = statements_of_marks(objects_at(object_at(task, "meta", where), MARKS, where), where)
    return Entry(text_at(data, "alps_id", where), text_at(data, "text", where), (*marks, *statements), where=where)


def statement_of(annotation: dict[str, Any], where: str) -> Statement | None:
    """
    What an annotation says; None for one with nothing chosen.

    Raises
    ------
    AlpsError
        When something in it is not what it should be.

    """
    results = objects_at(annotation, "result", where)
    ours = _ours(annotation, results, where)
    choices = [texts_at(object_at(each, "value", where), "choices", where) for each in results]
    labels = tuple(label for choice in choices for label in choice)
    if annotation.get("was_cancelled"):
        given = None
    elif labels or ours:
        given = labels
    else:
        return None
    at = time_at(annotation, "updated_at", where) or time_at(annotation, "created_at", where)
    seconds = annotation.get("lead_time")
    said = Statement(
        text_at(ours, "alps_annotator", where) or _annotator(annotation),
        given,
        at=at,
        seconds=float(seconds) if isinstance(seconds, int | float) else None,
        suggestion=_shown(annotation, where),
        event=_event(annotation, at),
    )
    return with_beside(said, ours, where) if ours else said


def _ours(annotation: dict[str, Any], results: list[dict[str, Any]], where: str) -> dict[str, Any]:
    """What we wrote beside a statement; nothing when somebody has changed the annotation since it came."""
    created, updated = (time_at(annotation, name, where) for name in ("created_at", "updated_at"))
    if created and updated and moment(updated) - moment(created) > _AS_IT_CAME:
        return {}
    found = [object_at(result, "meta", where) for result in results]
    return next((meta for meta in found if "alps_annotator" in meta), {})


def _may_be_choices(key: str, value: Any) -> bool:
    """Whether a key of JSON_MIN, beside those that it always has, may be the name of the choices."""
    if key in _FLAT_KEYS:
        return False
    choices = value.get("choices") if isinstance(value, dict) else value
    several = isinstance(choices, list) and bool(choices) and all(isinstance(each, str) for each in choices)
    return several or isinstance(choices, str)


def _entry_of_flat_task(task: dict[str, Any], key: str, where: str) -> Entry:
    """A row of JSON_MIN, which has one annotation and leaves skips out; `key` is the name of the choices."""
    choice = task.get(key)
    labels = texts_at(choice if isinstance(choice, dict) else {"choices": choice}, "choices", where)
    annotation = {**task, "completed_by": task.get("annotator"), "id": task.get("annotation_id"), "result": []}
    said = statement_of({**annotation, "result": [_choice(labels)]}, where) if labels else None
    statements = () if said is None else (said,)
    return Entry(text_at(task, "alps_id", where), text_at(task, "text", where), statements, where=where)


def _annotation(said: Statement) -> dict[str, Any]:
    """
    A statement as an annotation.

    Label Studio replaces who completed it and when, and drops keys that it does not know, but keeps a result as it is:
    so these stand in the result, that of a skip too.
    """
    result = {**_choice(said.labels or ()), "meta": beside(said)}
    return {"was_cancelled": said.labels is None, "result": [result]}


def _choice(labels: Iterable[str]) -> dict[str, Any]:
    value = {"choices": [*labels]}
    return {"from_name": FROM_NAME, "to_name": TO_NAME, "type": "choices", "value": value}


def _annotator(annotation: dict[str, Any]) -> str:
    """Who completed an annotation: the address, where the server tells it, or the number of the user."""
    user = annotation.get("completed_by")
    if isinstance(user, dict):
        user = user.get("email") or user.get("id")
    return "" if user is None else user if isinstance(user, str) else f"label-studio-{user}"


def _event(annotation: dict[str, Any], at: str | None) -> str | None:
    """The same for the same annotation as it was at the same moment, however often and by whatever way it comes."""
    if annotation.get("id") is None or at is None:
        return None
    event = f"{event_prefix(annotation['id'])}{at}"
    return event if len(event) <= _LONGEST else event_prefix(annotation["id"]) + _digest(at)


def event_prefix(annotation_id: Any) -> str:
    """How the events begin that come from one annotation."""
    name = str(annotation_id)
    plain = name.isascii() and name.isdecimal() and len(name) <= _DIGITS_OF_ID
    return f"{LABEL_STUDIO}:{name if plain else _digest(name)}:"


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "replace"), digest_size=12).hexdigest()


def _shown(annotation: dict[str, Any], where: str) -> Suggestion | None:
    """The prediction that the annotator began with."""
    prediction = annotation.get("prediction")
    if not isinstance(prediction, dict) or not isinstance(prediction.get("score"), int | float):
        return None
    for result in objects_at(prediction, "result", where):
        for label in texts_at(object_at(result, "value", where), "choices", where)[:1]:
            return Suggestion(label, float(prediction["score"]), str(prediction.get("model_version") or ""))
    return None


def _attribute(value: str) -> str:
    return quoteattr(value, {"\n": "&#10;", "\t": "&#9;"})
