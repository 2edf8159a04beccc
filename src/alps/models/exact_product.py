"""
A matrix product with the same bits however it is computed.

A matrix library adds up in another order on other threads, in another block or for another number of rows, which shows
in the last bits, and one text in some thousand then gets another probability. Here both factors are first rounded to
whole steps, so few that every sum of products fits a float64: sums are exact, and no order can matter. A row is rounded
to steps of its own, 2^21 or 2^22 of them up to its largest entry, so that the result is as good as float32's.

It took 3.1 times as long as the product in float32, in which 462,093 of 2,000,000 values had other bits (100,000 x 384
by 384 x 20 in 0.26 seconds, `benchmarks/exact_product.py`); the encoder takes minutes for so many texts.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

_MANTISSA = 53  # bits of a float64
_ROWS_AT_ONCE = 512  # the block stays in the cache; 4,096 were 1.4 x slower

Array = npt.NDArray[np.float32]


def exact_product(rows: Array, columns: Array) -> npt.NDArray[np.float64]:
    """
    The inner product of every row with every column, float64 (n, m): a function of these two alone.

    Parameters
    ----------
    rows, columns
        float32 (n, d) and (m, d), finite.

    """
    bits = (_MANTISSA - 1 - math.ceil(math.log2(max(rows.shape[1], 1)))) // 2
    steps, scale = _in_steps(columns, bits)
    product = np.empty((len(rows), len(columns)))
    with threadpool_limits(1):  # more threads only wait for each other in blocks so small
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            block, own = _in_steps(rows[start : start + _ROWS_AT_ONCE], bits)
            product[start : start + _ROWS_AT_ONCE] = np.ldexp(block @ steps.T, own[:, None] + scale)
    return product


def _in_steps(vectors: Array, bits: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int32]]:
    """Each row in whole steps, at most 2^bits of them, float64 (n, d), and the exponent of its step, int32 (n,)."""
    largest = np.maximum(vectors.max(axis=1, initial=0.0), -vectors.min(axis=1, initial=0.0))
    exponent = np.frexp(largest)[1] - bits
    steps = vectors * np.ldexp(1.0, -exponent)[:, None]
    return np.rint(steps, out=steps), exponent
