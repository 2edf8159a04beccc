"""
What more labels will bring and what others would have cost: extrapolations of learning curves, and how sure they are.

No theorem says that such intervals hold: `experiments/foretold.py` measures how often they do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from alps.analysis.confidence_sequence import Interval
from alps.analysis.extrapolation import fit_curves

MOST_POINTS = 30  # of a curve
_RESAMPLES = 400
_ENDS = (0.025, 0.975)
_BETTER = 0.05  # of what the last labels changed, what the next ones are expected to make right
_UNSTEADY = 0.035  # of the square root of that, by how much one training more or less goes up or down

Model = TypeVar("Model")


class Saved(NamedTuple):
    """
    Labels saved against random labelling: an extrapolation from n labels of the audit.

    None stands for more than `most`, as many as the pool has left: random labelling would not have been done with it.
    """

    estimate: int | None
    low: int
    high: int | None
    n: int
    most: int

    @property
    def certain(self) -> bool:
        """Whether the interval says which of the two needed more labels."""
        return self.low > 0 or (self.high is not None and self.high < 0)


def thinned(models: Sequence[Model]) -> list[Model]:
    """At most `MOST_POINTS` models of a series, the first and the last among them."""
    if len(models) <= MOST_POINTS:
        return [*models]
    return [models[i] for i in np.linspace(0, len(models) - 1, MOST_POINTS).round().astype(int)]


def changed_share(before: Sequence[object], now: Sequence[object]) -> float:
    """
    On which share of texts two models say something else; one text is added, since none changed of few is not none.

    >>> changed_share(["good", "bad", "bad", "bad"], ["good", "good", "bad", "bad"])
    0.5
    """
    return (sum(a != b for a, b in zip(before, now, strict=True)) + 1) / len(now)


def foretold_gain(n_labels: Sequence[int], right: npt.ArrayLike, more: int, changed: float) -> Interval:
    """
    By how much the accuracy will rise with more labels.

    Models that still change their mind will gain, and lose, more than a smooth curve says: half of the estimate is of
    the curve, half of what the last labels changed. The interval is of what chance does to the texts that were drawn
    and to the models. Its two constants were chosen on the data of `experiments/foretold.py`.

    Parameters
    ----------
    n_labels
        On how many labels each of T models was trained, rising.
    right
        Whether each model is right on each of m texts that were drawn at random, (T, m).
    more
        How many labels are added to those of the last model.
    changed
        What as many labels before changed: `changed_share` of the last model and the one that had so many labels less.

    Returns
    -------
    Interval
        A difference of accuracies.

    """
    answers = np.asarray(right, dtype=np.float64)
    n = answers.shape[1]
    generator = np.random.default_rng(0)
    samples = generator.multinomial(n, np.full(n, 1 / n), size=_RESAMPLES) / n
    curves = fit_curves(n_labels, np.vstack([answers.mean(axis=1), samples @ answers.T]))
    gains = curves.at(n_labels[-1] + more) - curves.at(n_labels[-1])
    below, above = np.abs(np.quantile(gains[1:], _ENDS) - gains[0])
    unsteady = _UNSTEADY * np.sqrt(changed)
    estimate = (gains[0] + _BETTER * changed) / 2
    low, high = estimate - np.hypot(below, unsteady), estimate + np.hypot(above, unsteady)
    return Interval(float(estimate), float(low), float(high), n)


def saved_against_random(
    sizes: Sequence[int], scores: npt.ArrayLike, n_right: int, n: int, n_labels: int, most: int
) -> Saved:
    """
    How many more random labels would have brought the accuracy of a model.

    Parameters
    ----------
    sizes, scores
        Numbers of random labels, (T,), and the accuracy with each in m splits, (m, T).
    n_right, n
        On how many of n texts that were drawn at random the model is right.
    n_labels
        On how many labels it was trained.
    most
        How many more there are in the pool.

    """
    curves = fit_curves(sizes, scores)
    generator = np.random.default_rng(0)
    drawn = generator.beta(1 + n_right, 1 + n - n_right, size=(_RESAMPLES, len(curves.a)))
    needed = np.sort(curves.labels_for(drawn).ravel())
    low, middle, high = (_quantile_up_to(most, needed - n_labels, share) for share in (_ENDS[0], 0.5, _ENDS[1]))
    return Saved(middle, most if low is None else low, high, n, most)


def _quantile_up_to(most: int, ordered: npt.NDArray[np.float64], share: float) -> int | None:
    """A quantile of ordered numbers, which may be infinite; None where it is above `most`."""
    value = ordered[min(len(ordered) - 1, int(share * len(ordered)))]
    return None if value > most else round(float(value))
