"""Rows of a pool that another file names, such as those that are labelled already."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from alps.base.errors import AlpsError
from alps.base.text_safety import for_terminal, from_spreadsheet
from alps.pool.columns import check_text_type, find_text_column, listed_names, well_known_text_column
from alps.pool.gather import plain_columns
from alps.pool.identity import digest_array, digest_bytes, find_id_column, id_strings
from alps.pool.pool import Pool
from alps.pool.read import open_batches


def excluded_rows(
    pool: Pool,
    source: Any,
    *,
    text_column: str | None = None,
    id_column: str | None = None,
    format: str | None = None,
    split: str | None = None,
    sheet: str | None = None,
    spool_folder: Path | None = None,
) -> npt.NDArray[np.bool_]:
    """
    Find the rows of a pool that a file names by id or by text.

    Its ids are in the column called like the id column of the pool or `id`, its texts in the column called
    like the text column of the pool or in one that is found without doubt. Where both are there a text of the
    pool decides, whatever number a file gives to its row. Both are also compared without the apostrophe with which
    our CSV guards formulas. Exact copies of a text go with it.

    Parameters
    ----------
    pool
        The pool.
    source
        As in `read_pool`: a path, texts, or a table.
    text_column, id_column, format, split, sheet, spool_folder
        As in `read_pool`, for `source`.

    Returns
    -------
    numpy.ndarray
        (n,) bool: which rows are excluded.

    Raises
    ------
    AlpsError
        When no row is, and for everything that can be wrong with a pool file.

    """
    ids: list[pa.LargeStringArray] = []
    digests: list[bytes] = []
    by_text: str | None = None
    by_id: str | None = None
    n_rows = 0
    with open_batches(
        source, text_column=text_column, format=format, split=split, sheet=sheet, spool_folder=spool_folder
    ) as batches:
        for batch in batches.rows:
            name = batches.origin.current
            by_id = id_column_of(pool, batch.schema.names, id_column, text_column, name)
            by_text = text_column_of(pool, batch.schema.names, text_column, by_id, name)
            n_rows += batch.num_rows
            if by_text is not None:
                check_text_type(batch.schema.field(by_text).type, by_text, name)
            batch = plain_columns(batch, by_text)
            has_known_text = np.zeros(batch.num_rows, dtype=bool)
            if by_text is not None:
                for written in _as_written(batch.column(by_text)):
                    digests.append(digest_bytes(written.drop_null()))
                    given = np.asarray(written.is_valid())
                    has_known_text[given] |= _among(digest_array(digests[-1]), pool.digests)
            if by_id is not None:
                wanted = pa.array(~has_known_text)
                written = _as_written(id_strings(batch.column(by_id), by_id, name))
                ids += [each.filter(wanted).drop_null() for each in written]
    if not n_rows:  # an empty list: nothing is labelled yet
        return np.zeros(pool.n, dtype=bool)
    excluded = _among(pool.ids, pa.chunked_array(ids, pa.large_string()))
    excluded |= _among(pool.digests, digest_array(b"".join(digests)))
    if not excluded.any():
        compared = " and ".join(for_terminal(name, 40) for name in (by_id, by_text) if name is not None)
        raise AlpsError(
            f"{batches.origin.name}: none of its {n_rows} rows is in the pool (columns compared: {compared}); "
            "check that both hold the same texts."
        )
    return _among(pool.digests, pool.digests.filter(pa.array(excluded)))


def id_column_of(pool: Pool, names: list[str], wanted: str | None, text_column: str | None, source: str) -> str | None:
    """The column of a file that names rows of a pool by id; None when it has none."""
    if wanted is None and pool.id_column in names:
        return pool.id_column
    return find_id_column(names, wanted, text_column or "", source)


def text_column_of(pool: Pool, names: list[str], wanted: str | None, by_id: str | None, source: str) -> str | None:
    """
    The column of a file that names rows of a pool by text; None when ids are there and texts are not clear.

    Raises
    ------
    AlpsError
        When there are no ids and texts are not clear, or the column asked for is not there; says what is needed.

    """
    if wanted is not None:
        return find_text_column(names, wanted, source)
    if pool.text_column in names and pool.text_column != by_id:
        return pool.text_column
    found = well_known_text_column([name for name in names if name != by_id])
    if found is None and by_id is None:
        needed = f"'{for_terminal(pool.text_column, 40)}' with texts"
        if pool.id_column is not None:
            needed += f" or '{for_terminal(pool.id_column, 40)}' with ids"
        what = f"no clear column that names texts of the pool (its columns: {listed_names(names) or 'none'})"
        raise AlpsError(f"{source} has {what}; call one as in the pool, {needed}.")
    return found


def _as_written(values: pa.LargeStringArray) -> list[pa.LargeStringArray]:
    """Values as they stand, and those that may be guarded against formulas without their guard, others as null."""
    guarded = pc.if_else(pc.starts_with(values, "'"), values, None)
    if guarded.null_count == len(guarded):
        return [values]
    strings = [None if value is None else from_spreadsheet(value) for value in guarded.to_pylist()]
    return [values, pa.array(strings, pa.large_string())]


def _among(values: pa.Array, wanted: pa.Array) -> npt.NDArray[np.bool_]:
    found: npt.NDArray[np.bool_] = np.asarray(pc.is_in(values, value_set=wanted))
    return found.copy()
