"""
ProbCover (Yehuda et al., NeurIPS 2022): cover as many texts as possible with balls of one radius.

A text covers every text that lies nearer to it than the radius. Again and again the text is chosen that covers most
of what is not covered yet: the greedy choice of maximum coverage, within 1 - 1/e of the best.

The radius is the largest at which at least 95 % of the balls are pure. A ball around a text is pure where all its
texts have one pseudo-label, their cluster of k-means with as many clusters as there are classes. A ball stays pure up
to the nearest text of another cluster, so the radius is a quantile of these distances, exactly; the paper tries values.

The released code never chooses from the last n mod 500 texts, and chooses text 0 for ever when all is covered. Here
every candidate can be chosen, and when all is covered the farthest text from everything labelled or chosen comes next
(as in `alps.selectors.k_center`): it is the text that the balls reach least.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from alps.base.errors import AlpsError
from alps.base.streams import Stream
from alps.representations.features import Features, Matrix
from alps.selectors import k_center
from alps.selectors.kmeans import assign, fit_centres
from alps.selectors.nearest import blocks, rows_for, squares_to_nearest
from alps.selectors.picks import Picks

N_CLASSES = 10
PURITY = 0.95
# Balls that are looked at for the radius, and texts whose coverage is, drawn at random from a larger pool.
MAX_BALLS = 4096
MAX_COVERED = 2**15
# Edges of the graph, 10 bytes each. Where the balls are so large that there are more, fewer texts are covered.
MAX_EDGES = 2**24
_POINTS_AT_ONCE = 256

Rows = npt.NDArray[np.int64]


def select(
    features: Features,
    candidates: Rows,
    labelled: Rows,
    k: int,
    stream: Stream,
    *,
    n_classes: int = N_CLASSES,
    radius: float | None = None,
) -> Picks:
    """
    Take k of the candidates, each the one that covers most of what is not covered; ties go by row.

    Parameters
    ----------
    features
        Embeddings of n texts; a text with copies weighs as often as it occurs.
    candidates
        Rows to choose from, int64.
    labelled
        Rows that are labelled already and cover their balls, int64; may be empty.
    k
        How many, at most ``len(candidates)``.
    stream
        The randomness of k-means; of a large pool or graph, draws the texts whose coverage is looked at.
    n_classes
        Into how many clusters the texts are put to find the radius.
    radius
        Euclidean, positive; None finds it from `n_classes`.

    Raises
    ------
    AlpsError
        When `n_classes` or `radius` is not positive.

    """
    if n_classes < 1:
        raise AlpsError(f"n_classes is {n_classes}; give the number of classes, at least 1.")
    if radius is not None and not radius > 0:
        raise AlpsError(f"The radius of ProbCover is {radius}; give a distance greater than 0.")
    candidates = np.sort(candidates)
    if radius is None:
        # Whatever is labelled, the rows are the same in the same order, and so is the radius in every round.
        radius = pure_radius(features.take(np.union1d(candidates, labelled)), n_classes, stream.steady())
    pool = features.take(candidates)
    uncovered = np.flatnonzero(np.sqrt(squares_to_nearest(pool, features.take(labelled))) >= radius)
    drawn = stream.child("covered").generator().permutation(uncovered)[:MAX_COVERED]
    graph = _graph(pool, drawn, radius)
    chosen = candidates[_greedy(graph, pool.copies[drawn[: graph.shape[0]]], k)]
    if len(chosen) < k:
        others, known = np.setdiff1d(candidates, chosen), np.concatenate([labelled, chosen])
        further = k_center.select(features, others, known, k - len(chosen), stream.child("farthest"))
        chosen = np.concatenate([chosen, further.rows])
    return Picks(chosen)


def pure_radius(features: Features, n_classes: int, stream: Stream) -> float:
    """
    The largest radius at which a share `PURITY` of the balls, copies counted, are pure: the paper's heuristic.

    Infinite where all texts fall into one cluster.

    Parameters
    ----------
    features
        Embeddings of n texts.
    n_classes
        Number of clusters, of which there are no more than texts.
    stream
        The randomness of k-means; draws `MAX_BALLS` balls of a larger pool.

    """
    cluster = assign(features, fit_centres(features, min(n_classes, features.n), stream.child("pseudo-labels")))
    centre = np.arange(features.n)
    if features.n > MAX_BALLS:
        centre = np.sort(stream.child("balls").generator().choice(features.n, MAX_BALLS, replace=False))
    squares = _squares_to_other_cluster(features, cluster, centre)
    order = np.argsort(-squares, kind="stable")
    pure = np.cumsum(features.copies[centre][order])  # balls that are pure up to each of the squares
    enough = np.searchsorted(pure, PURITY * pure[-1] * (1 - 1e-12))
    return float(np.sqrt(squares[order[enough]]))


def _squares_to_other_cluster(features: Features, cluster: Rows, rows: Rows) -> npt.NDArray[np.float64]:
    """Squared distance of some rows to the nearest text of another cluster, float64 (len(rows),)."""
    squares = np.full(len(rows), np.inf)
    step = rows_for(_POINTS_AT_ONCE)
    for at in range(0, len(rows), _POINTS_AT_ONCE):
        some = rows[at : at + _POINTS_AT_ONCE]
        points = features.dense(some)
        for start, block in zip(range(0, features.n, step), blocks(features, step), strict=True):
            other = cluster[start : start + block.n, None] != cluster[some]
            to_points = np.where(other, block.squared_distances(points), np.inf).min(axis=0)
            squares[at : at + len(some)] = np.minimum(squares[at : at + len(some)], to_points)
    return squares


def _graph(pool: Features, covered: Rows, radius: float) -> Matrix:
    """
    Which rows of the pool cover each of some texts, bool CSR (m, n).

    The texts are taken in their order, as many as `MAX_EDGES` allows and at least one, so that m may be smaller than
    ``len(covered)``.
    """
    parts = [sp.csr_array((0, pool.n), dtype=bool)]
    n_edges = 0
    for some in blocks(pool.take(covered), max(1, min(_POINTS_AT_ONCE, MAX_EDGES // pool.n))):
        points = some.dense(np.arange(some.n))
        squares = (block.squared_distances(points).T for block in blocks(pool, rows_for(some.n)))
        near = [sp.csr_array(np.sqrt(some_squares, dtype=np.float64) < radius) for some_squares in squares]
        part = sp.hstack(near, format="csr")
        n_fitting = int(np.searchsorted(n_edges + part.indptr[1:], MAX_EDGES, side="right"))
        parts.append(part[: max(n_fitting, len(parts) == 1)])
        n_edges += part.nnz
        if n_fitting < some.n:
            break
    return sp.vstack(parts, format="csr")


def _greedy(graph: Matrix, weights: Rows, k: int) -> Rows:
    """Up to k columns of the graph by greatest weight of the rows they cover; fewer when all rows are covered."""
    by_column = graph.tocsc()
    degrees = graph.T @ weights
    uncovered = np.ones(len(weights), dtype=bool)
    chosen: list[int] = []
    while len(chosen) < k and uncovered.any():
        best = int(np.argmax(degrees))
        ball = by_column.indices[by_column.indptr[best] : by_column.indptr[best + 1]]
        new = ball[uncovered[ball]]
        uncovered[new] = False
        degrees -= graph[new].T @ weights[new]  # every edge is deleted once
        chosen.append(best)
    return np.asarray(chosen, dtype=np.int64)
