"""
Learning curves as numbers: the area under one, and the labels needed to reach a score.

The area is the one primary number of a comparison: a mean score over the labels from the first round to the last. How
good a strategy is after one chosen round can be chosen after looking; the area cannot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.integrate import trapezoid

from alps.base.errors import AlpsError
from alps.simulation.results import Curve

PART = "test"
SCORE = "micro_f1"


class Points(NamedTuple):
    """A learning curve: labels after each round, int64 (T,), rising, and the scores there, float64 (T,)."""

    n_labelled: npt.NDArray[np.int64]
    scores: npt.NDArray[np.float64]


class LabelsNeeded(NamedTuple):
    """The labels after which a score was reached; where it was not, all there were, and ``reached`` is False."""

    n_labelled: int
    reached: bool


@dataclass(frozen=True)
class LabelsNeededSummary:
    """
    Labels needed over n runs, of which some may have ended before they reached the score.

    Attributes
    ----------
    n, n_reached
        Runs, and those that reached the score.
    ended
        Labels after which each of the others ended, rising: it needs more, and nobody knows how many.
    median
        The median of Kaplan and Meier (JASA 1958), in which a run counts as long as it went on: where none ended early,
        the usual one. None where the runs end before half of them have reached the score.
    more_than
        What the median is greater than where it is None.
    mean_at_least
        The mean in which a run that never reached the score counts with all its labels: a lower bound of the true one.

    """

    n: int
    n_reached: int
    ended: tuple[int, ...]
    median: float | None
    more_than: int
    mean_at_least: float


def points(curve: Curve, *, part: str = PART, score: str = SCORE) -> Points:
    """
    The scores of a curve by its labels.

    Raises
    ------
    AlpsError
        When a round has no such score.

    """
    try:
        scores = [finished.scores[part][score] for finished in curve.rounds]
    except KeyError as error:
        raise AlpsError(
            f"The rounds of {curve.cell} have no {score} of the {part} part; ask for one of theirs."
        ) from error
    return Points(
        np.asarray([finished.n_labelled for finished in curve.rounds], dtype=np.int64),
        np.asarray(scores, dtype=np.float64),
    )


def area_under_curve(n_labelled: npt.ArrayLike, scores: npt.ArrayLike) -> float:
    """
    The area under a learning curve, divided by the labels it spans: between the lowest and the highest score.

    Parameters
    ----------
    n_labelled
        Labels after each round, (T,), rising.
    scores
        The score after each, (T,). Between two rounds the curve is straight; of one round the area is its score.

    Raises
    ------
    AlpsError
        When there is no round, or the labels do not rise.

    Examples
    --------
    >>> area_under_curve([100, 200, 400], [0.5, 0.7, 0.8])
    0.7

    """
    labels, values = np.asarray(n_labelled, dtype=np.float64), np.asarray(scores, dtype=np.float64)
    if len(labels) == 0:
        raise AlpsError("A curve without a finished round has no area; run the simulation to its first round.")
    if np.any(np.diff(labels) <= 0):
        raise AlpsError("The labels of a curve must rise from round to round; give each round once, in order.")
    if len(labels) == 1:
        return float(values[0])
    return float(trapezoid(values, labels) / (labels[-1] - labels[0]))


def labels_needed(n_labelled: npt.ArrayLike, scores: npt.ArrayLike, target: float) -> LabelsNeeded:
    """
    The labels after the first round that reaches a score.

    Examples
    --------
    >>> labels_needed([100, 200, 300], [0.5, 0.7, 0.6], 0.65)
    LabelsNeeded(n_labelled=200, reached=True)
    >>> labels_needed([100, 200, 300], [0.5, 0.7, 0.6], 0.9)
    LabelsNeeded(n_labelled=300, reached=False)

    """
    labels = np.asarray(n_labelled, dtype=np.int64)
    if len(labels) == 0:
        raise AlpsError("A curve without a finished round needs no labels; run the simulation to its first round.")
    reached = np.flatnonzero(np.asarray(scores, dtype=np.float64) >= target)
    return LabelsNeeded(int(labels[reached[0]]), True) if len(reached) else LabelsNeeded(int(labels[-1]), False)


def summarise_labels_needed(needed: Sequence[LabelsNeeded]) -> LabelsNeededSummary:
    """
    Put runs together, without dropping those that did not reach the score, nor taking them for failed.

    Examples
    --------
    >>> runs = [LabelsNeeded(100, True), LabelsNeeded(300, True), LabelsNeeded(1000, False)]
    >>> summarise_labels_needed(runs).median
    300.0

    """
    if not needed:
        raise AlpsError("There is no run to summarise; give at least one.")
    median, more_than = _median(needed)
    return LabelsNeededSummary(
        n=len(needed),
        n_reached=sum(run.reached for run in needed),
        ended=tuple(sorted(run.n_labelled for run in needed if not run.reached)),
        median=median,
        more_than=more_than,
        mean_at_least=float(np.mean([run.n_labelled for run in needed])),
    )


def _median(needed: Sequence[LabelsNeeded]) -> tuple[float | None, int]:
    """Where the share of runs that have not reached the score falls to a half, or None; and a bound from below."""
    left, half_at = Fraction(1), None
    for n_labelled in sorted({run.n_labelled for run in needed if run.reached}):
        if half_at is not None:
            return (half_at + n_labelled) / 2, half_at
        n_going_on = sum(run.n_labelled >= n_labelled for run in needed)
        left *= 1 - Fraction(sum(run == (n_labelled, True) for run in needed), n_going_on)
        if left < Fraction(1, 2):
            return float(n_labelled), n_labelled
        if left == Fraction(1, 2):
            half_at = n_labelled
    return None, max(run.n_labelled for run in needed) if half_at is None else half_at
