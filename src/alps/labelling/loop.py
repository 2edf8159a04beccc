"""
Which strategy chooses while labels are few, which one afterwards, and from when on: kept in the project.

It may be changed at any time, from the command line or on the dashboard; the next batch follows it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from alps.base.errors import AlpsError
from alps.labelling.project import Project
from alps.labelling.queue import RANDOM
from alps.learning.plan import TEXTS_PER_CLASS, Plan
from alps.strategies import DEFAULT_STRATEGY, Strategy
from alps.strategies.mixture import parts_of
from alps.strategies.table import strategies

NONE = "none"  # as the warm strategy: the cold one stays
SETTINGS = ("strategy", "warm", "texts_per_class")


@dataclass(frozen=True)
class Loop:
    """
    The rule of the loop; see `alps.learning.learner.Plan`.

    Attributes
    ----------
    strategy
        Chooses while labels are few.
    warm
        Chooses afterwards; `NONE` stays with the first.
    texts_per_class
        How many labelled texts every class must have before the warm strategy chooses.

    Raises
    ------
    AlpsError
        When a strategy is not there, or it cannot be used where it was named.

    """

    strategy: str = DEFAULT_STRATEGY
    warm: str = "margin"
    texts_per_class: int = TEXTS_PER_CLASS

    def __post_init__(self) -> None:
        parts_of(self.strategy)
        self.plan()

    @property
    def chooses(self) -> bool:
        """Whether there are batches at all: texts come at random by themselves."""
        return (self.strategy, self.warm) != (RANDOM, NONE)

    def plan(self, seed: int = 0) -> Plan:
        """The same for the learner."""
        warm = None if self.warm == NONE else self.warm
        return Plan(cold=self.strategy, warm=warm, texts_per_class=self.texts_per_class, seed=seed)


def loop_of(project: Project) -> Loop:
    """The rule that a project keeps; what was never said is as it is by default, but nothing follows Random."""
    return _loop({name: project.setting(name) for name in SETTINGS})


def change_loop(project: Project, **said: Any) -> Loop:
    """
    Change what is said (`SETTINGS`) and keep it; None stays as it was.

    Raises
    ------
    AlpsError
        As `Loop` and `check_loop`; then nothing is changed.

    """
    given = {name: value for name, value in said.items() if value is not None}
    loop = _loop({**{name: project.setting(name) for name in SETTINGS}, **given})
    if given:  # a project that keeps what is refused by now can be opened all the same
        check_loop(loop, multi_label=bool(project.setting("multi_label")))
    for name, value in given.items():
        project.set(name, value)
    return loop


def check_loop(loop: Loop, *, multi_label: bool) -> None:
    """
    Refuse a strategy that could not choose when its turn comes.

    Raises
    ------
    AlpsError
        When it asks for what a labelling project does not have.

    """
    for row in loop.plan().rows():
        reason = _refusal(row, multi_label)
        if reason is not None:
            raise AlpsError(f"The strategy {row.name} {reason}; choose another.")


def choices(*, multi_label: bool) -> tuple[dict[str, str], dict[str, str]]:
    """Name -> summary of the strategies that can be cold and warm here."""
    rows = [row for row in strategies().values() if _refusal(row, multi_label) is None]
    cold = {row.name: row.summary for row in rows if "classifier" not in row.needs}
    return cold, {row.name: row.summary for row in rows}


def _refusal(row: Strategy, multi_label: bool) -> str | None:
    if "label words" in row.needs:
        return "asks for label words, which a labelling project does not have"
    if row.schedule != "every round":
        return "chooses the texts of all rounds at once, and how many people will label is not known"
    if multi_label and not row.multi_label:
        return "is for one label a text"
    return None


def _loop(kept: Mapping[str, Any]) -> Loop:
    given = {name: value for name, value in kept.items() if value is not None}
    return Loop(**({"warm": NONE} if given.get("strategy") == RANDOM else {}) | given)
