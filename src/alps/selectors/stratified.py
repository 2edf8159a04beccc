"""
Stratified random selection: as diverse as clusters, as fair as Random.

Texts nearest to cluster centres can distort the mix of classes and do worse than Random. Here the pool is put in an
order in which like stands by like, and a random sample spreads over it. Every text is drawn with the same probability
k / n, so the expected number of each class is Random's, whatever the clusters; its variance is multiplied by 1 - R^2,
where R^2 is the share of a class's variance that lies between the strata (Cochran, Sampling Techniques, 1977, chapter
5).

The picks come in an order of which every prefix is such a sample too: of neighbours, one is in the first half and one
in the second, and so on in each half (as in the reverse hierarchical order of Stevens & Olsen, JASA 2004).

`equal`: k clusters of equal size, and one random member of each, by pivotal sampling; where k does not divide n, sizes
differ by one, and a few clusters give none or two. `free`: k-means clusters of any
size, in the order of a dendrogram, and a systematic sample.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import leaves_list, linkage

from alps.base.errors import AlpsError
from alps.base.streams import Stream
from alps.representations.features import Features
from alps.selectors.equal_size_clusters import equal_size_clusters, in_parts
from alps.selectors.fixed_size_samples import certain, pivotal_sample, systematic_sample
from alps.selectors.kmeans import assign, fit_centres
from alps.selectors.picks import Picks

STRATA = ("equal", "free")
_FREE_CLUSTERS = 64

Rows = npt.NDArray[np.int64]


def select(
    features: Features, candidates: Rows, labelled: Rows, k: int, stream: Stream, *, strata: str = "equal"
) -> Picks:
    """
    Draw k of the candidates; a text with copies counts as often as it occurs.

    Parameters
    ----------
    features
        Embeddings of n texts.
    candidates
        Rows to choose from, int64.
    labelled
        Not used.
    k
        How many, at most ``len(candidates)``.
    stream
        The randomness.
    strata
        ``equal`` or ``free``.

    Returns
    -------
    Picks
        In an order of which every prefix spreads over the clusters, with equal probabilities. Clusters of equal size
        also tell how many texts are in the one of each pick, and how far it is from their mean; a text that is drawn
        for its many copies stands for itself.

    """
    if strata not in STRATA:
        raise AlpsError(f"The strata {strata!r} are unknown; choose one of {', '.join(STRATA)}.")
    pool = features.take(candidates)
    generator = stream.child("draw").generator()
    sure = certain(pool.copies, k)
    rest = np.flatnonzero(~sure)
    n_drawn = k - int(sure.sum())
    chosen = np.flatnonzero(sure)
    groups = [np.array([row]) for row in chosen]
    if n_drawn:
        others = pool.take(rest)
        if strata == "equal":
            clusters, sample = equal_size_clusters(others, n_drawn, stream.child("strata")), pivotal_sample
        else:
            clusters, sample = _free_clusters(others, n_drawn, stream.child("strata")), systematic_sample
        order = np.concatenate([generator.permutation(cluster) for cluster in clusters])
        chosen = np.concatenate([chosen, rest[order[sample(others.copies[order], n_drawn, generator)]]])
        groups += [rest[cluster] for cluster in clusters]
    chosen = chosen[_spread_order(k, generator)]
    picks = _with_strata(pool, groups, chosen) if strata == "equal" else Picks(chosen)
    return picks.among(candidates, features.n)


def _with_strata(features: Features, groups: list[Rows], chosen: Rows) -> Picks:
    """The chosen rows, each with the weight of its group and the Euclidean distance to the group's mean."""
    group_of = np.empty(features.n, dtype=np.int64)
    for number, group in enumerate(groups):
        group_of[group] = number
    sizes = np.bincount(group_of, features.copies).astype(np.int64)[group_of[chosen]]
    means = np.stack([_mean(features, groups[number]) for number in group_of[chosen]])
    distances = np.linalg.norm(features.dense(chosen) - means, axis=1).astype(np.float32)
    return Picks(chosen, sizes, distances, clusters=group_of)


def _mean(features: Features, rows: Rows) -> npt.NDArray[np.float64]:
    """The mean of some rows, copies counted, (d,)."""
    copies = features.copies
    parts = [(features.dense(some) * copies[some, None]).sum(axis=0) for some in in_parts(rows)]
    return np.asarray(np.sum(parts, axis=0) / copies[rows].sum())


def _spread_order(n: int, generator: np.random.Generator) -> Rows:
    """The places of n things, neighbours alike: every prefix has equal probabilities and spreads over them, (n,)."""
    if n < 2:
        return np.arange(n)
    early = pivotal_sample(np.ones(n, dtype=np.int64), -(-n // 2), generator)
    late = np.setdiff1d(np.arange(n), early)
    return np.concatenate([half[_spread_order(len(half), generator)] for half in (early, late)])


def _free_clusters(features: Features, k: int, stream: Stream) -> list[Rows]:
    """The members of k-means clusters, like clusters side by side."""
    centres = fit_centres(features, min(k, _FREE_CLUSTERS, features.n), stream)
    order = leaves_list(linkage(centres, "ward")) if len(centres) > 1 else np.zeros(1, dtype=np.int64)
    cluster = assign(features, centres)
    return [np.flatnonzero(cluster == j) for j in order]
