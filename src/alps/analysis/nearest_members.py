"""What each pick stands for: its cluster, or the texts that no other pick is nearer to; and the nearest of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from alps.representations.features import Features
from alps.selectors.kmeans import assign
from alps.selectors.picks import Picks

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Members:
    """
    What k picks stand for.

    Attributes
    ----------
    sizes
        How many texts of the pool each stands for, itself and copies included, int64 (k,).
    nearest
        Of each, rows of the features nearest to it among those it stands for, nearest first, no picks.

    """

    sizes: Rows
    nearest: list[Rows]


def nearest_members(features: Features, candidates: Rows, picks: Picks, n_nearest: int) -> Members:
    """
    Count what each pick stands for, and find the nearest of it.

    Parameters
    ----------
    features
        Embeddings of n texts.
    candidates
        Rows that the picks stand for, int64.
    picks
        The chosen rows. They stand for their clusters; of a selector without clusters, for the texts nearest to them,
        or to their centres.
    n_nearest
        The most rows to name for each pick. Ties go by row.

    """
    pool, points = features.take(candidates), features.dense(picks.rows)
    place = np.searchsorted(candidates, picks.rows)
    if picks.clusters is None:
        cluster = assign(pool, points if picks.centres is None else picks.centres)
        cluster[place] = np.arange(len(place))  # also where two picks are twins, or share a nearest centre
    else:
        cluster = picks.clusters[candidates]
    own = cluster[place]
    sizes = picks.cluster_sizes
    if sizes is None:
        sizes = np.bincount(cluster[cluster >= 0], pool.copies[cluster >= 0])[own].astype(np.int64)
    cluster[place] = -1  # a pick is no example of what one stands for
    by_cluster = np.argsort(cluster, kind="stable")
    starts, ends = (np.searchsorted(cluster[by_cluster], own, side) for side in ("left", "right"))
    nearest = []
    for j, (start, end) in enumerate(zip(starts, ends, strict=True)):
        members = by_cluster[start:end]
        squares = pool.take(members).squared_distances(points[j : j + 1])[:, 0]
        nearest.append(candidates[members[np.argsort(squares, kind="stable")[:n_nearest]]])
    return Members(sizes, nearest)
