"""
PATRON (Yu et al., ACL 2023): uncertain texts of uncertain neighbourhoods, one of each cluster, by a prompt.

``paper``, sections 4.1 to 4.3. The probabilities p of a prompt are calibrated: with P the mean of p over the texts that
are among the 1,000 likeliest of some class, y_i is p_i / P_i, made to add up to 1. The uncertainty u = -sum y log y is
spread: u'(x) = u(x) + mean over the 50 nearest texts x' of exp(-rho |z - z'|^2) u(x'). k-means gives k clusters with
centres c, and each the text with the greatest u' - beta |z - c|^2. Twice the choice is written anew, by the greatest
u' - beta |z - c| - gamma sum max(0, m - |z - q|) over the 10 nearest q to the choice so far among those of the others.

``released``, what the code that its authors published does: p is not calibrated; u' is one mean over a text and its
50 nearest; the first distance is not squared; and the one rewriting adds gamma times the mean of min(|z - c'|^2, m)
over the 10 next centres c' of a text, whatever was chosen.

rho, beta and gamma, which the authors choose by labels, are the defaults of their code. Their embeddings are as the
encoder gives them; here they have norm 1, so that with rho = 0.01 the neighbours count nearly alike, and the margin of
0.5 is often within reach.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from alps.base.errors import AlpsError
from alps.base.streams import Stream
from alps.models.entropy import predictive_entropy
from alps.representations.features import Features
from alps.representations.predicted import predicted
from alps.selectors.nearest import blocks, nearest_candidates, rows_for
from alps.selectors.one_of_each_cluster import best_of_each, one_of_each_cluster
from alps.selectors.picks import Picks

FORMS = ("paper", "released")
SUPPORT, NEIGHBOURS, OTHERS = 1000, 50, 10
RHO, BETA, GAMMA, MARGIN = 0.01, 1.0, 0.3, 0.5
REWRITINGS = 2
# Texts of a larger pool among which neighbours are looked for, drawn at random; every text remains a candidate.
MAX_COMPARED = 2**15
_POINTS_AT_ONCE = 256

Rows = npt.NDArray[np.int64]
Array = npt.NDArray[np.float64]


def select(
    features: Features, candidates: Rows, labelled: Rows, k: int, stream: Stream, *, form: str = "paper"
) -> Picks:
    """
    Take k of the candidates, one of each cluster; ties go by row.

    Parameters
    ----------
    features
        `PredictedFeatures` of n texts, the predictions being those of a prompt.
    candidates
        Rows to cluster and choose from, int64.
    labelled
        Not used, as published.
    k
        How many, at most ``len(candidates)``. Where k-means leaves clusters empty, the rest are chosen among the
        texts that are left.
    stream
        The randomness of k-means; of a large pool, draws the texts among which neighbours are looked for.
    form
        ``paper`` or ``released``.

    """
    if form not in FORMS:
        raise AlpsError(f"The form {form!r} of PATRON is unknown; choose one of {', '.join(FORMS)}.")
    candidates = np.sort(candidates)
    pool = predicted(features.take(candidates))
    probabilities = pool.probabilities.astype(np.float64)
    uncertainty = predictive_entropy(calibrated(probabilities) if form == "paper" else probabilities)
    spread = propagated(pool, uncertainty, stream.child("neighbours"), form=form)

    def choose(free: Rows, chosen: Rows, cluster: Rows, centres: npt.NDArray[np.float32]) -> Rows:
        return one_of_each(pool.take(free), spread[free], centres, cluster, form=form)

    return one_of_each_cluster(pool, k, stream, choose).among(candidates, features.n)


def calibrated(probabilities: Array, support: int = SUPPORT) -> Array:
    """Probabilities over their mean among the `support` likeliest texts of every class, adding up to 1, (n, C)."""
    n = len(probabilities)
    # To 12 digits, so that of texts that are equally likely the first count.
    likeliest = np.argsort(-probabilities.round(12), axis=0, kind="stable")[: min(support, n)]
    prior = probabilities[np.unique(likeliest)].mean(axis=0)
    shares = probabilities / np.maximum(prior, np.finfo(np.float64).tiny)
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def propagated(
    features: Features,
    uncertainty: Array,
    stream: Stream,
    *,
    form: str = "paper",
    neighbours: int = NEIGHBOURS,
    rho: float = RHO,
) -> Array:
    """
    Uncertainty spread over neighbours, float64 (n,).

    Parameters
    ----------
    features
        Embeddings z of n texts.
    uncertainty
        u, float64 (n,).
    stream
        Draws the sample of `MAX_COMPARED` texts of a larger pool in which neighbours are looked for.
    form
        ``paper``: u plus the mean over the neighbours. ``released``: the mean over the text and its neighbours.
    neighbours, rho
        How many, fewer where there are fewer; and how fast their weight exp(-rho |z - z'|^2) falls.

    """
    compared = np.arange(features.n)
    if features.n > MAX_COMPARED:
        compared = np.sort(stream.generator().choice(features.n, MAX_COMPARED, replace=False))
    points = features.take(compared)
    sums, counts = [], []
    for start, block in zip(range(0, features.n, _POINTS_AT_ONCE), blocks(features, _POINTS_AT_ONCE), strict=True):
        squares, near = nearest_candidates(points, block.dense(np.arange(block.n)), neighbours + 1, rows_for(block.n))
        near = compared[near]
        other = near != np.arange(start, start + block.n)[:, None]  # not its own neighbour
        other &= np.cumsum(other, axis=1) <= neighbours
        sums.append((np.exp(-rho * squares.astype(np.float64)) * uncertainty[near] * other).sum(axis=1))
        counts.append(other.sum(axis=1))
    total, n_near = np.concatenate(sums), np.concatenate(counts)
    if form == "paper":
        return np.asarray(uncertainty + total / np.maximum(n_near, 1))
    return np.asarray((uncertainty + total) / (n_near + 1))


def one_of_each(
    features: Features, spread: Array, centres: npt.NDArray[np.float32], cluster: Rows, *, form: str = "paper"
) -> Rows:
    """
    The choice in each cluster, int64 (k,), by cluster.

    Parameters
    ----------
    features, spread
        Embeddings of n texts, and their spread uncertainty u', float64 (n,).
    centres, cluster
        Of k clusters, none empty, float32 (k, d); and which each text is in, int64 (n,).
    form
        One of `FORMS`.

    """
    squares = _squares_to_own(features, centres, cluster)
    if form == "released":
        return best_of_each(cluster, spread - BETA * np.sqrt(squares) + GAMMA * _next_centres(features, centres))
    chosen = best_of_each(cluster, spread - BETA * squares)
    for _ in range(REWRITINGS):
        crowding = _crowding(features, chosen, cluster)
        chosen = best_of_each(cluster, spread - BETA * np.sqrt(squares) - GAMMA * crowding)
    return chosen


def _squares_to_own(features: Features, centres: npt.NDArray[np.float32], cluster: Rows) -> Array:
    """Squared distance of each text to the centre of its cluster, float64 (n,)."""
    squares = []
    start = 0
    for block in blocks(features, rows_for(len(centres))):
        own = cluster[start : start + block.n]
        squares.append(block.squared_distances(centres)[np.arange(block.n), own])
        start += block.n
    return np.concatenate(squares).astype(np.float64)


def _next_centres(features: Features, centres: npt.NDArray[np.float32]) -> Array:
    """Mean of min(|z - c'|^2, m) over the next centres after the nearest, float64 (n,); 0 where there is no other."""
    if len(centres) < 2:
        return np.zeros(features.n)
    parts = [
        np.sort(block.squared_distances(centres), axis=1)[:, 1 : 1 + OTHERS]
        for block in blocks(features, rows_for(len(centres)))
    ]
    return np.asarray(np.minimum(np.concatenate(parts).astype(np.float64), MARGIN).mean(axis=1))


def _crowding(features: Features, chosen: Rows, cluster: Rows) -> Array:
    """Sum of max(0, m - |z - q|) over the choices q nearest to that of the text's own cluster, float64 (n,)."""
    points = features.dense(chosen)
    between = features.take(chosen).squared_distances(points)
    np.fill_diagonal(between, np.inf)
    near = np.zeros(between.shape, dtype=bool)
    order = np.argsort(between, axis=1, kind="stable")[:, : min(OTHERS, len(chosen) - 1)]
    np.put_along_axis(near, order, values=True, axis=1)
    total, start = [], 0
    for block in blocks(features, rows_for(len(chosen))):
        distances = np.sqrt(block.squared_distances(points).astype(np.float64))
        own = near[cluster[start : start + block.n]]
        total.append((np.maximum(MARGIN - distances, 0.0) * own).sum(axis=1))
        start += block.n
    return np.concatenate(total)
