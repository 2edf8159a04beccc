"""
TypiClust (Hacohen, Dekel & Weinshall, ICML 2022): the most typical text of each uncovered cluster.

k-means into as many clusters as texts will be labelled after this batch, at most 500. Again and again the cluster
with the fewest labelled texts, the largest of those, gives its most typical unlabelled text: typicality is the
inverse of the mean distance to the 20 nearest neighbours inside the cluster (fewer in small clusters: half of it).

Distances are Euclidean as in the paper (the released code squares them), and clusters of five texts or fewer come
last instead of never, so that k texts can be had from any pool.
"""

from __future__ import annotations

import heapq

import numpy as np
import numpy.typing as npt

from alps.base.streams import Stream
from alps.representations.features import Features
from alps.selectors.kmeans import assign, fit_centres
from alps.selectors.nearest import blocks, rows_for
from alps.selectors.picks import Picks

MAX_CLUSTERS = 500
NEIGHBOURS = 20
SMALL_CLUSTER = 5

Rows = npt.NDArray[np.int64]


def select(features: Features, candidates: Rows, labelled: Rows, k: int, stream: Stream) -> Picks:
    """
    Take k of the candidates.

    Parameters
    ----------
    features
        Embeddings of n texts. Copies count in the clusters, not as neighbours.
    candidates
        Rows to choose from, int64.
    labelled
        Rows that are labelled already, int64; may be empty.
    k
        How many, at most ``len(candidates)``.
    stream
        The randomness of k-means.

    Returns
    -------
    Picks
        In the order of the method, without cluster sizes: a large cluster may give several texts.

    """
    rows = np.concatenate([candidates, labelled])
    is_labelled = np.arange(len(rows)) >= len(candidates)
    pool = features.take(rows)
    n_clusters = min(len(labelled) + k, MAX_CLUSTERS, pool.n)
    cluster = assign(pool, fit_centres(pool, n_clusters, stream))
    size = np.bincount(cluster, pool.copies, minlength=n_clusters).astype(int)
    n_labelled = np.bincount(cluster[is_labelled], minlength=n_clusters)
    unlabelled = [np.flatnonzero((cluster == j) & ~is_labelled) for j in range(n_clusters)]
    queue = [
        (int(size[j]) <= SMALL_CLUSTER, int(n_labelled[j]), -int(size[j]), j)
        for j in range(n_clusters)
        if len(unlabelled[j])
    ]
    heapq.heapify(queue)
    chosen: list[int] = []
    while len(chosen) < k:
        small, n_known, minus_size, j = heapq.heappop(queue)
        members = unlabelled[j]
        most_typical = int(np.argmax(typicality(pool.take(members))))
        chosen.append(int(members[most_typical]))
        unlabelled[j] = np.delete(members, most_typical)
        if len(unlabelled[j]):
            heapq.heappush(queue, (small, n_known + 1, minus_size, j))
    return Picks(rows[chosen])


def typicality(features: Features) -> npt.NDArray[np.float64]:
    """
    Inverse of the mean Euclidean distance to the nearest other texts, float64 (n,); equation 4 of the paper.

    Twins of all their neighbours are infinitely typical. A text alone has typicality 0.
    """
    n_neighbours = min(NEIGHBOURS, features.n // 2)
    if n_neighbours == 0:
        return np.zeros(features.n)
    means = []
    points = features.dense(np.arange(features.n))
    start = 0
    for block in blocks(features, rows_for(features.n)):
        squares = block.squared_distances(points)
        squares[np.arange(block.n), start + np.arange(block.n)] = np.inf  # not its own neighbour
        start += block.n
        means.append(np.sqrt(np.partition(squares, n_neighbours - 1, axis=1)[:, :n_neighbours]).mean(axis=1))
    with np.errstate(divide="ignore"):
        return np.asarray(1.0 / np.concatenate(means), dtype=np.float64)
