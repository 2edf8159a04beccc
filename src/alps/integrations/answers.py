"""
Answers of one annotator to one text, of which a file may hold several: the newest counts.

Where times do not tell which that is, as in a table, they contradict each other.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from alps.base.errors import AlpsError
from alps.base.text_safety import for_terminal
from alps.base.times import moment
from alps.integrations.entries import Statement
from alps.integrations.exported import answer_digest
from alps.pool.labelled import BETWEEN_LABELS


@dataclass(frozen=True)
class Answer:
    """
    An answer as far as others are compared with it.

    Attributes
    ----------
    labels
        The classes as they are called now; None for a skip.
    at
        When it was given; None where that is not known.
    where
        The place in a file; blank where there is none.
    new
        Whether it was taken in.

    """

    labels: frozenset[str] | None
    at: datetime | None
    where: str
    new: bool

    @staticmethod
    def of(said: Statement, labels: Collection[str], where: str, *, new: bool) -> Answer:
        """That of a statement."""
        was = said.exported
        unchanged = was is not None and was.answer == answer_digest(said.annotator, said.labels, answered=True)
        at = was.at if was is not None and unchanged else said.at
        return Answer(
            None if said.labels is None else frozenset(labels), None if at is None else moment(at), where, new
        )

    def told(self) -> str:
        """What it says, for messages."""
        labels = BETWEEN_LABELS.join(sorted(self.labels or ()))
        return "a skip" if self.labels is None else f"'{for_terminal(labels, 40)}'"


class Answers:
    """The newest answer of every annotator to every text among what is taken in."""

    def __init__(self) -> None:
        self._newest: dict[tuple[int, str], Answer] = {}

    def replaces(self, number: int, name: str, annotator: str, answer: Answer) -> bool:
        """
        Whether an answer takes the place of an older one that was taken in with it.

        Parameters
        ----------
        number, name
            Number and id of the text.
        annotator
            Who gave it.
        answer
            The answer.

        Raises
        ------
        AlpsError
            When another one contradicts it, and times do not tell which is newer: names both places.

        """
        before = self._newest.setdefault((number, annotator), answer)
        if before.labels == answer.labels:
            return False
        if before.at is None or answer.at is None or before.at == answer.at:
            place = f"in {before.where} " if before.where not in ("", answer.where) else ""
            raise AlpsError(
                f"The annotator '{for_terminal(annotator, 40)}' answers the text '{for_terminal(name, 40)}' with "
                f"{answer.told()}, and {place}with {before.told()}; keep one of them, or say who gave which."
            )
        if answer.at < before.at:
            return False
        self._newest[number, annotator] = answer
        return before.new and answer.new
