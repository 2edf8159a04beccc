"""
The order of the picks: any prefix is a good batch in itself.

People label as many texts as time allows. The set of picks is the published one; only their order is ours: each next
pick is the one that brings the pool closest to its nearest pick so far (greedy facility location, Cornuejols, Fisher &
Nemhauser, 1977), which docs/speed.md compares with random orders.
"""

from __future__ import annotations

import heapq

import numpy as np
import numpy.typing as npt

from alps.base.streams import Stream
from alps.representations.features import Features
from alps.selectors.nearest import blocks, rows_for

# Numbers of the distance matrix, 100 MB with its copies; a larger pool is represented by a random part of it.
_DISTANCES = 2**22
_MIN_SAMPLE = 4096
_STEPS = 2**20  # distances in whole steps: sums of them are exact, so that equal gains are equal in any order of adding


def prefix_order(
    features: Features, candidates: npt.NDArray[np.int64], picks: npt.NDArray[np.int64], stream: Stream
) -> npt.NDArray[np.int64]:
    """
    An order of the picks, int64 (k,).

    Parameters
    ----------
    features
        Embeddings of n texts.
    candidates
        Rows that the picks stand for, int64.
    picks
        The chosen rows, int64 (k,).
    stream
        Draws the part of a large pool that is looked at.

    """
    order = np.argsort(picks, kind="stable")  # ties go by row, that is by id
    picks = picks[order]
    n_sample = max(_DISTANCES // len(picks), _MIN_SAMPLE)
    if len(candidates) > n_sample:
        candidates = np.sort(stream.generator().choice(candidates, n_sample, replace=False))
    sample = features.take(candidates)
    points = features.dense(picks)
    distances = np.concatenate(
        [np.sqrt(block.squared_distances(points)) for block in blocks(sample, rows_for(len(picks)))]
    )  # (n, k)
    return order[_greedy(np.rint(distances * _STEPS), sample.copies)]


def _greedy(distances: npt.NDArray[np.float32], copies: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """
    Columns by greatest gain, the fall in the weighted sum of distances to the nearest column so far.

    Gains only fall as columns are added, so a gain computed earlier is a bound, and most are never computed again.
    Equal gains go by column. `distances` are whole numbers, float32 (n, k).
    """
    weights = copies.astype(np.float64)
    nearest = distances.max(axis=1).astype(np.float64)  # before the first pick, as if at the farthest
    queue = [(-float(gain), j, 0) for j, gain in enumerate(weights @ (nearest[:, None] - distances))]
    heapq.heapify(queue)
    order: list[int] = []
    while queue:
        _, j, n_known = heapq.heappop(queue)
        if n_known == len(order):
            order.append(j)
            nearest = np.minimum(nearest, distances[:, j])
        else:
            gain = float(weights @ np.maximum(nearest - distances[:, j], 0.0))
            heapq.heappush(queue, (-gain, j, len(order)))
    return np.asarray(order, dtype=np.int64)
