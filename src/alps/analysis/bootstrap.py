"""Bootstrap intervals in which seeds are resampled inside their data sets."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from alps.base.streams import Stream

CONFIDENCE = 0.95
_RESAMPLES = 10_000


def mean_over_groups(groups: Mapping[str, npt.NDArray[np.float64]]) -> float:
    """The mean of the means of data sets, so that one with more seeds does not weigh more."""
    return float(np.mean([values.mean() for values in groups.values()]))


def bootstrap_interval(
    groups: Mapping[str, npt.NDArray[np.float64]], stream: Stream, *, confidence: float = CONFIDENCE
) -> tuple[float, float] | None:
    """
    The percentile interval of `mean_over_groups`; None where a data set has one seed and so nothing to resample.

    Parameters
    ----------
    groups
        Data set -> the values of its seeds, float64 (seeds,). The data sets themselves are not resampled: the interval
        speaks of these data sets.
    stream
        The randomness.
    confidence
        Between 0 and 1.

    Notes
    -----
    With five seeds such an interval is too narrow: of normal values a nominal 95 % one covers about 84 %.

    """
    if not groups or any(len(values) < 2 for values in groups.values()):
        return None
    generator = stream.generator()
    means = np.mean([
        values[generator.integers(len(values), size=(_RESAMPLES, len(values)))].mean(axis=1)
        for values in groups.values()
    ], axis=0)  # fmt: skip
    tail = (1.0 - confidence) / 2
    low, high = np.quantile(means, [tail, 1.0 - tail])
    return float(low), float(high)
