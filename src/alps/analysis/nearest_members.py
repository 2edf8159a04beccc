"""What each pick stands for: the texts of the pool that are nearer to it than to any other, and the nearest of them."""

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
    Give every candidate to a pick, and find the nearest of each.

    Parameters
    ----------
    features
        Embeddings of n texts.
    candidates
        Rows that the picks stand for, int64.
    picks
        The chosen rows. Where they have centres, a text belongs to the nearest centre; elsewhere to the nearest pick.
    n_nearest
        The most rows to name for each pick. Ties go by row.

    """
    pool, points = features.take(candidates), features.dense(picks.rows)
    k = len(picks.rows)
    place = np.searchsorted(candidates, picks.rows)
    owner = assign(pool, points if picks.centres is None else picks.centres)
    if picks.centres is None:
        owner[place] = np.arange(k)  # also where two picks are twins
    sizes = picks.cluster_sizes
    if sizes is None:
        sizes = np.bincount(owner, pool.copies, minlength=k).astype(np.int64)
    owner[place] = k  # a pick is no example of what another stands for
    by_owner = np.argsort(owner, kind="stable")
    bounds = np.searchsorted(owner[by_owner], np.arange(k + 1))
    nearest = []
    for j in range(k):
        members = by_owner[bounds[j] : bounds[j + 1]]
        squares = pool.take(members).squared_distances(points[j : j + 1])[:, 0]
        nearest.append(candidates[members[np.argsort(squares, kind="stable")[:n_nearest]]])
    return Members(sizes, nearest)
