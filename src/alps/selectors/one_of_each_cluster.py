"""One text of each cluster of k-means, again among the texts that are left where clusters stay empty."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from alps.base.streams import Stream
from alps.representations.features import Features
from alps.selectors.kmeans import assign, fit_centres
from alps.selectors.picks import Picks

Rows = npt.NDArray[np.int64]
Array = npt.NDArray[np.float64]

# Of the texts that are left, those that were chosen before, and the cluster of each that is left with the centres of
# all clusters, float32 (c, d): which of those that are left is chosen in each cluster, int64 (c,).
Choose = Callable[[Rows, Rows, Rows, npt.NDArray[np.float32]], Rows]


def one_of_each_cluster(features: Features, k: int, stream: Stream, choose: Choose) -> Picks:
    """
    Take k of n texts, one of each of k clusters.

    Parameters
    ----------
    features
        Embeddings of n texts.
    k
        How many, at most n.
    stream
        The randomness of k-means.
    choose
        Which of each cluster.

    Returns
    -------
    Picks
        Rows of the features, with their clusters and the sizes of them; a text that was chosen again of a cluster
        stands for itself.

    """
    stands_for = np.empty(0, dtype=np.int64)  # which choice stands for each text
    chosen = np.empty(0, dtype=np.int64)
    while len(chosen) < k:
        free = np.setdiff1d(np.arange(features.n), chosen)
        some = features.take(free)
        with threadpool_limits(1):
            centres = fit_centres(some, k - len(chosen), stream.child(f"clusters/{len(chosen)}"))
            kept, cluster = np.unique(assign(some, centres), return_inverse=True)
        new = free[choose(free, chosen, cluster, centres[kept])]
        if not len(chosen):
            stands_for = cluster
        stands_for[new] = np.arange(len(chosen), len(chosen) + len(new))
        chosen = np.concatenate([chosen, new])
    sizes = np.bincount(stands_for, features.copies, minlength=k).astype(np.int64)
    return Picks(chosen, sizes, clusters=stands_for)


def best_of_each(cluster: Rows, scores: Array) -> Rows:
    """The row with the highest score of each cluster, the first of equal ones."""
    order = np.lexsort((-scores, cluster))
    return order[np.unique(cluster[order], return_index=True)[1]]
