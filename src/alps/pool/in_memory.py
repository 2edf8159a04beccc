"""Pools that are already in memory: lists, numpy, pandas, Arrow, polars."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from alps.base.errors import AlpsError
from alps.base.text_safety import for_terminal
from alps.pool.checked import checked
from alps.pool.columns import refuse_repeated_names, well_known_text_column

BATCH_ROWS = 8192


class InMemory(NamedTuple):
    """What messages call a source, its rows, and whether they are in Arrow already: a copy saves nothing."""

    name: str
    rows: Iterator[pa.RecordBatch]
    is_arrow: bool


def read_in_memory(source: Any, text_column: str | None = None) -> InMemory:
    """
    Record batches of what Python holds.

    Parameters
    ----------
    source
        Strings (a list, any iterable, a numpy array, a pandas Series, an Arrow array) or a table (pandas
        DataFrame, pyarrow Table, anything with `to_arrow()` such as polars).
    text_column
        The column asked for, if any.

    Raises
    ------
    AlpsError
        For an item that is not a string (names its position and type) and for what holds no texts.

    """
    if _is(source, "pandas", "Series"):
        column = "text" if source.name is None else str(source.name)
        return InMemory("The pandas Series", _texts(source, "The pandas Series", column), False)
    if _is(source, "pandas", "DataFrame"):
        return InMemory("The pandas DataFrame", _data_frame(source, text_column), True)
    table = _as_arrow(source)
    if table is not None:
        return InMemory("The table", checked(iter(table.to_batches(BATCH_ROWS)), "The table"), True)
    kind = type(source).__name__
    if isinstance(source, np.ndarray) and source.ndim != 1:
        raise AlpsError(f"The numpy array has {source.ndim} dimensions; give one dimension of texts.")
    if isinstance(source, Mapping | bytes | bytearray) or not isinstance(source, Iterable):
        raise AlpsError(f"A {kind} is no pool; give a path, a list of texts or a table.")
    name = f"The {kind} of texts"
    return InMemory(name, _texts(source, name, "text"), False)


def _is(source: Any, module: str, name: str) -> bool:
    """Whether an object is of a class of an optional library, which is imported if the object exists."""
    library = sys.modules.get(module)
    return library is not None and isinstance(source, getattr(library, name))


def _as_arrow(source: Any) -> pa.Table | None:
    if hasattr(source, "to_arrow"):
        source = source.to_arrow()
    if isinstance(source, pa.Array | pa.ChunkedArray):
        return pa.table({"text": source})
    if isinstance(source, pa.Table):
        return source
    if hasattr(source, "__arrow_c_stream__") or isinstance(source, pa.RecordBatch):
        return pa.table(source)
    return None


def _texts(items: Iterable[Any], source: str, column: str) -> Iterator[pa.RecordBatch]:
    iterator = iter(items)
    n_read = 0
    while chunk := list(islice(iterator, BATCH_ROWS)):
        yield pa.record_batch([_text_array(chunk, n_read, source)], names=[column])
        n_read += len(chunk)


def _text_array(items: list[Any], first: int, source: str) -> pa.LargeStringArray:
    if not {str, type(None)}.issuperset(map(type, items)):
        items = [_text(item, first + place, source) for place, item in enumerate(items)]
    try:
        return pa.array(items, pa.large_string())
    except UnicodeEncodeError as error:
        place = first + items.index(error.object)
        half = "holds half of a surrogate pair, which is no character"
        raise AlpsError(f"{source}: item {place} (counted from 0) {half}; remove it.") from None


def _text(item: Any, place: int, source: str) -> str | None:
    if isinstance(item, str):
        return str(item)
    missing = item is None or (isinstance(item, float) and item != item)
    if missing or type(item).__name__ in ("NAType", "NaTType"):  # of pandas, which need not be installed
        return None
    kind = for_terminal(type(item).__name__, 40)
    raise AlpsError(f"{source}: item {place} (counted from 0) is of type {kind}, not a text; give strings only.")


def _data_frame(frame: Any, text_column: str | None) -> Iterator[pa.RecordBatch]:
    source = "The pandas DataFrame"
    names = [str(name) for name in frame.columns]
    refuse_repeated_names(names, source)
    column = text_column or well_known_text_column(names)
    arrays = [
        _series(frame.iloc[:, place], f"{source}, column '{for_terminal(name, 40)}'", is_text=name == column)
        for place, name in enumerate(names)
    ]
    yield from checked(iter(pa.table(arrays, names=names).to_batches(BATCH_ROWS)), source)


def _series(series: Any, source: str, *, is_text: bool) -> pa.ChunkedArray | pa.Array:
    try:
        return pa.array(series, from_pandas=True)
    except (pa.ArrowException, UnicodeEncodeError):
        # A column of objects of several kinds: an error for the texts, and their words for anything else.
        items = list(series)
        if is_text:
            return _text_array(items, 0, source)
        missing = series.isna()
        words = [None if gone else str(item) for item, gone in zip(items, missing, strict=True)]
        return _text_array(words, 0, source)
