"""
Batches of texts that differ in length: without padding to represent texts, and with the least of it to train.

Padding costs time and changes the result (in bfloat16 by 0.06 in a hidden state), so where texts are represented no
batch has any. Such a batch has at least `MIN_TOKENS` tokens, filled up by repeating its rows, because matrix products
of very few rows take another path through the library and end in other bits. With that, a text's values do not depend
on the texts that happen to share its batch. Which texts make a step of training, however, is drawn; see
`least_padded_parts`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

# Products of fewer than 4 rows differed on the processors tried; this leaves a wide margin.
MIN_TOKENS = 256
# Tokens in a batch. Half as many were 10 % slower, twice as many 8 %, 16,384 11 % (docs/speed.md).
TOKENS_PER_BATCH = 2048


def exact_length_batches(
    lengths: npt.NDArray[np.int64], tokens_per_batch: int = TOKENS_PER_BATCH
) -> list[npt.NDArray[np.int64]]:
    """
    Cut texts into batches of one length, the longest first.

    Parameters
    ----------
    lengths
        Tokens per text, (n,).
    tokens_per_batch
        The most tokens in a batch; never less than `MIN_TOKENS`, or one text.

    Returns
    -------
    list of int64 arrays
        Row numbers; every row stands in exactly one batch.

    >>> [batch.tolist() for batch in exact_length_batches(np.array([3, 5, 3]))]
    [[1], [0, 2]]

    """
    order = np.argsort(-lengths, kind="stable")
    by_length = np.split(order, np.flatnonzero(np.diff(lengths[order])) + 1) if len(order) else []
    batches: list[npt.NDArray[np.int64]] = []
    for rows in by_length:
        size = max(1, max(tokens_per_batch, MIN_TOKENS) // max(int(lengths[rows[0]]), 1))
        batches.extend(rows[start : start + size] for start in range(0, len(rows), size))
    return batches


def least_padded_parts(lengths: npt.NDArray[np.int64], overhead: float) -> list[npt.NDArray[np.int64]]:
    """
    Cut a batch into parts of similar length so that passing the parts one after another takes the least time.

    Parameters
    ----------
    lengths
        Tokens per text, (B,), B at least 1.
    overhead
        The fixed cost of a pass, in tokens (padding costs as tokens do); infinity leaves the batch whole.

    Returns
    -------
    list of int64 arrays
        Positions in the batch, the shortest texts first; each stands in exactly one part. The total of
        ``overhead + texts * longest`` over the parts is the least that there is, found by dynamic programming.

    >>> [part.tolist() for part in least_padded_parts(np.array([9, 100, 8, 90]), overhead=32)]
    [[2, 0], [3, 1]]

    """
    order = np.argsort(lengths, kind="stable")
    least, starts = np.zeros(len(order) + 1), np.zeros(len(order), dtype=np.int64)  # of the first 0, 1, ... B texts
    for last, longest in enumerate(lengths[order]):
        totals = least[: last + 1] + overhead + longest * np.arange(last + 1, 0, -1)
        starts[last] = totals.argmin()  # the first of equals: where all are infinite, the whole batch
        least[last + 1] = totals[starts[last]]
    parts, end = [], len(order)
    while end:
        start = int(starts[end - 1])
        parts.append(order[start:end])
        end = start
    return parts[::-1]


def fill_up(inputs: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Repeat rows of token ids (B, L) until there are `MIN_TOKENS` tokens; callers drop what was added."""
    n_rows, length = inputs.shape
    rows = np.arange(max(n_rows, -(-MIN_TOKENS // length))) % n_rows
    return np.asarray(inputs[rows])
