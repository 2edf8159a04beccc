"""What a selector gives."""

from __future__ import annotations

from dataclasses import dataclass

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

    """

    rows: npt.NDArray[np.int64]
    cluster_sizes: npt.NDArray[np.int64] | None = None
    distances: npt.NDArray[np.float32] | None = None
    centres: npt.NDArray[np.float32] | None = None

    def reordered(self, order: npt.NDArray[np.int64]) -> Picks:
        """The same picks in another order."""
        sizes = None if self.cluster_sizes is None else self.cluster_sizes[order]
        distances = None if self.distances is None else self.distances[order]
        centres = None if self.centres is None else self.centres[order]
        return Picks(self.rows[order], sizes, distances, centres)
