"""
An interval for a share, such as an accuracy, that stays valid although people look at it after every label.

An ordinary 95 % interval is right at one moment that was fixed beforehand. Looked at again and again, it is sooner or
later wrong. A confidence sequence holds at all moments at once with 95 %: it is wider, and one may stop on it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from alps.base.errors import AlpsError

_NEAREST = 1e-12  # to 0 and 1, between which the ends are looked for


class Interval(NamedTuple):
    """An estimate and the ends of its interval, each between 0 and 1; n is what it rests on."""

    estimate: float
    low: float
    high: float
    n: int


def confidence_sequence(successes: int, n: int, *, confidence: float = 0.95) -> Interval:
    """
    The interval of a share after n independent draws: the beta-binomial mixture (Robbins, Ann. Math. Stat. 1970).

    For the true share p, M = B(1 + s, 1 + n - s) / (p^s (1 - p)^(n - s)) is a martingale that starts at 1, so that
    it ever exceeds 1 / (1 - confidence) with probability 1 - confidence at most (Ville). The interval holds the p where
    it does not.

    Parameters
    ----------
    successes
        s, such as how many audit texts were predicted rightly.
    n
        Texts drawn at random, each independent of what is measured on it.
    confidence
        Between 0 and 1, for all n together.

    Raises
    ------
    AlpsError
        When there are more successes than draws, or the confidence is not between 0 and 1.

    Examples
    --------
    >>> confidence_sequence(0, 0)
    Interval(estimate=nan, low=0.0, high=1.0, n=0)
    >>> found = confidence_sequence(90, 100)
    >>> round(found.low, 2), round(found.high, 2)
    (0.77, 0.97)

    """
    from scipy.optimize import brentq
    from scipy.special import betaln, xlog1py, xlogy

    if not 0 <= successes <= n:
        raise AlpsError(f"{successes} of {n} is not a share; count what was drawn and, of that, what was right.")
    if not 0.0 < confidence < 1.0:
        raise AlpsError(f"The confidence {confidence} is not between 0 and 1; 0.95 is usual.")
    if n == 0:
        return Interval(float("nan"), 0.0, 1.0, 0)
    mixture = betaln(1 + successes, 1 + n - successes)

    def excess(p: float) -> float:
        """Log of M above its bound: not positive inside the interval."""
        return float(mixture - xlogy(successes, p) - xlog1py(n - successes, -p) + np.log1p(-confidence))

    estimate = successes / n
    low = brentq(excess, _NEAREST, estimate) if excess(_NEAREST) > 0 and successes else 0.0
    high = brentq(excess, estimate, 1.0 - _NEAREST) if excess(1.0 - _NEAREST) > 0 and successes < n else 1.0
    return Interval(estimate, float(low), float(high), n)
