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
    """The interval of `Bootstrap` for one set of groups."""
    return Bootstrap(stream).interval(groups, confidence=confidence)


class Bootstrap:
    """
    Resamples that several intervals share, since drawing them takes longer than everything else.

    Parameters
    ----------
    stream
        The randomness.

    """

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._counts: dict[tuple[str, int], npt.NDArray[np.float64]] = {}

    def interval(
        self, groups: Mapping[str, npt.NDArray[np.float64]], *, confidence: float = CONFIDENCE
    ) -> tuple[float, float] | None:
        """
        The percentile interval of `mean_over_groups`; None where a data set has one seed and so nothing to resample.

        Parameters
        ----------
        groups
            Data set -> the values of its seeds, float64 (seeds,). The data sets themselves are not resampled: the
            interval speaks of these data sets.
        confidence
            Between 0 and 1.

        Notes
        -----
        With five seeds such an interval is too narrow: of normal values a nominal 95 % one covers about 84 %.

        """
        if not groups or any(len(values) < 2 for values in groups.values()):
            return None
        means = np.mean([self._shares(name, len(values)) @ values for name, values in groups.items()], axis=0)
        tail = (1.0 - confidence) / 2
        low, high = np.quantile(means, [tail, 1.0 - tail])
        return float(low), float(high)

    def _shares(self, name: str, n: int) -> npt.NDArray[np.float64]:
        """How large a share of each resample each of n seeds has, (resamples, n)."""
        if (name, n) not in self._counts:
            generator = self._stream.child(f"{name} {n}").generator()
            self._counts[name, n] = generator.multinomial(n, np.full(n, 1.0 / n), size=_RESAMPLES) / n
        return self._counts[name, n]
