"""
Clusters of equal size: cut in two, again and again, across the axis of 2-means.

k-means leaves clusters of any size; strata from which one text each is drawn should hold equally many. A set that is
to give k clusters is split by 2-means, the smaller side gets its proportional share of the k, rounded, and the cut
moves along the axis between the two centres to where the shares are exact. Clusters that lie next to each other in
the result were cut apart last, so that they are alike.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

from alps.base.streams import Stream
from alps.representations.features import Features

Rows = npt.NDArray[np.int64]

_FIT_ROWS = 50_000  # 2-means looks at a random part of a larger set; every row still gets its place on the axis
_ROWS_AT_ONCE = 2**14


def equal_size_clusters(features: Features, k: int, stream: Stream) -> list[Rows]:
    """
    Cut texts into k clusters of the same weight, as nearly as whole texts allow.

    Parameters
    ----------
    features
        n rows; a text with copies weighs as often as it occurs.
    k
        How many clusters. Texts with many copies may leave fewer.
    stream
        The randomness of 2-means.

    Returns
    -------
    list of int64 arrays
        The rows of each cluster, none empty; every row stands in exactly one.

    """
    clusters: list[Rows] = []
    pending = [(np.arange(features.n), k)]
    with threadpool_limits(1):  # more threads add up in another order
        while pending:
            rows, n_clusters = pending.pop()
            if n_clusters == 1 or len(rows) <= 1:
                clusters.append(rows)
                continue
            left, right, n_left = _halves(features, rows, n_clusters, stream.child(str(len(clusters))))
            parts = [(right, n_clusters - n_left), (left, n_left)]
            pending += [(part, n) for part, n in parts if len(part)]
    return clusters


def in_parts(rows: Rows) -> Iterator[Rows]:
    """The rows some at a time, so that copies of their features in double precision stay small."""
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        yield rows[start : start + _ROWS_AT_ONCE]


def _halves(features: Features, rows: Rows, k: int, stream: Stream) -> tuple[Rows, Rows, int]:
    """Which of the rows are left and right of the cut, and how many of the k clusters are left of it."""
    share, along = _axis(features, rows, stream)
    n_left = min(max(round(k * share), 1), k - 1)
    order = np.lexsort((rows, along))
    copies = features.copies[rows[order]]
    weight = np.cumsum(copies)
    # The text in the middle of which the cut falls goes to the side that holds more of it.
    cut = int(np.searchsorted(weight - copies / 2, weight[-1] * n_left / k))
    return np.sort(rows[order[:cut]]), np.sort(rows[order[cut:]]), n_left


def _axis(features: Features, rows: Rows, stream: Stream) -> tuple[float, npt.NDArray[np.float64]]:
    """The share of the texts on the first side of 2-means, and where each row lies on the way to the second."""
    generator = stream.generator()
    looked_at = rows
    if len(rows) > _FIT_ROWS:
        looked_at = np.sort(generator.choice(rows, _FIT_ROWS, replace=False))
    sample = features.take(looked_at)
    seed = int(generator.integers(2**31))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # all texts alike: any cut is as good
        kmeans = KMeans(2, n_init=1, max_iter=20, random_state=seed)
        kmeans.fit(sample.matrix, sample_weight=sample.copies.astype(np.float32))
    first, second = kmeans.cluster_centers_
    share = float(sample.copies[kmeans.labels_ == 0].sum() / sample.copies.sum())
    direction = (second - first).astype(np.float64)
    along = np.concatenate([np.asarray(features.matrix[some] @ direction).ravel() for some in in_parts(rows)])
    return share, np.rint(along * 2**24)  # the last bits depend on who stands beside whom
