"""Record batches become a pool: texts found, empty ones left out, digests and ids made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from alps.base.errors import AlpsError
from alps.base.text_safety import for_terminal
from alps.pool.columns import check_text_type, find_text_column, is_text
from alps.pool.identity import (
    digest_array,
    digest_bytes,
    digest_words,
    find_id_column,
    ids_of_column,
    ids_of_texts,
)
from alps.pool.origin import Origin
from alps.pool.pool import Pool
from alps.pool.spool import IN_MEMORY_BYTES, spool


def gather(
    batches: Iterable[pa.RecordBatch],
    origin: Origin,
    *,
    text_column: str | None = None,
    id_column: str | None = None,
    spool_folder: Path | None = None,
    in_memory: int = IN_MEMORY_BYTES,
) -> Pool:
    """
    Make a pool.

    Parameters
    ----------
    batches
        The rows, in order, with all their columns; read one batch at a time.
    origin
        What messages call the pool and its rows.
    text_column, id_column
        As `read_pool`.
    spool_folder, in_memory
        As `spool`.

    Raises
    ------
    AlpsError
        When there are no rows or no texts, the columns are not clear, or ids are missing or repeated.

    """
    rest = iter(batches)
    first = next(rest, None)
    if first is None:
        raise AlpsError(f"{origin.name} has no rows; give at least one text.")
    column = find_text_column(first.schema.names, text_column, origin.current)
    find_id_column(first.schema.names, id_column, column, origin.current)  # a misspelt name is refused at once
    sieve = _Sieve(origin, column)
    table = spool(sieve.passed(chain([first], rest)), spool_folder, in_memory)
    if not sieve.n_read:
        raise AlpsError(f"{origin.name} has no rows; give at least one text.")
    if not table.num_rows:
        shown = for_terminal(column, 40)
        raise AlpsError(
            f"{origin.name}: all {sieve.n_read} rows are empty in column '{shown}'; name another --text-column."
        )
    row_numbers = np.concatenate(sieve.row_numbers)
    digests = digest_array(b"".join(sieve.digests))
    given = find_id_column(table.schema.names, id_column, column, origin.name)
    if given is None:
        ids = pa.chunked_array([ids_of_texts(np.ascontiguousarray(digest_words(digests)[:, 0]))])
    else:
        ids = ids_of_column(table[given], given, row_numbers, origin)
    n_empty = sieve.n_read - table.num_rows
    return Pool(table, column, given, ids, digests, row_numbers, origin.name, sieve.n_read, n_empty)


class _Sieve:
    """Lets the rows with a text pass, and counts and digests on the way."""

    def __init__(self, origin: Origin, text_column: str) -> None:
        self.origin = origin
        self.first_file = origin.current
        self.text_column = text_column
        self.n_read = 0
        self.digests: list[bytes] = []
        self.row_numbers: list[npt.NDArray[np.int64]] = []

    def passed(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            yield self._pass(batch)

    def _pass(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        if self.text_column not in batch.schema.names:
            shown = f"'{for_terminal(self.text_column, 40)}', in which {self.first_file} has its texts"
            raise AlpsError(f"{self.origin.current} has no column {shown}; rename its column of texts.")
        check_text_type(batch.schema.field(self.text_column).type, self.text_column, self.origin.current)
        batch = plain_columns(batch, self.text_column)
        full = has_text(batch.column(self.text_column))
        if not full.all():
            batch = batch.filter(pa.array(full))
        self.row_numbers.append(np.flatnonzero(full) + self.n_read)
        self.n_read += len(full)
        if batch.num_rows:
            self.digests.append(digest_bytes(batch.column(self.text_column)))
        return batch


def has_text(texts: pa.LargeStringArray) -> npt.NDArray[np.bool_]:
    """Which texts (n,) are neither null nor empty nor only white space."""
    empty = pc.or_(pc.equal(pc.binary_length(texts), 0), pc.utf8_is_space(texts))
    full: npt.NDArray[np.bool_] = pc.invert(pc.fill_null(empty, True)).to_numpy(zero_copy_only=False)
    return full


def plain_columns(batch: pa.RecordBatch, text_column: str | None = None) -> pa.RecordBatch:
    """Every string as large_string and dictionaries written out, so that all batches have one schema."""
    columns = []
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        if pa.types.is_dictionary(column.type):
            column = column.dictionary_decode()
        if is_text(column.type) or name == text_column:
            column = column.cast(pa.large_string())
        columns.append(column)
    return pa.record_batch(columns, names=batch.schema.names)
