"""Read a pool from wherever it is."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from alps.base.errors import AlpsError
from alps.base.text_safety import for_terminal
from alps.pool.data_sets import (
    DataSet,
    is_data_set,
    is_hub_name,
    is_saved,
    load_from_hub,
    load_saved,
    read_data_set,
)
from alps.pool.demo import BBC_NEWS, read_bbc_news
from alps.pool.files import name_of_files, rows_of_files
from alps.pool.gather import gather
from alps.pool.in_memory import read_in_memory
from alps.pool.origin import Origin
from alps.pool.places import exists, find_places
from alps.pool.pool import Pool
from alps.pool.spool import IN_MEMORY_BYTES

DEMOS = (BBC_NEWS,)


class Batches(NamedTuple):
    """An open source: what messages call it, its rows, and how many bytes of them may stay in memory."""

    origin: Origin
    rows: Iterator[pa.RecordBatch]
    in_memory: int = IN_MEMORY_BYTES


def read_pool(
    source: Any,
    *,
    text_column: str | None = None,
    id_column: str | None = None,
    format: str | None = None,
    split: str | None = None,
    sheet: str | None = None,
    spool_folder: Path | None = None,
) -> Pool:
    """
    Read a pool.

    Parameters
    ----------
    source
        A path, a pattern (``data/*.csv``), a URL that fsspec can open, a list of paths, `-` for standard input; a
        folder that `save_to_disk` wrote, a data set of the Hugging Face hub (``hub:name[:config][@revision]``), the
        name of a demo (``bbc-news``); texts (list, numpy array, pandas Series) or a table (pandas DataFrame,
        `datasets.Dataset`, pyarrow, polars). What exists as a file is a path. A `Pool` is returned as it is.
    text_column
        The column with the texts; found by itself when there is no doubt. It is the same one in all files.
    id_column
        The column with the ids; `id` when there is one, else made from the texts. `none` always makes them.
    format
        A name in the table `alps.pool.formats.FORMATS`; told by the ending of each file when None (standard input:
        text).
    split
        The split of a data set that has several.
    sheet
        The sheet of a workbook that has several.
    spool_folder
        Where the temporary file of a large pool goes.

    Raises
    ------
    AlpsError
        For everything that can be wrong with the input: what, where, what to do.

    Examples
    --------
    >>> pool = read_pool(["a good film", "", "a bad film", "a good film"])
    >>> len(pool), pool.n_empty, pool.distinct().copies.tolist()
    (3, 1, [1, 2])

    """
    if isinstance(source, Pool):
        return source
    with open_batches(
        source, text_column=text_column, format=format, split=split, sheet=sheet, spool_folder=spool_folder
    ) as batches:
        return gather(
            batches.rows,
            batches.origin,
            text_column=text_column,
            id_column=id_column,
            spool_folder=spool_folder,
            in_memory=batches.in_memory,
        )


@contextmanager
def open_batches(
    source: Any,
    *,
    text_column: str | None = None,
    format: str | None = None,
    split: str | None = None,
    sheet: str | None = None,
    spool_folder: Path | None = None,
) -> Iterator[Batches]:
    """The rows of a source as record batches, parameters and errors as `read_pool`; closed at the end."""
    data_set = _data_set(source, split)
    places = find_places(source) if data_set is None else None
    if data_set is None and split is not None:
        raise AlpsError("Only data sets of Hugging Face have splits; leave out --split.")
    if not places and sheet is not None:
        raise AlpsError("Only workbooks of Excel have sheets; leave out --sheet.")
    if data_set is not None:
        yield Batches(Origin(data_set.name), data_set.rows, _may_stay(data_set.is_mapped))
    elif places:
        origin = Origin(name_of_files(places, source))
        options = {"text_column": text_column, "sheet": sheet}
        with closing(rows_of_files(places, format, options, origin, spool_folder)) as file_rows:
            yield Batches(origin, file_rows)
    elif isinstance(source, str):
        if source not in DEMOS:
            raise _explain_lone_text(source)
        yield Batches(Origin(source), read_bbc_news())
    else:
        name, rows, is_arrow = read_in_memory(source, text_column)
        yield Batches(Origin(name), rows, _may_stay(is_arrow))


def _data_set(source: Any, split: str | None) -> DataSet | None:
    if is_data_set(source):
        return read_data_set(source, split)
    if not isinstance(source, str | os.PathLike):
        return None
    if exists(source):
        return load_saved(Path(source), split) if is_saved(Path(source)) else None
    return load_from_hub(source, split) if isinstance(source, str) and is_hub_name(source) else None


def _may_stay(is_arrow: bool) -> int:
    """How many bytes may stay in memory: rows that are in Arrow already gain nothing from a temporary file."""
    return sys.maxsize if is_arrow else IN_MEMORY_BYTES


def _explain_lone_text(source: str) -> AlpsError:
    """A text in the place of a path, a misspelt path, or the id of a data set without its prefix."""
    shown = for_terminal(source, 80)
    demos = ", ".join(DEMOS)
    remedy = "check the path, put a single text into a list, or write hub:owner/name for a data set of the hub"
    return AlpsError(f"'{shown}' is neither a file nor a demo ({demos}); {remedy}.")
