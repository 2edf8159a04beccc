"""What a selector gives."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Picks:
    """
    The chosen rows.

    Attributes
    ----------
    rows
        Distinct rows of the features, int64 (k,).
    cluster_sizes
        How many texts of the pool each pick stands for, int64 (k,); None where the selector has no clusters.
    distances
        Euclidean distance of each pick to its cluster centre, float32 (k,); None where there are no centres.
    centres
        The cluster centre of each pick, float32 (k, d); None where there are none.
    clusters
        Which cluster each row of the features is in, int64 (n,), -1 where in none; None where the selector has no
        clusters. A pick is in the one that it stands for; two picks may share it.

    """

    rows: npt.NDArray[np.int64]
    cluster_sizes: npt.NDArray[np.int64] | None = None
    distances: npt.NDArray[np.float32] | None = None
    centres: npt.NDArray[np.float32] | None = None
    clusters: npt.NDArray[np.int64] | None = None

    def among(self, candidates: npt.NDArray[np.int64], n: int) -> Picks:
        """The same picks as rows of n features, where they are rows of their candidates, int64 (m,)."""
        clusters = None
        if self.clusters is not None:
            clusters = np.full(n, -1, dtype=np.int64)
            clusters[candidates] = self.clusters
        return replace(self, rows=candidates[self.rows], clusters=clusters)

    def reordered(self, order: npt.NDArray[np.int64]) -> Picks:
        """The same picks in another order."""
        sizes = None if self.cluster_sizes is None else self.cluster_sizes[order]
        distances = None if self.distances is None else self.distances[order]
        centres = None if self.centres is None else self.centres[order]
        return Picks(self.rows[order], sizes, distances, centres, self.clusters)
