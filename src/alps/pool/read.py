"""Read a pool from wherever it is."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from alps.base.errors import AlpsError
from alps.base.text_safety import for_terminal
from alps.pool.delimited import read_csv, read_tsv
from alps.pool.demo import BBC_NEWS, read_bbc_news
from alps.pool.gather import gather
from alps.pool.in_memory import read_in_memory
from alps.pool.input_file import STANDARD_INPUT, InputFile, open_input
from alps.pool.json_lines import read_json_lines
from alps.pool.parquet import read_parquet
from alps.pool.plain_text import read_plain_text
from alps.pool.pool import Pool
from alps.pool.spool import IN_MEMORY_BYTES


class Format(NamedTuple):
    """
    One row of the table of formats.

    Attributes
    ----------
    name
        What `--format` calls it.
    extensions
        How its files end, in lower case.
    reader
        From an open file and the column of the texts that was asked for to record batches.

    """

    name: str
    extensions: tuple[str, ...]
    reader: Callable[[InputFile, str | None], Iterator[pa.RecordBatch]]


FORMATS = (
    Format("csv", (".csv",), read_csv),
    Format("tsv", (".tsv", ".tab"), read_tsv),
    Format("jsonl", (".jsonl", ".ndjson", ".json"), read_json_lines),
    Format("parquet", (".parquet", ".pq"), read_parquet),
    Format("text", (".txt", ".text"), read_plain_text),
)
DEMOS = (BBC_NEWS,)


class Batches(NamedTuple):
    """An open source: what messages call it, its rows, and how many bytes of them may stay in memory."""

    name: str
    rows: Iterator[pa.RecordBatch]
    in_memory: int = IN_MEMORY_BYTES


def read_pool(
    source: Any,
    *,
    text_column: str | None = None,
    id_column: str | None = None,
    format: str | None = None,
    spool_folder: Path | None = None,
) -> Pool:
    """
    Read a pool.

    Parameters
    ----------
    source
        A path, `-` for standard input, the name of a demo (`bbc-news`), texts (list, numpy array, pandas
        Series) or a table (pandas DataFrame, `datasets.Dataset`, pyarrow, polars). What exists as a file is
        a path.
    text_column
        The column with the texts; found by itself when there is no doubt.
    id_column
        The column with the ids; `id` when there is one, else made from the texts. `none` always makes them.
    format
        csv, tsv, jsonl, parquet or text; told by the ending of the name when None (standard input: text).
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
    with open_batches(source, text_column=text_column, format=format, spool_folder=spool_folder) as batches:
        return gather(
            batches.rows,
            batches.name,
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
    spool_folder: Path | None = None,
) -> Iterator[Batches]:
    """The rows of a source as record batches, parameters and errors as `read_pool`; closed at the end."""
    if not isinstance(source, str | os.PathLike):
        name, rows, is_arrow = read_in_memory(source, text_column)
        yield Batches(name, rows, sys.maxsize if is_arrow else IN_MEMORY_BYTES)
    elif isinstance(source, str) and source in DEMOS and not _exists(source):
        yield Batches(source, read_bbc_news())
    else:
        _refuse_lone_text(source)
        path = Path(source)
        reader = _format_of(path, format).reader
        file = open_input(path, spool_folder)
        try:
            yield Batches(file.name, reader(file, text_column))
        finally:
            file.close()


def _exists(source: str) -> bool:
    try:
        return Path(source).exists()
    except (OSError, ValueError):  # a text may be too long for a name
        return False


def _format_of(path: Path, name: str | None) -> Format:
    known = ", ".join(row.name for row in FORMATS)
    if name is None and str(path) == STANDARD_INPUT:
        name = "text"
    for row in FORMATS:
        if row.name == name or (name is None and path.suffix.lower() in row.extensions):
            return row
    if name is not None:
        raise AlpsError(f"There is no format '{for_terminal(name, 40)}'; choose --format from: {known}.")
    if not path.exists() or path.is_dir():
        open_input(path)  # says so
    shown = for_terminal(str(path))
    raise AlpsError(f"The name of {shown} does not tell its format; choose --format from: {known}.")


def _refuse_lone_text(source: str | os.PathLike[str]) -> None:
    """A text in the place of a path, or a misspelt path."""
    if isinstance(source, str) and source != STANDARD_INPUT and not _exists(source):
        demos = ", ".join(DEMOS)
        raise AlpsError(
            f"'{for_terminal(source, 80)}' is neither a file nor a demo ({demos}); check the path, "
            "or put a single text into a list."
        )
