"""The plan: which rows are computed together and become durable together."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

# Texts tokenised at a time. Long enough that batches of one exact length are mostly full, short enough that two windows
# (one computing, one being tokenised) stay small.
ROWS_PER_WINDOW = 32_768
BYTES_PER_WINDOW = 2**26

# Tokens computed between two writes to the store: what a crash can cost. About a quarter of a minute on a laptop.
TOKENS_PER_SHARD = 131_072


def windows(
    rows: npt.NDArray[np.int64],
    n_bytes: npt.NDArray[np.int64],
    most_rows: int = ROWS_PER_WINDOW,
    most_bytes: int = BYTES_PER_WINDOW,
) -> list[npt.NDArray[np.int64]]:
    """
    Cut rows into runs.

    Parameters
    ----------
    rows
        Rows to compute, (m,).
    n_bytes
        Length of the text of each of them, (m,).
    most_rows, most_bytes
        What a run may have; a single longer text is a run of its own.

    >>> [window.tolist() for window in windows(np.arange(5), np.array([1, 1, 9, 1, 1]), most_rows=2, most_bytes=5)]
    [[0, 1], [2], [3, 4]]

    """
    runs: list[npt.NDArray[np.int64]] = []
    ends = np.cumsum(n_bytes)
    start = 0
    while start < len(rows):
        before = ends[start - 1] if start else 0
        within = int(np.searchsorted(ends, before + most_bytes, side="right"))
        stop = max(start + 1, min(start + most_rows, within))
        runs.append(rows[start:stop])
        start = stop
    return runs


def shards(batches: list[npt.NDArray[np.int64]], lengths: npt.NDArray[np.int64]) -> list[list[npt.NDArray[np.int64]]]:
    """
    Group batches so that each group has about `TOKENS_PER_SHARD` tokens.

    Parameters
    ----------
    batches
        Row numbers of each batch.
    lengths
        Tokens per row, (n,).

    """
    groups: list[list[npt.NDArray[np.int64]]] = []
    n_tokens = TOKENS_PER_SHARD
    for batch in batches:
        if n_tokens >= TOKENS_PER_SHARD:
            groups.append([])
            n_tokens = 0
        groups[-1].append(batch)
        n_tokens += int(lengths[batch].sum())
    return groups
