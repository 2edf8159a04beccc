"""
k-means++ sampling (Arthur & Vassilvitskii, 2007), conditioned on what is labelled (paper A.3).

Each next text is drawn with probability proportional to its squared distance to the nearest text that is labelled or
drawn already; the first one uniformly where nothing is labelled.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from alps.base.streams import Stream
from alps.representations.features import Features
from alps.selectors.nearest import squares_to_nearest
from alps.selectors.picks import Picks


def select(
    features: Features,
    candidates: npt.NDArray[np.int64],
    labelled: npt.NDArray[np.int64],
    k: int,
    stream: Stream,
    *,
    conditioned: bool = True,
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
        Rows that are labelled already, int64; may be empty.
    k
        How many, at most ``len(candidates)``.
    stream
        The randomness.
    conditioned
        Whether texts far from what is labelled are preferred (ALPS, A.3); BADGE does not look at what is labelled.

    """
    if not conditioned:
        labelled = labelled[:0]
    pool = features.take(candidates)
    generator = stream.generator()
    squares = squares_to_nearest(pool, features.take(labelled))
    nearest = np.full(pool.n, -1, dtype=np.int64)  # which draw stands for each text
    free = np.ones(pool.n, dtype=bool)
    zero = pool.squared_norms() == 0
    drawn = np.empty(k, dtype=np.int64)
    for i in range(k):
        # The first of all is any text; later, where only twins are left, those with an evaluated token go first.
        others = free & ~zero if i + len(labelled) > 0 else free
        fallback = (others if others.any() else free) * pool.copies
        drawn[i] = _draw(np.where(free, squares, 0.0) * pool.copies, fallback, generator)
        free[drawn[i]] = False
        to_draw = pool.squared_distances_to_row(int(drawn[i])).astype(np.float64)
        closer = to_draw < squares
        closer[drawn[i]] = True
        nearest[closer] = i
        squares = np.minimum(squares, to_draw)
    sizes = np.bincount(nearest[nearest >= 0], pool.copies[nearest >= 0], minlength=k).astype(np.int64)
    return Picks(drawn, sizes, clusters=nearest).among(candidates, features.n)


def _draw(weights: npt.NDArray[np.float64], fallback: npt.NDArray[np.int64], generator: np.random.Generator) -> int:
    """A row by weight; by `fallback` where weights are infinite (the first draw) or all zero (only twins are left)."""
    total = weights.sum()
    weights = weights if np.isfinite(total) and total > 0 else fallback.astype(np.float64)
    rows = np.flatnonzero(weights)
    cumulative = np.cumsum(weights[rows])
    place = np.searchsorted(cumulative, generator.random() * cumulative[-1], side="right")
    return int(rows[min(place, len(rows) - 1)])
