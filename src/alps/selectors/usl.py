"""
Unsupervised Selective Labeling (USL: Wang, Lian & Yu, ECCV 2022): one dense text of each cluster, away from the others.

k-means into k clusters. Each gives the text with the greatest 1 / d - lambda R: d is the mean distance to its 400
nearest texts, and R, the sum of |z - q|^(-2 alpha) over the texts q chosen in other clusters, repels. The choice is
made ten times, R being an exponential moving average over the times, 0 at the first; lambda = alpha = 1/2.

As in the paper, d is a mean of Euclidean distances to other texts; the released code squares the distances and counts
a text as its own neighbour. As in the code, alpha applies to squared distances, and R is 0 at first. The code's horizon
(q with |z - q| >= 2 do not count) is left out, since embeddings of length 1 are never farther apart. Labelled texts,
which the paper has none of, repel everywhere. Where k-means leaves clusters empty, the code fails; here the same is
done again among the texts that are left, and those chosen before repel like labelled ones.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from alps.base.streams import Stream
from alps.representations.features import Features
from alps.selectors.nearest import blocks, rows_for
from alps.selectors.one_of_each_cluster import best_of_each, one_of_each_cluster
from alps.selectors.picks import Picks

NEIGHBOURS = 400
ITERATIONS = 10
MOMENTUM = 0.9
WEIGHT = 0.5  # lambda
ALPHA = 0.5
# Texts of a larger pool among which neighbours are looked for, drawn at random; every text remains a candidate.
MAX_COMPARED = 2**15
_SMALLEST = 1e-12  # squared distance of twins, so that what is infinitely dense can still be repelled
_POINTS_AT_ONCE = 256

Rows = npt.NDArray[np.int64]
Array = npt.NDArray[np.float64]


def select(
    features: Features,
    candidates: Rows,
    labelled: Rows,
    k: int,
    stream: Stream,
    *,
    neighbours: int = NEIGHBOURS,
    weight: float = WEIGHT,
) -> Picks:
    """
    Take k of the candidates, one of each cluster; ties go by row.

    Parameters
    ----------
    features
        Embeddings of n texts. Copies count in the clusters, not as neighbours.
    candidates
        Rows to cluster and choose from, int64.
    labelled
        Rows that are labelled already and repel, int64; may be empty.
    k
        How many, at most ``len(candidates)``.
    stream
        The randomness of k-means; of a large pool, draws the texts among which neighbours are looked for.
    neighbours
        How many nearest texts make the density; all others where there are fewer.
    weight
        Of the repulsion, lambda; without repulsion 0.

    Returns
    -------
    Picks
        With the sizes of their clusters; a text that was chosen again of a cluster stands for itself.

    """
    candidates = np.sort(candidates)
    rows = np.union1d(candidates, labelled)
    every = density(features.take(rows), neighbours, stream.child("neighbours"))
    scores = every[np.searchsorted(rows, candidates)]
    pool = features.take(candidates)
    from_labelled = repulsion_from(pool, features.take(labelled))

    def choose(free: Rows, chosen: Rows, cluster: Rows, centres: npt.NDArray[np.float32]) -> Rows:
        some = pool.take(free)
        repulsion = from_labelled[free] + repulsion_from(some, pool.take(chosen))
        return _one_of_each(some, cluster, scores[free], repulsion, weight)

    return one_of_each_cluster(pool, k, stream, choose).among(candidates, features.n)


def density(features: Features, neighbours: int, stream: Stream) -> Array:
    """
    Inverse of the mean Euclidean distance to the nearest other texts, float64 (n,).

    At most 10^6, for twins of all their neighbours; 0 for a text alone.

    Parameters
    ----------
    features
        Embeddings of n texts.
    neighbours
        How many texts are near. Where they are looked for in a sample, the same share of the sample.
    stream
        Draws the sample of `MAX_COMPARED` texts of a larger pool.

    """
    compared, n_near = np.arange(features.n), min(neighbours, features.n - 1)
    if features.n > MAX_COMPARED:
        compared = np.sort(stream.generator().choice(features.n, MAX_COMPARED, replace=False))
        n_near = max(1, round(n_near * MAX_COMPARED / features.n))
    if n_near == 0:
        return np.zeros(features.n)
    column = np.full(features.n, -1)
    column[compared] = np.arange(len(compared))
    points = features.dense(compared)
    means: list[Array] = []
    step = rows_for(len(compared))
    for start, block in zip(range(0, features.n, step), blocks(features, step), strict=True):
        squares = block.squared_distances(points)
        own = column[start : start + block.n]
        squares[np.flatnonzero(own >= 0), own[own >= 0]] = np.inf  # not its own neighbour
        near = np.sort(np.partition(squares, n_near - 1, axis=1)[:, :n_near], axis=1)  # in order: equal sums of twins
        means.append(np.sqrt(near.astype(np.float64)).mean(axis=1))
    return np.asarray(1.0 / np.maximum(np.concatenate(means), np.sqrt(_SMALLEST)))


def _one_of_each(features: Features, cluster: Rows, scores: Array, repulsion: Array, weight: float) -> Rows:
    """
    The choice in each cluster after all iterations, by cluster.

    Parameters
    ----------
    features, cluster
        Embeddings of n texts, and their clusters.
    scores
        Densities, float64 (n,).
    repulsion
        From what was labelled or chosen before, float64 (n,).
    weight
        Of the repulsion.

    """
    chosen = best_of_each(cluster, scores)
    regulariser = np.zeros(features.n)
    for _ in range(ITERATIONS - 1):
        now = repulsion + repulsion_from(features, features.take(chosen), cluster)
        regulariser = MOMENTUM * regulariser + (1 - MOMENTUM) * now
        chosen = best_of_each(cluster, scores - weight * regulariser)
    return chosen


def repulsion_from(features: Features, points: Features, own: Rows | None = None) -> Array:
    """Sum of |z - q|^(-2 alpha) over points q, without the own point of each row where there is one, float64 (n,)."""
    total = np.zeros(features.n)
    step = rows_for(_POINTS_AT_ONCE)
    for first, some in zip(range(0, points.n, _POINTS_AT_ONCE), blocks(points, _POINTS_AT_ONCE), strict=True):
        dense = some.dense(np.arange(some.n))
        for start, block in zip(range(0, features.n, step), blocks(features, step), strict=True):
            squares = np.maximum(block.squared_distances(dense).astype(np.float64), _SMALLEST)
            forces = squares**-ALPHA
            if own is not None:
                forces[own[start : start + block.n, None] == first + np.arange(some.n)] = 0.0
            total[start : start + block.n] += forces.sum(axis=1)
    return total
