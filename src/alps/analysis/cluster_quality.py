"""
How good clusters of embeddings are, and how far those of surprisal merely follow the place of the largest value.

A surprisal embedding has its entries at token positions, so two texts are near when their largest surprisal stands
at the same position, whatever the words. The adjusted mutual information of cluster and position tells how far
that decides.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from alps.base.errors import AlpsError
from alps.base.streams import Stream

METRIC = "euclidean"
_MOST_ROWS = 5_000  # the silhouette takes every pair


@dataclass(frozen=True)
class ClusterQuality:
    """
    Measures of a clustering.

    Attributes
    ----------
    n, n_measured
        Rows, and those drawn at random of which the silhouette is.
    k
        Clusters that have a row.
    metric
        Of the silhouette.
    silhouette
        Its mean over the rows that were measured, between -1 and 1.
    zero_rows
        The share of rows with no entry but 0; they all lie at one point.
    follows_position
        Adjusted mutual information of the cluster and the position of the largest value, over the rows that are not
        zero: about 0 where the position says nothing of the cluster, 1 where it says all. None without such rows.

    """

    n: int
    n_measured: int
    k: int
    metric: str
    silhouette: float
    zero_rows: float
    follows_position: float | None


def cluster_quality(
    matrix: npt.NDArray[np.float32] | sp.csr_array,
    clusters: npt.NDArray[np.int64],
    stream: Stream,
    *,
    metric: str = METRIC,
    most_rows: int = _MOST_ROWS,
) -> ClusterQuality:
    """
    Measure a clustering of embeddings.

    Parameters
    ----------
    matrix
        Embeddings, float (n, d), dense or CSR.
    clusters
        The cluster of each row, int64 (n,).
    stream
        Draws which rows the silhouette is measured on where there are many.
    metric
        Of scikit-learn's ``silhouette_score`` (Rousseeuw 1987).
    most_rows
        More rows than this are not measured.

    Raises
    ------
    AlpsError
        When there are fewer than two clusters, or as many as rows, since then a silhouette means nothing.

    """
    from sklearn.metrics import adjusted_mutual_info_score, silhouette_score

    n = matrix.shape[0]
    rows = np.arange(n)
    if n > most_rows:
        rows = np.sort(stream.generator().choice(n, size=most_rows, replace=False))
    k = len(np.unique(clusters))
    if not 2 <= len(np.unique(clusters[rows])) < len(rows):
        raise AlpsError(
            f"{n} texts in {k} clusters have no silhouette; it takes two clusters and more texts than them."
        )
    largest, position = _largest(matrix)
    filled = largest > 0
    return ClusterQuality(
        n=n,
        n_measured=len(rows),
        k=k,
        metric=metric,
        silhouette=float(silhouette_score(matrix[rows], clusters[rows], metric=metric)),
        zero_rows=float(np.mean(~filled)),
        follows_position=float(adjusted_mutual_info_score(position[filled], clusters[filled]))
        if filled.any()
        else None,
    )


def _largest(matrix: npt.NDArray[np.float32] | sp.csr_array) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """The largest absolute value of each row, and its position."""
    values = abs(matrix)
    largest = values.max(axis=1).toarray().ravel() if sp.issparse(values) else values.max(axis=1)
    return np.asarray(largest, dtype=np.float64), np.asarray(values.argmax(axis=1)).ravel().astype(np.int64)
