"""The texts that a representation looks at: distinct, with what identifies each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from alps.pool.pool import Pool
from alps.pool.read import read_pool


@dataclass(frozen=True)
class Texts:
    """
    n distinct texts.

    Attributes
    ----------
    texts
        Arrow strings, (n,).
    digests
        Their 16-byte digests, (n,).
    keys
        The first 64 bits of the digests, which drive the draws, uint64 (n,).

    """

    texts: pa.ChunkedArray
    digests: pa.Array
    keys: npt.NDArray[np.uint64]

    @staticmethod
    def of(source: Any, rows: npt.NDArray[np.int64] | None = None) -> Texts:
        """
        Texts of a pool, or of anything that `read_pool` reads.

        Parameters
        ----------
        source
            A `Pool`, a list of texts, a path, ...
        rows
            Distinct rows of the pool; all of them when None.

        """
        pool = source if isinstance(source, Pool) else read_pool(source)
        rows = np.arange(pool.n) if rows is None else rows
        return Texts(pool.texts.take(pa.array(rows)), pool.digests.take(pa.array(rows)), pool.keys[rows])
