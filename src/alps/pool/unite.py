"""Tables with different columns in one: columns by name, and types that differ brought together."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from alps.pool.cells import words


def unite(tables: Sequence[pa.Table]) -> pa.Table:
    """
    Put tables together, one after another; a column that one of them lacks is null there.

    Where the types of a column differ, it gets a type that holds all its values exactly, such as the wider of two
    whole numbers; where there is none, as for the numbers of a Parquet file and the strings of a CSV file, its values
    become the words that a CSV file would hold.
    """
    names = dict.fromkeys(name for table in tables for name in table.schema.names)
    return pa.table({name: _column([_part(table, name) for table in tables]) for name in names})


def _part(table: pa.Table, name: str) -> pa.ChunkedArray:
    return table[name] if name in table.schema.names else pa.chunked_array([pa.nulls(table.num_rows)])


def _column(parts: Sequence[pa.ChunkedArray]) -> pa.ChunkedArray:
    try:
        schemas = [pa.schema([("column", part.type)]) for part in parts]
        common = pa.unify_schemas(schemas, promote_options="permissive").field(0).type
        parts = [part if part.type == common else part.cast(common) for part in parts]
    except pa.ArrowException:
        common = pa.large_string()
        parts = [pa.chunked_array([pa.array(words(chunk), common) for chunk in part.chunks], common) for part in parts]
    return pa.chunked_array([chunk for part in parts for chunk in part.chunks], common)
