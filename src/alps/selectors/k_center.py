"""
Greedy k-center (CoreSet: Sener & Savarese, ICLR 2018, algorithm 1): cover the pool with balls of the least radius.

Each next text is the one farthest from everything that is labelled or chosen. At most twice the optimal radius, and
fond of outliers. Where nothing is labelled the first text is any text.
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
) -> Picks:
    """
    Take k of the candidates, the farthest first; ties go by row.

    Parameters
    ----------
    features
        Embeddings of n texts; copies do not count.
    candidates
        Rows to choose from, int64.
    labelled
        Rows that are labelled already, int64; may be empty.
    k
        How many, at most ``len(candidates)``.
    stream
        Draws the first text where nothing is labelled.

    """
    pool = features.take(candidates)
    squares = squares_to_nearest(pool, features.take(labelled))
    nearest = np.full(pool.n, -1, dtype=np.int64)  # which choice stands for each text
    chosen = np.empty(k, dtype=np.int64)
    for i in range(k):
        if i == 0 and not len(labelled):
            chosen[0] = stream.generator().choice(pool.n, p=pool.copies / pool.copies.sum())
        else:
            chosen[i] = np.argmax(squares)
        to_chosen = pool.squared_distances_to_row(int(chosen[i])).astype(np.float64)
        closer = to_chosen < squares
        closer[chosen[i]] = True
        nearest[closer] = i
        squares = np.minimum(squares, to_chosen)
        squares[chosen[: i + 1]] = -1.0  # never again, not even where only twins are left
    sizes = np.bincount(nearest[nearest >= 0], pool.copies[nearest >= 0], minlength=k).astype(np.int64)
    return Picks(chosen, sizes, clusters=nearest).among(candidates, features.n)
