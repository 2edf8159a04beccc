"""
A learning curve beyond its last point: accuracy = a - b n^-c (the inverse power law of Cortes et al., NIPS 1993).

The exponent c is the best of a grid, a and b are least squares. Curves fitted to each of many resamples give the
interval of what is read from them. It holds if the law does, with an exponent between the ends of the grid.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

EXPONENTS = 2.0 ** (np.arange(-192, 65) / 64)  # 1/8 to 2, each 1 % above the one before

Array = npt.NDArray[np.float64]


class Curves(NamedTuple):
    """The a, b (not negative) and c of m fitted curves, float64 (m,) each."""

    a: Array
    b: Array
    c: Array

    def at(self, n: float) -> Array:
        """The accuracies after n labels, (m,), at most 1."""
        return np.minimum(1.0, self.a - self.b * n**-self.c)

    def labels_for(self, accuracies: npt.ArrayLike) -> Array:
        """How many labels each curve needs for an accuracy, (m,); infinite where it never comes so far."""
        missing = self.a - np.asarray(accuracies, dtype=np.float64)
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            needed = np.where(self.b > 0, (self.b / missing) ** (1.0 / self.c), 1.0)
        return np.where(missing > 0, needed, np.inf)


def fit_curves(n_labelled: npt.ArrayLike, scores: npt.ArrayLike) -> Curves:
    """
    Fit a curve to each of m series of scores by least squares.

    Parameters
    ----------
    n_labelled
        Labels, (T,), at least two different numbers.
    scores
        (m, T).

    Examples
    --------
    >>> curves = fit_curves([25, 100, 400], [[0.6, 0.7, 0.75]])  # 0.8 - n^-0.5
    >>> [round(float(value[0]), 6) for value in curves]
    [0.8, 1.0, 0.5]
    >>> round(float(curves.at(10_000)[0]), 4)
    0.79

    """
    n, y = np.asarray(n_labelled, dtype=np.float64), np.asarray(scores, dtype=np.float64)
    best = np.full(len(y), np.inf)
    fitted = Curves(*(np.zeros(len(y)) for _ in range(3)))
    for exponent in EXPONENTS:
        x = n**-exponent
        slope = (y - y.mean(axis=1, keepdims=True)) @ (x - x.mean()) / ((x - x.mean()) ** 2).sum()
        b = np.maximum(0.0, -slope)
        a = y.mean(axis=1) + b * x.mean()
        error = ((y - a[:, None] + b[:, None] * x) ** 2).sum(axis=1)
        better = error < best
        best[better] = error[better]
        for kept, value in zip(fitted, (a, b, np.full(len(y), exponent)), strict=True):
            kept[better] = value[better]
    return fitted
