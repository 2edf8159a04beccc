"""What the log of a project has of a text and an annotator, and when each was said."""

from __future__ import annotations

import json
from collections import defaultdict
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from alps.base.times import moment
from alps.integrations.exported import ANSWER, FLAG, NOTE
from alps.labelling.database import Read

ALPS = "alps"  # the tool of what another project has said
LABEL_STUDIO = "label-studio"
_PART = {"label": ANSWER, "skip": ANSWER, "release": ANSWER, "note": NOTE, "flag": FLAG}
Key = tuple[int, str]


class Past(NamedTuple):
    """
    One event.

    Attributes
    ----------
    event, kind
        As in the log.
    at
        When it came, by the clock of this project.
    said_at
        When it was said, by the clock of its tool; None where that is not known.
    tool
        What an import took it from; None for what was done in alps.
    stands
        Whether nobody has undone it.

    """

    event: str
    kind: str
    at: datetime
    said_at: datetime | None
    tool: str | None
    stands: bool

    @property
    def heard(self) -> datetime:
        """When it was said, by the clock of a project: an import of another project's words brings their own time."""
        return min(self.said_at, self.at) if self.tool == ALPS and self.said_at is not None else self.at


def history(read: Read, first: int, last: int, annotator: str | None = None) -> dict[Key, dict[str, list[Past]]]:
    """
    Events by text and annotator, and whether they are of the answer, the note or the flag; the newest first.

    Parameters
    ----------
    read
        Runs a query.
    first, last
        Numbers of texts, both included.
    annotator
        Whose; everybody's when None.

    """
    found: dict[Key, dict[str, list[Past]]] = defaultdict(lambda: defaultdict(list))
    for number, who, event, kind, taken_back, at, said_at, content, undone in read(
        "SELECT text, annotator, event, kind, (SELECT kind FROM events AS other WHERE other.event = events.of), at, "
        "said_at, content, event IN (SELECT event FROM undone) FROM events WHERE text BETWEEN ?1 AND ?2 "
        "AND (?3 IS NULL OR annotator = ?3) AND kind NOT IN ('shown', 'settle') ORDER BY number DESC",
        first, last, annotator,
    ):  # fmt: skip
        part = _PART.get(taken_back if kind == "undo" else kind)
        if part is not None:
            tool = json.loads(content).get("tool") or (LABEL_STUDIO if event.startswith(f"{LABEL_STUDIO}:") else None)
            said = _said(said_at) if tool is not None else None  # the clock of a browser may be years away
            found[number, who][part].append(Past(event, kind, moment(at), said, tool, not undone))
    return found


def is_deletion(event: str) -> bool:
    """Whether an event says that an annotation was deleted in Label Studio."""
    return event.startswith(f"{LABEL_STUDIO}:") and ":deleted:" in event


def _said(at: str | None) -> datetime | None:
    with suppress(ValueError, TypeError):
        return moment(at or "")
    return None
