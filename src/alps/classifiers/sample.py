"""A bounded sample of texts that come a piece at a time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from alps.base.streams import uniform_hash


class Sample:
    """
    At most `most` texts, each row as likely as any other.

    The number of a row decides what it draws, and the smallest draws stay: so the pieces do not matter, and a run that
    goes on has the sample of one that was never interrupted.

    >>> whole, pieces = Sample(2), Sample(2)
    >>> whole.add(["a", None, "b", "c"], 0)
    >>> pieces.add(["a", None], 0)
    >>> pieces.add(["b", "c"], 2)
    >>> len(whole.texts), whole.texts == pieces.texts
    (2, True)
    """

    def __init__(self, most: int) -> None:
        self.texts: list[str] = []
        self._draws: npt.NDArray[np.float64] = np.empty(0)
        self._most = most

    def add(self, texts: Sequence[str | None], first_row: int) -> None:
        """Let the texts of the rows from `first_row` on draw; those that are missing or empty do not count."""
        full = [(row, text) for row, text in enumerate(texts, start=first_row) if text]
        keys = np.array([row for row, _ in full], dtype=np.uint64)
        draws = np.concatenate([self._draws, uniform_hash(0, 0, keys, 0)])
        drawn = [*self.texts, *(text for _, text in full)]
        kept = np.argsort(draws, kind="stable")[: self._most]
        self.texts, self._draws = [drawn[i] for i in kept], draws[kept]
