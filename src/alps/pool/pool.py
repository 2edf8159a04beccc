"""The pool: texts with ids and digests, in Arrow; ten million rows are not ten million Python objects."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import blake2b
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from alps.base.errors import AlpsError
from alps.base.streams import Stream, uniform_hash
from alps.pool.identity import digest_words, ordinals
from alps.pool.rows import take_rows


class Distinct(NamedTuple):
    """
    A pool without its exact copies: m different texts.

    Attributes
    ----------
    rows
        (m,) int64: the row that stands for each text, the one with the bytewise smallest id; sorted by id, so
        that nothing that follows depends on the order of the pool.
    copies
        (m,) int64: how many rows each one stands for; they add up to n.
    group
        (n,) int64: which of the m texts each row of the pool is.

    """

    rows: npt.NDArray[np.int64]
    copies: npt.NDArray[np.int64]
    group: npt.NDArray[np.int64]


def sample_size(n: Any) -> int:
    """
    How many texts a sample has.

    Raises
    ------
    AlpsError
        When n is not a whole number from 1 on.

    """
    try:
        size = operator.index(n)
    except TypeError as error:
        raise AlpsError(f"A sample of {n!r} texts is not possible; give a whole number.") from error
    if size < 1:
        raise AlpsError(f"A sample of {size} texts is not possible; take at least 1.")
    return size


@dataclass(frozen=True, eq=False)
class Pool:
    """
    The texts to choose from; made by `read_pool`.

    Attributes
    ----------
    table
        All columns of the n rows kept, in the order of the input.
    text_column
        The name of the column that holds the texts.
    id_column
        The name of the column that gave the ids; None when they were made from the texts.
    ids
        (n,) string, all different.
    digests
        (n,) 16 bytes: blake2b of the text; equal for exact copies.
    row_numbers
        (n,) int64: where each row stood in the input, counted from 0.
    source
        What messages call it, such as the name of the file.
    n_read
        How many rows the input had.
    n_empty
        How many of them were left out because the text is missing or only white space.

    """

    table: pa.Table
    text_column: str
    id_column: str | None
    ids: pa.ChunkedArray
    digests: pa.FixedSizeBinaryArray
    row_numbers: npt.NDArray[np.int64]
    source: str
    n_read: int
    n_empty: int

    def __len__(self) -> int:
        return self.n

    @property
    def n(self) -> int:
        """The number of rows."""
        return int(self.table.num_rows)

    @property
    def texts(self) -> pa.ChunkedArray:
        """The texts, large_string (n,)."""
        return self.table[self.text_column]

    @cached_property
    def keys(self) -> npt.NDArray[np.uint64]:
        """The first eight bytes of each digest (n,): what decides the hash draws of a text."""
        return np.ascontiguousarray(digest_words(self.digests)[:, 0])

    @cached_property
    def fingerprint(self) -> str:
        """32 hex digits over all ids and digests; the order of the rows does not matter."""
        digest = blake2b(digest_size=16)
        for start in range(0, self.n, 1 << 16):
            rows = self._by_id[start : start + (1 << 16)]
            ids = take_rows(self.ids, rows).combine_chunks()
            digest.update(pc.binary_length(ids).to_numpy(zero_copy_only=False).astype("<i8").tobytes())
            digest.update("".join(ids.to_pylist()).encode())
            digest.update(digest_words(self.digests)[rows].astype(">u8").tobytes())
        return digest.hexdigest()

    def take(self, rows: npt.ArrayLike) -> pa.Table:
        """Some rows of the original columns, in the order asked for."""
        wanted = np.asarray(rows, dtype=np.int64)
        columns = [take_rows(column, wanted) for column in self.table.columns]
        return pa.table(columns, schema=self.table.schema)

    def only(self, rows: npt.NDArray[np.int64]) -> Pool:
        """The pool of some rows, int64 in rising order; what was read is counted as before."""
        if len(rows) == self.n:
            return self
        return replace(
            self, table=self.take(rows), ids=take_rows(self.ids, rows), digests=self.digests.take(pa.array(rows)),
            row_numbers=self.row_numbers[rows],
        )  # fmt: skip

    def sample(self, n: int, seed: int = 0) -> Pool:
        """
        A pool of n rows drawn at random, all with the same probability; the pool itself where it has no more.

        Raises
        ------
        AlpsError
            When n is not a whole number from 1 on.

        Examples
        --------
        >>> from alps import read_pool
        >>> pool = read_pool([f"film number {i}" for i in range(1000)])
        >>> len(pool.sample(100))
        100

        """
        return self.only(np.flatnonzero(self.drawn(n, seed, np.ones(self.n, dtype=np.bool_))))

    def drawn(self, n: int, seed: int, among: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """
        Which rows are drawn, at random and without replacement, bool (n,).

        What a text is drawn by depends on the text, the seed and how many of its copies come before it, and on no other
        text: where texts are added to a pool, or some are labelled, new ones only take the place of others.

        Parameters
        ----------
        n
            How many; all where there are no more.
        seed
            Decides the draw.
        among
            The rows to draw from, bool (n,); copies alike.

        Raises
        ------
        AlpsError
            When n is not a whole number from 1 on.

        """
        n = sample_size(n)
        rows = self._by_id[among[self._by_id]]
        keys = self.keys[rows]
        order = np.argsort(uniform_hash(Stream(seed, "sample").integer(), 0, keys, ordinals(keys)), kind="stable")
        drawn = np.zeros(self.n, dtype=np.bool_)
        drawn[rows[order[:n]]] = True
        return drawn

    def holds_any(self, digests: Sequence[bytes]) -> bool:
        """Whether a text with one of some digests is there."""
        found = pc.is_in(self.digests, value_set=pa.array(digests, self.digests.type))
        return bool(pc.any(found).as_py())

    def distinct(self) -> Distinct:
        """Collapse exact copies."""
        words = digest_words(self.digests)[self._by_id]
        # lexsort is stable: within a run of equal digests the smallest id comes first.
        by_digest = np.lexsort((words[:, 1], words[:, 0]))
        sorted_words = words[by_digest]
        new = np.ones(self.n, dtype=bool)
        new[1:] = (sorted_words[1:] != sorted_words[:-1]).any(axis=1)
        run = np.cumsum(new) - 1
        representatives = by_digest[new]  # places in the order of the ids, one a run
        order_of_runs = np.argsort(representatives)
        rank_of_run = np.empty_like(order_of_runs)
        rank_of_run[order_of_runs] = np.arange(len(order_of_runs))
        group = np.empty(self.n, dtype=np.int64)
        group[self._by_id[by_digest]] = rank_of_run[run]
        rows = self._by_id[representatives[order_of_runs]]
        return Distinct(rows, np.bincount(group, minlength=len(rows)).astype(np.int64), group)

    @cached_property
    def _by_id(self) -> npt.NDArray[np.int64]:
        order: npt.NDArray[np.uint64] = pc.sort_indices(self.ids).to_numpy()
        return order.astype(np.int64)
