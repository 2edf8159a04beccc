"""Progress as plain numbers: the library reports, the command line draws."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """
    How far a stage has come.

    Attributes
    ----------
    stage
        What is being done, such as ``token surprisal``.
    done, total
        Texts finished and to do.
    share
        Share of the work done, 0 to 1; by tokens, since long texts cost more.

    """

    stage: str
    done: int
    total: int
    share: float


ProgressCallback = Callable[[Progress], None]


def no_progress(_: Progress) -> None:
    """Report to nobody."""
