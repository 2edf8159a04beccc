"""What a representation gives and a selector takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

Matrix: TypeAlias = Any  # npt.NDArray[np.float32] | sp.csr_array, which has no types

_EXACT_BITS = 36  # of the 53 of a float64; the rest is left to rounding


@dataclass(frozen=True)
class Features:
    """
    One vector for each of n distinct texts, ordered by id.

    Attributes
    ----------
    matrix
        float32 (n, d), dense or CSR.
    copies
        How many texts of the pool each row stands for, int64 (n,).
    facts
        What else is known of each text, for the user: name -> (n,) array.

    """

    matrix: Matrix
    copies: npt.NDArray[np.int64]
    facts: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)

    @property
    def n(self) -> int:
        """Number of rows."""
        return int(self.matrix.shape[0])

    def take(self, rows: npt.NDArray[np.int64]) -> Features:
        """The features of some rows, in that order; nothing is copied where they are all rows."""
        if len(rows) == self.n and np.array_equal(rows, np.arange(self.n)):
            return self
        facts = {name: values[rows] for name, values in self.facts.items()}
        return Features(self.matrix[rows], self.copies[rows], facts)

    def squared_norms(self) -> npt.NDArray[np.float64]:
        """Squared Euclidean norm of each row, float64 (n,)."""
        if sp.issparse(self.matrix):
            return np.asarray(self.matrix.astype(np.float64).power(2).sum(axis=1)).ravel()
        return np.asarray(np.einsum("ij,ij->i", self.matrix, self.matrix, dtype=np.float64))

    def squared_distances(self, points: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """
        Squared Euclidean distances to some points.

        Parameters
        ----------
        points
            float32 (m, d).

        Returns
        -------
        numpy.ndarray
            float32 (n, m), not negative.

        """
        wide = points.astype(np.float64)
        squares = np.asarray(self.matrix.astype(np.float64) @ wide.T)
        squares *= -2.0
        scale = self.squared_norms()[:, None] + np.einsum("ij,ij->i", wide, wide)
        squares += scale
        # A matrix library adds up in another order in another block, which shows in the last bits of `scale`; without
        # them, equal rows are equally far wherever they stand, and at distance 0 from themselves.
        unit = np.ldexp(1.0, np.frexp(scale)[1] - _EXACT_BITS)
        squares = np.rint(squares / unit) * unit
        return np.asarray(np.maximum(squares, 0.0), dtype=np.float32)

    def squared_distances_to_row(self, row: int) -> npt.NDArray[np.float32]:
        """Squared Euclidean distances to one of the rows, float32 (n,), not negative."""
        return self.squared_distances(self.dense(np.array([row])))[:, 0]

    def dense(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """Some rows as a dense matrix, float32 (len(rows), d)."""
        taken = self.matrix[rows]
        return np.asarray(taken.toarray() if sp.issparse(taken) else taken, dtype=np.float32)
