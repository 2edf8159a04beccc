"""The plan: which rows are computed together and become durable together."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

# Texts tokenised at a time. Long enough that batches of one exact length are mostly full, short enough that the
# tokens of two windows (one computing, one being tokenised) stay below 100 MB.
WINDOW = 32_768

# Tokens computed between two writes to the store: what a crash can cost. About a quarter of a minute on a laptop.
TOKENS_PER_SHARD = 131_072


def windows(rows: npt.NDArray[np.int64], size: int = WINDOW) -> list[npt.NDArray[np.int64]]:
    """
    Cut rows into runs of at most `size`.

    >>> [window.tolist() for window in windows(np.arange(5), size=2)]
    [[0, 1], [2, 3], [4]]
    """
    return [rows[start : start + size] for start in range(0, len(rows), size)]


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
