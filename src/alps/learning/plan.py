"""Which strategy chooses when: a cold one until every class has been seen often enough, then a warm one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from alps.base.errors import AlpsError
from alps.learning.bandit import is_bandit, strategies_of
from alps.strategies import DEFAULT_STRATEGY, Strategy
from alps.strategies.mixture import is_chosen_at_once, needs_of, parts_of, rows_of

TEXTS_PER_CLASS = 3  # of every class, before the warm strategy chooses; docs/results/rounds.md measures it


@dataclass(frozen=True)
class Plan:
    """
    Which strategy chooses when.

    Attributes
    ----------
    cold
        Chooses while labels are few: a strategy that needs no classifier.
    warm
        Chooses afterwards; None stays with the cold one. It may be a bandit, such as ``bandit:margin,badge,random``,
        which learns which of them to follow.
    texts_per_class
        How many labelled texts every class must have before the warm strategy chooses; with 0 it does as soon as any
        text has a label, whatever the classes.
    budget
        How many texts will be queried altogether, k * T. A strategy that chooses the texts of all rounds at once, such
        as ``alps-single``, needs to know, and so does a bandit.
    seed
        Decides every random draw.

    """

    cold: str = DEFAULT_STRATEGY
    warm: str | None = "margin"
    texts_per_class: int = TEXTS_PER_CLASS
    budget: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if is_bandit(self.cold):
            raise AlpsError("A bandit needs labels to learn from; make it the warm strategy, after a cold one.")
        if "classifier" in needs_of(self.cold):
            raise AlpsError(f"The strategy {self.cold} needs labels; choose a cold one for the first queries.")
        if self.warm is not None and is_bandit(self.warm):
            strategies_of(self.warm)
            if self.budget is None:
                raise AlpsError("A bandit must know how many texts will be queried: give the plan a budget.")
        elif self.warm is not None:
            parts_of(self.warm)
        if self.budget is None and any(
            is_chosen_at_once(name) for name in (self.cold, self.warm) if name and not is_bandit(name)
        ):
            raise AlpsError("A strategy that chooses all texts at once must know how many: give the plan a budget.")
        if self.budget is not None and self.budget < 1:
            raise AlpsError(f"The budget is {self.budget}; allow at least 1 text.")

    def strategy(self, counts: Mapping[str, int], known: Sequence[str]) -> str:
        """
        The strategy for the next query.

        Parameters
        ----------
        counts
            Class -> number of its labelled texts, of the classes that have any; see `States.class_counts`.
        known
            The classes that are to be told apart.

        """
        enough = self.texts_per_class
        seen = len(counts) > 1 and all(counts.get(label, 0) >= enough for label in {*known, *counts})
        return self.warm if self.warm is not None and (seen or (counts and not enough)) else self.cold

    def rows(self) -> list[Strategy]:
        """Every strategy that may choose."""
        return [row for name in (self.cold, self.warm) if name is not None for row in rows_of(name)]
