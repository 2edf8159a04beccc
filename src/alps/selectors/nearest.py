"""
The distinct texts nearest to the centres, over blocks of any size.

Each block of rows gives the m nearest candidates of every centre; blocks are reduced to the m nearest of all; and a
centre whose m candidates are all taken is scanned again in full. The answer does not depend on how the rows were cut
into blocks: distances are compared exactly and ties go by row, that is by id.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from alps.representations.features import Features

CANDIDATES_PER_CENTRE = 16


def nearest_distinct(
    features: Features,
    centres: npt.NDArray[np.float32],
    *,
    n_candidates: int = CANDIDATES_PER_CENTRE,
    rows_at_once: int | None = None,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """
    One row for each centre, all distinct: of all free centres and free rows the closest pair first.

    All-zero rows say nothing about their text, so at most one of them is taken while other rows are free.

    Parameters
    ----------
    features
        n rows, ordered by id.
    centres
        float32 (k, d), k <= n.
    n_candidates
        How many candidates a centre keeps; decides speed, never the answer.
    rows_at_once
        Rows of a block; decides memory, never the answer.

    Returns
    -------
    rows, distances
        int64 (k,) and Euclidean distances, float32 (k,), by centre.

    """
    k = len(centres)
    zero = features.squared_norms() == 0
    n_others = features.n - int(zero.sum())
    most_zeros = max(1, k - n_others)
    rows_at_once = rows_at_once or rows_for(k)
    squares, rows = nearest_candidates(features, centres, n_candidates, rows_at_once)
    queues = [list(zip(squares[j].tolist(), rows[j].tolist(), strict=True)) for j in range(k)]
    taken = np.zeros(features.n, dtype=bool)
    chosen = np.full(k, -1, dtype=np.int64)
    distances = np.zeros(k, dtype=np.float32)
    heap = [(*queue.pop(0), j) for j, queue in enumerate(queues)]
    heapq.heapify(heap)
    while heap:
        square, row, j = heapq.heappop(heap)
        if not taken[row]:
            chosen[j], distances[j] = row, np.sqrt(square)
            taken[row] = True
            if zero[row]:
                most_zeros -= 1
                if most_zeros == 0:
                    taken |= zero
            continue
        if not queues[j]:
            queues[j] = _scan(features, centres[j], taken, n_candidates, rows_at_once)
        heapq.heappush(heap, (*queues[j].pop(0), j))
    return chosen, distances


def rows_for(n_points: int) -> int:
    """Rows of a block whose distances to `n_points` points take some 50 MB, double precision and copies included."""
    return max(64, 2**20 // max(n_points, 1))


def blocks(features: Features, rows_at_once: int) -> Iterator[Features]:
    """The rows in blocks, so that a matrix of distances never has more than `rows_at_once` rows."""
    for start in range(0, features.n, rows_at_once):
        yield features.take(np.arange(start, min(start + rows_at_once, features.n)))


def squares_to_nearest(features: Features, points: Features) -> npt.NDArray[np.float64]:
    """Squared distance of each row to the nearest of some points, float64 (n,); infinite where there are none."""
    squares = np.full(features.n, np.inf)
    for some in blocks(points, rows_at_once=256):
        dense = some.dense(np.arange(some.n))
        to_points = [block.squared_distances(dense).min(axis=1) for block in blocks(features, rows_for(some.n))]
        squares = np.minimum(squares, np.concatenate(to_points))
    return squares


def nearest_candidates(
    features: Features, centres: npt.NDArray[np.float32], n_candidates: int, rows_at_once: int
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """
    The nearest rows of each centre.

    Returns
    -------
    squares, rows
        Squared distances, float32 (k, m), and rows, int64 (k, m), nearest first, ties by row; m is the smaller of
        `n_candidates` and n.

    """
    best: tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]] | None = None
    start = 0
    for block in blocks(features, rows_at_once):
        squares = block.squared_distances(centres).T  # (k, block)
        part = _smallest(squares, np.broadcast_to(np.arange(start, start + block.n), squares.shape), n_candidates)
        start += block.n
        if best is not None:
            squares = np.concatenate([best[0], part[0]], axis=1)
            rows = np.concatenate([best[1], part[1]], axis=1)
            part = _smallest(squares, rows, n_candidates)
        best = part
    assert best is not None
    return best


def _smallest(
    squares: npt.NDArray[np.float32], rows: npt.NDArray[np.int64], m: int
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """The m smallest of each line, in order, equal ones by row; `rows` ascend within equal squares."""
    m = min(m, squares.shape[1])
    # argpartition breaks ties at its border arbitrarily, so take every value up to the m-th smallest into the sort.
    border = np.partition(squares, m - 1, axis=1)[:, m - 1]
    values = np.empty((len(squares), m), dtype=np.float32)
    chosen = np.empty((len(squares), m), dtype=np.int64)
    for j, line in enumerate(squares):
        at = np.flatnonzero(line <= border[j])
        at = at[np.lexsort((rows[j, at], line[at]))[:m]]
        values[j], chosen[j] = line[at], rows[j, at]
    return values, chosen


def _scan(
    features: Features,
    centre: npt.NDArray[np.float32],
    taken: npt.NDArray[np.bool_],
    m: int,
    rows_at_once: int,
) -> list[tuple[float, int]]:
    """The nearest free rows of one centre."""
    free = np.flatnonzero(~taken)
    squares, rows = nearest_candidates(features.take(free), centre[None], m, rows_at_once)
    return list(zip(squares[0].tolist(), free[rows[0]].tolist(), strict=True))
