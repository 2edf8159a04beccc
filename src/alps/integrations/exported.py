"""
What a statement was when a project gave it away.

Most formats do not tell when somebody has changed an answer. So each statement carries when it was made, by the clock
of the project, and digests of its parts: one that is as it was is as old as it was then, and one that differs was
changed in the other tool.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b

from alps.base.errors import AlpsError
from alps.base.times import moment

ANSWER, NOTE, FLAG = "answer", "note", "flag"
_VERSION = "v1"


@dataclass(frozen=True)
class Exported:
    """
    A statement of a project as it was.

    Attributes
    ----------
    at
        When the answer was given, in ISO 8601; None where there was none.
    answer, note, flag
        Digests of the parts.
    noted_at, flagged_at
        When note and flag were changed last; None where they never were.

    """

    at: str | None
    answer: str
    note: str
    flag: str
    noted_at: str | None = None
    flagged_at: str | None = None

    def written(self) -> str:
        """Everything but `at` as one word for a file."""
        times = [_milliseconds(at) for at in (self.noted_at, self.flagged_at)]
        return ".".join([_VERSION, self.answer, self.note, self.flag, *times])


def exported_of(word: str, at: str | None, where: str) -> Exported:
    """
    What `Exported.written` wrote.

    Raises
    ------
    AlpsError
        When the word is none of ours.

    """
    try:
        version, answer, note, flag, *times = word.strip().split(".")
        noted_at, flagged_at = map(_from_milliseconds, times)
        if version != _VERSION:
            raise ValueError(version)
    except (ValueError, OverflowError, OSError):
        raise AlpsError(
            f"{where}: 'alps_was' is not what alps export wrote; give it back as it was, or remove it."
        ) from None
    return Exported(at, answer, note, flag, noted_at, flagged_at)


def answer_digest(annotator: str, labels: Collection[str] | None, *, answered: bool) -> str:
    """Of what was answered; the order of labels is of no account."""
    return _digest([annotator.strip(), None if labels is None else sorted({*labels}), answered])


def mark_digest(annotator: str, value: str | bool) -> str:
    """Of a note or a flag; a zero byte, which CSV cannot hold, counts as what stands there for it."""
    return _digest([annotator.strip(), value.replace("\0", "\ufffd") if isinstance(value, str) else value])


def _milliseconds(at: str | None) -> str:
    return "" if at is None else str(round(moment(at).timestamp() * 1000))


def _from_milliseconds(word: str) -> str | None:
    return datetime.fromtimestamp(int(word) / 1000, UTC).isoformat(timespec="milliseconds") if word else None


def _digest(value: object) -> str:
    return blake2b(json.dumps(value).encode(), digest_size=6).hexdigest()
