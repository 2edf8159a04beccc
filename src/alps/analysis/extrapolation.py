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
    x = n ** -EXPONENTS[:, None]  # (exponents, T)
    centred = x - x.mean(axis=1, keepdims=True)
    spread = (centred**2).sum(axis=1)
    falls = np.maximum(0.0, -(y - y.mean(axis=1, keepdims=True)) @ centred.T / spread)  # b for each exponent
    best = (falls**2 * spread).argmax(axis=1)  # what it takes off the squared errors
    b = np.take_along_axis(falls, best[:, None], axis=1)[:, 0]
    return Curves(y.mean(axis=1) + b * x.mean(axis=1)[best], b, EXPONENTS[best])
