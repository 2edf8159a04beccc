"""
MaxHerding (Bae, Noh & Sutherland, ECCV 2024): greedy coverage of the pool under a Gaussian kernel.

The generalised coverage of a set Q is the mean over the pool of max over q in Q of k(x, q); greedy selection is
within 1 - 1/e of the best set. A smooth successor of ProbCover without its fragile radius: the authors' code takes a
bandwidth of 1, on embeddings of length 1.
"""

from __future__ import annotations

import heapq

import numpy as np
import numpy.typing as npt

from alps.base.streams import Stream
from alps.representations.features import Features
from alps.selectors.nearest import rows_for, squares_to_nearest
from alps.selectors.picks import Picks

BANDWIDTH = 1.0
# Texts of a larger pool whose coverage is looked at, drawn at random; every text remains a candidate.
MAX_COVERED = 4096
_STEPS = 2**20  # kernels in whole steps: sums of them are exact, whatever the order of adding
_MOST_KEPT = 2**27  # kernel values: 512 MB
_FIRST_AT_ONCE = 8

Rows = npt.NDArray[np.int64]


def select(
    features: Features, candidates: Rows, labelled: Rows, k: int, stream: Stream, *, bandwidth: float = BANDWIDTH
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
        Rows that are labelled already and cover their neighbourhood, int64; may be empty.
    k
        How many, at most ``len(candidates)``.
    stream
        Draws the part of a large pool whose coverage is looked at.
    bandwidth
        The kernel is exp(-|x - y|^2 / bandwidth^2).

    """
    pool = features.take(candidates)
    covered = pool
    if pool.n > MAX_COVERED:
        covered = pool.take(np.sort(stream.generator().choice(pool.n, MAX_COVERED, replace=False)))
    kernel = _Kernel(pool, covered, bandwidth)
    nearest = kernel.steps(squares_to_nearest(covered, features.take(labelled)).astype(np.float32))
    return Picks(candidates[_greedy(kernel, nearest, k)])


class _Kernel:
    """Kernel values between candidates and covered texts, computed once where there is room for all of them."""

    def __init__(self, pool: Features, covered: Features, width: float) -> None:
        self._pool, self._covered, self._width = pool, covered, width
        self.n, self.weights = pool.n, covered.copies.astype(np.float64)
        self._all: npt.NDArray[np.float32] | None = None
        if pool.n * covered.n <= _MOST_KEPT:
            kept = np.empty((pool.n, covered.n), dtype=np.float32)
            for start in range(0, pool.n, rows_for(covered.n)):
                rows = np.arange(start, min(start + rows_for(covered.n), pool.n))
                kept[rows] = self.of(rows)
            self._all = kept

    def of(self, rows: Rows) -> npt.NDArray[np.float32]:
        """Whole steps of the kernel between some candidates and the covered texts, float32 (len(rows), covered)."""
        if self._all is not None:
            return self._all[rows]
        return self.steps(self._covered.squared_distances(self._pool.dense(rows)).T)

    def steps(self, squares: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Whole steps of the kernel for squared distances, in their place."""
        np.multiply(squares, np.float32(-1.0 / self._width**2), out=squares)
        np.exp(squares, out=squares)
        return np.rint(np.multiply(squares, np.float32(_STEPS), out=squares), out=squares)


def _greedy(kernel: _Kernel, nearest: npt.NDArray[np.float32], k: int) -> Rows:
    """
    Rows by greatest gain.

    Gains only fall, so that an old gain is a bound and most are never computed again: those at the head of the queue
    are, twice as many each time until one of them stays there.
    """
    most_at_once = rows_for(len(nearest))
    queue: list[tuple[float, int, int]] = []
    for start in range(0, kernel.n, most_at_once):
        queue += _gains(kernel, np.arange(start, min(start + most_at_once, kernel.n)), nearest, 0)
    heapq.heapify(queue)
    chosen: list[int] = []
    at_once = _FIRST_AT_ONCE
    while len(chosen) < k:
        if queue[0][2] == len(chosen):
            row = heapq.heappop(queue)[1]
            chosen.append(row)
            nearest = np.maximum(nearest, kernel.of(np.array([row]))[0])
            at_once = _FIRST_AT_ONCE
            continue
        old: list[int] = []
        while queue and len(old) < at_once and queue[0][2] < len(chosen):
            old.append(heapq.heappop(queue)[1])
        for entry in _gains(kernel, np.array(old), nearest, len(chosen)):
            heapq.heappush(queue, entry)
        at_once = min(2 * at_once, most_at_once)
    return np.asarray(chosen, dtype=np.int64)


def _gains(
    kernel: _Kernel, rows: Rows, nearest: npt.NDArray[np.float32], n_chosen: int
) -> list[tuple[float, int, int]]:
    """Entries of the queue: the gain, negative, the row, and how many were chosen when it was computed."""
    gains = np.maximum(kernel.of(rows) - nearest, np.float32(0.0)) @ kernel.weights
    return [(-float(gain), int(row), n_chosen) for gain, row in zip(gains, rows, strict=True)]
