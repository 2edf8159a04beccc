"""What the page may send, checked: types, lengths, and nothing else besides."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from alps.labelling.events import MAX_NOTE_CHARACTERS, Event
from alps.labelling.names import MAX_ID_CHARACTERS, MAX_NAME_CHARACTERS

MAX_EVENTS = 1000
EventId = Annotated[str, Field(min_length=1, max_length=64)]
Id = Annotated[str, Field(max_length=MAX_ID_CHARACTERS)]
Name = Annotated[str, Field(min_length=1, max_length=MAX_NAME_CHARACTERS)]
Labels = Annotated[list[Name], Field(max_length=1000)]
NumberRenamed = Annotated[int, Field(ge=0)]  # see `alps.labelling.events.Event`


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class SessionRequest(_Request):
    """The token in the address of the page, and who labels."""

    token: Annotated[str, Field(max_length=200)]
    annotator: Name


class Suggestion(_Request):
    """What a model suggested beside the text."""

    label: Name
    probability: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False, strict=False)]


class EventRequest(_Request):
    """One event; see `alps.labelling.events.Event`."""

    event: EventId
    kind: Literal["label", "skip", "flag", "note", "undo", "shown", "release"]
    text: Id = ""
    labels: Labels = []
    reason: Annotated[str, Field(max_length=MAX_NOTE_CHARACTERS)] = ""
    value: bool | Annotated[str, Field(max_length=MAX_NOTE_CHARACTERS)] | None = None
    of: EventId | None = None
    at: Annotated[str, Field(max_length=40)] | None = None
    suggestion: Suggestion | None = None
    seconds: Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False, strict=False)] | None = None
    n_renamed: NumberRenamed | None = None

    def to_event(self) -> Event:
        """The same for the log."""
        shown = None if self.suggestion is None else (self.suggestion.label, self.suggestion.probability)
        return Event(**{**self.model_dump(), "labels": tuple(self.labels), "suggestion": shown})


class EventsRequest(_Request):
    """Events in their order, and who the page believes to be: another tab may have signed in as somebody else."""

    annotator: Name | None = None
    events: Annotated[list[EventRequest], Field(max_length=MAX_EVENTS)]


class LabelRequest(_Request):
    """A new class."""

    name: Name


class RenameRequest(_Request):
    """Another name for a class, and whether it may be that of another class, so that the two become one."""

    name: Name
    new: Name
    merge: bool = False


class RemoveRequest(_Request):
    """A class to remove."""

    name: Name


class TrainRequest(_Request):
    """Which classifier to train."""

    classifier: Literal["probe", "finetune"]


class LoopRequest(_Request):
    """Which strategy chooses when; see `alps.labelling.loop.Loop`."""

    strategy: Name
    warm: Name
    texts_per_class: Annotated[int, Field(ge=1, le=1000)]


class SettleRequest(_Request):
    """The labels of a text on which annotators disagree, and who the page believes to be."""

    annotator: Name | None = None
    event: EventId
    text: Id
    labels: Labels
    n_renamed: NumberRenamed | None = None
