"""Features that are outer products of two short vectors and are never written out: BADGE's gradients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from alps.representations.features import Features


@dataclass(frozen=True)
class OuterProductFeatures(Features):
    """
    Row i is the matrix a_i h_i^T, read as one vector of length C d.

    <a h^T, b g^T> = <a, b> <h, g>, so norms and distances between rows cost C + d operations instead of C d. With 77
    classes and d = 384 that is 64 times less, and the matrix of 20,000 rows would take 2.4 GB.

    Attributes
    ----------
    matrix
        a, float32 (n, C).
    right
        h, float32 (n, d).
    copies, facts
        As in `Features`.

    """

    right: npt.NDArray[np.float32] = field(kw_only=True)

    def take(self, rows: npt.NDArray[np.int64]) -> OuterProductFeatures:
        """The features of some rows, in that order."""
        facts: Mapping[str, npt.NDArray[Any]] = {name: values[rows] for name, values in self.facts.items()}
        return OuterProductFeatures(self.matrix[rows], self.copies[rows], facts, right=self.right[rows])

    def squared_norms(self) -> npt.NDArray[np.float64]:
        """Squared Euclidean norm of each row, float64 (n,)."""
        squares = np.einsum("ij,ij->i", self.right, self.right, dtype=np.float64)
        return np.asarray(super().squared_norms() * squares)

    def squared_distances_to_row(self, row: int) -> npt.NDArray[np.float32]:
        """Squared Euclidean distances to one of the rows, float32 (n,), not negative."""
        left, right = self.matrix.astype(np.float64), self.right.astype(np.float64)
        norms = self.squared_norms()
        squares = norms + norms[row] - 2.0 * (left @ left[row]) * (right @ right[row])
        squares[row] = 0.0
        return np.asarray(np.maximum(squares, 0.0), dtype=np.float32)

    def squared_distances(self, points: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Squared Euclidean distances to points (m, C d) written out, float32 (n, m), not negative."""
        wide = points.astype(np.float64).reshape(len(points), self.matrix.shape[1], self.right.shape[1])
        products = np.stack([np.einsum("nc,cd,nd->n", self.matrix, p, self.right, optimize=True) for p in wide], axis=1)
        squares = self.squared_norms()[:, None] + np.square(wide).sum(axis=(1, 2)) - 2.0 * products
        return np.asarray(np.maximum(squares, 0.0), dtype=np.float32)

    def dense(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """Some rows written out, float32 (len(rows), C d)."""
        return np.asarray(np.einsum("nc,nd->ncd", self.matrix[rows], self.right[rows]).reshape(len(rows), -1))
