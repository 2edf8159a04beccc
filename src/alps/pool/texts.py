"""The texts that a model looks at: distinct rows of a pool, left where they are until they are needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from alps.pool.identity import digest_array, digest_bytes, digest_words
from alps.pool.read import read_pool
from alps.pool.rows import take_rows


@dataclass(frozen=True)
class Texts:
    """
    n distinct texts.

    Attributes
    ----------
    column
        All texts of the pool; memory-mapped where the pool is.
    rows
        Which of them these are, int64 (n,).
    digests
        Their 16-byte digests, (n,).
    keys
        The first 64 bits of the digests, which drive the draws, uint64 (n,).

    """

    column: pa.ChunkedArray
    rows: npt.NDArray[np.int64]
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
            Distinct rows of the pool; all rows when None.

        """
        pool = read_pool(source)
        rows = np.arange(pool.n) if rows is None else rows
        return Texts(pool.texts, rows, pool.digests.take(pa.array(rows)), pool.keys[rows])

    @staticmethod
    def of_strings(strings: Sequence[str]) -> Texts:
        """Texts as they are, distinct; an empty one is a text too, which a pool would leave out."""
        column = pa.array(strings, pa.large_string())
        digests = digest_array(digest_bytes(column))
        return Texts(pa.chunked_array([column]), np.arange(len(strings)), digests, digest_words(digests)[:, 0])

    @property
    def n(self) -> int:
        """The number of texts."""
        return len(self.rows)

    def take(self, which: npt.NDArray[np.int64]) -> list[str]:
        """Some of the n texts."""
        strings: list[str] = take_rows(self.column, self.rows[which]).to_pylist()
        return strings

    def subset(self, which: npt.NDArray[np.int64]) -> Texts:
        """Some of the n texts, without reading them."""
        return Texts(self.column, self.rows[which], self.digests.take(pa.array(which)), self.keys[which])

    def n_bytes(self) -> npt.NDArray[np.int64]:
        """Length of each text in UTF-8, int64 (n,)."""
        return np.asarray(pc.binary_length(self.column).to_numpy()[self.rows], dtype=np.int64)
